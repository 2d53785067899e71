"""Ops that put copies of elements beside them; a gradient is summed over the copies."""

from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Xp
from autograd_lite.core.shapes import Shape, Spec, example, normalize_axes
from autograd_lite.ops.indexing import ArrayIndex, IndexAdd, Slice
from autograd_lite.ops.shaping import Shaping
from autograd_lite.ops.writing import written

__all__ = [
    "MirrorPad", "Pad", "Repeat", "SumMirrored", "SumRepeats", "SumTiles", "Tile",
]  # fmt: skip


class Tile(Shaping):
    """x side by side with itself, so many times along each axis; the copies' gradients add up."""

    formula = "x side by side with itself"
    derivative = "the sum of grad over the copies"
    analytic = True
    expects = "counts of repetitions, 0 or more"
    hint = "give a count for each axis, as in tile(x, (2, 1))"

    def forward(xp: Xp, x: Array, *, repetitions: int | Shape) -> Array:
        return xp.tile(x, repetitions if isinstance(repetitions, tuple) else (repetitions,))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, repetitions: int | Shape) -> Array:
        return SumTiles.within(xp, grad, x, repetitions=repetitions)


class SumTiles(Shaping):
    """The sum of the copies of `like` that x is tiled with: the adjoint of Tile."""

    formula = "Σ x over the copies of like"
    derivative = "grad side by side with itself"
    analytic = True
    expects = "x shaped like `like` tiled"

    def forward(xp: Xp, x: Array, like: Array, *, repetitions: int | Shape) -> Array:
        counts = repetitions if isinstance(repetitions, tuple) else (repetitions,)
        rank = max(like.ndim, len(counts))
        counts = (1,) * (rank - len(counts)) + counts
        lengths = (1,) * (rank - like.ndim) + like.shape
        paired = tuple(n for pair in zip(counts, lengths, strict=True) for n in pair)
        total = xp.sum(xp.reshape(x, paired), axis=tuple(range(0, 2 * rank, 2)))
        return xp.reshape(total, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, **params: Any) -> Array:
        return Tile.within(xp, grad, **params)

    vjp_like = None


class Repeat(Shaping):
    """Each element along an axis so many times, one count for all or one each; grads add up."""

    formula = "each element of x so many times"
    derivative = "the sum of grad over the copies of each element"
    analytic = True
    expects = "an axis of x, and one count of 0 or more, or as many counts as its length"
    hint = "count axes from 0, or from -1 backwards"

    def forward(xp: Xp, x: Array, *, repeats: int | Shape, axis: int) -> Array:
        if isinstance(repeats, tuple):
            return xp.take(x, xp.asarray(_repeated(repeats)), axis=axis)
        return xp.repeat(x, repeats, axis=axis)

    def refuse(x: Array, *, repeats: int | Shape, axis: int) -> None:
        (axis,) = normalize_axes(axis, x.ndim)
        if isinstance(repeats, tuple) and len(repeats) != x.shape[axis]:
            raise ValueError(f"{len(repeats)} counts for {x.shape[axis]} elements")

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        return SumRepeats.within(xp, grad, x, **params)


class SumRepeats(Shaping):
    """The sum of the copies of each element of `like` that x repeats: the adjoint of Repeat."""

    formula = "Σ x over the copies of each element of like"
    derivative = "each element of grad so many times"
    expects = "x shaped like `like` with its elements repeated"

    def forward(xp: Xp, x: Array, like: Array, *, repeats: int | Shape, axis: int) -> Array:
        (axis,) = normalize_axes(axis, like.ndim)
        if isinstance(repeats, tuple):
            return _added_along(xp, x, like.shape, axis, _repeated(repeats))
        paired = (*like.shape[: axis + 1], repeats, *like.shape[axis + 1 :])
        return xp.sum(xp.reshape(x, paired), axis=axis + 1)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, **params: Any) -> Array:
        return Repeat.within(xp, grad, **params)

    vjp_like = None


class Pad(Shaping):
    """x with so many elements of one value before and after it; their gradient is dropped."""

    formula = "x within a frame of value"
    derivative = "grad without the frame"
    analytic = True
    expects = "widths of 0 or more: one, a pair, or a pair for each axis"
    hint = "give ((before, after), …), a pair for each axis of x"

    def forward(xp: Xp, x: Array, *, width: Any, value: float = 0.0) -> Array:
        if np.ndim(value):
            raise ValueError("one value is all there is")
        pairs = np.broadcast_to(width, (x.ndim, 2)).tolist()
        lengths = [before + n + after for n, (before, after) in zip(x.shape, pairs, strict=True)]
        frame = xp.full(lengths, value, dtype=x.dtype)
        return written(
            frame,
            tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, pairs, strict=True)),
            x,
        )

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, width: Any, value: float) -> Array:
        pairs = np.broadcast_to(width, (x.ndim, 2)).tolist()
        return grad[tuple(slice(before, -after or None) for before, after in pairs)]


class MirrorPad(Shaping):
    """x within a frame of its own elements, which the mode picks; each gets its copies' gradients.

    The modes are "edge", "reflect", "symmetric" and "wrap", as NumPy calls them.
    """

    formula = "x within a frame of its elements"
    derivative = "grad summed over the copies of each element"
    analytic = True
    expects = "a known mode, and widths of 0 or more: one, a pair, or a pair for each axis"
    hint = 'take mode "constant", "edge", "reflect", "symmetric" or "wrap"'

    def forward(xp: Xp, x: Array, *, width: Any, mode: str) -> Array:
        for axis, places in enumerate(framed_places(x.shape, width, mode)):
            x = xp.take(x, xp.asarray(places), axis=axis)
        return x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        return SumMirrored.within(xp, grad, x, **params)


class SumMirrored(Shaping):
    """Each element of x added to the one of `like` that it is a copy of: MirrorPad's adjoint."""

    formula = "Σ x over the copies of each element of like"
    derivative = "grad within a frame of its elements"
    expects = "x shaped like `like` within its frame"

    def forward(xp: Xp, x: Array, like: Array, *, width: Any, mode: str) -> Array:
        for axis, places in enumerate(framed_places(like.shape, width, mode)):
            shape = (*x.shape[:axis], like.shape[axis], *x.shape[axis + 1 :])
            x = _added_along(xp, x, shape, axis, places)
        return x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, **params: Any) -> Array:
        return MirrorPad.within(xp, grad, **params)

    vjp_like = None


def framed_places(shape: Shape, width: Any, mode: str) -> list[np.ndarray[Any, Any]]:
    """For each axis, which elements the framed axis has in a row.

    >>> framed_places((3,), 2, "reflect")
    [array([2, 1, 0, 1, 2, 1, 0])]

    Raises ValueError for widths that do not fit, or a mode that is unknown.
    """
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise ValueError("an unknown mode")
    pairs = np.broadcast_to(width, (len(shape), 2)).tolist()
    return [np.pad(np.arange(n), pair, mode) for n, pair in zip(shape, pairs, strict=True)]  # type: ignore[call-overload]


def _repeated(counts: Shape) -> np.ndarray[Any, Any]:
    """The place of each element so many times."""
    return np.repeat(np.arange(len(counts)), counts)


def _added_along(xp: Xp, x: Array, shape: Shape, axis: int, places: Any) -> Array:
    """Zeros of that shape, with x added at places along one axis."""
    key = (*(Slice(None, None, None),) * axis, ArrayIndex())
    like = example(Spec(shape, np.dtype("float64")))  # only its shape matters
    return IndexAdd.within(xp, x, like, xp.asarray(places), key=key)
