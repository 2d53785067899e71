"""Circular and hyperbolic functions of single elements; angles are in radians."""

from typing import Any

from autograd_lite import ops

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "sin", "sinh",
    "tan", "tanh",
]  # fmt: skip


def sin(x: Any, /) -> Any:
    """The sine.

    >>> sin([0.0]).tolist()
    [0.0]
    """
    return ops.Sin(x)


def cos(x: Any, /) -> Any:
    """The cosine.

    >>> cos([0.0]).tolist()
    [1.0]
    """
    return ops.Cos(x)


def tan(x: Any, /) -> Any:
    """The tangent.

    >>> tan([0.0]).tolist()
    [0.0]
    """
    return ops.Tan(x)


def asin(x: Any, /) -> Any:
    """The angle from -π/2 to π/2 whose sine is x; NaN for |x| > 1.

    >>> asin([0.0, 1.0]).round(4).tolist()
    [0.0, 1.5708]
    """
    return ops.Asin(x)


def acos(x: Any, /) -> Any:
    """The angle from 0 to π whose cosine is x; NaN for |x| > 1.

    >>> acos([1.0, 0.0]).round(4).tolist()
    [0.0, 1.5708]
    """
    return ops.Acos(x)


def atan(x: Any, /) -> Any:
    """The angle from -π/2 to π/2 whose tangent is x.

    >>> atan([0.0, 1.0]).round(4).tolist()
    [0.0, 0.7854]
    """
    return ops.Atan(x)


def atan2(y: Any, x: Any, /) -> Any:
    """The angle from -π to π of the point (x, y), given as y and x, broadcast.

    >>> atan2([1.0, 0.0], [0.0, -1.0]).round(4).tolist()
    [1.5708, 3.1416]
    """
    return ops.Atan2(y, x)


def sinh(x: Any, /) -> Any:
    """The hyperbolic sine.

    >>> sinh([0.0]).tolist()
    [0.0]
    """
    return ops.Sinh(x)


def cosh(x: Any, /) -> Any:
    """The hyperbolic cosine.

    >>> cosh([0.0]).tolist()
    [1.0]
    """
    return ops.Cosh(x)


def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent.

    >>> tanh([0.0]).tolist()
    [0.0]
    """
    return ops.Tanh(x)


def asinh(x: Any, /) -> Any:
    """The number whose hyperbolic sine is x.

    >>> asinh([0.0]).tolist()
    [0.0]
    """
    return ops.Asinh(x)


def acosh(x: Any, /) -> Any:
    """The number from 0 up whose hyperbolic cosine is x; NaN for x < 1.

    >>> acosh([1.0]).tolist()
    [0.0]
    """
    return ops.Acosh(x)


def atanh(x: Any, /) -> Any:
    """The number whose hyperbolic tangent is x; NaN for |x| > 1.

    >>> atanh([0.0]).tolist()
    [0.0]
    """
    return ops.Atanh(x)
