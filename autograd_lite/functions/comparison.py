"""Comparisons of elements; the operators `==`, `<` and so on of a node are the same."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_two

__all__ = [
    "equal", "greater", "greater_equal", "less", "less_equal", "not_equal",
]  # fmt: skip


@of_two
def equal(x: Any, y: Any, /) -> Any:
    """Whether x = y, broadcast; no gradient.

    >>> equal([1.0, 2.0], 2.0).tolist()
    [False, True]
    """
    return ops.Equal(x, y)


@of_two
def not_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≠ y, broadcast; no gradient.

    >>> not_equal([1.0, 2.0], 2.0).tolist()
    [True, False]
    """
    return ops.NotEqual(x, y)


@of_two
def less(x: Any, y: Any, /) -> Any:
    """Whether x < y, broadcast; no gradient.

    >>> less([1.0, 2.0], 2.0).tolist()
    [True, False]
    """
    return ops.Less(x, y)


@of_two
def less_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≤ y, broadcast; no gradient.

    >>> less_equal([1.0, 2.0], 2.0).tolist()
    [True, True]
    """
    return ops.LessEqual(x, y)


@of_two
def greater(x: Any, y: Any, /) -> Any:
    """Whether x > y, broadcast; no gradient.

    >>> greater([1.0, 2.0], 2.0).tolist()
    [False, False]
    """
    return ops.Greater(x, y)


@of_two
def greater_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≥ y, broadcast; no gradient.

    >>> greater_equal([1.0, 2.0], 2.0).tolist()
    [False, True]
    """
    return ops.GreaterEqual(x, y)
