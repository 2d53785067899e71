"""Sums, products, powers and roots of single elements, broadcast."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one, of_two

__all__ = [
    "add", "divide", "hypot", "multiply", "negative", "positive", "pow", "reciprocal",
    "remainder", "sqrt", "square", "subtract",
]  # fmt: skip


@of_two
def add(x: Any, y: Any, /) -> Any:
    """`x + y`, broadcast.

    >>> add([1.0, 2.0], 0.5).tolist()
    [1.5, 2.5]
    """
    return ops.Add(x, y)


@of_two
def subtract(x: Any, y: Any, /) -> Any:
    """`x - y`, broadcast.

    >>> subtract([1.0, 2.0], 0.5).tolist()
    [0.5, 1.5]
    """
    return ops.Sub(x, y)


@of_two
def multiply(x: Any, y: Any, /) -> Any:
    """`x · y` element by element, broadcast.

    >>> multiply([1.0, 2.0], 0.5).tolist()
    [0.5, 1.0]
    """
    return ops.Mul(x, y)


@of_two
def divide(x: Any, y: Any, /) -> Any:
    """`x / y`, broadcast.

    >>> divide([1.0, 2.0], 0.5).tolist()
    [2.0, 4.0]
    """
    return ops.Div(x, y)


@of_one
def negative(x: Any, /) -> Any:
    """`-x`.

    >>> negative([1.0, -2.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.Neg(x)


@of_one
def positive(x: Any, /) -> Any:
    """`+x`, a copy.

    >>> positive([1.0, -2.0]).tolist()
    [1.0, -2.0]
    """
    return ops.Positive(x)


@of_one
def square(x: Any, /) -> Any:
    """`x²`.

    >>> square([1.0, -2.0]).tolist()
    [1.0, 4.0]
    """
    return ops.Square(x)


@of_one
def reciprocal(x: Any, /) -> Any:
    """`1/x`.

    >>> reciprocal([4.0, -0.5]).tolist()
    [0.25, -2.0]
    """
    return ops.Reciprocal(x)


@of_one
def sqrt(x: Any, /) -> Any:
    """The square root; its derivative is infinite at 0.

    >>> sqrt([9.0]).tolist()
    [3.0]
    """
    return ops.Sqrt(x)


@of_two
def pow(x: Any, y: Any, /) -> Any:
    """`xʸ`, broadcast; NaN for a negative base with a fractional exponent.

    >>> pow([1.0, 2.0], 3).tolist()
    [1.0, 8.0]
    """
    return ops.Pow(x, y)


@of_two
def hypot(x: Any, y: Any, /) -> Any:
    """`√(x² + y²)` without overflow, broadcast; the derivatives at the origin are 0.

    >>> hypot([3.0, 1e200], [4.0, 0.0]).tolist()
    [5.0, 1e+200]
    """
    return ops.Hypot(x, y)


@of_two
def remainder(x: Any, y: Any, /) -> Any:
    """`x - y⌊x/y⌋`, broadcast: what is left of x, with the sign of y.

    >>> remainder([7.0, -7.0], 3.0).tolist()
    [1.0, 2.0]
    """
    return ops.Remainder(x, y)
