"""Shortcuts of rules: fewer calls of NumPy where all values are ordinary.

A rule holds for all numbers, so it guards against what seldom comes: squares that overflow, zeros
to divide by, matrices that are nearly singular. On ten numbers the guards take longer than the
rest. A shortcut is asked first where a rule is given arrays, and answers None for what is not
ordinary. Rules stay mathematics: nodes, JAX and native code never meet a shortcut.
"""

from collections.abc import Callable
from functools import wraps
from math import inf
from typing import Any

import numpy as np

from autograd_lite.core import arrays
from autograd_lite.core.op import Array, Xp
from autograd_lite.core.shapes import Shape, normalize_axes

__all__: list[str] = []

LEAST = {np.dtype(t): np.finfo(t).tiny / np.finfo(t).eps ** 2 for t in (np.float32, np.float64)}
"""Sums of squares above which no square that underflowed matters."""
FEW = 500  # elements, for which calls cost more than the work on the elements
FAR_FROM_SINGULAR = 100  # a condition number up to which an inverse keeps nearly all digits


def shortened(shortcut: Callable[..., Array | None]) -> Callable[..., Callable[..., Array]]:
    """The decorator of a rule that has a shortcut, which takes the same without `xp`."""

    def decorate(rule: Callable[..., Array]) -> Callable[..., Array]:
        @wraps(rule)
        def computed(xp: Xp, *values: Array, **params: Any) -> Array:
            found = shortcut(*values, **params) if xp is arrays else None
            return rule(xp, *values, **params) if found is None else found

        computed.shortcut = shortcut  # type: ignore[attr-defined] # for tests of both
        return computed

    return decorate


def plain_norm(
    x: Array, *, axis: Any = None, keepdims: bool = False, power: float = 2
) -> Array | None:
    """The Euclidean norm of a whole array, if no square left the range of floats."""
    if power != 2 or len({*normalize_axes(axis, x.ndim)}) < x.ndim:
        return None
    total = np.vdot(x, x)
    if not LEAST.get(total.dtype, inf) < total < inf:
        return None
    return np.sqrt(np.reshape(total, (1,) * x.ndim) if keepdims else total)


def plain_norm_slope(
    grad: Array, out: Array, x: Array, *, axis: Any, keepdims: bool, power: float
) -> Array | None:
    """The gradient of one Euclidean norm, if it is not 0."""
    return grad * (x / out) if power == 2 and not out.ndim and out != 0 else None


def divided_product(
    grad: Array, out: Array, x: Array, *, axis: Any, keepdims: bool
) -> Array | None:
    """The gradient of one product over all, divided again, if no part of it leaves the range."""
    if axis is not None or x.dtype.kind != "f" or not x.size:
        return None
    sizes, limits, n = np.abs(x), np.finfo(x.dtype), x.size
    least, largest = min(1.0, sizes.min()), max(1.0, sizes.max())
    is_ordinary = limits.tiny < float(least) ** n and largest < float(limits.max) ** (1 / n)
    return grad * (out / x) if is_ordinary else None


def inverted_determinant(grad: Array, out: Array, x: Array) -> Array | None:
    """The gradient of the determinant of one matrix, by its inverse."""
    if x.ndim != 2 or not 0.0 < abs(out) < inf:
        return None
    inverse = np.linalg.inv(x)
    squares = np.vdot(x, x) * np.vdot(inverse, inverse)
    return grad * out * inverse.T if squares < FAR_FROM_SINGULAR**2 else None


def picked_from_vector(x: Array, indices: Array, *, axis: int = -1) -> Array | None:
    """Elements of a vector, ten times as fast as NumPy's take_along_axis."""
    is_plain = x.ndim == indices.ndim == 1 and axis in (0, -1) and indices.dtype.kind in "iu"
    return x[indices] if is_plain else None


def written_at_labels(x: Array, index: Array, like: Array) -> Array | None:
    """One element for each row of zeros, without a look at all elements."""
    if not isinstance(index, np.ndarray) or x.dtype.kind != "f":
        return None
    out = np.zeros(like.shape, x.dtype)
    rows = np.indices(index.shape, sparse=True) if index.ndim else ()
    out[(..., *rows, index)] = x
    return out


def added_to_vector(x: Array, indices: Array, like: Array, *, axis: int = -1) -> Array | None:
    """Elements added at places of a vector of zeros."""
    is_plain = x.ndim == indices.ndim == like.ndim == 1 and indices.dtype.kind in "iu"
    if not is_plain or axis not in (0, -1):
        return None
    out = np.zeros(like.shape, x.dtype)
    np.add.at(out, indices, x)
    return out


def _weighed(logits: Array, labels: Array, axis: int) -> tuple[Any, ...] | None:
    """Weights exp(z - max z) of each row, with 0 at the label, and their sum.

    Then, at the label: z - max z, the weight, and the index. None unless these are rows of floats.
    """
    is_rows = axis in (-1, logits.ndim - 1) and isinstance(labels, np.ndarray)
    if not is_rows or logits.dtype.char not in "fd":
        return None
    below = logits - arrays.max(logits, axis=-1, keepdims=True)
    weights = np.exp(below)
    place = (*np.indices(labels.shape, sparse=True), labels)
    own = weights[place]
    weights[place] = 0.0
    return weights, arrays.sum(weights, axis=-1), below[place], own, place


def loss_at_labels(logits: Array, labels: Array, *, axis: int = -1) -> Array | None:
    """-ln softmax(z) at the label: ln Σ weights, minus z - max z there; if all are finite."""
    found = _weighed(logits, labels, axis)
    if found is None:
        return None
    _, others, below, own, _ = found
    loss = np.log1p(others + (own - 1)) - below  # the largest weight is 1
    return loss if np.vdot(loss, loss) < inf else None


def pulled_from_labels(
    grad: Array, out: Array, logits: Array, labels: Array, *, axis: int
) -> Array | None:
    """(softmax(z) - y) · grad with y one-hot, if all are finite: at a label -others / total."""
    found = _weighed(logits, labels, axis)
    if found is None:
        return None
    weights, others, _, own, place = found
    weights[place] = -others
    pulled = weights * arrays.expand_dims(grad / (others + own), axis=-1)
    return pulled if np.vdot(pulled, pulled) < inf else None


def weights_of_vector(x: Array, *, axis: Any = -1) -> Array | None:
    """The softmax of a vector; a sum or an extreme takes half as long that names no axis."""
    if x.ndim != 1 or axis not in (-1, 0, None) or x.dtype.char not in "fd" or not x.size:
        return None
    weights = np.exp(x - np.maximum.reduce(x))
    return weights / np.add.reduce(weights)


def centred_on(grad: Array, out: Array, x: Array, *, axis: Any) -> Array | None:
    """The gradient of the softmax of a vector, by dot products, if none of it is NaN."""
    if out.ndim != 1 or out.size > FEW or axis not in (-1, 0, None):
        return None
    rest = grad - grad.dot(out)
    mean = rest.dot(out)
    return out * (rest - mean) if mean == mean else None  # noqa: PLR0124


def rolled_vector(x: Array, *, shift: int | Shape, axis: Any = None) -> Array | None:
    """A vector cut at one place, five times as fast as NumPy's roll."""
    if x.ndim != 1 or type(shift) is not int or axis not in (None, 0, -1):
        return None
    place = -shift % max(x.size, 1)
    return np.concatenate((x[place:], x[:place]))


def one_by_one(function: Callable[[float], float]) -> Callable[[Array], Array | None]:
    """A function that NumPy does not have, by Python's `math` where there are few elements."""

    def found(x: Array) -> Array | None:
        if x.size > FEW or x.dtype.char not in "efd":
            return None
        return np.array(list(map(function, x.ravel().tolist())), x.dtype).reshape(x.shape)[()]

    return found
