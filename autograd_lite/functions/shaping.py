"""The same elements in another shape, order or dtype."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd_lite import ops
from autograd_lite.core.shapes import Shape, is_node, spec_of
from autograd_lite.functions.indexing import pick
from autograd_lite.functions.signatures import of_first, of_one
from autograd_lite.ops.shaping import axes_of, moved_order, one_axis_of, real_dtype

__all__ = [
    "asarray", "astype", "broadcast_to", "expand_dims", "flip", "matrix_transpose", "moveaxis",
    "pad", "permute_dims", "repeat", "reshape", "roll", "squeeze", "swapaxes", "tile",
]  # fmt: skip


@of_first
def reshape(x: Any, /, shape: Shape) -> Any:
    """The same elements in row-major order under another shape; one length may be -1.

    >>> reshape([1.0, 2.0], (2, 1)).tolist()
    [[1.0], [2.0]]
    """
    return ops.Reshape(x, shape=shape)


@of_first
def broadcast_to(x: Any, /, shape: Shape) -> Any:
    """x repeated along new axes and axes of length 1.

    >>> broadcast_to([1.0, 2.0], (2, 2)).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    return ops.BroadcastTo(x, shape=shape)


@of_first
def expand_dims(x: Any, /, axis: int | Shape = 0) -> Any:
    """x with new axes of length 1 at the given positions of the result.

    >>> expand_dims([1.0, 2.0], axis=1).tolist()
    [[1.0], [2.0]]
    """
    return ops.ExpandDims(x, axis=axis)


@of_first
def squeeze(x: Any, /, axis: int | Shape) -> Any:
    """x without the given axes, which must have length 1.

    >>> squeeze([[1.0, 2.0]], axis=0).tolist()
    [1.0, 2.0]
    """
    return ops.Squeeze(x, axis=axis)


@of_first
def permute_dims(x: Any, /, axes: Shape) -> Any:
    """x with its axes in another order.

    >>> permute_dims([[1.0, 2.0]], (1, 0)).tolist()
    [[1.0], [2.0]]
    """
    return ops.PermuteDims(x, axes=axes)


@of_one
def matrix_transpose(x: Any, /) -> Any:
    """x with its last two axes exchanged.

    >>> matrix_transpose([[1.0, 2.0]]).tolist()
    [[1.0], [2.0]]
    """
    return ops.MatrixTranspose(x)


def asarray(x: Any, /, *, dtype: DTypeLike | None = None) -> Any:
    """x as an array, or as the node it is, of a dtype if one is given.

    >>> asarray([1, 2], dtype="float32").tolist()
    [1.0, 2.0]
    """
    if is_node(x):
        return x if dtype is None or x.dtype == dtype else astype(x, dtype)
    return np.asarray(x, dtype)


@of_first
def astype(x: Any, dtype: DTypeLike, /) -> Any:
    """x converted to another dtype.

    >>> str(astype([1.0, 2.0], "float32").dtype)
    'float32'
    """
    return ops.Cast(x, dtype=real_dtype(dtype, "astype").name)


@of_first
def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int], /) -> Any:
    """x with some axes at new places; the others keep their order.

    >>> moveaxis([[1.0, 2.0]], 0, 1).tolist()
    [[1.0], [2.0]]
    """
    spec = spec_of(x)
    old, new = (axes_of("moveaxis", spec, axis) for axis in (source, destination))
    kept = [a for a in range(len(spec.shape)) if a not in old]
    order = moved_order(kept, old, new)
    return x if order == tuple(sorted(order)) else ops.PermuteDims(x, axes=order)


@of_first
def swapaxes(x: Any, axis1: int, axis2: int, /) -> Any:
    """x with two axes exchanged.

    >>> swapaxes([[1.0, 2.0]], 0, 1).tolist()
    [[1.0], [2.0]]
    """
    spec = spec_of(x)
    first, second = (one_axis_of("swapaxes", spec, axis) for axis in (axis1, axis2))
    order = [*range(len(spec.shape))]
    order[first], order[second] = second, first
    return x if first == second else ops.PermuteDims(x, axes=tuple(order))


@of_first
def flip(x: Any, /, axis: int | Shape | None = None) -> Any:
    """x backwards along axes; along all of them by default.

    >>> flip([1.0, 2.0, 3.0]).tolist()
    [3.0, 2.0, 1.0]
    """
    spec = spec_of(x)
    turned = axes_of("flip", spec, axis)
    steps = [-1 if a in turned else None for a in range(len(spec.shape))]
    return pick(x, *(slice(None, None, step) for step in steps))


@of_first
def roll(x: Any, /, shift: int | Shape, axis: int | Shape | None = None) -> Any:
    """x moved along axes (by default as if it had one), around the ends.

    >>> roll([1.0, 2.0, 3.0], 1).tolist()
    [3.0, 1.0, 2.0]
    """
    return ops.Roll(x, shift=shift, axis=axis)


@of_first
def tile(x: Any, repetitions: int | Shape, /) -> Any:
    """x side by side with itself, so many times along each axis.

    >>> tile([1.0, 2.0], 2).tolist()
    [1.0, 2.0, 1.0, 2.0]
    """
    return ops.Tile(x, repetitions=repetitions)


@of_first
def repeat(x: Any, repeats: int | Sequence[int], /, axis: int | None = None) -> Any:
    """Each element so many times along an axis: one count for all, or one for each.

    Without an axis x is made a vector first, as a single number always is.

    >>> repeat([1.0, 2.0], 2).tolist()
    [1.0, 1.0, 2.0, 2.0]
    >>> repeat([1.0, 2.0], [1, 2]).tolist()
    [1.0, 2.0, 2.0]
    """
    counts = repeats.tolist() if isinstance(repeats, np.ndarray | np.generic) else repeats
    repeats = counts[0] if isinstance(counts, list | tuple) and len(counts) == 1 else counts
    if axis is None or (axis in (0, -1) and not spec_of(x).shape):
        return ops.Repeat(ops.Reshape(x, shape=(-1,)), repeats=repeats, axis=0)
    return ops.Repeat(x, repeats=repeats, axis=axis)


@of_first
def pad(x: Any, pad_width: Any, /, mode: str = "constant", *, constant_values: float = 0.0) -> Any:
    """x with elements before and after it: one width, a pair, or a pair for each axis.

    The mode says what they are: "constant", "edge", "reflect", "symmetric" or "wrap", as NumPy
    calls them. Raises ShapeError for another mode, or widths that do not fit.

    >>> pad([1.0, 2.0], (1, 0)).tolist()
    [0.0, 1.0, 2.0]
    >>> pad([1.0, 2.0], 1, "edge").tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    if mode == "constant":
        return ops.Pad(x, width=pad_width, value=constant_values)
    return ops.MirrorPad(x, width=pad_width, mode=mode)
