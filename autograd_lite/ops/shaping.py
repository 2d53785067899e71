"""Ops that move or convert entries without computing; the adjoint of each is another one."""

from __future__ import annotations

from autograd_lite.ops.op import Array, Op, Xp
from autograd_lite.ops.shapes import Shape, normalize_axes

__all__ = [
    "Alias",
    "BroadcastTo",
    "Cast",
    "ExpandDims",
    "MatrixTranspose",
    "PermuteDims",
    "Reshape",
    "ReshapeLike",
    "Squeeze",
    "Stack",
]


class Shaping(Op, abstract=True):
    """An op whose every output entry is an entry of its input."""

    keeps_zeros = True


class Reshape(Shaping):
    """The same entries in row-major order under another shape; one length may be -1."""

    analytic = True
    expects = "a shape with as many entries as x"
    hint = "write -1 for the one axis whose length follows from the others"

    def forward(xp: Xp, x: Array, *, shape: Shape) -> Array:
        return xp.reshape(x, shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, shape: Shape) -> Array:
        return ReshapeLike(grad, x)


class ReshapeLike(Shaping):
    """X under the shape of `like`: the adjoint of Reshape."""

    analytic = True
    expects = "x with as many entries as `like`"

    def forward(xp: Xp, x: Array, like: Array) -> Array:
        return xp.reshape(x, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array) -> Array:
        return ReshapeLike(grad, x)

    vjp_like = None


class Alias(Shaping):
    """X itself as a node of its own, so that its gradient can be told from that of x."""

    def forward(xp: Xp, x: Array) -> Array:
        return x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad


class Stack(Shaping):
    """Arrays of one shape joined along a new axis; each gets its slice of the gradient."""

    expects = "arrays of one shape, and an axis of the result"
    hint = "compare the shapes, or use reshape and broadcast_to first"

    def forward(xp: Xp, *arrays: Array, axis: int = 0) -> Array:
        return xp.stack(arrays, axis=axis)

    def vjp_arrays(
        xp: Xp, grad: Array, out: Array, *arrays: Array, position: int, axis: int
    ) -> Array:
        before = (slice(None),) * (axis % grad.ndim)
        return grad[(*before, position)]


class BroadcastTo(Shaping):
    """X repeated along new or length-1 axes; the gradient is summed over them by the sweep."""

    analytic = True
    expects = "a shape that x broadcasts to"
    hint = "make each axis of x equal to the shape's, or 1"

    def forward(xp: Xp, x: Array, *, shape: Shape) -> Array:
        return xp.broadcast_to(x, shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, shape: Shape) -> Array:
        return grad


class ExpandDims(Shaping):
    """X with new axes of length 1 at the given positions of the result."""

    analytic = True
    expects = "positions within the result's axes, each once"
    hint = "count positions in the result, from 0 or from -1 backwards"

    def forward(xp: Xp, x: Array, *, axis: int | Shape = 0) -> Array:
        return xp.expand_dims(x, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int | Shape) -> Array:
        return xp.squeeze(grad, axis=axis)


class Squeeze(Shaping):
    """X without the given axes, which must have length 1."""

    analytic = True
    expects = "axes of length 1"
    hint = "to drop a longer axis, index it or reduce over it"

    def forward(xp: Xp, x: Array, *, axis: int | Shape) -> Array:
        return xp.squeeze(x, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int | Shape) -> Array:
        return xp.expand_dims(grad, axis=normalize_axes(axis, x.ndim))


class PermuteDims(Shaping):
    """X with its axes in another order; the gradient goes back through the inverse order."""

    analytic = True
    expects = "each axis of x once"
    hint = "give all axes, for example (1, 0) for a matrix"

    def forward(xp: Xp, x: Array, *, axes: Shape) -> Array:
        return xp.permute_dims(x, axes)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axes: Shape) -> Array:
        order = normalize_axes(axes, x.ndim)
        return xp.permute_dims(grad, tuple(order.index(a) for a in range(x.ndim)))


class MatrixTranspose(Shaping):
    """X with its last two axes exchanged, as is the gradient."""

    analytic = True
    expects = "at least two axes"
    hint = "make a vector a matrix with expand_dims first"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.matrix_transpose(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.matrix_transpose(grad)


class Cast(Shaping):
    """X converted to another dtype; the gradient is converted back."""

    def forward(xp: Xp, x: Array, *, dtype: str) -> Array:
        return xp.asarray(x, dtype=dtype)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, dtype: str) -> Array:
        return Cast(grad, dtype=str(x.dtype))
