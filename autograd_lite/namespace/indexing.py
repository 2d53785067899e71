"""Entries picked by their place."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops

__all__ = [
    "aref",
]


def aref(a: Any, index: Any, /) -> Any:
    """The entry of each row that its label names: `a[..., index]`.

    a (n,) with one integer gives a scalar; a (N, n) with N integers gives (N,). Raises LabelError
    for a label outside 0 … n-1.

    >>> aref([[0.1, 0.9], [0.8, 0.2]], [1, 0]).tolist()
    [0.9, 0.8]
    """
    return ops.Aref(a, index)
