"""Ops that order the elements along an axis, and that pick along an axis by such an order."""

from math import prod

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape, normalize_axes
from autograd_lite.ops.shortcuts import added_to_vector, picked_from_vector, shortened
from autograd_lite.ops.writing import added

__all__ = [
    "AddAlongAxis", "ArgSort", "TakeAlongAxis",
]  # fmt: skip


class ArgSort(Op):
    """The places of the elements along an axis in the order of their size; no gradient.

    Equal elements keep their order. NaN counts as the largest.
    """

    formula = "the places of x in order"
    derivative = "none"
    expects = "an axis that x has"
    hint = "count axes from 0, or from -1 backwards"

    def forward(xp: Xp, x: Array, *, axis: int = -1, descending: bool = False) -> Array:
        if not descending:
            return xp.argsort(x, axis=axis, stable=True)
        backwards = xp.argsort(xp.flip(x, axis=axis), axis=axis, stable=True)
        return x.shape[axis] - 1 - xp.flip(backwards, axis=axis)

    vjp_x = None


class TakeAlongAxis(Op):
    """The elements of x at the places that `indices` names along an axis, row by row."""

    formula = "xᵢ at i = indices, along the axis"
    derivative = "grad added at indices among zeros"
    analytic = True
    selects = True
    expects = "integers within the axis, with as many axes as x"
    hint = "the other axes of x and indices broadcast; to pick whole rows use take"

    @shortened(picked_from_vector)
    def forward(xp: Xp, x: Array, indices: Array, *, axis: int = -1) -> Array:
        return xp.take_along_axis(x, indices, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, indices: Array, *, axis: int) -> Array:
        return AddAlongAxis.within(xp, grad, indices, x, axis=axis)

    vjp_indices = None


class AddAlongAxis(Op):
    """Zeros shaped like `like`, with x added at the places along an axis: TakeAlongAxis' adjoint.

    An element named twice gets both.
    """

    formula = "x added at indices among zeros"
    derivative = "grad at indices"
    linear = True
    analytic = True
    expects = "x shaped like what indices take from `like`"

    @shortened(added_to_vector)
    def forward(xp: Xp, x: Array, indices: Array, like: Array, *, axis: int = -1) -> Array:
        out = xp.zeros(prod(like.shape), dtype=x.dtype)
        places = xp.reshape(_places(xp, indices, like.shape, axis), (-1,))
        return xp.reshape(added(xp, out, places, xp.reshape(x, (-1,))), like.shape)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, indices: Array, like: Array, *, axis: int
    ) -> Array:
        return xp.take_along_axis(grad, indices, axis=axis)

    vjp_indices = None
    vjp_like = None


def _places(xp: Xp, indices: Array, shape: Shape, axis: int) -> Array:
    """The places in row-major order: NumPy adds at those two times faster than at subscripts."""
    (axis,) = normalize_axes(axis, len(shape))
    places = xp.where(indices < 0, indices + shape[axis], indices) * prod(shape[axis + 1 :])
    for other, n in enumerate(shape):
        if other != axis:
            along = xp.reshape(xp.arange(n), (-1, *(1,) * (len(shape) - 1 - other)))
            places = places + along * prod(shape[other + 1 :])
    return places
