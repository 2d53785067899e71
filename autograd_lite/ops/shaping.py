"""Ops that move or convert elements without computing; the adjoint of each is another one."""

import operator
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape, Spec, broadcast_shapes, is_node, normalize_axes
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.ops.shortcuts import rolled_vector, shortened

__all__ = [
    "Alias", "BroadcastTo", "BroadcastWith", "Cast", "ExpandDims", "MatrixTranspose",
    "OfLengths", "PermuteDims", "Reshape", "ReshapeLike", "Roll", "Squeeze",
]  # fmt: skip


class Shaping(Op, abstract=True):
    """An op whose every output element is an element of its input."""

    linear = True


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
        return ReshapeLike.within(xp, grad, x)


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
        return ReshapeLike.within(xp, grad, x)

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


class OfLengths(Shaping):
    """x, refused if its axes have other lengths: None stands for any, -1 for any but 1.

    What a function reads off the shape of a recorded node is right for these lengths alone.
    """

    formula = "x"
    derivative = "grad"
    aliases = True
    expects = "the lengths of axes that the graph was recorded for"
    hint = "record the graph again for another length"

    def forward(xp: Xp, x: Array, *, lengths: tuple[int | None, ...]) -> Array:
        return x

    def refuse(x: Array, *, lengths: tuple[int | None, ...]) -> None:
        for axis, (came, expected) in enumerate(zip(x.shape, lengths, strict=True)):
            if expected is not None and (came == 1 if expected == -1 else came != expected):
                raise ValueError(f"axis {axis} is {came}")

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
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


class BroadcastWith(Shaping):
    """x repeated to the shape that all of the arrays have together."""

    formula = "x repeated to the shape of all"
    derivative = "x: grad summed over what was repeated; others: none"
    analytic = True
    expects = "shapes that broadcast together"
    hint = "make each axis equal or 1, for example with reshape or expand_dims"

    def forward(xp: Xp, x: Array, *others: Array) -> Array:
        return xp.broadcast_to(x, broadcast_shapes(x.shape, *(other.shape for other in others)))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *others: Array) -> Array:
        return grad

    vjp_others = None


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
        if x.ndim == 0:  # of which NumPy leaves out axis 0 without complaint
            return grad
        return xp.expand_dims(grad, axis=normalize_axes(axis, x.ndim))


class PermuteDims(Shaping):
    """x with its axes in another order; the gradient goes back through the inverse order."""

    formula = "x with its axes in another order"
    derivative = "grad with its axes in the first order"
    analytic = True
    expects = "each axis of x once"
    hint = "give all axes, for example (1, 0) for a matrix"

    def forward(xp: Xp, x: Array, *, axes: Shape) -> Array:
        return xp.permute_dims(x, normalize_axes(axes, x.ndim))  # JAX does not count from behind

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


def real_dtype(dtype: Any, subject: str) -> np.dtype[Any]:
    """The dtype of real numbers or booleans; DTypeError for any other, and for what is none.

    >>> real_dtype("float32", "an input")
    dtype('float32')
    """
    try:
        found: np.dtype[Any] = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "fiub":
        raise DTypeError(
            subject,
            expected="a NumPy dtype that holds real numbers",
            came=repr(dtype),
            suggestion="write for example dtype='float32'",
        )
    return found


class Cast(Shaping):
    """x converted to another dtype; the gradient is converted back."""

    formula = "x as another dtype"
    derivative = "grad as the dtype of x"

    def forward(xp: Xp, x: Array, *, dtype: str) -> Array:
        return xp.astype(x, getattr(xp, real_dtype(dtype, "Cast").name))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, dtype: str) -> Array:
        return xp.astype(grad, x.dtype)


class Roll(Shaping):
    """x moved along axes, what falls out at one end coming in at the other; back for grad."""

    formula = "x moved by shift, around the ends"
    derivative = "grad moved by -shift"
    analytic = True
    expects = "a shift for each axis, and axes that x has"
    hint = "give one shift for all axes, or as many shifts as axes"

    @shortened(rolled_vector)
    def forward(xp: Xp, x: Array, *, shift: int | Shape, axis: int | Shape | None = None) -> Array:
        return xp.roll(x, shift, axis=axis)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, *, shift: int | Shape, axis: int | Shape | None
    ) -> Array:
        back = tuple(-n for n in shift) if isinstance(shift, tuple) else -shift
        return Roll.within(xp, grad, shift=back, axis=axis)


def axes_of(subject: str, x: Spec, axis: int | Sequence[int] | None) -> Shape:
    """The axes of x counted from 0, None being all of them.

    >>> axes_of("flip", Spec((2, 3), np.dtype("float64")), -1)
    (1,)

    Raises ShapeError for an axis that x does not have, or has been named before.
    """
    with suppress(ValueError, TypeError):
        given = tuple(axis) if isinstance(axis, Sequence) else axis
        axes = normalize_axes(given, len(x.shape))
        if len(set(axes)) == len(axes):
            return axes
    raise ShapeError(
        subject,
        expected="axes that x has, each once",
        came=f"axis={axis} for x {x}",
        suggestion="count axes from 0, or from -1 backwards",
    )


def one_axis_of(subject: str, x: Spec, axis: Any) -> int:
    """An axis of x counted from 0.

    >>> one_axis_of("take", Spec((2, 3), np.dtype("float64")), -1)
    1

    Raises ShapeError for an axis that x does not have, and for several.
    """
    with suppress(TypeError, ValueError):
        (place,) = axes_of(subject, x, operator.index(axis))
        return place
    raise ShapeError(
        subject,
        expected="one axis that x has",
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


def of_lengths(x: Any, *axes: int, others: int | None = None) -> Any:
    """x, whose lengths along these axes are about to be read, and so must stay what they are.

    `others` is what must hold of the other axes: None, or -1 for "not 1".
    """
    if not is_node(x) or x.graph is None:
        return x
    numbered = normalize_axes(axes, x.ndim)
    lengths = [n if a in numbered else others for a, n in enumerate(x.shape)]
    return OfLengths(x, lengths=tuple(lengths))
