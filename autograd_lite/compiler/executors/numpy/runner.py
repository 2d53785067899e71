"""A plan as straight-line Python: the generated functions, and the arrays that they work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.interface import BLOCK, BuildOptions
from autograd_lite.compiler.executors.numpy.afterwards import Afterwards, postponed_steps
from autograd_lite.compiler.executors.numpy.deferral import Block, deferrals
from autograd_lite.compiler.executors.numpy.functions import (
    block_lines,
    indented,
    scan_lines,
    step_lines,
)
from autograd_lite.compiler.executors.numpy.loops import Scratch, emit_step
from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.compiler.planning.arena import ALIGNMENT
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.frontend.node import Node

Array = np.ndarray[Any, Any]


class NumPyRunner:
    """Runs a plan by calling NumPy, with every result written where the plan says."""

    def __init__(self, plan: Plan, options: BuildOptions) -> None:
        self.plan = plan
        self._scratch, self._arrays = Scratch(plan), _arrays(plan, options)
        self._deferred = deferrals(plan)
        self._functions: dict[Any, Callable[..., Any]] = {}
        self.register_bytes = self._scratch.bytes
        self._postponed = postponed_steps(plan)
        self._step = StepSource(plan, self._arrays)
        for step in plan.steps:
            emit_step(self._step, step, self._scratch)

    @property
    def source(self) -> str:
        """The function of a step, and that of a scan where it does more than repeat it."""
        functions = [step_lines(self._step)]
        if self._deferred or self._postponed:
            functions.append(self._scan_lines(None, ordered=False)[1])
        return "\n\n\n".join(map("\n".join, functions))

    @property
    def notes(self) -> list[str]:
        """What the plan does not say: the updates that wait for each other in a scan."""
        return [
            f"In a scan {self.plan.graph._line(x.update)} waits: "
            f"{BLOCK} steps are added at once, from {x.bytes:,} bytes"
            for x in self._deferred
        ]

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
            self._functions[kind] = _compiled(*self._scan_lines(batch_size, ordered=kind[1]))
        with np.errstate(all="ignore"):
            self._functions[kind](*data, *outputs, order, start, stop)
        return outputs

    def _scan_lines(self, batch_size: int | None, *, ordered: bool) -> tuple[StepSource, list[str]]:
        source, names = StepSource(self.plan, self._arrays), dict[Node, str]()
        deferred, postponed = self._deferred if batch_size is None else [], set(self._postponed)
        after = Afterwards(source, self._postponed)
        blocks = [Block(source, x, number) for number, x in enumerate(deferred)]
        for block in blocks:
            source.replaced |= block.replaced()
            names |= block.renamed()
        with source.locals(names):
            for step in self.plan.steps:
                if step not in postponed:
                    emit_step(source, step, self._scratch)
                    after.keep(step)
        if blocks:
            return source, block_lines(source, after, blocks, ordered=ordered)
        return source, scan_lines(source, after, batch_size, ordered=ordered)


def _compiled(source: StepSource, lines: Sequence[str]) -> Callable[..., Any]:
    """The function that the lines define, with all that they name bound."""
    text = "\n".join([f"def bound({', '.join(source.env)}):", *indented(lines)])
    scope: dict[str, Any] = {}
    exec(compile(f"{text}\n    return step\n", "<plan>", "exec"), scope)  # noqa: S102
    return scope["bound"](**source.env)  # type: ignore[no-any-return]


def _arrays(plan: Plan, options: BuildOptions) -> dict[Node, Array]:
    """The array of every value that lies in the same place in each step."""
    raw = np.empty(plan.arena_bytes + ALIGNMENT, np.uint8)
    arena = raw[-raw.ctypes.data % ALIGNMENT :]
    found: dict[Node, Array] = {}
    for node, storage in plan.storage.items():
        if storage.place is Place.Constant:
            found[node] = node._value
        elif storage.place is Place.Parameter:
            leaf = node if storage.of is None else storage.of
            found[node] = options.homes[plan.leaves[leaf]]
        elif storage.place is Place.Arena:
            end = storage.offset + node.size * node.dtype.itemsize
            found[node] = arena[storage.offset : end].view(node.dtype).reshape(node.shape)
        elif storage.place is Place.Output and node.ndim == 0:
            found[node] = np.empty((), node.dtype)
    return found
