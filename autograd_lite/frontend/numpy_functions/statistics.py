"""Medians, quantiles and weighted sums along an axis."""

from math import ceil, floor
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite.core.shapes import is_node, normalize_axes
from autograd_lite.frontend.numpy_functions.elementwise import as_float
from autograd_lite.ops.shaping import of_lengths


def median(a: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The element in the middle of the ordered ones, or the mean of two; NaN if there is one."""
    rows = _ordered(a, axis)
    n = rows.shape[-1]
    low, high = rows[..., (n - 1) // 2], rows[..., n // 2]
    middle = low if n % 2 else xp.multiply(xp.add(low, high), 0.5)
    found = xp.where(xp.isnan(rows[..., -1]), np.nan, middle)
    return _kept(found, a, axis) if keepdims else found


def quantile(a: Any, q: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The element below which a share q of the ordered ones lies, or between the two there."""
    rows = _ordered(a, axis)
    if not isinstance(q, int | float):  # shares in an array have a say in the dtype
        rows = xp.astype(rows, np.result_type(rows.dtype, np.asarray(q).dtype))

    def at(share: Any) -> Any:
        if np.ndim(share):
            return xp.stack([at(one) for one in share])
        if not 0 <= share <= 1:
            raise ValueError("a share that is not between 0 and 1")
        found = _between(rows, float(share) * (rows.shape[-1] - 1))
        return _kept(found, a, axis) if keepdims else found

    return at(np.asarray(q))


def _between(rows: Any, place: float) -> Any:
    """The element at a place, or the mixture of its neighbours; NaN if there is one."""
    low, high = floor(place), ceil(place)
    below, above = rows[..., low], rows[..., high]
    mixed = xp.add(below, xp.multiply(xp.subtract(above, below), place - low))
    return xp.where(xp.isnan(rows[..., -1]), np.nan, mixed)


def percentile(a: Any, q: Any, axis: int | None = None, *, keepdims: bool = False) -> Any:
    """The element below which so many hundredths of the ordered ones lie."""
    return quantile(a, np.divide(q, 100) if np.ndim(q) else q / 100, axis, keepdims=keepdims)


def _ordered(a: Any, axis: int | None) -> Any:
    """The elements in ascending order along the last axis, as floats: NaN comes last."""
    rows = xp.reshape(a, (-1,)) if axis is None else xp.moveaxis(a, axis, -1)
    if not rows.shape[-1]:
        raise ValueError("no elements to order")
    return xp.sort(of_lengths(as_float(rows), -1), axis=-1)


def _kept(found: Any, a: Any, axis: int | None) -> Any:
    """A result with axes of length 1 for those that are gone."""
    return xp.expand_dims(found, axis=normalize_axes(axis, a.ndim))


def average(a: Any, axis: int | None = None, weights: Any = None, *, keepdims: bool = False) -> Any:
    """The mean, each element counting by its weight: one for each, or a row of them for an axis."""
    options: Any = {"axis": axis, "keepdims": keepdims}
    if weights is None:
        return xp.mean(as_float(a), **options)
    a, weights = as_float(a), weights if hasattr(weights, "dtype") else np.asarray(weights)
    if axis is not None and weights.ndim == 1 != a.ndim:
        (place,) = normalize_axes(axis, a.ndim)
        weights = xp.expand_dims(weights, axis=tuple(range(1, a.ndim - place)))
    elif weights.shape != a.shape:
        raise ValueError("weights of another shape")
    total = xp.sum(xp.multiply(xp.add(xp.multiply(a, 0), 1), weights), **options)
    return xp.divide(xp.sum(xp.multiply(a, weights), **options), total)


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under the points y at x, or at distances dx, by straight lines between them."""
    rows = xp.moveaxis(as_float(y), axis, -1)
    if x is not None:
        dx = xp.diff(as_float(x) if np.ndim(x) == 1 else xp.moveaxis(as_float(x), axis, -1))
    return xp.sum(xp.multiply(xp.add(rows[..., 1:], rows[..., :-1]) * 0.5, dx), axis=-1)


def polyval(p: Any, x: Any) -> Any:
    """The polynomial with these coefficients, that of the highest power first."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    value = xp.multiply(x, 0)
    for coefficient in of_lengths(p, 0) if is_node(p) else map(np.asarray, np.asarray(p)):
        value = xp.add(xp.multiply(value, x), coefficient)
    return value
