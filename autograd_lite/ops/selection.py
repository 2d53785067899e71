"""Ops that select, element by element: what is not chosen gets the gradient 0."""

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Op, Xp

__all__ = [
    "Abs", "Clip", "CopySign", "Guard", "Maximum", "Minimum", "ReLU", "StopGradient", "Where",
]  # fmt: skip


class Where(Elementwise):
    """x where the condition holds, y elsewhere; what is not selected gets the gradient 0."""

    formula = "x if condition else y"
    derivative = "x: 1 if condition else 0; y: 0 if condition else 1; condition: none"
    selects = True

    def forward(xp: Xp, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, x, y)

    vjp_condition = None

    def vjp_x(xp: Xp, grad: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, grad, 0.0)

    def vjp_y(xp: Xp, grad: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, 0.0, grad)


class Maximum(Elementwise):
    """The larger of x and y; at a tie each gets half of the gradient."""

    formula = "max(x, y)"
    derivative = "x: 1 if x > y else 0; y: 1 if y > x else 0"
    kinks = "x = y, where both are ½"
    selects = True
    ufunc = np.maximum

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.maximum(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return _winner_takes_all(xp, grad, x > y, x == y)

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return _winner_takes_all(xp, grad, y > x, x == y)


class Minimum(Elementwise):
    """The smaller of x and y; at a tie each gets half of the gradient."""

    formula = "min(x, y)"
    derivative = "x: 1 if x < y else 0; y: 1 if y < x else 0"
    kinks = "x = y, where both are ½"
    selects = True
    ufunc = np.minimum

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.minimum(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return _winner_takes_all(xp, grad, x < y, x == y)

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return _winner_takes_all(xp, grad, y < x, x == y)


def _winner_takes_all(xp: Xp, grad: Array, wins: Array, ties: Array) -> Array:
    return xp.where(wins, grad, xp.where(ties, 0.5 * grad, 0.0))


class Clip(Elementwise):
    """x brought into the closed interval from low to high, as min(max(x, low), high).

    The derivative is 1 for x where it is inside, the ends included, and 1 for the end that took
    its place elsewhere. Where the ends meet or cross, the result is high, which gets it all.
    """

    formula = "min(max(x, low), high)"
    derivative = (
        "x: 1 if low ≤ x ≤ high else 0; low: 1 if x < low else 0; high: 1 if x > high else 0"
    )
    kinks = "x = low and x = high, where x gets it all"
    selects = True

    def forward(xp: Xp, x: Array, low: Array, high: Array) -> Array:
        return xp.minimum(xp.maximum(x, low), high)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.where(low < high, xp.where(x == out, grad, 0.0), 0.0)

    def vjp_low(xp: Xp, grad: Array, out: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.where(low < high, xp.where(x < low, grad, 0.0), 0.0)

    def vjp_high(xp: Xp, grad: Array, out: Array, x: Array, low: Array, high: Array) -> Array:
        return xp.where(low < high, xp.where(x > high, grad, 0.0), grad)


class Abs(Elementwise):
    """|x|; the derivative is the sign of x, 0 at the kink x = 0."""

    formula = "|x|"
    derivative = "sign x"
    kinks = "x = 0, where it is 0"
    selects = True
    ufunc = np.absolute

    def forward(xp: Xp, x: Array) -> Array:
        return xp.abs(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.where(x > 0, grad, xp.where(x < 0, -grad, 0.0))


class CopySign(Elementwise):
    """|x| with the sign of y; the derivative is 1 or -1 for x, and none for y, which only jumps."""

    formula = "|x| with the sign of y"
    derivative = "x: 1 if x and y have one sign else -1; y: none"
    kinks = "x = 0, where it is 0"
    ufunc = np.copysign

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.copysign(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return xp.where(x == 0, 0.0, xp.where(x == out, grad, -grad))

    vjp_y = None


class ReLU(Elementwise):
    """max(x, 0); the derivative is 1 for x > 0, and 0 elsewhere, the kink included."""

    formula = "max(x, 0)"
    derivative = "1 if x > 0 else 0"
    kinks = "x = 0, where it is 0"
    selects = True

    def forward(xp: Xp, x: Array) -> Array:
        return xp.maximum(x, 0.0)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.where(x > 0, grad, 0.0)


class Guard(Elementwise):
    """x, but 0 where it is NaN and the cotangent it was computed from is 0: 0 · ∞ counts as 0.

    Behind an op that selects, a recorded gradient is guarded so. A finite x stays as it is, also
    for a cotangent that only happens to be 0, because its derivative still matters.
    """

    formula = "x, but 0 for 0 · ∞"
    derivative = "x: 1; cotangent: none"

    def forward(xp: Xp, x: Array, cotangent: Array) -> Array:
        return xp.where(x == x, x, xp.where(cotangent == 0, 0.0, x))  # noqa: PLR0124 - NaN

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, cotangent: Array) -> Array:
        return xp.where(x == out, grad, 0.0)

    vjp_cotangent = None


class StopGradient(Op):
    """x, taken for a constant: no gradient flows, and where it would have, it counts as 0.

    Unlike behind a comparison, say, that is no mistake but what was asked for.
    """

    formula = "x"
    derivative = "none"
    aliases = True

    def forward(xp: Xp, x: Array) -> Array:
        return x

    vjp_x = None
