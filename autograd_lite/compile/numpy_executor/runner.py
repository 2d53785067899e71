"""A plan as straight-line Python: the generated functions, and the arrays that they work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compile.arena import ALIGNMENT
from autograd_lite.compile.executor import Options
from autograd_lite.compile.numpy_executor.loops import Scratch, emit_step
from autograd_lite.compile.numpy_executor.source import Source
from autograd_lite.compile.plan import Place, Plan
from autograd_lite.node import Node

Array = np.ndarray[Any, Any]


class NumPyRunner:
    """Runs a plan by calling NumPy, with every result written where the plan says."""

    def __init__(self, plan: Plan, options: Options) -> None:
        self.plan = plan
        scratch = Scratch(plan)
        self._source = Source(plan, _arrays(plan, options))
        for step in plan.steps:
            emit_step(self._source, step, scratch)
        self._functions: dict[Any, tuple[str, Callable[..., Any]]] = {}
        self.register_bytes = scratch.bytes
        self.source = self._compiled("run")[0]

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step."""
        outputs = [np.empty(x.shape, x.dtype) for x in self.plan.outputs]
        with np.errstate(all="ignore"):
            self._compiled("run")[1](*feeds, *outputs)
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
        _, function = self._compiled(("scan", batch_size, order is not None))
        with np.errstate(all="ignore"):
            function(*data, *outputs, order, start, stop)
        return outputs

    def _compiled(self, kind: Any) -> tuple[str, Callable[..., Any]]:
        if kind not in self._functions:
            lines = self._run_lines() if kind == "run" else self._scan_lines(*kind[1:])
            text = "\n".join([f"def bound({', '.join(self._source.env)}):", *_indent(lines)])
            scope: dict[str, Any] = {}
            exec(compile(f"{text}\n    return step\n", "<plan>", "exec"), scope)  # noqa: S102
            self._functions[kind] = "\n".join(lines), scope["bound"](**self._source.env)
        return self._functions[kind]

    def _run_lines(self) -> list[str]:
        feeds = [f"x{i}" for i in range(len(self.plan.inputs))]
        results = [f"o{i}" for i in range(len(self.plan.outputs))]
        lines = [f"def step({', '.join(feeds + results)}):"]
        integers = self._source.integers
        picked = [i for i, x in enumerate(self.plan.inputs.values()) if x in integers]
        lines += [f"    i{i} = x{i}.item()" for i in picked]
        return [*lines, *_indent(self._source.lines), *self._scalars("o{0}[()]")]

    def _scan_lines(self, batch_size: int | None, ordered: bool) -> list[str]:
        feeds = [f"X{i}" for i in range(len(self.plan.inputs))]
        results = [f"O{i}" for i in range(len(self.plan.outputs))]
        lines = [f"def step({', '.join(feeds + results)}, order, start, stop):"]
        if ordered and batch_size is None:
            lines.append("    order = order[start:stop].tolist()")
        for i, x in enumerate(self.plan.inputs.values()):
            if x in self._source.integers:
                part = "" if ordered else "[start:stop]"
                lines.append(f"    Y{i} = X{i}{part}.tolist()")
        lines.append("    for n in range(stop - start):")
        body = [*self._fetch_lines(batch_size, ordered), *self._source.lines]
        return [*lines, *_indent(_indent(body)), *_indent(self._scalars("O{0}[n]"))]

    def _fetch_lines(self, batch_size: int | None, ordered: bool) -> list[str]:
        lines = []
        if batch_size is not None:
            lines.append(f"p = (start + n) * {batch_size}")
            pick = f"p:p + {batch_size}"
            if ordered:
                lines.append(f"q = order[{pick}]")
        else:
            pick = "order[n]" if ordered else "start + n"
        for i, x in enumerate(self.plan.inputs.values()):
            if x in self._source.integers:
                lines.append(f"i{i} = Y{i}[{'order[n]' if ordered else 'n'}]")
            if x in self._source.dynamic:
                if batch_size is not None and ordered:
                    lines.append(f"x{i} = X{i}[q]")
                else:
                    lines.append(f"x{i} = X{i}[{pick}{'' if x.ndim else ', ...'}]")
        for i, x in enumerate(self.plan.outputs):
            if x in self._source.dynamic:
                lines.append(f"o{i} = O{i}[n]")
        return lines

    def _scalars(self, target: str) -> list[str]:
        """Results of no axes are computed in a place of their own and copied out."""
        return _indent(
            [
                f"{target.format(i)} = {self._source.array(x)}"
                for i, x in enumerate(self.plan.outputs)
                if x.ndim == 0
            ]
        )


def _indent(lines: Sequence[str]) -> list[str]:
    return ["    " + line for line in lines]


def _arrays(plan: Plan, options: Options) -> dict[Node, Array]:
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
