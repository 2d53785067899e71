"""Functions of single entries, broadcast."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops

__all__ = [
    "abs",
    "add",
    "divide",
    "exp",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "pow",
    "sqrt",
    "subtract",
    "tanh",
    "where",
]


def add(x: Any, y: Any, /) -> Any:
    """`x + y`, broadcast.

    >>> add([1.0, 2.0], 0.5).tolist()
    [1.5, 2.5]
    """
    return ops.Add(x, y)


def subtract(x: Any, y: Any, /) -> Any:
    """`x - y`, broadcast.

    >>> subtract([1.0, 2.0], 0.5).tolist()
    [0.5, 1.5]
    """
    return ops.Sub(x, y)


def multiply(x: Any, y: Any, /) -> Any:
    """`x · y` entry by entry, broadcast.

    >>> multiply([1.0, 2.0], 0.5).tolist()
    [0.5, 1.0]
    """
    return ops.Mul(x, y)


def divide(x: Any, y: Any, /) -> Any:
    """`x / y`, broadcast.

    >>> divide([1.0, 2.0], 0.5).tolist()
    [2.0, 4.0]
    """
    return ops.Div(x, y)


def negative(x: Any, /) -> Any:
    """`-x`.

    >>> negative([1.0, -2.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.Neg(x)


def pow(x: Any, y: Any, /) -> Any:
    """`xʸ`, broadcast; NaN for a negative base with a broken exponent.

    >>> pow([1.0, 2.0], 3).tolist()
    [1.0, 8.0]
    """
    return ops.Pow(x, y)


def abs(x: Any, /) -> Any:
    """`|x|`.

    >>> abs([1.0, -2.0]).tolist()
    [1.0, 2.0]
    """
    return ops.Abs(x)


def maximum(x: Any, y: Any, /) -> Any:
    """The larger of two entries, broadcast; a tie shares the gradient.

    >>> maximum([1.0, -2.0], 0.0).tolist()
    [1.0, 0.0]
    """
    return ops.Maximum(x, y)


def minimum(x: Any, y: Any, /) -> Any:
    """The smaller of two entries, broadcast; a tie shares the gradient.

    >>> minimum([1.0, -2.0], 0.0).tolist()
    [0.0, -2.0]
    """
    return ops.Minimum(x, y)


def exp(x: Any, /) -> Any:
    """`eˣ`.

    >>> exp([0.0]).tolist()
    [1.0]
    """
    return ops.Exp(x)


def log(x: Any, /) -> Any:
    """The natural logarithm; -infinity at 0 and NaN below.

    >>> log([1.0]).tolist()
    [0.0]
    """
    return ops.Log(x)


def log1p(x: Any, /) -> Any:
    """`ln(1 + x)`, accurate near 0.

    >>> log1p([1e-20]).tolist()
    [1e-20]
    """
    return ops.Log1p(x)


def sqrt(x: Any, /) -> Any:
    """The square root; its derivative is infinite at 0.

    >>> sqrt([9.0]).tolist()
    [3.0]
    """
    return ops.Sqrt(x)


def tanh(x: Any, /) -> Any:
    """The hyperbolic tangent.

    >>> tanh([0.0]).tolist()
    [0.0]
    """
    return ops.Tanh(x)


def where(condition: Any, x: Any, y: Any, /) -> Any:
    """X where the condition holds, y elsewhere, broadcast; no NaN leaks from what is not chosen.

    >>> where([True, False], 1.0, 2.0).tolist()
    [1.0, 2.0]
    """
    return ops.Where(condition, x, y)
