"""Circular and hyperbolic functions of single elements; angles are in radians."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one, of_two

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "sin", "sinh",
    "tan", "tanh",
]  # fmt: skip


@of_one
def sin(x: Any, /) -> Any:
    """The sine.

    >>> sin([0.0]).tolist()
    [0.0]
    """
    return ops.Sin(x)


@of_one
def cos(x: Any, /) -> Any:
    """The cosine.

    >>> cos([0.0]).tolist()
    [1.0]
    """
    return ops.Cos(x)


@of_one
def tan(x: Any, /) -> Any:
    """The tangent.

    >>> tan([0.0]).tolist()
    [0.0]
    """
    return ops.Tan(x)


@of_one
def asin(x: Any, /) -> Any:
    """The angle from -π/2 to π/2 whose sine is x; NaN for |x| > 1.

    >>> asin([0.0, 1.0]).round(4).tolist()
    [0.0, 1.5708]
    """
    return ops.Asin(x)


@of_one
def acos(x: Any, /) -> Any:
    """The angle from 0 to π whose cosine is x; NaN for |x| > 1.

    >>> acos([1.0, 0.0]).round(4).tolist()
    [0.0, 1.5708]
    """
    return ops.Acos(x)


@of_one
def atan(x: Any, /) -> Any:
    """The angle from -π/2 to π/2 whose tangent is x.

    >>> atan([0.0, 1.0]).round(4).tolist()
    [0.0, 0.7854]
    """
    return ops.Atan(x)


@of_two
def atan2(y: Any, x: Any, /) -> Any:
    """The angle from -π to π of the point (x, y), given as y and x, broadcast.

    >>> atan2([1.0, 0.0], [0.0, -1.0]).round(4).tolist()
    [1.5708, 3.1416]
    """
    return ops.Atan2(y, x)


@of_one
def sinh(x: Any, /) -> Any:
    """The hyperbolic sine.

    >>> sinh([0.0]).tolist()
    [0.0]
    """
    return ops.Sinh(x)


@of_one
def cosh(x: Any, /) -> Any:
    """The hyperbolic cosine.

    >>> cosh([0.0]).tolist()
    [1.0]
    """
    return ops.Cosh(x)


@of_one
def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent.

    >>> tanh([0.0]).tolist()
    [0.0]
    """
    return ops.Tanh(x)


@of_one
def asinh(x: Any, /) -> Any:
    """The number whose hyperbolic sine is x.

    >>> asinh([0.0]).tolist()
    [0.0]
    """
    return ops.Asinh(x)


@of_one
def acosh(x: Any, /) -> Any:
    """The number from 0 up whose hyperbolic cosine is x; NaN for x < 1.

    >>> acosh([1.0]).tolist()
    [0.0]
    """
    return ops.Acosh(x)


@of_one
def atanh(x: Any, /) -> Any:
    """The number whose hyperbolic tangent is x; NaN for |x| > 1.

    >>> atanh([0.0]).tolist()
    [0.0]
    """
    return ops.Atanh(x)
