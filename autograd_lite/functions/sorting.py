"""Order along an axis, and what depends on values so much that no graph can record it."""

from typing import Any, NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.core.context import context
from autograd_lite.core.shapes import is_node
from autograd_lite.errors import GraphError, ShapeError
from autograd_lite.functions.indexing import pick
from autograd_lite.functions.signatures import of_first, of_one

__all__ = [
    "argsort", "nonzero", "sort", "unique_all", "unique_counts", "unique_inverse",
    "unique_values",
]  # fmt: skip


@of_first
def argsort(x: Any, /, axis: int = -1, *, descending: bool = False, stable: bool = True) -> Any:  # noqa: ARG001 - always
    """The places of the elements along an axis in the order of their size; no gradient.

    Equal elements keep their order, whatever `stable` says.

    >>> argsort([3.0, 1.0, 2.0]).tolist()
    [1, 2, 0]
    """
    return ops.ArgSort(x, axis=axis, descending=descending)


@of_first
def sort(x: Any, /, axis: int = -1, *, descending: bool = False, stable: bool = True) -> Any:
    """The elements along an axis in the order of their size; each keeps its gradient.

    >>> sort([3.0, 1.0, 2.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    order = argsort(x, axis=axis, descending=descending, stable=stable)
    return ops.TakeAlongAxis(x, order, axis=axis)


class UniqueAll(NamedTuple):
    """The distinct elements, where each is first, which one each element is, and how often."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """The distinct elements, and how often each comes."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """The distinct elements, and which one each element is."""

    values: Any
    inverse_indices: Any


def nonzero(x: Any, /) -> tuple[Any, ...]:
    """The places of all elements that are not 0, as an index array for each axis.

    How many there are depends on the values, so these are plain arrays, not nodes; so are the
    places and counts of the `unique` functions. Raises GraphError for a node without a value yet,
    and while a graph is recorded, which would keep the places of today.

    >>> [places.tolist() for places in nonzero([0.0, 2.0, 3.0])]
    [[1, 2]]
    """
    array = _plain("nonzero", x)
    if not array.ndim:
        raise ShapeError(
            "nonzero",
            expected="an array with an axis",
            came="a scalar",
            suggestion="write reshape(x, (1,)) for a vector",
        )
    return np.nonzero(array)


@of_one
def unique_values(x: Any, /) -> Any:
    """The distinct elements in order of their size; each keeps the gradient of the first of equals.

    >>> unique_values([2.0, 1.0, 2.0]).tolist()
    [1.0, 2.0]
    """
    return unique_all(x).values


def unique_counts(x: Any, /) -> UniqueCounts:
    """The distinct elements, and how often each comes.

    >>> unique_counts([2.0, 1.0, 2.0]).counts.tolist()
    [1, 2]
    """
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Any, /) -> UniqueInverse:
    """The distinct elements, and which one of them each element is.

    >>> unique_inverse([2.0, 1.0, 2.0]).inverse_indices.tolist()
    [1, 0, 1]
    """
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_all(x: Any, /) -> UniqueAll:
    """The distinct elements, where each is first, which one each element is, and how often.

    >>> unique_all([2.0, 1.0, 2.0]).indices.tolist()
    [1, 0]
    """
    values, *places = np.unique_all(_plain("unique_all", x))
    if is_node(x):
        values = pick(ops.Reshape(x, shape=(-1,)), places[0])
    return UniqueAll(values, *places)


def _plain(subject: str, x: Any) -> Any:
    """The value of x; refused where a graph would take what follows from it for a constant."""
    if not is_node(x):
        return np.asarray(x)
    value = x._need_value()
    if context.get().graph is not None:
        raise GraphError(
            subject,
            expected="a result that is as long in every run, to be recorded",
            came=f"{x.label()}, whose elements would be looked at now and never again",
            suggestion="pick with a condition, x[x != 0] or where; or give node.value on purpose",
        )
    return np.asarray(value)
