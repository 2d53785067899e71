"""Ops that move or convert elements without computing; the adjoint of each is another one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape, Spec, normalize_axes
from autograd_lite.errors import ShapeError
from autograd_lite.ops.indexing import IndexAdd, split_key

__all__ = [
    "Alias",
    "BroadcastTo",
    "Cast",
    "ExpandDims",
    "MatrixTranspose",
    "Pad",
    "PermuteDims",
    "Repeat",
    "Reshape",
    "ReshapeLike",
    "Roll",
    "Squeeze",
    "Tile",
]


class Shaping(Op, abstract=True):
    """An op whose every output element is an element of its input."""

    keeps_zeros = True


class Reshape(Shaping):
    """The same elements in row-major order under another shape; one length may be -1."""

    formula = "x under another shape"
    derivative = "grad under the shape of x"
    aliases = True
    analytic = True
    expects = "a shape with as many elements as x"
    hint = "write -1 for the one axis whose length follows from the others"

    def forward(xp: Xp, x: Array, *, shape: Shape) -> Array:
        return xp.reshape(x, shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, shape: Shape) -> Array:
        return ReshapeLike(grad, x)


class ReshapeLike(Shaping):
    """x under the shape of `like`: the adjoint of Reshape."""

    formula = "x under the shape of like"
    derivative = "grad under the shape of x"
    aliases = True
    analytic = True
    expects = "x with as many elements as `like`"

    def forward(xp: Xp, x: Array, like: Array) -> Array:
        return xp.reshape(x, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array) -> Array:
        return ReshapeLike(grad, x)

    vjp_like = None


class Alias(Shaping):
    """x itself as a node of its own, so that its gradient can be told from that of x."""

    formula = "x"
    derivative = "grad"
    aliases = True

    def forward(xp: Xp, x: Array) -> Array:
        return x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad


class BroadcastTo(Shaping):
    """x repeated along new or length-1 axes; the gradient is summed over them by the sweep."""

    formula = "x repeated to a shape"
    derivative = "grad summed over what was repeated"
    analytic = True
    expects = "a shape that x broadcasts to"
    hint = "make each axis of x equal to the shape's, or 1"

    def forward(xp: Xp, x: Array, *, shape: Shape) -> Array:
        return xp.broadcast_to(x, shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, shape: Shape) -> Array:
        return grad


class ExpandDims(Shaping):
    """x with new axes of length 1 at the given positions of the result."""

    formula = "x with axes of length 1"
    derivative = "grad without them"
    aliases = True
    analytic = True
    expects = "positions within the result's axes, each once"
    hint = "count positions in the result, from 0 or from -1 backwards"

    def forward(xp: Xp, x: Array, *, axis: int | Shape = 0) -> Array:
        return xp.expand_dims(x, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int | Shape) -> Array:
        return xp.squeeze(grad, axis=axis)


class Squeeze(Shaping):
    """x without the given axes, which must have length 1."""

    formula = "x without axes of length 1"
    derivative = "grad with them"
    aliases = True
    analytic = True
    expects = "axes of length 1"
    hint = "to drop a longer axis, index it or reduce over it"

    def forward(xp: Xp, x: Array, *, axis: int | Shape) -> Array:
        return xp.squeeze(x, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int | Shape) -> Array:
        return xp.expand_dims(grad, axis=normalize_axes(axis, x.ndim))


class PermuteDims(Shaping):
    """x with its axes in another order; the gradient goes back through the inverse order."""

    formula = "x with its axes in another order"
    derivative = "grad with its axes in the first order"
    analytic = True
    expects = "each axis of x once"
    hint = "give all axes, for example (1, 0) for a matrix"

    def forward(xp: Xp, x: Array, *, axes: Shape) -> Array:
        return xp.permute_dims(x, axes)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axes: Shape) -> Array:
        order = normalize_axes(axes, x.ndim)
        return xp.permute_dims(grad, tuple(order.index(a) for a in range(x.ndim)))


class MatrixTranspose(Shaping):
    """x with its last two axes exchanged, as is the gradient."""

    formula = "xᵀ"
    derivative = "gradᵀ"
    analytic = True
    expects = "at least two axes"
    hint = "make a vector a matrix with expand_dims first"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.matrix_transpose(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.matrix_transpose(grad)


class Cast(Shaping):
    """x converted to another dtype; the gradient is converted back."""

    formula = "x as another dtype"
    derivative = "grad as the dtype of x"

    def forward(xp: Xp, x: Array, *, dtype: str) -> Array:
        return xp.asarray(x, dtype=dtype)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, dtype: str) -> Array:
        return Cast(grad, dtype=str(x.dtype))


class Roll(Shaping):
    """x moved along axes, what falls out at one end coming in at the other; back for grad."""

    formula = "x moved by shift, around the ends"
    derivative = "grad moved by -shift"
    analytic = True
    expects = "a shift for each axis, and axes that x has"
    hint = "give one shift for all axes, or as many shifts as axes"

    def forward(xp: Xp, x: Array, *, shift: int | Shape, axis: int | Shape | None = None) -> Array:
        return xp.roll(x, shift, axis=axis)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, *, shift: int | Shape, axis: int | Shape | None
    ) -> Array:
        back = tuple(-n for n in shift) if isinstance(shift, tuple) else -shift
        return xp.roll(grad, back, axis=axis)


class Tile(Shaping):
    """x side by side with itself, so many times along each axis; the copies' gradients add up."""

    formula = "x side by side with itself"
    derivative = "the sum of grad over the copies"
    analytic = True
    expects = "counts of repetitions, 0 or more"
    hint = "give a count for each axis, as in tile(x, (2, 1))"

    def forward(xp: Xp, x: Array, *, repetitions: int | Shape) -> Array:
        return xp.tile(x, repetitions)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, repetitions: int | Shape) -> Array:
        counts = repetitions if isinstance(repetitions, tuple) else (repetitions,)
        rank = max(x.ndim, len(counts))
        counts, lengths = (1,) * (rank - len(counts)) + counts, (1,) * (rank - x.ndim) + x.shape
        paired = [n for pair in zip(counts, lengths, strict=True) for n in pair]
        copies = xp.reshape(grad, _open(paired, 1)) if rank else grad
        return xp.sum(copies, axis=tuple(range(0, 2 * rank, 2)))


class Repeat(Shaping):
    """Each element along an axis so many times, one count for all or one each; grads add up."""

    formula = "each element of x so many times"
    derivative = "the sum of grad over the copies of each element"
    analytic = True
    expects = "an axis of x, and one count of 0 or more, or as many counts as its length"
    hint = "count axes from 0, or from -1 backwards"

    def forward(xp: Xp, x: Array, *, repeats: int | Shape, axis: int) -> Array:
        return xp.repeat(x, repeats, axis=axis)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, *, repeats: int | Shape, axis: int
    ) -> Array:
        axis %= x.ndim
        if isinstance(repeats, tuple):
            places = np.repeat(np.arange(x.shape[axis]), repeats)
            key, indices = split_key((slice(None),) * axis + (places,))
            return IndexAdd(grad, x, *indices, key=key)
        paired = (*x.shape[: axis + 1], repeats, *x.shape[axis + 1 :])
        return xp.sum(xp.reshape(grad, _open(paired, 0)), axis=axis + 1)


class Pad(Shaping):
    """x with so many elements of one value before and after it; their gradient is dropped."""

    formula = "x within a frame of value"
    derivative = "grad without the frame"
    analytic = True
    expects = "widths of 0 or more: one, a pair, or a pair for each axis"
    hint = "give ((before, after), …), a pair for each axis of x"

    def forward(xp: Xp, x: Array, *, width: Any, value: float = 0.0) -> Array:
        return xp.pad(x, width, constant_values=value)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, width: Any, value: float) -> Array:
        pairs = np.broadcast_to(width, (x.ndim, 2)).tolist()
        return grad[tuple(slice(before, -after or None) for before, after in pairs)]


def mirrored_places(x: Spec, width: Any, mode: str) -> list[np.ndarray[Any, Any] | None]:
    """For each axis, which elements the padded axis repeats; None where nothing is padded.

    >>> mirrored_places(Spec((3,), np.dtype("float64")), 2, "reflect")
    [array([2, 1, 0, 1, 2, 1, 0])]

    Raises ShapeError for widths that do not fit, or a mode that is unknown.
    """
    try:
        pairs = np.broadcast_to(width, (len(x.shape), 2)).tolist()
        axes = zip(x.shape, pairs, strict=True)
        return [np.pad(np.arange(n), pair, mode) if any(pair) else None for n, pair in axes]  # type: ignore[call-overload]
    except (ValueError, TypeError) as problem:
        raise Pad.misfit([x], {"width": width, "mode": mode}, problem) from problem


def axes_of(subject: str, x: Spec, axis: int | Shape | None) -> Shape:
    """The axes of x counted from 0, None being all of them.

    >>> axes_of("flip", Spec((2, 3), np.dtype("float64")), -1)
    (1,)

    Raises ShapeError for an axis that x does not have, or has been named before.
    """
    with suppress(ValueError):
        axes = normalize_axes(axis, len(x.shape))
        if len(set(axes)) == len(axes):
            return axes
    raise ShapeError(
        subject,
        expected="axes that x has, each once",
        came=f"axis={axis} for x {x}",
        suggestion="count axes from 0, or from -1 backwards",
    )


def moved_order(kept: list[int], old: Shape, new: Shape) -> Shape:
    """The order of all axes when those at the old places go to the new ones.

    >>> moved_order([1, 2], (0,), (2,))
    (1, 2, 0)

    Raises ShapeError if there are not as many new places as old ones.
    """
    if len(old) != len(new):
        raise ShapeError(
            "moveaxis",
            expected="a new place for each axis that is moved",
            came=f"{len(old)} axes and {len(new)} places",
            suggestion="give source and destination of one length",
        )
    order = list(kept)
    for place, axis in sorted(zip(new, old, strict=True)):
        order.insert(place, axis)
    return tuple(order)


def _open(shape: Shape | list[int], axis: int) -> Shape:
    """The shape with -1 at the axis the batch is counted along, to be found when it is run."""
    known = (*shape[:axis], *shape[axis + 1 :])
    return tuple(shape) if 0 in known else (*shape[:axis], -1, *shape[axis + 1 :])
