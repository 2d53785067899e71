"""Rows for ops that move entries: NumPy says once where from, the loop then walks there."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import Strides, row_major, walk
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node
from autograd_lite.ops.indexing import ArrayIndex, join_key

Array = np.ndarray[Any, Any]


class Region(NamedTuple):
    """A part of an array: where it begins, and how it lies; counted in entries."""

    start: int
    shape: Shape
    strides: Strides


def region(view: Array, whole: Array) -> Region:
    """Where a view lies in an array of bytes."""
    start = view.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    return Region(start if view.size else 0, view.shape, view.strides)


def everything(shape: Shape) -> Region:
    """A whole array."""
    return Region(0, shape, row_major(shape))


def _untouched(shape: Shape) -> Array:
    """An array to take views of; its memory is reserved and never used."""
    return np.empty(shape, np.uint8)


def write_move(code: Code, node: Node, to: Region, source: Node, of: Region) -> None:
    """Copy a region of the source to one of the node."""
    moved = walk(to.shape, {"to": to.strides, "of": of.strides})
    indices = [f"i{axis}" for axis in range(len(moved.sizes))]
    for axis, size in enumerate(moved.sizes):
        if axis == len(moved.sizes) - 1:
            code.line("#pragma omp simd")
        code.line(f"for (int64_t i{axis} = 0; i{axis} < {size}; i{axis}++)")
    value = f"{code.array(source)}[{moved.offset('of', indices, of.start)}]"
    code.line(f"{code.array(node)}[{moved.offset('to', indices, to.start)}] = {value};")


# Views that are written out: PermuteDims, MatrixTranspose, BroadcastTo, GetItem without arrays, …


def _seen(node: Node) -> Region:
    """What part of its first input the node is."""
    x, *others = node.inputs
    whole = _untouched(x.shape)
    if node.op is ops.GetItem:
        return region(whole[_static_key(node)], whole)
    rest = [np.broadcast_to(np.uint8(0), y.shape) for y in others]
    view = node.op.forward(np, whole, *rest, **node.params)  # type: ignore[union-attr]
    return region(view, whole)


def _static_key(node: Node) -> tuple[Any, ...]:
    """The key, made to give a view also of a single entry."""
    key = join_key(node.params["key"], ())
    return key if any(part is Ellipsis for part in key) else (*key, ...)


@row(ops.BroadcastTo, ops.MatrixTranspose, ops.PermuteDims, ops.SplitLike)
def write_view(code: Code, node: Node) -> None:
    """The entries that a view would show."""
    write_move(code, node, everything(node.shape), node.inputs[0], _seen(node))


# Arrays put together


def can_join(node: Node) -> bool:
    """Whether all arrays have the dtype of the result."""
    return all(x.dtype == node.dtype for x in node.inputs)


@row(ops.Stack, can=can_join)
def write_stack(code: Code, node: Node) -> None:
    """Each array a slice of the result."""
    axis = node.params["axis"] % node.ndim
    _write_slices(code, node, axis, [slice(i, i + 1) for i in range(len(node.inputs))])


@row(ops.Concat, can=can_join)
def write_concat(code: Code, node: Node) -> None:
    """The arrays, one behind the other."""
    axis = node.params["axis"] % node.ndim
    ends = np.cumsum([0, *(x.shape[axis] for x in node.inputs)]).tolist()
    _write_slices(code, node, axis, [slice(*pair) for pair in pairwise(ends)])


def _write_slices(code: Code, node: Node, axis: int, slices: Sequence[slice]) -> None:
    whole = _untouched(node.shape)
    for x, part in zip(node.inputs, slices, strict=True):
        to = region(whole[(slice(None),) * axis + (part,)], whole)
        write_move(code, node, to, x, everything(to.shape))


# Index arrays


def can_index(node: Node) -> bool:
    """Whether there is a row: for no index arrays, or for one of the same shape for each axis."""
    index, rows = _indices(node), _rows(node)
    if not index:
        return bool(_untouched(rows.shape)[_static_key(node)].shape == _picked(node).shape)
    alone = all(isinstance(part, ArrayIndex) for part in node.params["key"])
    alike = len({x.shape for x in index}) == 1 and all(x.dtype.kind in "iu" for x in index)
    return alone and alike and rows.size > 0


@row(ops.IndexAdd, can=can_index)
def write_index_add(code: Code, node: Node) -> None:
    """Zeros, with x added at the key."""
    out = code.array(node)
    code.line(f"memset({out}, 0, {node.size} * sizeof *{out});")
    if _indices(node):
        _write_indexed(code, node, "{rows}[{at}] += {picked}[{k}];")
        return
    whole = _untouched(node.shape)
    to = region(whole[_static_key(node)], whole)
    write_move(code, node, to, node.inputs[0], everything(to.shape))


@row(ops.GetItem, can=can_index)
def write_get_item(code: Code, node: Node) -> None:
    """The entries that the key names."""
    if not _indices(node):
        write_view(code, node)
        return
    _write_indexed(code, node, "{picked}[{k}] = {rows}[{at}];")


def _indices(node: Node) -> tuple[Node, ...]:
    return node.inputs[2 if node.op is ops.IndexAdd else 1 :]


def _rows(node: Node) -> Node:
    """What is indexed."""
    return node if node.op is ops.IndexAdd else node.inputs[0]


def _picked(node: Node) -> Node:
    """What has an entry, or a row, for each index."""
    return node.inputs[0] if node.op is ops.IndexAdd else node


def _write_indexed(code: Code, node: Node, statement: str) -> None:
    index, rows = _indices(node), _rows(node)
    width = int(np.prod(rows.shape[len(index) :]))
    with code.block(f"for (int64_t r = 0; r < {index[0].size}; r++)"):
        code.line("int64_t row = 0;")
        for axis, x in enumerate(index):
            n = rows.shape[axis]
            code.line(f"int64_t j{axis} = (int64_t){code.array(x)}[r];")
            code.line(f"j{axis} += j{axis} < 0 ? {n} : 0; /* -1 is the last one */")
            code.line(f"if (j{axis} < 0 || j{axis} >= {n}) return {code.numbers[node] + 1};")
            code.line(f"row = row * {n} + j{axis};")
        names = {"rows": code.array(rows), "picked": code.array(_picked(node))}
        line = statement.format(at=f"row * {width} + k", k=f"r * {width} + k", **names)
        code.line(f"for (int64_t k = 0; k < {width}; k++) {line}")
