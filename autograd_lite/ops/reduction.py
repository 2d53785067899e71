"""Ops that fold axes away, and the ops that spread a gradient over those axes again."""

from __future__ import annotations

from math import prod

from autograd_lite.ops.op import Array, Op, Xp
from autograd_lite.ops.shapes import Shape, normalize_axes, unbroadcast
from autograd_lite.ops.shaping import Cast

__all__ = [
    "BroadcastLike",
    "Max",
    "Mean",
    "SpreadLike",
    "Sum",
    "SumLike",
]

Axes = int | Shape | None


class Reduction(Op, abstract=True):
    """An op that folds the given axes (None: all) into one entry each."""

    expects = "axes that x has"
    hint = "count axes from 0, or from -1 backwards"

    def refuse(x: Array, *, axis: Axes, keepdims: bool) -> None:
        normalize_axes(axis, x.ndim)


class Sum(Reduction):
    """Σ x over the axes; each entry gets the whole gradient."""

    analytic = True

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.sum(x, axis=axis, keepdims=keepdims)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
        return BroadcastLike(grad, x, axis=axis, keepdims=keepdims)


class Mean(Reduction):
    """The mean over the axes; each of the n entries gets 1/n of the gradient."""

    analytic = True

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.sum(x, axis=axis, keepdims=keepdims) / _count(x, axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
        return SpreadLike(grad, x, axis=axis, keepdims=keepdims)


class Max(Reduction):
    """The largest entry over the axes; equal largest entries share the gradient evenly."""

    selects = True
    expects = "axes that x has, none of them empty"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.max(x, axis=axis, keepdims=keepdims)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
        hits = x == BroadcastLike(out, x, axis=axis, keepdims=keepdims)
        ties = xp.sum(Cast(hits, dtype=str(x.dtype)), axis=axis, keepdims=keepdims)
        share = BroadcastLike(grad / ties, x, axis=axis, keepdims=keepdims)
        return xp.where(hits, share, 0.0)


class BroadcastLike(Op):
    """X spread over the folded axes of `like`: the adjoint of Sum. Only like's shape matters."""

    analytic = True
    expects = "x shaped like a reduction of `like`"

    def forward(
        xp: Xp, x: Array, like: Array, *, axis: Axes = None, keepdims: bool = False
    ) -> Array:
        folded = () if keepdims else normalize_axes(axis, like.ndim)
        return xp.broadcast_to(xp.expand_dims(x, axis=folded), like.shape)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, like: Array, *, axis: Axes, keepdims: bool
    ) -> Array:
        return xp.sum(grad, axis=axis, keepdims=keepdims)

    vjp_like = None


class SpreadLike(Op):
    """X shared evenly over the folded axes of `like`: the adjoint of Mean."""

    analytic = True
    expects = "x shaped like a reduction of `like`"

    def forward(
        xp: Xp, x: Array, like: Array, *, axis: Axes = None, keepdims: bool = False
    ) -> Array:
        share = x / max(_count(like, axis), 1)
        return BroadcastLike.forward(xp, share, like, axis=axis, keepdims=keepdims)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, like: Array, *, axis: Axes, keepdims: bool
    ) -> Array:
        return xp.mean(grad, axis=axis, keepdims=keepdims)

    vjp_like = None


class SumLike(Op):
    """X summed back to the shape of `like`: the adjoint of broadcasting `like` to x."""

    analytic = True
    expects = "x of a shape that `like` broadcasts to"

    def forward(xp: Xp, x: Array, like: Array) -> Array:
        return unbroadcast(xp, x, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array) -> Array:
        return BroadcastLike(grad, x, axis=(), keepdims=False)

    vjp_like = None


def _count(x: Array, axis: Axes) -> int:
    """How many entries are folded into one."""
    return prod(x.shape[a] for a in normalize_axes(axis, x.ndim))
