"""Ops that reduce over axes, and the ops that spread a gradient over those axes again."""

from math import prod
from typing import Any

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Axes, Shape, normalize_axes, unbroadcast
from autograd_lite.ops.half import widened
from autograd_lite.ops.scan import product_before
from autograd_lite.ops.selection import Guard
from autograd_lite.ops.shortcuts import divided_product, shortened

__all__ = [
    "BroadcastLike", "CountLike", "Max", "Mean", "Min", "Prod", "SpreadLike", "Std", "Sum",
    "SumLike", "Var",
]  # fmt: skip


class Reduction(Op, abstract=True):
    """An op that reduces over the given axes (None: all)."""

    expects = "axes that x has"
    hint = "count axes from 0, or from -1 backwards"

    def refuse(x: Array, *, axis: Axes, **others: Any) -> None:
        if axis is not None:
            normalize_axes(axis, x.ndim)


class Sum(Reduction):
    """Σ x over the axes, 0 over none; each element gets the whole gradient."""

    formula = "Σᵢ xᵢ"
    derivative = "1"
    linear = True
    analytic = True

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.sum(x, axis=axis, keepdims=keepdims)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        return BroadcastLike.within(xp, grad, x, **params)


class Mean(Reduction):
    """The mean over the axes, NaN over none; each of the n elements gets 1/n of the gradient."""

    formula = "Σᵢ xᵢ / n"
    derivative = "1 / n"
    linear = True
    analytic = True

    @widened
    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.sum(x, axis=axis, keepdims=keepdims) / _count(x, axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        return SpreadLike.within(xp, grad, x, **params)


class Prod(Reduction):
    """Π x over the axes, 1 over none; each element gets the product of the others.

    Those are multiplied, not divided out, so it is also right where elements are 0, be the
    product of the others infinite or not.
    """

    formula = "Πᵢ xᵢ"
    derivative = "dxₖ = Πᵢ xᵢ over i ≠ k"
    analytic = True

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.prod(x, axis=axis, keepdims=keepdims)

    @shortened(divided_product)
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
        spread = kept(xp, grad, x, axis=axis, keepdims=keepdims)
        axes = normalize_axes(axis, x.ndim)
        if not axes:
            return spread
        others = _product_of_others(xp, x, axes)
        tame = xp.sign(x) + (x - x)  # 0 where x is, NaN where x is not finite, else 1 or -1
        return spread * Guard.within(xp, others, _product_of_others(xp, tame, axes))


def _product_of_others(xp: Xp, x: Array, axes: Shape) -> Array:
    """For each element the product of all others along the axes: of its line, and of the rest."""
    if not axes:
        return 1.0
    axis, *rest = axes
    line = product_before(xp, x, axis, reverse=False) * product_before(xp, x, axis, reverse=True)
    return line * _product_of_others(xp, xp.prod(x, axis=axis, keepdims=True), tuple(rest))


class Extreme(Reduction, abstract=True):
    """The largest or the smallest element; equal ones share the gradient evenly."""

    kinks = "equal ones, which share it evenly"
    selects = True
    expects = "axes that x has, none of them empty"

    @widened
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        hits = x == kept(xp, out, x, **params)
        ties = xp.sum(xp.astype(hits, x.dtype), **params)
        return xp.where(hits, kept(xp, grad / ties, x, **params), 0.0)


class Max(Extreme):
    """The largest element over the axes; equal largest elements share the gradient evenly."""

    formula = "maxᵢ xᵢ"
    derivative = "1 if x is the largest else 0"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.max(x, axis=axis, keepdims=keepdims)


class Min(Extreme):
    """The smallest element over the axes; equal smallest elements share the gradient evenly."""

    formula = "minᵢ xᵢ"
    derivative = "1 if x is the smallest else 0"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.min(x, axis=axis, keepdims=keepdims)


class Var(Reduction):
    """The variance Σ(x - mean)²/(n - c) over the axes, with the correction c (1: unbiased).

    NaN or infinite where n ≤ c.
    """

    formula = "Σᵢ (xᵢ - mean x)² / (n - c)"
    derivative = "2(x - mean x) / (n - c)"
    analytic = True

    @widened
    def forward(
        xp: Xp, x: Array, *, axis: Axes = None, correction: float = 0, keepdims: bool = False
    ) -> Array:
        return _variance(xp, x, axis, correction, keepdims=keepdims)

    @widened
    def vjp_x(
        xp: Xp,
        grad: Array,
        out: Array,
        x: Array,
        *,
        axis: Axes,
        correction: float,
        keepdims: bool,
    ) -> Array:
        spread = kept(xp, 2 * grad, x, axis=axis, keepdims=keepdims)
        count = CountLike.within(xp, x, axis=axis, correction=correction)
        return spread * _centred(xp, x, axis) / count


class Std(Reduction):
    """The standard deviation √(Σ(x - mean)²/(n - c)) over the axes, with the correction c.

    The derivative is (x - mean)/((n - c) std), and 0 where all elements are equal.
    """

    formula = "√(Σᵢ (xᵢ - mean x)² / (n - c))"
    derivative = "(x - mean x) / ((n - c) std x)"
    kinks = "all elements equal, where it is 0"

    @widened
    def forward(
        xp: Xp, x: Array, *, axis: Axes = None, correction: float = 0, keepdims: bool = False
    ) -> Array:
        return xp.sqrt(_variance(xp, x, axis, correction, keepdims=keepdims))

    @widened
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, **params: Any) -> Array:
        share = grad / (2 * xp.where(out == 0, 1.0, out))
        return Var.vjp_x(xp, share, out, x, **params)


def kept(xp: Xp, y: Array, x: Array, *, axis: Axes, keepdims: bool) -> Array:
    """y, shaped like a reduction of x, with the axes that were reduced: so it broadcasts with x."""
    if keepdims or not y.ndim:
        return y
    return xp.expand_dims(y, axis=normalize_axes(axis, x.ndim))


def _centred(xp: Xp, x: Array, axis: Axes) -> Array:
    """x without its mean; what rounding left of that goes as well, so equal elements become 0."""
    near = x - xp.mean(x, axis=axis, keepdims=True)
    return near - xp.mean(near, axis=axis, keepdims=True)


def _variance(xp: Xp, x: Array, axis: Axes, correction: float, *, keepdims: bool) -> Array:
    deviation = _centred(xp, x, axis)
    total = xp.sum(deviation * deviation, axis=axis, keepdims=keepdims)
    return total / CountLike.within(xp, x, axis=axis, correction=correction)


class BroadcastLike(Op):
    """x spread over the reduced axes of `like`: the adjoint of Sum. Only like's shape matters."""

    formula = "x, once for each reduced element"
    derivative = "x: 1; like: none"
    linear = True
    analytic = True
    expects = "x shaped like a reduction of `like`"

    def forward(
        xp: Xp, x: Array, like: Array, *, axis: Axes = None, keepdims: bool = False
    ) -> Array:
        if x.ndim and not keepdims:
            x = xp.expand_dims(x, axis=normalize_axes(axis, like.ndim))
        return xp.broadcast_to(x, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, **params: Any) -> Array:
        return xp.sum(grad, **params)

    vjp_like = None


class SpreadLike(Op):
    """x shared evenly over the reduced axes of `like`: the adjoint of Mean."""

    formula = "x / n, once for each of n reduced elements"
    derivative = "x: 1 / n; like: none"
    linear = True
    analytic = True
    expects = "x shaped like a reduction of `like`"

    @widened
    def forward(
        xp: Xp, x: Array, like: Array, *, axis: Axes = None, keepdims: bool = False
    ) -> Array:
        share = x / max(_count(like, axis), 1)
        return BroadcastLike.forward(xp, share, like, axis=axis, keepdims=keepdims)

    @widened
    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, like: Array, *, axis: Axes, keepdims: bool
    ) -> Array:
        total = xp.sum(grad, axis=axis, keepdims=keepdims)
        count = CountLike.within(xp, like, axis=axis)
        return total / xp.maximum(count, 1.0)  # the mean, but 0 over nothing

    vjp_like = None


class CountLike(Op):
    """How many elements of `like` one result is made of, less a correction, at least 0.

    Only like's shape and dtype matter: so the number follows a batch that changes.
    """

    formula = "n - c, at least 0"
    derivative = "none"
    expects = "axes that `like` has"

    def forward(xp: Xp, like: Array, *, axis: Axes = None, correction: float = 0) -> Array:
        return xp.asarray(max(_count(like, axis) - correction, 0), dtype=like.dtype)

    vjp_like = None


class SumLike(Op):
    """x summed back to the shape of `like`: the adjoint of broadcasting `like` to x."""

    formula = "Σ x over the axes that `like` lacks"
    derivative = "x: 1; like: none"

    linear = True
    analytic = True
    expects = "x of a shape that `like` broadcasts to"

    def forward(xp: Xp, x: Array, like: Array) -> Array:
        return unbroadcast(xp, x, like.shape)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array) -> Array:
        return BroadcastLike.within(xp, grad, x, axis=(), keepdims=False)

    vjp_like = None


def _count(x: Array, axis: Axes) -> int:
    """How many elements are reduced to one."""
    return prod(x.shape if axis is None else [x.shape[a] for a in normalize_axes(axis, x.ndim)])
