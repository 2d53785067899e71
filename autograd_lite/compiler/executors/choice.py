"""Which executor runs a plan, and why."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograd_lite.compiler.executors.interface import (
    BuildOptions,
    Compiler,
    Executor,
    ExecutorUnavailable,
    Runner,
)
from autograd_lite.compiler.executors.numpy import NumPyExecutor
from autograd_lite.compiler.executors.numpy.kernels import has_kernel
from autograd_lite.compiler.executors.threads import wants_one_thread
from autograd_lite.compiler.lowered import Lowered
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.planning.planner import PICKS
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.frontend.node import Node

EXECUTORS = ("auto", "numpy", "native")
SAVED = 0.5e-6  # seconds that native code saves for each node of a step, roughly


PlanFor = Callable[[Executor], Plan]  # the plan with loops that an executor can have


@dataclass
class Ready:
    """A plan with the runner that was made of it."""

    plan: Plan
    runner: Runner
    pays_from: float | None = None  # steps from which the native executor is worth its compiling
    steps: int = 0  # taken so far
    can_fail: bool = False  # in the middle of a step
    one_thread: bool = False  # BLAS has to be told to take one


def make_ready(plan_for: PlanFor, executor: str, options: BuildOptions) -> Ready:
    """The plan, built by the executor of that name, or by the best one for so many steps."""
    numpy = NumPyExecutor()
    if executor == "numpy":
        return _built(plan_for(numpy), numpy, options, "as asked")
    reasons = []
    for native in _native_executors():
        plan = plan_for(native)
        pays_from = _pays_from(native, plan)
        if executor == "auto" and (options.steps or 0) < pays_from:
            why = f"native code pays from {pays_from:,.0f} steps on"
            return replace(_built(plan_for(numpy), numpy, options, why), pays_from=pays_from)
        try:
            return _built(plan, native, options, "")
        except ExecutorUnavailable as problem:
            reasons.append(str(problem))
    why = f"no native code: {'; '.join(reasons) or 'it is not installed'}"
    if executor == "native":
        warnings.warn(f"{why}; the NumPy executor runs", RuntimeWarning, stacklevel=2)
    return _built(plan_for(numpy), numpy, options, why)


def make_scalar_ready(plan: Plan, executor: str, options: BuildOptions) -> Ready | None:
    """A plan of single numbers as a tape; None if it is none, or nobody can play it."""
    for scalar in _scalar_executors(executor):
        try:
            return _built(plan, scalar, options, "single numbers only")
        except ExecutorUnavailable:
            continue
    return None


def _built(plan: Plan, executor: Executor, options: BuildOptions, why: str) -> Ready:
    runner = executor.build(plan, options)
    told = f"{executor.name}: {why}" if why else executor.name
    memory, notes = runner.register_bytes, tuple(runner.notes)
    return Ready(
        replace(plan, executor=told, register_bytes=memory, notes=notes),
        runner,
        can_fail=can_fail(plan),
        one_thread=wants_one_thread(plan),
    )


def _native_executors() -> Iterator[Compiler]:
    try:
        from autograd_lite.compiler.executors.native import NativeExecutor  # noqa: PLC0415
    except ImportError:
        return
    yield NativeExecutor()


def _scalar_executors(executor: str) -> Iterator[Any]:
    try:
        from autograd_lite.compiler.executors.tape.executor import ScalarExecutor  # noqa: PLC0415
    except ImportError:
        return
    if executor != "numpy":
        yield ScalarExecutor(native=True)
    yield ScalarExecutor(native=False)


def _pays_from(executor: Compiler, plan: Plan) -> float:
    """From how many steps on the executor saves more than its compiling costs."""
    nodes = sum(len(step.nodes) for step in plan.steps)
    return executor.build_seconds(plan) / (SAVED * max(nodes, 1))


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
    has_indices = any(x.dtype.kind in "iu" for x in node.inputs[1:])
    return has_indices and not op.elementwise
