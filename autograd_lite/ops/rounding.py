"""Ops that round or step: flat between their jumps, so that no gradient flows."""

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Xp

__all__ = [
    "Ceil", "Floor", "FloorDivide", "NextAfter", "Round", "Sign", "Trunc",
]  # fmt: skip


class Rounding(Elementwise, abstract=True):
    """A step function: its derivative is 0 wherever it has one, and says nothing.

    So there is no rule, and asking for a gradient through it is an error rather than a silent 0.
    """

    derivative = "none"

    vjp_x = None


class Floor(Rounding):
    """⌊x⌋, the next whole number from x down; no gradient: it is flat between its jumps."""

    formula = "⌊x⌋"
    ufunc = np.floor

    def forward(xp: Xp, x: Array) -> Array:
        return xp.floor(x)


class Ceil(Rounding):
    """⌈x⌉, the next whole number from x up; no gradient: it is flat between its jumps."""

    formula = "⌈x⌉"
    ufunc = np.ceil

    def forward(xp: Xp, x: Array) -> Array:
        return xp.ceil(x)


class Trunc(Rounding):
    """The next whole number from x towards 0; no gradient: it is flat between its jumps."""

    formula = "sign x · ⌊|x|⌋"
    ufunc = np.trunc

    def forward(xp: Xp, x: Array) -> Array:
        return xp.trunc(x)


class Round(Rounding):
    """The whole number nearest to x, the even one of two; no gradient: flat between its jumps."""

    formula = "the nearest whole number"
    ufunc = np.rint

    def forward(xp: Xp, x: Array) -> Array:
        return xp.round(x)


class Sign(Rounding):
    """The sign, -1, 0 or 1 as x is below, at or above 0; no gradient: flat on both sides of 0."""

    formula = "-1, 0 or 1"
    ufunc = np.sign

    def forward(xp: Xp, x: Array) -> Array:
        return xp.sign(x)


class FloorDivide(Rounding):
    """⌊x / y⌋; no gradient: it is flat between its jumps."""

    formula = "⌊x / y⌋"
    ufunc = np.floor_divide

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x // y

    vjp_y = None


class NextAfter(Rounding):
    """The floating-point number next to x on the way to y; no gradient: it moves in steps."""

    formula = "the number next to x towards y"
    ufunc = np.nextafter

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.nextafter(x, y)

    vjp_y = None
