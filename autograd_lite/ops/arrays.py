"""`xp` for arrays: NumPy, with quick ways where NumPy spends microseconds in Python.

At batch 1 an array of ten numbers is normal, and `np.expand_dims` costs more than all of its
arithmetic. A function that is not here is NumPy's own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import abs, exp, log, log1p, maximum, minimum, pow, sqrt, tanh, where  # noqa: A004

Axes = int | tuple[int, ...] | None

_PLAIN = (1, 2)  # vectors and matrices
_NEW_AXIS: dict[Any, Any] = {
    0: None,
    -1: (..., None),
    (-1,): (..., None),
    -2: (..., None, slice(None)),
}
_add_reduce: Any = np.add.reduce
_max_reduce: Any = np.maximum.reduce


def expand_dims(x: Any, *, axis: int | tuple[int, ...] = 0) -> Any:
    """X with new axes; at the usual places by an index, which is ten times faster."""
    return x[_NEW_AXIS[axis]] if axis in _NEW_AXIS else np.expand_dims(x, axis)


def matmul(x: Any, y: Any, /) -> Any:
    """`x @ y`; by `dot` where both mean the same, as it leaves outer products to BLAS, too."""
    return np.dot(x, y) if x.ndim in _PLAIN and y.ndim in _PLAIN else np.matmul(x, y)


def matrix_transpose(x: Any, /) -> Any:
    """X with its last two axes exchanged."""
    return x.mT


def sum(x: Any, /, *, axis: Axes = None, dtype: Any = None, keepdims: bool = False) -> Any:  # noqa: A001
    """The sum over axes."""
    return _add_reduce(x, axis=axis, dtype=dtype, keepdims=keepdims)


def max(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A001
    """The largest entry over axes."""
    return _max_reduce(x, axis=axis, keepdims=keepdims)


def __getattr__(name: str) -> Any:
    return getattr(np, name)


__all__ = [
    "abs", "exp", "expand_dims", "log", "log1p", "matmul", "matrix_transpose", "max", "maximum",
    "minimum", "pow", "sqrt", "sum", "tanh", "where",
]  # fmt: skip
