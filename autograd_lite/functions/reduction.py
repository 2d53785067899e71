"""Functions that reduce axes: sums, means, the largest and the smallest element."""

from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import Axes
from autograd_lite.functions.signatures import reduction

__all__ = [
    "max", "mean", "min", "prod", "std", "sum", "var",
]  # fmt: skip


@reduction
def sum(x: Any, /, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum over axes; over all of them by default.

    dtype is that of the result, and the elements are converted to it first.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [4.0, 6.0]
    """
    if dtype is None:
        return ops.Sum(x, axis=axis, keepdims=keepdims)
    return converted(ops.Sum(converted(x, dtype), axis=axis, keepdims=keepdims), dtype)


@reduction
def prod(x: Any, /, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product over axes; over all of them by default.

    dtype is that of the result, and the elements are converted to it first.

    >>> prod([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [3.0, 8.0]
    """
    if dtype is None:
        return ops.Prod(x, axis=axis, keepdims=keepdims)
    return converted(ops.Prod(converted(x, dtype), axis=axis, keepdims=keepdims), dtype)


@reduction
def mean(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """The mean over axes; over all of them by default.

    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [2.0, 3.0]
    """
    return ops.Mean(x, axis=axis, keepdims=keepdims)


@reduction
def var(x: Any, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The variance over axes; over all of them by default.

    The sum of squares is divided by n - correction: 1 gives the unbiased estimate.

    >>> var([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [1.0, 1.0]
    """
    return ops.Var(x, axis=axis, correction=correction, keepdims=keepdims)


@reduction
def std(x: Any, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The standard deviation over axes; over all of them by default.

    The sum of squares is divided by n - correction: 1 gives the unbiased estimate.

    >>> std([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [1.0, 1.0]
    """
    return ops.Std(x, axis=axis, correction=correction, keepdims=keepdims)


@reduction
def max(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """The largest element over axes; equal largest ones share the gradient.

    >>> max([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [3.0, 4.0]
    """
    return ops.Max(x, axis=axis, keepdims=keepdims)


@reduction
def min(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """The smallest element over axes; equal smallest ones share the gradient.

    >>> min([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [1.0, 2.0]
    """
    return ops.Min(x, axis=axis, keepdims=keepdims)


def converted(x: Any, dtype: Any) -> Any:
    """x as an array or node of that dtype; as it is if None, or of that dtype already."""
    if dtype is None or getattr(x, "dtype", None) == np.dtype(dtype):
        return x
    return ops.Cast(x, dtype=np.dtype(dtype).name)
