"""Ops that walk along one axis and keep what they have so far; each has as many steps as elements.

Products are never divided by one of their factors, so zeros among the elements are no trouble.
"""

from typing import Any

from autograd_lite.core.op import Array, Op, Rule, Xp
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.ops.indexing import IndexAdd, split_key

__all__ = [
    "CumulativeProd", "CumulativeSum", "Diff", "Recurrence",
]  # fmt: skip


class Scan(Op, abstract=True):
    """An op along one axis, which only a vector may leave out (None)."""

    analytic = True
    expects = "an axis that x has, given unless x is a vector"
    hint = "give the axis as one integer, from 0, or from -1 backwards"


class CumulativeSum(Scan):
    """yₖ = x₁ + … + xₖ along an axis; each element gets the sum of the gradient from it onwards.

    `include_initial` puts the empty sum 0 before the others; `reverse` walks from the end, where
    then the 0 is.
    """

    formula = "yₖ = x₁ + … + xₖ"
    linear = True
    derivative = "dxₖ = gradₖ + … + gradₙ"

    def forward(
        xp: Xp,
        x: Array,
        *,
        axis: int | None = None,
        include_initial: bool = False,
        reverse: bool = False,
    ) -> Array:
        return _walk(xp.cumulative_sum, x, axis, include_initial=include_initial, reverse=reverse)

    def vjp_x(
        xp: Xp,
        grad: Array,
        out: Array,
        x: Array,
        *,
        axis: int | None,
        include_initial: bool,
        reverse: bool,
    ) -> Array:
        axis = scanned(axis, x.ndim)
        if include_initial:
            grad = after_first(grad, axis, reverse=reverse)
        return CumulativeSum.within(xp, grad, axis=axis, reverse=not reverse)


class CumulativeProd(Scan):
    """yₖ = x₁ · … · xₖ along an axis, also right where elements are 0.

    dxₖ = Lₖ Rₖ with Lₖ = x₁ · … · xₖ₋₁ and Rₖ = gradₖ + xₖ₊₁ Rₖ₊₁. `include_initial` puts the empty
    product 1 before the others; `reverse` walks from the end, where then the 1 is.
    """

    formula = "yₖ = x₁ · … · xₖ"
    derivative = "dxₖ = x₁ · … · xₖ₋₁ Rₖ with Rₖ = gradₖ + xₖ₊₁ Rₖ₊₁"

    def forward(
        xp: Xp,
        x: Array,
        *,
        axis: int | None = None,
        include_initial: bool = False,
        reverse: bool = False,
    ) -> Array:
        return _walk(xp.cumulative_prod, x, axis, include_initial=include_initial, reverse=reverse)

    def vjp_x(
        xp: Xp,
        grad: Array,
        out: Array,
        x: Array,
        *,
        axis: int | None,
        include_initial: bool,
        reverse: bool,
    ) -> Array:
        axis = scanned(axis, x.ndim)
        if include_initial:
            grad = after_first(grad, axis, reverse=reverse)
        factors = after_first(x, axis, reverse=reverse)
        rest = Recurrence.within(xp, factors, grad, axis=axis, reverse=not reverse)
        return product_before(xp, x, axis, reverse=reverse) * rest


class Recurrence(Op):
    """yₖ = bₖ + aₖ₋₁ yₖ₋₁ along an axis, from y₁ = b₁; so a is one shorter there than b.

    `reverse` walks from the end: yₖ = bₖ + aₖ yₖ₊₁. The gradient is a recurrence the other way.
    Source: Blelloch, "Prefix sums and their applications", 1990, calls it the first-order one.
    """

    formula = "yₖ = bₖ + aₖ₋₁ yₖ₋₁"
    derivative = "b: dbₖ = gradₖ + aₖ dbₖ₊₁; a: daₖ = dbₖ₊₁ yₖ"
    analytic = True
    expects = "a shaped like b, but one element shorter along the axis"
    hint = "leave out the factor of the first step"

    def forward(xp: Xp, a: Array, b: Array, *, axis: int, reverse: bool = False) -> Array:
        factors, terms = xp.moveaxis(a, axis, 0), xp.moveaxis(b, axis, 0)
        order = range(terms.shape[0])[:: -1 if reverse else 1]
        rows = [terms[k, ...] for k in order[:1]]
        for k in order[1:]:
            rows.append(terms[k, ...] + factors[k if reverse else k - 1, ...] * rows[-1])
        return xp.stack(rows[:: -1 if reverse else 1], axis=axis) if rows else b

    def refuse(a: Array, b: Array, *, axis: int, reverse: bool) -> None:
        if b.shape[axis] and a.shape[axis] != b.shape[axis] - 1:
            raise ValueError(f"{a.shape[axis]} factors for {b.shape[axis]} terms")

    def vjp_a(
        xp: Xp, grad: Array, out: Array, a: Array, b: Array, *, axis: int, reverse: bool
    ) -> Array:
        (axis,) = normalize_axes(axis, b.ndim)
        terms = Recurrence.within(xp, a, grad, axis=axis, reverse=not reverse)
        after = after_first(terms, axis, reverse=reverse)
        return after * before_last(out, axis, reverse=reverse)

    def vjp_b(
        xp: Xp, grad: Array, out: Array, a: Array, b: Array, *, axis: int, reverse: bool
    ) -> Array:
        return Recurrence.within(xp, a, grad, axis=axis, reverse=not reverse)


class Diff(Op):
    """xₖ₊₁ - xₖ along an axis; the gradient is taken from one and given to the other."""

    formula = "yₖ = xₖ₊₁ - xₖ"
    derivative = "dxₖ = gradₖ₋₁ - gradₖ"
    analytic = True
    expects = "an axis that x has"
    hint = "count axes from 0, or from -1 backwards"

    def forward(xp: Xp, x: Array, *, axis: int = -1) -> Array:
        (axis,) = normalize_axes(axis, x.ndim)
        return x[_along(axis, slice(1, None))] - x[_along(axis, slice(None, -1))]

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int) -> Array:
        (axis,) = normalize_axes(axis, x.ndim)
        later, _ = split_key(_along(axis, slice(1, None)))
        earlier, _ = split_key(_along(axis, slice(None, -1)))
        return IndexAdd.within(xp, grad, x, key=later) - IndexAdd.within(xp, grad, x, key=earlier)


def scanned(axis: int | None, ndim: int) -> int:
    """The axis to walk along. Raises ValueError if it is left out and x is no vector."""
    if axis is None and ndim != 1:
        raise ValueError(f"axis=None with {ndim} axes")
    (place,) = normalize_axes(axis, ndim)
    return place


def product_before(xp: Xp, x: Array, axis: int, *, reverse: bool) -> Array:
    """For each element the product of those before it; of those after it, if reverse."""
    products = CumulativeProd.within(xp, x, axis=axis, include_initial=True, reverse=reverse)
    return before_last(products, axis, reverse=reverse)


def after_first(x: Array, axis: int, *, reverse: bool) -> Array:
    """x without the elements where a walk begins."""
    return x[_along(axis, slice(None, -1) if reverse else slice(1, None))]


def before_last(x: Array, axis: int, *, reverse: bool) -> Array:
    """x without the elements where a walk ends."""
    return after_first(x, axis, reverse=not reverse)


def _walk(
    accumulate: Rule, x: Array, axis: int | None, *, include_initial: bool, reverse: bool
) -> Array:
    """What is accumulated along the axis; from its end, if reverse."""
    axis = scanned(axis, x.ndim)
    turned = _turned(x, axis, reverse=reverse)
    return _turned(
        accumulate(turned, axis=axis, include_initial=include_initial), axis, reverse=reverse
    )


def _turned(x: Array, axis: int, *, reverse: bool) -> Array:
    return x[_along(axis, slice(None, None, -1))] if reverse else x


def _along(axis: int, part: slice) -> tuple[Any, ...]:
    """The subscript that takes a part of an axis, counted from 0."""
    return (*(slice(None),) * axis, part)
