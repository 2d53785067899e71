"""Arrays joined, cut, and brought to one shape."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.errors import OpCallError
from autograd_lite.functions.indexing import pick
from autograd_lite.functions.signatures import join
from autograd_lite.ops.joining import cuts, grid_places
from autograd_lite.ops.shaping import of_lengths, one_axis_of

__all__ = [
    "broadcast_arrays", "concat", "meshgrid", "split", "stack", "unstack",
]  # fmt: skip


@join
def stack(arrays: Sequence[Any], /, axis: int = 0) -> Any:
    """Arrays of one shape joined along a new axis.

    >>> stack([[1.0, 2.0], [3.0, 4.0]], axis=1).tolist()
    [[1.0, 3.0], [2.0, 4.0]]
    """
    return ops.Stack(*_several("stack", arrays), axis=axis)


@join
def concat(arrays: Sequence[Any], /, axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have; along None, as vectors of all their elements.

    >>> concat([[1.0], [2.0, 3.0]]).tolist()
    [1.0, 2.0, 3.0]

    Raises ShapeError if other axes differ in length.
    """
    several = _several("concat", arrays)
    if axis is None:
        return ops.Concat(*(ops.Reshape(x, shape=(-1,)) for x in several), axis=0)
    return ops.Concat(*several, axis=axis)


def _several(function: str, arrays: Any) -> Iterable[Any]:
    if not isinstance(arrays, Iterable):
        raise OpCallError(
            function,
            expected="a list of arrays",
            came=repr(arrays),
            suggestion=f"write {function}([x, y])",
        )
    return arrays


def unstack(x: Any, /, axis: int = 0) -> tuple[Any, ...]:
    """The slices of x along an axis, which they lose: the inverse of stack.

    >>> [part.tolist() for part in unstack([[1.0, 2.0], [3.0, 4.0]], axis=1)]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    axis = one_axis_of("unstack", spec_of(x), axis)
    rows = of_lengths(x, axis)
    return tuple(pick(rows, *_before(axis), i) for i in range(spec_of(x).shape[axis]))


def split(x: Any, sections: int | Sequence[int], /, axis: int = 0) -> list[Any]:
    """x cut into so many equal parts along an axis, or before the given places.

    >>> [part.tolist() for part in split([1.0, 2.0, 3.0], [1])]
    [[1.0], [2.0, 3.0]]

    Raises ShapeError if the parts would not be equal.
    """
    axis = one_axis_of("split", spec_of(x), axis)
    places = cuts(spec_of(x).shape[axis], sections)
    whole = x if np.ndim(sections) else of_lengths(x, axis)
    return [pick(whole, *_before(axis), slice(*ends)) for ends in pairwise(places)]


def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """The arrays repeated along axes until all have one shape.

    >>> [x.tolist() for x in broadcast_arrays([1.0, 2.0], 0.5)]
    [[1.0, 2.0], [0.5, 0.5]]

    Raises ShapeError if the shapes do not fit together.
    """
    parts = [x if hasattr(x, "dtype") else np.asarray(x) for x in arrays]
    return tuple(ops.BroadcastWith(x, *parts[:i], *parts[i + 1 :]) for i, x in enumerate(parts))


def meshgrid(*arrays: Any, indexing: str = "xy") -> tuple[Any, ...]:
    """The coordinates of a grid over vectors: for each an array with an axis for every vector.

    With "xy" the first two axes are exchanged, as pictures are indexed; with "ij" they are not.

    >>> [x.tolist() for x in meshgrid([1.0, 2.0], [3.0, 4.0])]
    [[[1.0, 2.0], [1.0, 2.0]], [[3.0, 3.0], [4.0, 4.0]]]

    Raises OpCallError for another word.
    """
    places = grid_places(len(arrays), indexing)
    open_grid = [
        ops.Reshape(x, shape=tuple(-1 if a == place else 1 for a in range(len(arrays))))
        for x, place in zip(arrays, places, strict=True)
    ]
    return broadcast_arrays(*open_grid)


def _before(axis: int) -> tuple[slice, ...]:
    """The key for the axes before this one."""
    return (slice(None),) * axis
