"""Parts of arrays: where NumPy's views lie, so that C can read or write there."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.executors.native.c_types import is_known
from autograd_lite.compiler.executors.native.layout import Strides, row_major
from autograd_lite.compiler.planning.schedule import reads_apart
from autograd_lite.core.op import Params
from autograd_lite.core.shapes import Shape
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node
from autograd_lite.ops.indexing import join_key


class Region(NamedTuple):
    """A part of an array: where it begins, and how it lies; counted in elements."""

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


def untouched(shape: Shape) -> Array:
    """An array to take views of; its memory is reserved and never used."""
    return np.empty(shape, np.uint8)


def seen(op: Any, shape: Shape, others: Sequence[Node], params: Params) -> Region:
    """What part of an array of that shape a view is: GetItem without index arrays, or another."""
    whole = untouched(shape)
    if "key" in params:
        key = join_key(params["key"], ())
        return region(whole[key if Ellipsis in key else (*key, ...)], whole)
    rest = [np.broadcast_to(np.uint8(0), y.shape) for y in others]
    return region(op.forward(np, whole, *rest, **params), whole)


def can_read_apart(node: Node) -> bool:
    """Whether the node is a subscript without index arrays, which a loop can read itself."""
    known = all(is_known(x.dtype) for x in (node, *node.inputs))
    return reads_apart(node) and len(node.inputs) == 1 and known


def seen_by(node: Node) -> Region:
    """What part of its input a node shows."""
    x, *others = node.inputs
    return seen(node.op, x.shape, others, node.params)
