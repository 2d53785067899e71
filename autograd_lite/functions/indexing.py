"""Elements picked by their place."""

from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import is_node, spec_of
from autograd_lite.functions.signatures import of_pair
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.shaping import one_axis_of

__all__ = [
    "aref", "take", "take_along_axis",
]  # fmt: skip


@of_pair
def aref(a: Any, index: Any, /) -> Any:
    """The element of each row that its label names: `a[..., index]`.

    a (n,) with one integer gives a scalar; a (N, n) with N integers gives (N,). Raises LabelError
    for a label outside 0 … n-1.

    >>> aref([[0.1, 0.9], [0.8, 0.2]], [1, 0]).tolist()
    [0.9, 0.8]
    """
    return ops.Aref(a, index)


@of_pair
def take(x: Any, indices: Any, /, axis: int | None = None) -> Any:
    """The slices of x at those places of an axis; without one, x is made a vector first.

    >>> take([[1.0, 2.0], [3.0, 4.0]], [1, 1], axis=0).tolist()
    [[3.0, 4.0], [3.0, 4.0]]

    Raises LabelError for a place that is not there, ShapeError for an axis that is not.
    """
    if axis is None:
        return take(ops.Reshape(x, shape=(-1,)), indices, axis=0)
    axis = one_axis_of("take", spec_of(x), axis)
    places = indices if is_node(indices) else np.asarray(indices)
    return pick(x, *(slice(None),) * axis, places)


@of_pair
def take_along_axis(x: Any, indices: Any, /, axis: int | None = -1) -> Any:
    """The elements of x that `indices` names along an axis, row by row.

    Without an axis, x is made a vector first.

    >>> take_along_axis([[1.0, 2.0], [3.0, 4.0]], [[1], [0]]).tolist()
    [[2.0], [3.0]]

    Raises LabelError for a place that is not there.
    """
    if axis is None:
        return ops.TakeAlongAxis(ops.Reshape(x, shape=(-1,)), indices, axis=0)
    return ops.TakeAlongAxis(x, indices, axis=axis)


def pick(x: Any, *key: Any) -> Any:
    """`x[key]`, for nodes and whatever NumPy makes an array of."""
    static, indices = split_key(key)
    return ops.GetItem(x, *indices, key=static)
