"""Which executor runs a plan, and why."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from autograd_lite.compiler.request import Request
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node

if TYPE_CHECKING:
    from autograd_lite.compiler.executors.jax.executor import JaxPlan

EXECUTORS = ("auto", "numpy", "native", "jax")
AnyPlan: TypeAlias = "Plan | TapePlan | JaxPlan"
SAVED = 0.5e-6  # seconds that native code saves for each node of a step, roughly


PlanFor = Callable[[Executor], Plan]  # the plan with loops that an executor can have


@dataclass
class Ready:
    """A plan with the runner that was made of it."""

    plan: AnyPlan
    runner: Runner
    steps: int = 0  # taken so far
    can_fail: bool = False  # in the middle of a step
    one_thread: bool = False  # BLAS has to be told to take one
    pays_from: float | None = None  # steps from which native code is worth its compiling
    by_native: Callable[[], Ready] | None = None  # makes it

    def told(self) -> AnyPlan:
        """The plan, with what its runner has to say of the last run."""
        if isinstance(self.plan, Plan):
            return replace(self.plan, notes=tuple(self.runner.notes))
        return self.plan


def make_ready(plan_for: PlanFor, executor: str, options: BuildOptions) -> Ready:
    """The plan, built by the executor of that name, or by the best one for so many steps."""
    numpy, native = NumPyExecutor(), NativeExecutor()
    if executor == "numpy":
        return _built(plan_for(numpy), numpy, options, "as asked")
    plan = plan_for(native)

    def by_native() -> Ready:
        try:
            return _built(plan, native, options, "")
        except ExecutorUnavailable as problem:
            why = f"no native code: {problem}"
        if executor == "native":
            warnings.warn(f"{why}; the NumPy executor runs", RuntimeWarning, stacklevel=2)
        return _built(plan_for(numpy), numpy, options, why)

    nodes = sum(len(step.nodes) for step in plan.steps)
    seconds = native.build_seconds(plan)
    pays_from = seconds / (SAVED * max(nodes, 1))
    pays = (options.steps or 0) >= pays_from or seconds <= options.patience
    if executor == "native" or pays:
        return by_native()
    why = f"native code pays from {pays_from:,.0f} steps on"
    ready = _built(plan_for(numpy), numpy, options, why)
    return replace(ready, pays_from=pays_from, by_native=by_native)


def make_devices(leaves: Sequence[Node], **asked: Any) -> Any:
    """Where the JAX executor is asked to keep arrays. Raises ConfigError, also without JAX."""
    try:
        from autograd_lite.compiler.executors.jax.devices import check_devices  # noqa: PLC0415
    except ImportError as problem:
        raise ConfigError(
            "compile",
            expected='JAX, for executor="jax"',
            came=str(problem),
            suggestion='pip install "autograd-lite[jax]"',
        ) from problem
    return check_devices(leaves=leaves, **asked)


def make_jax_ready(draft: Draft, options: BuildOptions) -> Ready:
    """The draft as one function of XLA."""
    from autograd_lite.compiler.executors.jax.executor import build  # noqa: PLC0415 - optional

    return Ready(*build(draft, options), can_fail=True)


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
