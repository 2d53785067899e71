"""Ops in terms of primitives where their own rules cannot say it: lengths are known here.

Each function is a forward rule for nodes, told what the op's own rule is told. An op that is in
the table is a composite for every executor, and needs no row in any of them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.lowered import Cofactors
from autograd_lite.core.append import append
from autograd_lite.core.op import NO_PARAMS, Array, Rule, Xp
from autograd_lite.core.shapes import Shape, normalize_axes
from autograd_lite.frontend.leaves import constant
from autograd_lite.ops.matrices import scaled_columns
from autograd_lite.ops.packed import cut, packed

Places = int | Shape
FEW = 16  # rows of a matrix that takes less time than LAPACK to be called


def all_hold(xp: Xp, x: Array, **axes: Any) -> Array:
    """No element is 0."""
    return xp.sum(x == 0, **axes) == 0


def some_hold(xp: Xp, x: Array, **axes: Any) -> Array:
    """Some element is not 0."""
    return xp.sum(x != 0, **axes) > 0


def place_of_largest(xp: Xp, x: Array, *, axis: int | None, keepdims: bool) -> Array:
    """The first place with the largest element."""
    return _first_place(xp, x, xp.max, axis=axis, keepdims=keepdims)


def place_of_smallest(xp: Xp, x: Array, *, axis: int | None, keepdims: bool) -> Array:
    """The first place with the smallest element."""
    return _first_place(xp, x, xp.min, axis=axis, keepdims=keepdims)


def _first_place(xp: Xp, x: Array, extreme: Rule, *, axis: int | None, keepdims: bool) -> Array:
    """The smallest place of an element that is the extreme one, or NaN."""
    if axis is None:
        found = _first_place(xp, xp.reshape(x, (-1,)), extreme, axis=0, keepdims=False)
        return xp.reshape(found, (1,) * x.ndim) if keepdims else found
    number = xp.astype(x, "uint8") if x.dtype.kind == "b" else x
    hits = xp.logical_or(number == extreme(number, axis=axis, keepdims=True), x != x)  # noqa: PLR0124
    places = _along(axis, x)
    return xp.min(xp.where(hits, places, places.size), axis=axis, keepdims=keepdims)


def _along(axis: int, x: Array) -> Array:
    """The places along an axis, to be broadcast with x."""
    (axis,) = normalize_axes(axis, x.ndim)
    return constant(np.arange(x.shape[axis]).reshape(-1, *(1,) * (x.ndim - 1 - axis)))


def lower_triangle(xp: Xp, x: Array, *, k: int) -> Array:
    """The elements up to diagonal k, and 0."""
    return xp.where(_along(-1, x) <= _along(-2, x) + k, x, constant(np.zeros((), x.dtype)))


def upper_triangle(xp: Xp, x: Array, *, k: int) -> Array:
    """The elements from diagonal k on, and 0."""
    return xp.where(_along(-1, x) >= _along(-2, x) + k, x, constant(np.zeros((), x.dtype)))


def diagonal_matrix(xp: Xp, x: Array, *, offset: int) -> Array:
    """X put on the diagonal of a matrix."""
    side = x.shape[-1] + abs(offset)
    like = xp.broadcast_to(constant(np.zeros((), x.dtype)), (*x.shape[:-1], side, side))
    return ops.DiagonalLike(x, like, offset=offset)


def rolled(xp: Xp, x: Array, *, shift: Places, axis: Places | None) -> Array:
    """Along each axis the end, and then the beginning."""
    if axis is None:
        return xp.reshape(rolled(xp, xp.reshape(x, (-1,)), shift=shift, axis=0), x.shape)
    for by, a in np.broadcast(shift, axis):
        (place,) = normalize_axes(int(a), x.ndim)
        start = -int(by) % max(x.shape[place], 1)
        before = (slice(None),) * place
        if start:
            parts = x[(*before, slice(start, None))], x[(*before, slice(None, start))]
            x = xp.concat(parts, axis=place)
    return x


def tiled(xp: Xp, x: Array, *, repetitions: Places) -> Array:
    """X broadcast to new axes before each of its own, which then become one with it."""
    counts = repetitions if isinstance(repetitions, tuple) else (repetitions,)
    rank = max(x.ndim, len(counts))
    counts = (1,) * (rank - len(counts)) + counts
    lengths = (1,) * (rank - x.ndim) + x.shape
    pairs = list(zip(counts, lengths, strict=True))
    apart = xp.reshape(x, tuple(n for _, length in pairs for n in (1, length)))
    copies = xp.broadcast_to(apart, tuple(n for pair in pairs for n in pair))
    return xp.reshape(copies, tuple(count * length for count, length in pairs))


def repeated(xp: Xp, x: Array, *, repeats: Places, axis: int) -> Array:
    """X broadcast to a new axis behind the one along which it is repeated."""
    (axis,) = normalize_axes(axis, x.ndim)
    if isinstance(repeats, tuple):
        return xp.take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis=axis)
    before, (length, *behind) = x.shape[:axis], x.shape[axis:]
    copies = xp.broadcast_to(xp.expand_dims(x, axis=axis + 1), (*before, length, repeats, *behind))
    return xp.reshape(copies, (*before, length * repeats, *behind))


def padded(xp: Xp, x: Array, *, width: Any, value: float) -> Array:
    """X between blocks of the value, one axis after the other."""
    fill = constant(np.asarray(value).astype(x.dtype))
    for axis, widths in enumerate(np.broadcast_to(width, (x.ndim, 2)).tolist()):
        shapes = [(*x.shape[:axis], n, *x.shape[axis + 1 :]) for n in widths]
        before, after = (xp.broadcast_to(fill, shape) for shape in shapes)
        parts = [*[before] * (widths[0] > 0), x, *[after] * (widths[1] > 0)]
        x = xp.concat(parts, axis=axis) if len(parts) > 1 else x
    return x


def one_hot(xp: Xp, index: Array, *, depth: int, dtype: str) -> Array:
    """1 put at each label."""
    real = dtype if np.dtype(dtype).kind == "f" else "float64"
    one = xp.broadcast_to(constant(np.ones((), real)), (*index.shape, depth))
    return xp.astype(ops.ScatterAdd(one[..., 0], index, one), dtype)


def one_hot_like(xp: Xp, index: Array, like: Array, *, axis: int) -> Array:
    """1 put at each label along an axis."""
    (axis,) = normalize_axes(axis, like.ndim)
    hot = one_hot(xp, index, depth=like.shape[axis], dtype=like.dtype.name)
    return xp.moveaxis(hot, -1, axis)


def cross_entropy(xp: Xp, logits: Array, labels: Array, *, axis: int) -> Array:
    """The logarithm of each sample's softmax at its label."""
    scores = xp.moveaxis(logits, axis, -1)
    return -ops.Aref(ops.LogSoftMax(scores, axis=-1), labels)


def cofactor(xp: Xp, x: Array) -> Array:
    """As the op's own rule, from all parts of one decomposition; of few rows without one."""
    if x.shape[-1] <= FEW:
        return append(Cofactors, (x,), NO_PARAMS)
    u, s, vh = _svd(xp, x)
    own = np.eye(x.shape[-1], dtype=bool)
    others = xp.prod(xp.where(constant(own), 1.0, xp.expand_dims(s, axis=-2)), axis=-1)
    sign = xp.linalg.det(u) * xp.linalg.det(vh)
    return xp.matmul(scaled_columns(xp, u, others), vh) * xp.expand_dims(sign, axis=(-2, -1))


def pseudo_inverse(xp: Xp, x: Array, *, rtol: float | None) -> Array:
    """V · diag(1/s) · Uᵀ over the singular values s that count."""
    u, s, vh = _svd(xp, x)
    rtol = _rounding(x, x.dtype) if rtol is None else rtol
    inverse = xp.where(_counts(xp, s, rtol), 1 / s, 0.0)
    return xp.matmul(scaled_columns(xp, xp.matrix_transpose(vh), inverse), xp.matrix_transpose(u))


def rank(xp: Xp, x: Array, *, rtol: float | None) -> Array:
    """How many singular values count."""
    _, s, _ = _svd(xp, x)
    rtol = _rounding(x, s.dtype) if rtol is None else rtol
    return xp.sum(_counts(xp, s, rtol), axis=-1)


def _counts(xp: Xp, s: Array, rtol: float) -> Array:
    """Which singular values are more than rtol times the largest."""
    return s > xp.max(s, axis=-1, keepdims=True) * rtol


def _rounding(x: Array, dtype: np.dtype[Any]) -> float:
    """The rtol of what is a rounding error; ValueError for integers, as NumPy's."""
    return float(max(x.shape[-2:]) * np.finfo(dtype).eps)


def _svd(xp: Xp, x: Array) -> tuple[Array, ...]:
    real = x if x.dtype.kind == "f" else xp.astype(x, "float64")
    return cut(xp, packed(ops.SVD)(real), ops.SVD.infer([real.spec], {}))


EXPANSIONS: Mapping[object, Rule] = {
    ops.All: all_hold,
    ops.Any: some_hold,
    ops.ArgMax: place_of_largest,
    ops.ArgMin: place_of_smallest,
    ops.Cofactor: cofactor,
    ops.CrossEntropyWithLabels: cross_entropy,
    ops.Diag: diagonal_matrix,
    ops.MatrixRank: rank,
    ops.OneHot: one_hot,
    ops.OneHotLike: one_hot_like,
    ops.PInv: pseudo_inverse,
    ops.Pad: padded,
    ops.Repeat: repeated,
    ops.Roll: rolled,
    ops.Tile: tiled,
    ops.TriL: lower_triangle,
    ops.TriU: upper_triangle,
}
"""For each op its rule."""
