"""A plan as straight-line Python: the generated functions, and the arrays that they work on."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.numpy.functions import indented, scan_lines, step_lines
from autograd_lite.compiler.executors.numpy.loops import Scratch, emit_step
from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.compiler.planning.arena import aligned_memory, seen_as
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node


class NumPyRunner:
    """Runs a plan by calling NumPy, with every result written where the plan says."""

    uses_blas = True
    converts = False

    def __init__(self, plan: Plan, options: BuildOptions) -> None:
        self.plan = plan
        scratch = Scratch(plan)
        self.register_bytes = scratch.bytes
        self._functions: dict[Any, Callable[..., Any]] = {}
        self._step = StepSource(plan, _arrays(plan, options))
        for number, step in enumerate(plan.steps):
            self._step.emit(f"# step {number}")
            emit_step(self._step, step, scratch)

    @property
    def notes(self) -> Sequence[str]:
        """How many threads share work, where any is shared."""
        return self._step.team.threads.notes if self._step.is_shared else ()

    @property
    def source(self) -> str:
        """The function of a step; that of a scan repeats it."""
        return "\n".join(step_lines(self._step))

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step."""
        outputs = [np.empty(x.shape, x.dtype) for x in self.plan.outputs]
        if "run" not in self._functions:
            self._functions["run"] = _compiled(self._step, step_lines(self._step))
        with np.errstate(all="ignore"):
            self._functions["run"](*feeds, *outputs)
        return outputs

    def scan(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,
        start: int,
        stop: int,
    ) -> list[Array]:
        """Many steps, with the loop inside of the generated code."""
        outputs = [np.empty((stop - start, *x.shape), x.dtype) for x in self.plan.outputs]
        kind = batch_size, order is not None
        if kind not in self._functions:
            lines = scan_lines(self._step, batch_size, ordered=kind[1])
            self._functions[kind] = _compiled(self._step, lines)
        with np.errstate(all="ignore"):
            self._functions[kind](*data, *outputs, order, start, stop)
        return outputs


def _compiled(source: StepSource, lines: Sequence[str]) -> Callable[..., Any]:
    """The function that the lines define, with all that they name bound."""
    text = "\n".join([f"def bound({', '.join(source.env)}):", *indented(lines)])
    scope: dict[str, Any] = {}
    exec(compile(f"{text}\n    return step\n", "<plan>", "exec"), scope)  # noqa: S102
    return scope["bound"](**source.env)


def _arrays(plan: Plan, options: BuildOptions) -> dict[Node, Array]:
    """The array of every value that lies in the same place in each step."""
    arena = aligned_memory(plan.arena_bytes)
    found: dict[Node, Array] = {}
    for node, storage in plan.storage.items():
        if storage.place is Place.Constant:
            found[node] = node._value
        elif storage.place is Place.Parameter:
            leaf = node if storage.of is None else storage.of
            found[node] = options.buffers[plan.leaves[leaf]]
        elif storage.place is Place.Arena:
            found[node] = seen_as(arena, node.spec, storage.offset)
        elif storage.place is Place.Output and node.ndim == 0:
            found[node] = np.empty((), node.dtype)
    return found
