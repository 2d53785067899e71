"""Rows of ops that pick elements, and of those that put them back."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite.compiler.draft import op_of
from autograd_lite.core.values import Array
from autograd_lite.export.onnx.emitter import Emitter, row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.indexing import ArrayIndex, join_key

LAST = np.iinfo(np.int64).max  # behind the end of any axis


def numbered(x: Node) -> Array:
    """The row-major place of each element."""
    return np.arange(x.size).reshape(x.shape)


def added(e: Emitter, node: Node, places: str, x: str) -> str:
    """Zeros shaped like the node, with x added at row-major places."""
    zeros = e.constant(np.zeros(node.size, node.dtype))
    flat = (e.reshape(name, (-1,)) for name in (places, x))
    total = e.op("ScatterElements", zeros, *flat, axis=0, reduction="add")
    return e.reshape(total, node.shape)


def _at(e: Emitter, x: Node, places: str) -> str:
    return e.op("Gather", e.reshape(e.names[x], (-1,)), places, axis=0)


@row("Roll", "Diagonal")
def moved(e: Emitter, node: Node) -> str:
    """Elements at places that are known now."""
    (x,) = node.inputs
    return _at(e, x, e.constant(op_of(node).forward(np, numbered(x), **node.params)))


@row("GetItem")
def getitem(e: Emitter, node: Node) -> str:
    """By slices, which a batch of any length survives; by places where there are index arrays."""
    x, *indices = node.inputs
    if _takes_rows(node):
        return e.op("Gather", e.names[x], e.whole(indices[0]), axis=0)
    if indices:
        return _at(e, x, _places(e, x, node.params["key"], indices))
    return e.same(_sliced(e, e.names[x], x.ndim, join_key(node.params["key"], ())))


def _takes_rows(node: Node) -> bool:
    """Whether the key is one index array, as for a table of embeddings: any length fits."""
    key = node.params["key"]
    return len(key) == 1 and isinstance(key[0], ArrayIndex)


def _sliced(e: Emitter, name: str, ndim: int, key: Sequence[Any]) -> str:
    axis, place = 0, 0
    gone, new = [], []
    for part in _full(key, ndim):
        if part is None:
            new.append(place)
            place += 1
            continue
        if isinstance(part, slice):
            name = _slice(e, name, part, axis)
            place += 1
        else:
            name = _slice(e, name, slice(part, part + 1 or None), axis)
            gone.append(axis)
        axis += 1
    return e.unsqueeze(e.squeeze(name, gone), new)


def _slice(e: Emitter, name: str, part: slice, axis: int) -> str:
    """A slice of any length, as Python means it: ONNX counts and clips in the same way."""
    if part == slice(None):
        return name
    step = part.step or 1
    first, end = (0, LAST) if step > 0 else (LAST, -LAST)
    start, stop = (
        known if n is None else n for n, known in ((part.start, first), (part.stop, end))
    )
    return e.op("Slice", name, *(e.integers(n) for n in (start, stop, axis, step)))


def _full(key: Sequence[Any], ndim: int) -> list[Any]:
    """The key with a part for each axis."""
    parts = list(key) if Ellipsis in key else [*key, Ellipsis]
    known = sum(part is not None and part is not Ellipsis for part in parts)
    where = parts.index(Ellipsis)
    return [*parts[:where], *[slice(None)] * (ndim - known), *parts[where + 1 :]]


def _places(e: Emitter, x: Node, key: Sequence[Any], indices: Sequence[Node]) -> str:
    """Row-major places: those for zeros in all index arrays, plus each array times its stride."""
    base = _spots(x, key, indices)
    wide = len(np.broadcast_shapes(*(index.shape for index in indices)))
    parts = _full(key, x.ndim)
    behind = base.ndim - wide - _front(parts)
    kept = [part for part in parts if part is not None]
    axes = [axis for axis, part in enumerate(kept) if isinstance(part, ArrayIndex)]
    total = e.constant(base)
    for axis, index in zip(axes, indices, strict=True):
        length, stride = (
            e.constant(n, np.int64) for n in (x.shape[axis], prod(x.shape[axis + 1 :]))
        )
        step = e.op("Mul", e.op("Mod", e.whole(index), length), stride)  # from the end, if below 0
        total = e.op("Add", total, e.unsqueeze(step, range(index.ndim, index.ndim + behind)))
    return total


def _spots(x: Node, key: Sequence[Any], indices: Sequence[Node]) -> Array:
    """The places that the key picks where all index arrays are 0."""
    return numbered(x)[join_key(tuple(key), [np.zeros(y.shape, np.int64) for y in indices])]


def _front(parts: Sequence[Any]) -> int:
    """How many axes of the result lie before those of the index arrays; integers count as such."""
    at = [i for i, part in enumerate(parts) if isinstance(part, ArrayIndex | int)]
    return at[0] if at == list(range(at[0], at[-1] + 1)) else 0


@row("IndexAdd")
def index_add(e: Emitter, node: Node) -> str:
    """x added where GetItem would look."""
    x, like, *indices = node.inputs
    key = node.params["key"]
    if _takes_rows(node) and x.shape == (*indices[0].shape, *like.shape[1:]):
        zeros = e.constant(np.zeros(like.shape, node.dtype))
        rows = e.unsqueeze(e.whole(indices[0]), (indices[0].ndim,))
        return e.op("ScatterND", zeros, rows, e.names[x], reduction="add")
    if not indices and e.batch is not None:
        return _added_by_slices(e, node, join_key(key, ()))
    spots = _spots(like, key, indices)
    places = _places(e, like, key, indices) if indices else e.constant(spots)
    name = e.names[x]
    if x.shape != spots.shape:
        name = e.op("Expand", name, e.integers(*spots.shape))
    return added(e, node, places, name)


def _added_by_slices(e: Emitter, node: Node, key: Sequence[Any]) -> str:
    """x added where slices look, in an array of any length: its elements are numbered first."""
    x, like, *_ = node.inputs
    shape, zero = e.shape(like), e.constant(0, np.int64)
    size = e.op("ReduceProd", shape)
    numbers = e.op("Range", zero, e.squeeze(size, (0,)), e.constant(1, np.int64))
    places = _sliced(e, e.op("Reshape", numbers, shape, allowzero=1), like.ndim, key)
    wide = e.op("Expand", e.names[x], e.op("Shape", places))
    flat = (e.reshape(name, (-1,)) for name in (places, wide))
    zeros = e.op("Expand", e.constant(0, node.dtype), size)
    total = e.op("ScatterElements", zeros, *flat, axis=0, reduction="add")
    return e.op("Reshape", total, shape, allowzero=1)


@row("DiagonalLike")
def diagonal_like(e: Emitter, node: Node) -> str:
    """x added on a diagonal."""
    x, like = node.inputs
    places = np.diagonal(numbered(like), node.params["offset"], -2, -1)
    return added(e, node, e.constant(places), e.names[x])


@row("Aref")
def aref(e: Emitter, node: Node) -> str:
    """One element of each row."""
    a, index = node.inputs
    if a.ndim == 1:
        return e.op("Gather", e.names[a], e.whole(index), axis=0)
    place = e.unsqueeze(e.whole(index), (index.ndim,))
    if index.ndim < a.ndim - 1:
        place = e.op("Expand", place, e.integers(*a.shape[:-1], 1))
    return e.squeeze(e.op("GatherElements", e.names[a], place, axis=-1), (-1,))


@row("ScatterAdd")
def scatter_add(e: Emitter, node: Node) -> str:
    """x where the number is the label, else 0."""
    x, index, like = node.inputs
    numbers = e.constant(np.arange(like.shape[-1]))
    hit = e.op("Equal", numbers, e.unsqueeze(e.whole(index), (index.ndim,)))
    return e.op("Where", hit, e.unsqueeze(e.names[x], (x.ndim,)), e.constant(0, node.dtype))


@row("Embedding")
def embedding(e: Emitter, node: Node) -> str:
    """Rows of a table."""
    table, index = node.inputs
    return e.op("Gather", e.names[table], e.whole(index), axis=0)


@row("TakeAlongAxis")
def take_along_axis(e: Emitter, node: Node) -> str:
    """Elements of each line."""
    x, indices = node.inputs
    axis = node.params["axis"] % x.ndim
    name, wanted = _as_wide(e, x, indices, axis)
    lines = [*wanted[:axis], x.shape[axis], *wanted[axis + 1 :]]
    source = (
        e.names[x] if list(x.shape) == lines else e.op("Expand", e.names[x], e.integers(*lines))
    )
    return e.op("GatherElements", source, name, axis=axis)


@row("AddAlongAxis")
def add_along_axis(e: Emitter, node: Node) -> str:
    """Elements added in each line."""
    x, indices, like = node.inputs
    axis = node.params["axis"] % like.ndim
    name, wanted = _as_wide(e, like, indices, axis)
    first = numbered(like)[(slice(None),) * axis + (slice(1),)]  # of each line
    name = e.op("Mod", name, e.constant(like.shape[axis], np.int64))
    step = e.op("Mul", name, e.constant(prod(like.shape[axis + 1 :]), np.int64))
    places = e.op("Add", step, e.constant(first))
    return added(e, node, places, e.op("Expand", e.names[x], e.integers(*wanted)))


def _as_wide(e: Emitter, like: Node, indices: Node, axis: int) -> tuple[str, list[int]]:
    """The indices broadcast to the lines of the array, and their shape then."""
    wanted = [m if n == 1 else n for n, m in zip(like.shape, indices.shape, strict=True)]
    wanted[axis] = indices.shape[axis]
    return e.op("Expand", e.whole(indices), e.integers(*wanted)), wanted
