"""Functions along axes: reductions that leave out NaN, slopes, rows of numbers."""

from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite import ops
from autograd_lite.core.shapes import Axes
from autograd_lite.frontend.numpy_functions.elementwise import as_float, zeros_like
from autograd_lite.functions.reduction import converted
from autograd_lite.ops.shaping import axes_of


def ptp(a: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """The largest element less the smallest one."""
    options: Any = {"axis": axis, "keepdims": keepdims}
    return xp.subtract(xp.max(a, **options), xp.min(a, **options))


def nansum(a: Any, axis: Axes = None, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum of what is not NaN."""
    return xp.sum(_without_nan(a, 0.0), axis=axis, dtype=dtype, keepdims=keepdims)


def nanmean(a: Any, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """The mean of what is not NaN."""
    numbers = xp.astype(xp.logical_not(xp.isnan(a)), a.dtype)
    count = xp.sum(numbers, axis=axis, keepdims=keepdims)
    return xp.divide(nansum(a, axis, keepdims=keepdims), count)


def nanmax(a: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """The largest of what is not NaN."""
    return _extreme(xp.max, -np.inf, a, axis=axis, keepdims=keepdims)


def nanmin(a: Any, axis: Axes = None, keepdims: bool = False) -> Any:
    """The smallest of what is not NaN."""
    return _extreme(xp.min, np.inf, a, axis=axis, keepdims=keepdims)


def _extreme(function: Any, worst: float, a: Any, **options: Any) -> Any:
    """The extreme of what is not NaN; NaN where everything is."""
    found = function(_without_nan(a, worst), **options)
    if a.dtype.kind != "f":
        return found
    return xp.where(xp.all(xp.isnan(a), **options), np.nan, found)


def _without_nan(a: Any, number: float) -> Any:
    return xp.where(xp.isnan(a), number, a) if a.dtype.kind == "f" else a


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Numbers at equal distances, along a new axis; and the distance, if asked for."""
    start, stop = (as_float(x) if hasattr(x, "dtype") else x for x in (start, stop))
    steps = num - 1 if endpoint else num
    distance = xp.divide(xp.subtract(stop, start), steps if steps > 0 else np.nan)
    places = np.arange(num, dtype=distance.dtype).reshape(num, *(1,) * distance.ndim)
    row = xp.add(start, xp.multiply(places, distance if steps > 0 else zeros_like(distance)))
    if endpoint and steps > 0:
        last = ops.BroadcastWith(converted(stop, distance.dtype), distance)
        row = xp.concat([row[:-1], xp.expand_dims(last)])
    row = xp.moveaxis(converted(row, dtype), 0, axis)
    return (row, distance) if retstep else row


def gradient(f: Any, *varargs: Any, axis: Axes = None, edge_order: int = 1) -> Any:
    """The slopes along each axis, by central differences; at the ends by those of one side.

    The distance of the elements is a number, 1 by default, or a number for each axis.
    """
    axes = axes_of("gradient", f, axis)
    distances = varargs if len(varargs) == len(axes) else varargs * len(axes) or (1.0,) * len(axes)
    if len(distances) != len(axes) or any(map(np.ndim, distances)) or edge_order not in (1, 2):
        raise ValueError("distances that are not one number, or edge_order other than 1 or 2")
    f = as_float(f)
    slopes = [_slope(f, a, h, edge_order) for a, h in zip(axes, distances, strict=True)]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


def _slope(f: Any, axis: int, distance: Any, edge_order: int) -> Any:
    """The differences of neighbours along one axis."""
    rows = xp.moveaxis(f, axis, 0)
    inside = xp.divide(xp.subtract(rows[2:], rows[:-2]), 2.0)
    if edge_order == 1:
        first, last = rows[1] - rows[0], rows[-1] - rows[-2]
    else:
        first = -1.5 * rows[0] + 2.0 * rows[1] - 0.5 * rows[2]
        last = 1.5 * rows[-1] - 2.0 * rows[-2] + 0.5 * rows[-3]
    slopes = xp.concat([first[None], inside, last[None]])
    return xp.moveaxis(xp.divide(slopes, distance), 0, axis)
