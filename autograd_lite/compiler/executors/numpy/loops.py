"""Fused loops: several elementwise ops, tile by tile, so that what is in between stays in cache."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.numpy.kernels import emit_kernel, has_kernel, ones, short_rows
from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.compiler.planning.fusion import ends_loop
from autograd_lite.compiler.planning.plan import Plan, Step
from autograd_lite.compiler.planning.schedule import operands
from autograd_lite.core.shapes import Shape
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node

TILE = 16_384  # elements; measured best, for caches of 32 KB to 2 MB


def emit_step(source: StepSource, step: Step, scratch: Scratch) -> None:
    """Write down a step; a fused loop over more than one tile as a loop."""
    if not is_loop(step):
        emit_kernel(source, step.nodes[0])
    elif prod(loop_shape(step)) <= TILE:
        source.arrays.update(scratch.registers(step))
        for node in step.nodes:
            emit_kernel(source, node)
    else:
        _Tiles(source, step, scratch).emit()


def is_loop(step: Step) -> bool:
    """Whether a step runs over elements with memory of its own: tiles keep that small."""
    return step.fused or _needs_memory(step.nodes[0].op)


def _needs_memory(op: Any) -> bool:
    """Whether the op is elementwise, and more than one call of NumPy."""
    return bool(op.elementwise and op.ufunc is None and has_kernel(op))


def loop_shape(step: Step) -> Shape:
    """The shape that a fused loop runs over."""
    return next(x.shape for x in step.nodes if not ends_loop(x))


class Scratch:
    """Memory for the values that exist inside of one fused loop only, shared by all loops."""

    def __init__(self, plan: Plan) -> None:
        fused = [step for step in plan.steps if is_loop(step)]
        self._elements = {step: _tile_elements(loop_shape(step)) for step in fused}
        self._slots = {step: _slots(step) for step in fused}
        width = max((n * self._itemsize(step) for step, n in self._elements.items()), default=0)
        count = max((1 + max(x.values(), default=-1) for x in self._slots.values()), default=0)
        self._memory = [np.empty(width, np.uint8) for _ in range(count)]
        self.bytes = width * count

    def _itemsize(self, step: Step) -> int:
        return max((x.dtype.itemsize for x in self._slots[step]), default=0)

    def registers(self, step: Step) -> dict[Node, Array]:
        """An array for each value of a loop that is not stored; shaped, if the loop is one tile."""
        elements, whole = self._elements[step], prod(loop_shape(step)) <= TILE
        found = {}
        for node, slot in self._slots[step].items():
            array = self._memory[slot][: elements * node.dtype.itemsize].view(node.dtype)
            found[node] = array[: node.size].reshape(node.shape) if whole else array
        return found


def _tile_elements(shape: Shape) -> int:
    """The elements of a tile: so many, or one row where rows are longer."""
    row = prod(shape[1:])
    return max(min(prod(shape), TILE), row)


def _slots(step: Step) -> dict[Node, int]:
    """Numbers for the unstored values, so that few of them are in use at once."""
    last = {y: i for i, x in enumerate(step.nodes) for y in operands(x)}
    stored, slots, free = set(step.outputs), dict[Node, int](), list[int]()
    for i, node in enumerate(step.nodes):
        last_used = [x for x in dict.fromkeys(operands(node)) if x in slots and last[x] == i]
        same = [x for x in last_used if x.dtype == node.dtype]
        if node not in stored:
            if same:
                slots[node] = slots[same[0]]
                last_used = [x for x in last_used if x is not same[0]]
            else:
                used = set(slots.values())
                slots[node] = free.pop() if free else max(used, default=-1) + 1
        free += [slots[x] for x in last_used]
    return slots


class _Tiles:
    """One loop over tiles: along the flattened elements, or along axis 0 if inputs broadcast."""

    def __init__(self, source: StepSource, step: Step, scratch: Scratch) -> None:
        self.source, self.step = source, step
        self.shape = loop_shape(step)
        self.registers = scratch.registers(step)
        own = set(step.nodes)
        reads = dict.fromkeys(x for node in step.nodes for x in node.inputs)
        self.outside = [x for x in reads if x not in own]
        self.stored = [x for x in step.outputs if not ends_loop(x)]
        self.sums = [x for x in step.nodes if ends_loop(x)]
        self.flat = all(x.shape == self.shape or x.size == 1 for x in self.outside) and all(
            x.size == 1 for x in self.sums
        )

    def emit(self) -> None:
        """Write down the loop."""
        row = 1 if self.flat else prod(self.shape[1:])
        length = prod(self.shape) // row
        rows = max(TILE // row, 1)
        self.source.tile_shape = (rows,) if self.flat else (rows, *self.shape[1:])
        names = self._wholes()
        totals = {x: self._partial_sums(x, -(-length // rows)) for x in self.sums}
        self.source.emit(f"for k, i in enumerate(range(0, {length}, {rows})):")
        with self.source.indented():
            self.source.emit(f"j = min(i + {rows}, {length})")
            tiles = {name: self._tile(name) for name in dict.fromkeys(names.values())}
            local = {x: tiles[name] for x, name in names.items()}
            local |= {x: self._register(x, array, row) for x, array in self.registers.items()}
            with self.source.locals(local, tiles=True):
                for node in self.step.nodes:
                    if node in totals:
                        self._emit_sum(node, totals[node])
                    else:
                        emit_kernel(self.source, node)
        self._finish(totals)

    def _wholes(self) -> dict[Node, str]:
        """The names of all arrays of which the loop takes tiles."""
        found, source = {}, self.source
        for x in (*self.outside, *self.stored):
            if self._is_tiled(x):
                found[x] = source.view(x, (x.size,) if self.flat else x.shape)
        return found

    def _is_tiled(self, x: Node) -> bool:
        """Whether a tile is a part of the array; else it is broadcast to every tile."""
        if x.size == 1 or self.flat:
            return x.size > 1
        return x.ndim == len(self.shape) and x.shape[0] == self.shape[0] > 1

    def _tile(self, name: str) -> str:
        tile = f"t{len(self.source.lines)}"
        self.source.emit(f"{tile} = {name}[i:j]")
        return tile

    def _register(self, node: Node, array: Array, row: int) -> str:
        source, tile, rows = self.source, f"t{len(self.source.lines)}", array.size // row
        shaped = array if self.flat else array[: rows * row].reshape(rows, *node.shape[1:])
        source.emit(f"{tile} = {source.bind(shaped, 'r')}[:j - i]")
        return tile

    def _partial_sums(self, node: Node, tiles: int) -> str | None:
        """Memory for the sum of each tile; none where each row has a sum of its own."""
        if node.size == 1:
            return self.source.bind(np.empty(tiles, node.dtype), "s")
        return None

    def _emit_sum(self, node: Node, total: str | None) -> None:
        source, x = self.source, self.source.array(node.inputs[0])
        source.env["total"] = np.add.reduce
        dtype = source.bind(node.dtype, "d")
        if total is not None:
            source.emit(f"{total}[k] = total({x}, None, {dtype})")
            return
        count = short_rows(node)
        if count:
            out = source.view(node, (node.size,))
            start, stop = (f"{k} * {node.size // self.shape[0]}" for k in "ij")
            source.emit(
                f"{x}.reshape(-1, {count}).dot({ones(source, node)}, {out}[{start}:{stop}])"
            )
            return
        ndim = len(self.shape)
        lead = next(n for n in range(ndim + 1) if prod(self.shape[:n]) == node.size)
        axes = tuple(range(lead, ndim))
        out = source.view(node, self.shape[:lead])
        source.emit(f"total({x}, {axes!r}, {dtype}, {out}[i:j])")

    def _finish(self, totals: dict[Node, str | None]) -> None:
        for node, total in totals.items():
            if total is not None:
                out = self.source.view(node, ())
                self.source.emit(f"total({total}, None, None, {out})")
