"""The same entries in another shape, order or dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd_lite import ops
from autograd_lite.ops.shapes import Shape

__all__ = [
    "astype",
    "broadcast_to",
    "expand_dims",
    "matrix_transpose",
    "permute_dims",
    "reshape",
    "squeeze",
    "stack",
]


def reshape(x: Any, /, shape: Shape) -> Any:
    """The same entries in row-major order under another shape; one length may be -1.

    >>> reshape([1.0, 2.0], (2, 1)).tolist()
    [[1.0], [2.0]]
    """
    return ops.Reshape(x, shape=shape)


def broadcast_to(x: Any, /, shape: Shape) -> Any:
    """X repeated along new axes and axes of length 1.

    >>> broadcast_to([1.0, 2.0], (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    return ops.BroadcastTo(x, shape=shape)


def expand_dims(x: Any, /, *, axis: int | Shape = 0) -> Any:
    """X with new axes of length 1 at the given positions of the result.

    >>> expand_dims([1.0, 2.0], axis=1).tolist()
    [[1.0], [2.0]]
    """
    return ops.ExpandDims(x, axis=axis)


def squeeze(x: Any, /, axis: int | Shape) -> Any:
    """X without the given axes, which must have length 1.

    >>> squeeze([[1.0, 2.0]], axis=0).tolist()
    [1.0, 2.0]
    """
    return ops.Squeeze(x, axis=axis)


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    return ops.Stack(*arrays, axis=axis)


def permute_dims(x: Any, /, axes: Shape) -> Any:
    """X with its axes in another order.

    >>> permute_dims([[1.0, 2.0]], (1, 0)).tolist()
    [[1.0], [2.0]]
    """
    return ops.PermuteDims(x, axes=axes)


def matrix_transpose(x: Any, /) -> Any:
    """X with its last two axes exchanged.

    >>> matrix_transpose([[1.0, 2.0]]).tolist()
    [[1.0], [2.0]]
    """
    return ops.MatrixTranspose(x)


def astype(x: Any, dtype: DTypeLike, /) -> Any:
    """X converted to another dtype.

    >>> str(astype([1.0, 2.0], "float32").dtype)
    'float32'
    """
    return ops.Cast(x, dtype=np.dtype(dtype).name)
