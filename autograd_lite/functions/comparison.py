"""Comparisons of elements; the operators `==`, `<` and so on of a node are the same."""

from typing import Any

from autograd_lite import ops

__all__ = [
    "equal", "greater", "greater_equal", "less", "less_equal", "not_equal",
]  # fmt: skip


def equal(x: Any, y: Any, /) -> Any:
    """Whether x = y, broadcast; no gradient.

    >>> equal([1.0, 2.0], 2.0).tolist()
    [False, True]
    """
    return ops.Equal(x, y)


def not_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≠ y, broadcast; no gradient.

    >>> not_equal([1.0, 2.0], 2.0).tolist()
    [True, False]
    """
    return ops.NotEqual(x, y)


def less(x: Any, y: Any, /) -> Any:
    """Whether x < y, broadcast; no gradient.

    >>> less([1.0, 2.0], 2.0).tolist()
    [True, False]
    """
    return ops.Less(x, y)


def less_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≤ y, broadcast; no gradient.

    >>> less_equal([1.0, 2.0], 2.0).tolist()
    [True, True]
    """
    return ops.LessEqual(x, y)


def greater(x: Any, y: Any, /) -> Any:
    """Whether x > y, broadcast; no gradient.

    >>> greater([1.0, 2.0], 2.0).tolist()
    [False, False]
    """
    return ops.Greater(x, y)


def greater_equal(x: Any, y: Any, /) -> Any:
    """Whether x ≥ y, broadcast; no gradient.

    >>> greater_equal([1.0, 2.0], 2.0).tolist()
    [False, True]
    """
    return ops.GreaterEqual(x, y)
