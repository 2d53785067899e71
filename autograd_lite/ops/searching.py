"""Ops that look for elements or count them: the answers are places, numbers, booleans.

No gradient flows through them.
"""

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Axes
from autograd_lite.ops.reduction import Reduction

__all__ = [
    "All", "Any", "ArgMax", "ArgMin", "CountNonzero", "SearchSorted",
]  # fmt: skip


class Counting(Reduction, abstract=True):
    """A discrete answer about the elements along axes; no gradient flows through it."""

    derivative = "none"

    vjp_x = None


class All(Counting):
    """Whether every element along the axes is true, or not 0; no gradient. True for no elements."""

    formula = "x₁ and x₂ and …"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.all(x, axis=axis, keepdims=keepdims)


class Any(Counting):
    """Whether some element along the axes is true, or not 0; no gradient. False for no elements."""

    formula = "x₁ or x₂ or …"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.any(x, axis=axis, keepdims=keepdims)


class CountNonzero(Counting):
    """How many elements along the axes are not 0; no gradient."""

    formula = "#{i : xᵢ ≠ 0}"

    def forward(xp: Xp, x: Array, *, axis: Axes = None, keepdims: bool = False) -> Array:
        return xp.sum(x != 0, axis=axis, keepdims=keepdims)


class ArgMax(Counting):
    """The place of the largest element along one axis, the first of equals; no gradient.

    Without an axis it is the place in row-major order.
    """

    formula = "the first i with xᵢ = max x"
    expects = "an axis that x has, not empty"

    def forward(xp: Xp, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
        return xp.argmax(x, axis=axis, keepdims=keepdims)


class ArgMin(Counting):
    """The place of the smallest element along one axis, the first of equals; no gradient.

    Without an axis it is the place in row-major order.
    """

    formula = "the first i with xᵢ = min x"
    expects = "an axis that x has, not empty"

    def forward(xp: Xp, x: Array, *, axis: int | None = None, keepdims: bool = False) -> Array:
        return xp.argmin(x, axis=axis, keepdims=keepdims)


class SearchSorted(Op):
    """Where each element of y belongs among the sorted elements of x, a vector; no gradient.

    An element equal to some of x belongs before them (side "left") or behind them ("right").
    """

    formula = '#{i : xᵢ < y}, or ≤ for side "right"'
    derivative = "none"
    expects = 'a sorted vector x, and the side "left" or "right"'
    hint = "sort x first; reshape it to a vector if it has more axes"

    def forward(xp: Xp, x: Array, y: Array, *, side: str = "left") -> Array:
        return xp.searchsorted(x, y, side=side)

    vjp_x = None
    vjp_y = None
