"""Ops that work element by element: exponentials and logarithms."""

from math import log

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Xp

__all__ = [
    "Exp", "Expm1", "Log", "Log1p", "Log2", "Log10", "LogAddExp", "Sigmoid", "SigmoidSlope",
]  # fmt: skip

PER_LN_2, PER_LN_10 = 1 / log(2.0), 1 / log(10.0)


class Exp(Elementwise):
    """eˣ; its own derivative."""

    formula = "eˣ"
    derivative = "eˣ"
    analytic = True
    ufunc = np.exp

    def forward(xp: Xp, x: Array) -> Array:
        return xp.exp(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * out


class Expm1(Elementwise):
    """eˣ - 1, accurate near 0; the derivative is eˣ."""

    formula = "eˣ - 1"
    derivative = "eˣ"
    analytic = True
    ufunc = np.expm1

    def forward(xp: Xp, x: Array) -> Array:
        return xp.expm1(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * xp.exp(x)


class Log(Elementwise):
    """The natural logarithm ln x; the derivative is 1/x."""

    formula = "ln x"
    derivative = "1 / x"
    analytic = True
    ufunc = np.log

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / x


class Log1p(Elementwise):
    """ln(1 + x), accurate near 0; the derivative is 1/(1 + x)."""

    formula = "ln(1 + x)"
    derivative = "1 / (1 + x)"
    analytic = True
    ufunc = np.log1p

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log1p(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / (1 + x)


class Log2(Elementwise):
    """The logarithm to base 2; the derivative is 1/(x ln 2)."""

    formula = "log₂ x"
    derivative = "1 / (x ln 2)"
    analytic = True
    ufunc = np.log2

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log2(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * PER_LN_2 / x


class Log10(Elementwise):
    """The logarithm to base 10; the derivative is 1/(x ln 10)."""

    formula = "log₁₀ x"
    derivative = "1 / (x ln 10)"
    analytic = True
    ufunc = np.log10

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log10(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * PER_LN_10 / x


class LogAddExp(Elementwise):
    """ln(eˣ + eʸ) without overflow; the derivatives are the shares eˣ/(eˣ + eʸ) and eʸ/(eˣ + eʸ).

    Both are 0 where x and y are -∞, as for LogSumExp, and ½ where both are ∞.
    """

    formula = "ln(eˣ + eʸ)"
    derivative = "x: eˣ / (eˣ + eʸ); y: eʸ / (eˣ + eʸ)"
    ufunc = np.logaddexp

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.logaddexp(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * Sigmoid.within(xp, _lead(xp, x, y))

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * Sigmoid.within(xp, _lead(xp, y, x))


def _lead(xp: Xp, x: Array, y: Array) -> Array:
    """x - y, and for two equal infinities what the shares are told by."""
    gap = x - y
    equal = xp.where(x == y, xp.where(x < 0, x, 0.0), gap)
    return xp.where(gap == gap, gap, equal)  # noqa: PLR0124 - ∞ - ∞ is NaN


class Sigmoid(Elementwise):
    """σ(x) = 1/(1 + e⁻ˣ), written so that nothing overflows; the derivative is σ(x)σ(-x)."""

    formula = "1 / (1 + e⁻ˣ)"
    derivative = "e⁻ˣ / (1 + e⁻ˣ)²"

    def forward(xp: Xp, x: Array) -> Array:
        decay = xp.exp(xp.copysign(x, -1.0))  # of -|x|, which unsigned integers have not
        return xp.exp(xp.minimum(x, 0.0)) / (1 + decay)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * SigmoidSlope.within(xp, x)


class SigmoidSlope(Elementwise):
    """σ(x)σ(-x) = 1/(2 cosh(x/2))², the derivative of the sigmoid.

    It is made from x, not from σ(x), which is 1 long before this is 0.
    """

    formula = "e⁻ˣ / (1 + e⁻ˣ)²"
    derivative = "-σ(x)σ(-x) tanh(x/2)"

    def forward(xp: Xp, x: Array) -> Array:
        decay = xp.exp(-xp.abs(x))
        total = 1 + decay
        return decay / (total * total)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad * (out * xp.tanh(0.5 * x))
