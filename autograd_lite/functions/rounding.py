"""Functions that round or step; no gradient flows through them."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one, of_two

__all__ = [
    "ceil", "floor", "floor_divide", "nextafter", "round", "sign", "trunc",
]  # fmt: skip


@of_one
def floor(x: Any, /) -> Any:
    """The next whole number from x down; no gradient.

    >>> floor([1.5, -1.5]).tolist()
    [1.0, -2.0]
    """
    return ops.Floor(x)


@of_one
def ceil(x: Any, /) -> Any:
    """The next whole number from x up; no gradient.

    >>> ceil([1.5, -1.5]).tolist()
    [2.0, -1.0]
    """
    return ops.Ceil(x)


@of_one
def trunc(x: Any, /) -> Any:
    """The next whole number from x towards 0; no gradient.

    >>> trunc([1.5, -1.5]).tolist()
    [1.0, -1.0]
    """
    return ops.Trunc(x)


@of_one
def round(x: Any, /) -> Any:
    """The nearest whole number, the even one of two; no gradient.

    >>> round([0.5, 1.5, 1.7]).tolist()
    [0.0, 2.0, 2.0]
    """
    return ops.Round(x)


@of_one
def sign(x: Any, /) -> Any:
    """The sign, -1, 0 or 1 as x is below, at or above 0; no gradient.

    >>> sign([-2.0, 0.0, 3.0]).tolist()
    [-1.0, 0.0, 1.0]
    """
    return ops.Sign(x)


@of_two
def floor_divide(x: Any, y: Any, /) -> Any:
    """`⌊x / y⌋`, broadcast; no gradient.

    >>> floor_divide([7.0, -7.0], 2.0).tolist()
    [3.0, -4.0]
    """
    return ops.FloorDivide(x, y)


@of_two
def nextafter(x: Any, y: Any, /) -> Any:
    """The floating-point number next to x on the way to y, broadcast; no gradient.

    >>> (nextafter([1.0], 2.0) - 1.0).tolist()
    [2.220446049250313e-16]
    """
    return ops.NextAfter(x, y)
