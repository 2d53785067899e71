"""Which executor runs a plan, and why."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.interface import (
    BuildOptions,
    Executor,
    ExecutorUnavailable,
    Runner,
)
from autograd_lite.compiler.executors.native.executor import NativeExecutor
from autograd_lite.compiler.executors.numpy import NumPyExecutor
from autograd_lite.compiler.executors.numpy.kernels import has_kernel
from autograd_lite.compiler.executors.tape.executor import TAPE_EXECUTORS, TapePlan
from autograd_lite.compiler.executors.threads import wants_one_thread
from autograd_lite.compiler.lowered import Lowered
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.planning.planner import PICKS
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.compiler.planning.verdict import loop_work
from autograd_lite.compiler.request import Request
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node

if TYPE_CHECKING:
    from autograd_lite.compiler.executors.jax.executor import JaxPlan

EXECUTORS = ("auto", "numpy", "native", "jax")
AnyPlan: TypeAlias = "Plan | TapePlan | JaxPlan"
SAVED = 0.5e-6  # seconds that native code saves for each node of a step, roughly,
SAVED_OPERATION = 0.5e-9  # and for each operation of a loop on a single number
LONG = 1.0  # seconds of compiling from which the first steps need not wait for it


PlanFor = Callable[[Executor], Plan]  # the plan with loops that an executor can have


class Compiling(Thread):
    """A compiler at work while NumPy takes the first steps."""

    def __init__(self, compile_it: Callable[[], None]) -> None:
        super().__init__(name="autograd_lite compiles")
        self._compile_it = compile_it
        self.problem: ExecutorUnavailable | None = None

    def run(self) -> None:
        """Compile; what goes wrong is kept."""
        try:
            self._compile_it()
        except ExecutorUnavailable as problem:
            self.problem = problem

    def is_over(self) -> bool:
        """Whether it has ended, or cannot be waited for; it is begun when first asked."""
        try:
            if self.ident is None:
                self.start()
        except RuntimeError:  # no thread can be had
            return True
        return not self.is_alive()


@dataclass
class Ready:
    """A plan with the runner that was made of it."""

    plan: AnyPlan
    runner: Runner
    steps: int = 0  # taken so far, or about to be
    taken: int = 0
    chunk: int = 0  # steps that the last pass over data took at a time on devices
    can_fail: bool = False  # in the middle of a step
    writes_last: bool = False  # leaves change when all went well, so none has to be saved
    one_thread: bool = False  # BLAS has to be told to take one
    pays_from: float | None = None  # steps from which native code is worth its compiling
    by_native: Callable[[int], Ready] | None = None  # makes it, told how many steps were taken
    compiling: Compiling | None = None  # without it, native code is compiled when it is made

    def is_due(self, steps: int) -> bool:
        """Whether native code is to take over before some more steps; it may begin to be made."""
        if self.pays_from is None or self.steps + steps <= self.pays_from:
            return False
        return self.compiling is None or self.compiling.is_over()

    def told(self) -> AnyPlan:
        """The plan, with what its runner has to say of the last run."""
        if isinstance(self.plan, Plan):
            return replace(self.plan, notes=tuple(self.runner.notes))
        return self.plan


def _saved(plan: Plan) -> float:
    """The seconds that native code saves in a step, roughly."""
    nodes = [node for step in plan.steps for node in step.nodes]
    return SAVED * max(len(nodes), 1) + SAVED_OPERATION * sum(map(loop_work, nodes))


def make_ready(plan_for: PlanFor, executor: str, options: BuildOptions) -> Ready:
    """The plan, built by the executor of that name, or by the best one for so many steps."""
    numpy, native = NumPyExecutor(), NativeExecutor()
    if executor == "numpy":
        return _built(plan_for(numpy), numpy, options, "as asked")
    plan = plan_for(native)
    seconds = native.build_seconds(plan)
    pays_from = seconds / _saved(plan)
    pays = (options.steps or 0) >= pays_from or seconds <= options.patience
    is_long = seconds > LONG and executor != "native" and not options.reproducible
    compiling = Compiling(lambda: native.compile(plan)) if is_long else None

    def by_native(taken: int = 0) -> Ready:
        try:
            if compiling is not None and compiling.problem is not None:
                raise compiling.problem
            told = f"NumPy took the first {taken:,} steps" if taken else ""
            return _built(plan, native, options, told)
        except ExecutorUnavailable as problem:
            why = f"no native code: {problem}"
        if executor == "native":
            warnings.warn(f"{why}; the NumPy executor runs", RuntimeWarning, stacklevel=2)
        return _built(plan_for(numpy), numpy, options, why)

    if executor == "native" or (pays and not is_long):
        return by_native()
    why = "until native code is compiled"
    if not pays:
        why = f"native code pays from {pays_from:,.0f} steps on"
    ready = _built(plan_for(numpy), numpy, options, why)
    start = -1 if pays else pays_from
    return replace(ready, pays_from=start, by_native=by_native, compiling=compiling)


def make_devices(
    subject: str, executor: str, *, mesh: Any, shard: Any, precision: str = "highest"
) -> Any:
    """Where the JAX executor is asked to keep arrays; None for the others, which are not asked.

    Raises ConfigError, also without JAX.
    """
    if executor != "jax":
        if (mesh, shard, precision) == (None, None, "highest"):
            return None
        raise ConfigError(
            subject,
            expected='mesh, shard and precision with executor="jax" alone',
            came=f'executor="{executor}"',
            suggestion='give executor="jax" as well',
        )
    try:
        from autograd_lite.compiler.executors.jax.devices import check_devices  # noqa: PLC0415
    except ImportError as problem:
        raise ConfigError(
            subject,
            expected='JAX, for executor="jax"',
            came=str(problem),
            suggestion='pip install "autograd-lite[jax]"',
        ) from problem
    return check_devices(subject, mesh, shard, precision)


def make_jax_ready(draft: Draft, options: BuildOptions) -> Ready:
    """The draft as one function of XLA."""
    from autograd_lite.compiler.executors.jax.executor import build  # noqa: PLC0415 - optional

    return Ready(*build(draft, options), can_fail=True, writes_last=True)


def make_scalar_ready(request: Request, executor: str, options: BuildOptions) -> Ready | None:
    """A tape of a graph of single numbers; None if it is none, or nobody can play it."""
    for scalar in TAPE_EXECUTORS:
        if executor != "numpy" or not scalar.native:
            try:
                return Ready(*scalar.build(request, options))
            except ExecutorUnavailable:
                continue
    return None


def _built(plan: Plan, executor: Executor, options: BuildOptions, why: str) -> Ready:
    runner = executor.build(plan, options)
    told = f"{executor.name}: {why}" if why else executor.name
    memory, notes = runner.register_bytes, tuple(runner.notes)
    through = frozenset(getattr(runner, "through_numpy", ()))
    return Ready(
        replace(plan, executor=told, register_bytes=memory, notes=notes, through_numpy=through),
        runner,
        can_fail=can_fail(plan),
        one_thread=runner.uses_blas and wants_one_thread(plan),
    )


def can_fail(plan: Plan) -> bool:
    """Whether a step may refuse the values it meets, so that leaves have to be saved before."""
    checked = {plan.inputs[name] for name in plan.labels}
    return any(_can_fail(node, checked) for step in plan.steps for node in step.nodes)


def _can_fail(node: Node, checked: set[Node]) -> bool:
    op: Any = node.op
    if op in PICKS:
        return root(node.inputs[PICKS[op][1]]) not in checked
    if not has_kernel(op) and not issubclass(op, Lowered):
        return True
    if op.ufunc is np.power and node.dtype.kind in "iu":
        return True  # no integer has a negative power
    has_indices = any(x.dtype.kind in "iu" for x in node.inputs[1:])
    return has_indices and not op.elementwise
