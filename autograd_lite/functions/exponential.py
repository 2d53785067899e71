"""Exponentials and logarithms of single elements."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one, of_two

__all__ = [
    "exp", "expm1", "log", "log1p", "log2", "log10", "logaddexp",
]  # fmt: skip


@of_one
def exp(x: Any, /) -> Any:
    """`eˣ`.

    >>> exp([0.0]).tolist()
    [1.0]
    """
    return ops.Exp(x)


@of_one
def expm1(x: Any, /) -> Any:
    """`eˣ - 1`, accurate near 0.

    >>> expm1([1e-20]).tolist()
    [1e-20]
    """
    return ops.Expm1(x)


@of_one
def log(x: Any, /) -> Any:
    """The natural logarithm; -infinity at 0 and NaN below.

    >>> log([1.0]).tolist()
    [0.0]
    """
    return ops.Log(x)


@of_one
def log1p(x: Any, /) -> Any:
    """`ln(1 + x)`, accurate near 0.

    >>> log1p([1e-20]).tolist()
    [1e-20]
    """
    return ops.Log1p(x)


@of_one
def log2(x: Any, /) -> Any:
    """The logarithm to base 2.

    >>> log2([8.0]).tolist()
    [3.0]
    """
    return ops.Log2(x)


@of_one
def log10(x: Any, /) -> Any:
    """The logarithm to base 10.

    >>> log10([1000.0]).tolist()
    [3.0]
    """
    return ops.Log10(x)


@of_two
def logaddexp(x: Any, y: Any, /) -> Any:
    """`ln(eˣ + eʸ)`, broadcast, from numbers of any size.

    >>> logaddexp([0.0, 1000.0], [-1000.0, 0.0]).tolist()
    [0.0, 1000.0]
    """
    return ops.LogAddExp(x, y)
