"""Diagonals and triangles of matrices, in the last two axes."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.reduction import sum
from autograd_lite.functions.signatures import of_first, reduction

__all__ = [
    "diag", "diagonal", "trace", "tril", "triu",
]  # fmt: skip


@of_first
def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The elements (i, i + offset) of each matrix in the last two axes.

    >>> diagonal([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [1.0, 4.0]
    """
    return ops.Diagonal(x, offset=offset)


@of_first
def diag(x: Any, /, *, offset: int = 0) -> Any:
    """A matrix with the vector x on its diagonal, and 0 elsewhere; of a stack, one for each.

    >>> diag([1.0, 2.0]).tolist()
    [[1.0, 0.0], [0.0, 2.0]]

    Raises ShapeError for a single number.
    """
    return ops.Diag(x, offset=offset)


@reduction
def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sum of the diagonal of each matrix in the last two axes.

    >>> float(trace([[1.0, 2.0], [3.0, 4.0]]))
    5.0
    """
    return sum(ops.Diagonal(x, offset=offset), axis=-1, dtype=dtype)


@of_first
def tril(x: Any, /, *, k: int = 0) -> Any:
    """Each matrix with 0 above diagonal k.

    >>> tril([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[1.0, 0.0], [3.0, 4.0]]
    """
    return ops.TriL(x, k=k)


@of_first
def triu(x: Any, /, *, k: int = 0) -> Any:
    """Each matrix with 0 below diagonal k.

    >>> triu([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[1.0, 2.0], [0.0, 4.0]]
    """
    return ops.TriU(x, k=k)
