"""Functions of booleans, of bits and of kinds of numbers; no gradient flows."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one, of_two

__all__ = [
    "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "isfinite", "isinf", "isnan", "logical_and", "logical_not", "logical_or",
    "logical_xor", "signbit",
]  # fmt: skip


@of_two
def logical_and(x: Any, y: Any, /) -> Any:
    """Whether both are true, broadcast; no gradient.

    >>> logical_and([True, True], [True, False]).tolist()
    [True, False]
    """
    return ops.LogicalAnd(x, y)


@of_two
def logical_or(x: Any, y: Any, /) -> Any:
    """Whether one of both is true, broadcast; no gradient.

    >>> logical_or([True, False], [False, False]).tolist()
    [True, False]
    """
    return ops.LogicalOr(x, y)


@of_two
def logical_xor(x: Any, y: Any, /) -> Any:
    """Whether exactly one of both is true, broadcast; no gradient.

    >>> logical_xor([True, True], [True, False]).tolist()
    [False, True]
    """
    return ops.LogicalXor(x, y)


@of_one
def logical_not(x: Any, /) -> Any:
    """Whether x is false; no gradient.

    >>> logical_not([True, False]).tolist()
    [False, True]
    """
    return ops.LogicalNot(x)


@of_two
def bitwise_and(x: Any, y: Any, /) -> Any:
    """`x & y` for integers or booleans, broadcast; no gradient. Raises DTypeError for floats.

    >>> bitwise_and([12], 10).tolist()
    [8]
    """
    return ops.BitwiseAnd(x, y)


@of_two
def bitwise_or(x: Any, y: Any, /) -> Any:
    """`x | y` for integers or booleans, broadcast; no gradient. Raises DTypeError for floats.

    >>> bitwise_or([12], 10).tolist()
    [14]
    """
    return ops.BitwiseOr(x, y)


@of_two
def bitwise_xor(x: Any, y: Any, /) -> Any:
    """`x ^ y` for integers or booleans, broadcast; no gradient. Raises DTypeError for floats.

    >>> bitwise_xor([12], 10).tolist()
    [6]
    """
    return ops.BitwiseXor(x, y)


@of_one
def bitwise_invert(x: Any, /) -> Any:
    """`~x` for integers or booleans; no gradient. Raises DTypeError for floats.

    >>> bitwise_invert([12]).tolist()
    [-13]
    """
    return ops.BitwiseInvert(x)


@of_two
def bitwise_left_shift(x: Any, y: Any, /) -> Any:
    """`x << y` for integers, broadcast; no gradient. Raises DTypeError for floats.

    >>> bitwise_left_shift([12], 2).tolist()
    [48]
    """
    return ops.BitwiseLeftShift(x, y)


@of_two
def bitwise_right_shift(x: Any, y: Any, /) -> Any:
    """`x >> y` for integers, broadcast; no gradient. Raises DTypeError for floats.

    >>> bitwise_right_shift([12], 2).tolist()
    [3]
    """
    return ops.BitwiseRightShift(x, y)


@of_one
def isfinite(x: Any, /) -> Any:
    """Whether x is neither infinite nor NaN; no gradient.

    >>> isfinite([1.0, float("inf"), float("nan")]).tolist()
    [True, False, False]
    """
    return ops.IsFinite(x)


@of_one
def isinf(x: Any, /) -> Any:
    """Whether x is ∞ or -∞; no gradient.

    >>> isinf([1.0, float("inf"), float("nan")]).tolist()
    [False, True, False]
    """
    return ops.IsInf(x)


@of_one
def isnan(x: Any, /) -> Any:
    """Whether x is not a number; no gradient.

    >>> isnan([1.0, float("inf"), float("nan")]).tolist()
    [False, False, True]
    """
    return ops.IsNaN(x)


@of_one
def signbit(x: Any, /) -> Any:
    """Whether the sign of x is minus, as for -0.0, too; no gradient.

    >>> signbit([0.0, -0.0, -1.0]).tolist()
    [False, True, True]
    """
    return ops.SignBit(x)
