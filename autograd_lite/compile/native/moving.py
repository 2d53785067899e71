"""Rows for ops that move entries: NumPy says once where from, the loop then walks there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.compile.native.code import Code, number_of
from autograd_lite.compile.native.layout import Strides, row_major, walk
from autograd_lite.node import Node
from autograd_lite.ops.indexing import ArrayIndex, join_key
from autograd_lite.ops.shapes import Shape

Array = np.ndarray[Any, Any]


class Region(NamedTuple):
    """A part of an array: where it begins, and how it lies; counted in entries."""

    start: int
    shape: Shape
    strides: Strides


def region(view: Array, whole: Array) -> Region | None:
    """Where a view lies in an array of bytes; None for a copy."""
    if view.size and not np.may_share_memory(view, whole):
        return None
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
    place = f"{code.array(source)}[{moved.offset('of', indices, of.start)}]"
    value = number_of(source) or place
    code.line(f"{code.array(node)}[{moved.offset('to', indices, to.start)}] = {value};")


# Views that are written out: PermuteDims, MatrixTranspose, BroadcastTo, GetItem without arrays, …


def _seen(node: Node) -> Region | None:
    """What part of its first input the node is, if it is one."""
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


def can_view(node: Node) -> bool:
    """Whether the node is a part of its first input, in another order or repeated."""
    if any(isinstance(part, ArrayIndex) for part in node.params.get("key", ())):
        return False
    return node.inputs[0].dtype == node.dtype and _seen(node) is not None


def write_view(code: Code, node: Node) -> None:
    """The entries that a view would show."""
    seen = _seen(node)
    assert seen is not None  # noqa: S101 - can_view has said so
    write_move(code, node, everything(node.shape), node.inputs[0], seen)


# Arrays put together


def can_join(node: Node) -> bool:
    """Whether all arrays have the dtype of the result."""
    return all(x.dtype == node.dtype for x in node.inputs)


def write_stack(code: Code, node: Node) -> None:
    """Each array a slice of the result."""
    axis = node.params["axis"] % node.ndim
    _write_slices(code, node, axis, [slice(i, i + 1) for i in range(len(node.inputs))])


def write_concat(code: Code, node: Node) -> None:
    """The arrays, one behind the other."""
    axis = node.params["axis"] % node.ndim
    ends = np.cumsum([0, *(x.shape[axis] for x in node.inputs)]).tolist()
    _write_slices(code, node, axis, [slice(*pair) for pair in zip(ends, ends[1:], strict=False)])


def _write_slices(code: Code, node: Node, axis: int, slices: Sequence[slice]) -> None:
    whole = _untouched(node.shape)
    for x, part in zip(node.inputs, slices, strict=True):
        to = region(whole[(slice(None),) * axis + (part,)], whole)
        assert to is not None  # noqa: S101 - a slice is a view
        write_move(code, node, to, x, everything(to.shape))


# Index arrays


def can_index(node: Node) -> bool:
    """Whether a GetItem or IndexAdd has a row: plain views, or one index array for each axis."""
    key, index = node.params["key"], _indices(node)
    rows = _rows(node)
    if not all(isinstance(part, ArrayIndex) for part in key):
        return not index and node.op is ops.IndexAdd and _is_written_once(node)
    same = len({x.shape for x in index}) == 1 and rows.ndim >= len(index)
    whole = all(x.dtype.kind in "iu" and number_of(x) is None for x in index)
    fits = index[0].shape + rows.shape[len(index) :] == _picked(node).shape
    return bool(same and whole and fits and rows.size and node.inputs[0].dtype == node.dtype)


def _is_written_once(node: Node) -> bool:
    x, like = node.inputs
    target = _untouched(like.shape)[_static_key(node)]
    return x.shape == target.shape and x.dtype == node.dtype


def write_index_add(code: Code, node: Node) -> None:
    """Zeros, with x added at the key."""
    out = code.array(node)
    code.line(f"memset({out}, 0, {node.size} * sizeof *{out});")
    if _indices(node):
        _write_indexed(code, node, "{rows}[{at}] += {picked}[{k}];")
        return
    whole = _untouched(node.shape)
    to = region(whole[_static_key(node)], whole)
    assert to is not None  # noqa: S101 - a key without arrays gives a view
    write_move(code, node, to, node.inputs[0], everything(to.shape))


def write_get_item(code: Code, node: Node) -> None:
    """The entries that index arrays name."""
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
