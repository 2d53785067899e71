"""Functions that fold axes."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops
from autograd_lite.ops.shapes import Shape

__all__ = [
    "max",
    "mean",
    "sum",
]

Axes = int | Shape | None


def sum(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The sum over axes; over all of them by default.

    >>> sum([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [4.0, 6.0]
    """
    return ops.Sum(x, axis=axis, keepdims=keepdims)


def mean(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The mean over axes; over all of them by default.

    >>> mean([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [2.0, 3.0]
    """
    return ops.Mean(x, axis=axis, keepdims=keepdims)


def max(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """The largest entry over axes; equal largest ones share the gradient.

    >>> max([[1.0, 2.0], [3.0, 4.0]], axis=0).tolist()
    [3.0, 4.0]
    """
    return ops.Max(x, axis=axis, keepdims=keepdims)
