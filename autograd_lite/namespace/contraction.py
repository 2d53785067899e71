"""Products that sum over an axis."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops

__all__ = [
    "matmul",
    "vdot",
]


def matmul(x: Any, y: Any, /) -> Any:
    """`x @ y` with NumPy's ranks.

    >>> matmul([[1.0, 2.0]], [[3.0], [4.0]]).tolist()
    [[11.0]]
    """
    return ops.MatMul(x, y)


def vdot(x: Any, w: Any, /) -> Any:
    """A vector (or rows of a batch) times a matrix: (n,) · (n, m) gives (m,).

    >>> vdot([1.0, 2.0], [[3.0], [4.0]]).tolist()
    [11.0]
    """
    return ops.VDot(x, w)
