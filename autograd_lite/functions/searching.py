"""Functions that look for elements or count them; no gradient flows through them."""

from typing import Any

from autograd_lite import ops
from autograd_lite.core.shapes import Axes
from autograd_lite.functions.signatures import reduction
from autograd_lite.ops.indexing import ArrayIndex

__all__ = [
    "all", "any", "argmax", "argmin", "count_nonzero", "searchsorted",
]  # fmt: skip


@reduction
def all(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """Whether every element along the axes is true; no gradient.

    >>> all([[True, False], [True, True]], axis=1).tolist()
    [False, True]
    """
    return ops.All(x, axis=axis, keepdims=keepdims)


@reduction
def any(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """Whether some element along the axes is true; no gradient.

    >>> any([[True, False], [False, False]], axis=1).tolist()
    [True, False]
    """
    return ops.Any(x, axis=axis, keepdims=keepdims)


@reduction
def count_nonzero(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """How many elements along the axes are not 0; no gradient.

    >>> count_nonzero([[1.0, 0.0], [2.0, 3.0]], axis=1).tolist()
    [1, 2]
    """
    return ops.CountNonzero(x, axis=axis, keepdims=keepdims)


@reduction
def argmax(x: Any, /, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The place of the largest element along an axis, the first of equals; no gradient.

    With axis=None the place in row-major order.

    >>> argmax([[1.0, 5.0], [7.0, 7.0]], axis=1).tolist()
    [1, 0]
    """
    return ops.ArgMax(x, axis=axis, keepdims=keepdims)


@reduction
def argmin(x: Any, /, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The place of the smallest element along an axis, the first of equals; no gradient.

    With axis=None the place in row-major order.

    >>> argmin([[1.0, 5.0], [7.0, 7.0]], axis=1).tolist()
    [0, 0]
    """
    return ops.ArgMin(x, axis=axis, keepdims=keepdims)


def searchsorted(x: Any, y: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    """Where each element of y belongs among the sorted elements of the vector x; no gradient.

    Elements equal to some of x go before them (side "left") or behind them ("right"). `sorter`
    are the places by which x is sorted, as `argsort` gives them.

    >>> searchsorted([1.0, 2.0, 2.0, 3.0], [2.0, 9.0]).tolist()
    [1, 4]
    """
    ordered = x if sorter is None else ops.GetItem(x, sorter, key=(ArrayIndex(),))
    return ops.SearchSorted(ordered, y, side=side)
