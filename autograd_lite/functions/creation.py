"""New arrays, and constants; those like a node are nodes, which follow its shape."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import e, inf, nan, newaxis, pi
from numpy.typing import DTypeLike, NDArray

from autograd_lite.core.shapes import Shape, is_node
from autograd_lite.errors import AutogradError, OpCallError
from autograd_lite.functions.shaping import astype, broadcast_to
from autograd_lite.functions.signatures import of_first

__all__ = [
    "arange", "e", "empty", "empty_like", "eye", "full", "full_like", "inf", "linspace", "nan",
    "newaxis", "ones", "ones_like", "pi", "zeros", "zeros_like",
]  # fmt: skip


def made(by: Callable[..., Any], *args: Any, **params: Any) -> Any:
    """What a function of NumPy makes; OpCallError for a size, dtype or number it does not take."""
    try:
        return by(*args, **params)
    except AutogradError:
        raise
    except (TypeError, ValueError, ZeroDivisionError) as problem:
        raise OpCallError(
            by.__name__,
            expected="sizes and numbers that make an array",
            came=str(problem),
            suggestion=f"see help(ag.{by.__name__})",
        ) from problem


def zeros(shape: int | Shape, *, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """An array of zeros, of float64 unless told otherwise.

    >>> zeros((2, 2)).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    return made(np.zeros, shape, dtype)


def ones(shape: int | Shape, *, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """An array of ones, of float64 unless told otherwise.

    >>> ones(2).tolist()
    [1.0, 1.0]
    """
    return made(np.ones, shape, dtype)


def empty(shape: int | Shape, *, dtype: DTypeLike | None = None) -> NDArray[Any]:
    """An array whose elements may be anything, to be written to.

    >>> empty((2, 3)).shape
    (2, 3)
    """
    return made(np.empty, shape, dtype)


def full(shape: int | Shape, fill_value: Any, *, dtype: DTypeLike | None = None) -> Any:
    """An array with one value everywhere; a node, if the value is one.

    >>> full(2, 5.0).tolist()
    [5.0, 5.0]
    """
    if is_node(fill_value):
        lengths = (shape,) if isinstance(shape, int) else shape
        return broadcast_to(fill_value if dtype is None else astype(fill_value, dtype), lengths)
    return made(np.full, shape, fill_value, dtype)


def eye(
    n_rows: int, n_cols: int | None = None, /, *, k: int = 0, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """A matrix with ones on its diagonal, or k places above it, and zeros elsewhere.

    >>> eye(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    return made(np.eye, n_rows, n_cols, k, dtype or np.float64)


def arange(
    start: float, /, stop: float | None = None, step: float = 1, *, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """The numbers from start, or from 0 if only one is given, up to but without stop.

    >>> arange(3).tolist(), arange(1, 2, 0.5).tolist()
    ([0, 1, 2], [1.0, 1.5])
    """
    first, end = (0, start) if stop is None else (start, stop)
    return made(np.arange, first, end, step, dtype=dtype)


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: DTypeLike | None = None, endpoint: bool = True
) -> Any:
    """So many numbers from start to stop at equal distances; nodes, if an end is one.

    >>> linspace(0.0, 1.0, 3).tolist()
    [0.0, 0.5, 1.0]
    """
    return made(np.linspace, start, stop, num, endpoint=endpoint, dtype=dtype)


@of_first
def zeros_like(x: Any, /, *, dtype: DTypeLike | None = None) -> Any:
    """Zeros in the shape of x, and in its dtype unless told otherwise.

    >>> zeros_like([1.0, 2.0]).tolist()
    [0.0, 0.0]
    """
    return np.zeros_like(x, dtype)


@of_first
def ones_like(x: Any, /, *, dtype: DTypeLike | None = None) -> Any:
    """Ones in the shape of x, and in its dtype unless told otherwise.

    >>> ones_like([1.0, 2.0]).tolist()
    [1.0, 1.0]
    """
    return np.ones_like(x, dtype)


@of_first
def empty_like(x: Any, /, *, dtype: DTypeLike | None = None) -> Any:
    """An array in the shape of x whose elements may be anything, to be written to.

    >>> empty_like([1.0, 2.0]).shape
    (2,)
    """
    return np.empty_like(x, dtype)


@of_first
def full_like(x: Any, /, fill_value: Any, *, dtype: DTypeLike | None = None) -> Any:
    """One value everywhere in the shape of x, and in its dtype unless told otherwise.

    >>> full_like([1.0, 2.0], 5.0).tolist()
    [5.0, 5.0]
    """
    return np.full_like(x, fill_value, dtype)
