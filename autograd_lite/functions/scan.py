"""Functions that walk along one axis."""

from typing import Any

from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.functions.reduction import converted
from autograd_lite.functions.signatures import of_first

__all__ = [
    "cumulative_prod", "cumulative_sum", "diff",
]  # fmt: skip


@of_first
def cumulative_sum(
    x: Any,
    /,
    axis: int | None = None,
    *,
    dtype: Any = None,
    include_initial: bool = False,
) -> Any:
    """The sum of all elements so far along an axis, which only a vector may leave out.

    dtype is that of the result, and the elements are converted to it first; include_initial puts
    the sum of none, 0, before them.

    >>> cumulative_sum([2.0, 3.0, 4.0]).tolist()
    [2.0, 5.0, 9.0]
    >>> cumulative_sum([2.0, 3.0, 4.0], include_initial=True).tolist()
    [0.0, 2.0, 5.0, 9.0]
    """
    if dtype is None:
        return ops.CumulativeSum(x, axis=axis, include_initial=include_initial)
    sums = ops.CumulativeSum(converted(x, dtype), axis=axis, include_initial=include_initial)
    return converted(sums, dtype)


@of_first
def cumulative_prod(
    x: Any,
    /,
    axis: int | None = None,
    *,
    dtype: Any = None,
    include_initial: bool = False,
) -> Any:
    """The product of all elements so far along an axis, which only a vector may leave out.

    dtype is that of the result, and the elements are converted to it first; include_initial puts
    the product of none, 1, before them.

    >>> cumulative_prod([2.0, 3.0, 4.0]).tolist()
    [2.0, 6.0, 24.0]
    >>> cumulative_prod([2.0, 3.0, 4.0], include_initial=True).tolist()
    [1.0, 2.0, 6.0, 24.0]
    """
    if dtype is None:
        return ops.CumulativeProd(x, axis=axis, include_initial=include_initial)
    products = ops.CumulativeProd(converted(x, dtype), axis=axis, include_initial=include_initial)
    return converted(products, dtype)


@of_first
def diff(x: Any, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Any:
    """The differences of neighbours along an axis, taken n times.

    prepend and append are put before and behind x first; they have its shape, but for the axis, or
    are one number.
    Raises OpCallError if n is negative.

    >>> diff([1.0, 4.0, 9.0]).tolist()
    [3.0, 5.0]
    >>> diff([1.0, 4.0, 9.0], n=2).tolist()
    [2.0]
    >>> diff([1.0, 4.0, 9.0], prepend=[0.0]).tolist()
    [1.0, 3.0, 5.0]
    """
    if not isinstance(n, int) or n < 0:
        raise ops.Diff.miscall(f"n={n}")
    ends = [part if part is None else _end(part, x, axis) for part in (prepend, append)]
    parts = [part for part in (ends[0], x, ends[1]) if part is not None]
    out = x if len(parts) == 1 else ops.Concat(*parts, axis=axis)
    for _ in range(n):
        out = ops.Diff(out, axis=axis)
    return out


def _end(part: Any, x: Any, axis: int) -> Any:
    """A number once for each line of x along the axis; arrays as they are."""
    if spec_of(part).shape:
        return part
    return ops.BroadcastLike(part, ops.Sum(x, axis=axis, keepdims=True))
