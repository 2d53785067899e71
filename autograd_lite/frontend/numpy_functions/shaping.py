"""The same elements in another shape or order."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite.core.shapes import Axes, normalize_axes, spec_of
from autograd_lite.ops.shaping import of_lengths

SUMMARIES = {"mean": xp.mean, "maximum": xp.max, "minimum": xp.min}  # modes of pad


def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one row, in row-major order."""
    _refuse_other_orders(order)
    return xp.reshape(a, (-1,))


def _refuse_other_orders(order: str) -> None:
    if order not in ("C", "A", "K"):
        raise ValueError(f"order={order!r}, where row-major order is all there is")


def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed by default."""
    return xp.permute_dims(a, tuple(reversed(range(a.ndim))) if axes is None else tuple(axes))


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return xp.swapaxes(a, axis1, axis2)


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """An axis before another one, which is counted among all of them."""
    (axis,) = normalize_axes(axis, a.ndim)
    start += a.ndim * (start < 0)
    return xp.moveaxis(a, axis, start - (start > axis))


def squeeze(a: Any, axis: Axes = None) -> Any:
    """Without the given axes of length 1; without all of them by default."""
    if axis is not None:
        return xp.squeeze(a, axis=axis)
    ones = tuple(i for i, n in enumerate(a.shape) if n == 1)
    return xp.squeeze(of_lengths(a, *ones, others=-1), axis=ones)


def atleast_1d(*arys: Any) -> Any:
    """A scalar as an array of one element; anything else as it is."""
    return _each(arys, (0,))


def atleast_2d(*arys: Any) -> Any:
    """A row, if it had fewer than two axes."""
    return _each(arys, (0, 1), (0,))


def atleast_3d(*arys: Any) -> Any:
    """With new axes behind a matrix, and around a vector."""
    return _each(arys, (0, 1, 2), (0, 2), (2,))


def _each(arrays: Sequence[Any], *new_axes: tuple[int, ...]) -> Any:
    """The arrays with the new axes that their rank asks for; one alone is no tuple."""
    results = []
    for x in arrays:
        rank = len(spec_of(x).shape)
        results.append(xp.expand_dims(x, axis=new_axes[rank]) if rank < len(new_axes) else x)
    return results[0] if len(results) == 1 else tuple(results)


def pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0.0) -> Any:
    """With elements before and after it, which the mode picks."""
    if mode == "constant" and np.ndim(constant_values):
        return _framed(array, pad_width, constant_values)
    if mode not in SUMMARIES:
        return xp.pad(array, pad_width, mode, constant_values=constant_values)
    if array.dtype.kind != "f" or np.any(np.asarray(pad_width) < 0):
        raise ValueError("integers, whose means NumPy rounds, or a negative width")
    pairs = np.broadcast_to(pad_width, (array.ndim, 2)).tolist()
    for axis, (before, after) in enumerate(pairs):
        frame = SUMMARIES[mode](array, axis=axis, keepdims=True)
        array = xp.concat([*[frame] * before, array, *[frame] * after], axis=axis)
    return array


def _framed(array: Any, pad_width: Any, constant_values: Any) -> Any:
    """With values of each side's own around it, axis by axis."""
    sides = (np.broadcast_to(pair, (array.ndim, 2)) for pair in (pad_width, constant_values))
    widths, values = (side.ravel().tolist() for side in sides)
    for place, (width, value) in enumerate(zip(widths, values, strict=True)):
        at_side = [0] * len(widths)
        at_side[place] = width
        array = xp.pad(array, np.reshape(at_side, (-1, 2)).tolist(), constant_values=value)
    return array


def flipud(m: Any) -> Any:
    """The first axis backwards."""
    return xp.flip(m, axis=0)


def fliplr(m: Any) -> Any:
    """The second axis backwards."""
    return xp.flip(m, axis=1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """Turned by k right angles, from the first of the two axes to the second."""
    first, second = normalize_axes(tuple(axes), m.ndim)
    if first == second:
        raise ValueError("axes must be different")
    if k % 2 == 0:
        return xp.flip(m, axis=(first, second)) if k % 4 else m
    turned = xp.flip(m, axis=second if k % 4 == 1 else first)
    return xp.swapaxes(turned, first, second)


def partition(a: Any, kth: Any, axis: int | None = -1) -> Any:
    """All elements in ascending order: one of the orders in which those before the kth are less."""
    return xp.sort(ravel(a), axis=0) if axis is None else xp.sort(a, axis=axis)
