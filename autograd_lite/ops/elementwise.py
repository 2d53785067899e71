"""Ops that work element by element: sums, products, powers and roots."""

from collections.abc import Iterable
from math import inf

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Params, Xp
from autograd_lite.core.shapes import Spec
from autograd_lite.errors import AutogradError, DTypeError

__all__ = [
    "Add", "Div", "Hypot", "HypotSlope", "Mul", "Neg", "Positive", "Pow", "Reciprocal",
    "Remainder", "Sqrt", "Square", "Sub",
]  # fmt: skip


class Add(Elementwise):
    """`x + y`; the derivative is 1 for both."""

    formula = "x + y"
    derivative = "x: 1; y: 1"
    analytic = True
    ufunc = np.add

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x + y

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad


class Sub(Elementwise):
    """`x - y`; the derivatives are 1 and -1."""

    formula = "x - y"
    derivative = "x: 1; y: -1"
    analytic = True
    ufunc = np.subtract

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x - y

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return -grad


class Mul(Elementwise):
    """`x · y`; the derivatives are y and x."""

    formula = "x · y"
    derivative = "x: y; y: x"
    analytic = True
    ufunc = np.multiply

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x * y

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * y

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * x


class Div(Elementwise):
    """`x / y`; the derivatives are 1/y and -x/y²."""

    formula = "x / y"
    derivative = "x: 1 / y; y: -x / y²"
    analytic = True
    ufunc = np.true_divide

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x / y

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad / y

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return -grad * (out / y)


class Neg(Elementwise):
    """`-x`; the derivative is -1."""

    formula = "-x"
    derivative = "-1"
    analytic = True
    ufunc = np.negative

    def forward(xp: Xp, x: Array) -> Array:
        return -x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad


class Positive(Elementwise):
    """`+x`, a copy of x; the derivative is 1."""

    formula = "x"
    derivative = "1"
    analytic = True
    ufunc = np.positive

    def forward(xp: Xp, x: Array) -> Array:
        return +x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad


class Square(Elementwise):
    """x²; the derivative is 2x."""

    formula = "x²"
    derivative = "2x"
    analytic = True
    ufunc = np.square

    def forward(xp: Xp, x: Array) -> Array:
        return x * x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (2 * x)


class Reciprocal(Elementwise):
    """1/x; the derivative is -1/x²."""

    formula = "1 / x"
    derivative = "-1 / x²"
    analytic = True
    ufunc = np.reciprocal

    def forward(xp: Xp, x: Array) -> Array:
        return 1.0 / x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad * out * out


class Sqrt(Elementwise):
    """√x; the derivative is 1/(2√x), infinite at 0."""

    formula = "√x"
    derivative = "1 / (2√x)"
    ufunc = np.sqrt

    def forward(xp: Xp, x: Array) -> Array:
        return xp.sqrt(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / (2 * out)


class Pow(Elementwise):
    """xʸ; the derivatives are y·xʸ⁻¹ and xʸ·ln x.

    At x = 0 the slope in x is 0 for y = 0, because x⁰ is 1 for every x, and the slope in y is 0
    for y ≥ 0 and -∞ for y < 0, the limits from x > 0. For x < 0 there is no slope in y: NaN.
    """

    formula = "xʸ"
    derivative = "x: y · xʸ⁻¹; y: xʸ · ln x"
    kinks = "x = 0"
    ufunc = np.power

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.pow(x, y)

    @classmethod
    def misfit(cls, specs: Iterable[Spec], params: Params, problem: Exception) -> AutogradError:
        """The error for shapes that do not fit, or for integers to a negative power."""
        error = super().misfit(specs, params, problem)
        if "negative integer powers" not in str(problem):
            return error
        return DTypeError(
            cls.name,
            expected="a floating base where an exponent is negative",
            came=error.came,
            suggestion="write 2.0 instead of 2, or convert with astype",
        )

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        slope = y * xp.pow(x, y - 1)
        is_settled = (slope == slope) | (y != 0)  # noqa: PLR0124 - 0 · 0⁻¹ is NaN
        return grad * xp.where(is_settled, slope, 0.0)

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        base = xp.where(x == 0, xp.where(y >= 0, 1.0, x), x)  # 0ʸ · ln 0 would be NaN
        return grad * out * xp.log(base)


class Hypot(Elementwise):
    """√(x² + y²) without overflow; the derivatives are x/√(x² + y²) and y/√(x² + y²).

    Both are 0 at the origin, the mean of all slopes there.
    """

    formula = "√(x² + y²)"
    derivative = "x: x / √(x² + y²); y: y / √(x² + y²)"
    kinks = "x = y = 0, where both are 0"
    ufunc = np.hypot

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.hypot(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * HypotSlope.within(xp, x, y)

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * HypotSlope.within(xp, y, x)


class HypotSlope(Elementwise):
    """x/√(x² + y²), the derivative of Hypot in x, and the cosine of the angle of the point (x, y).

    It is 0 at the origin. An op of its own because its derivative in x, 1/r - x²/r³ as a quotient
    would have it, cancels.
    """

    formula = "x / r with r = √(x² + y²)"
    derivative = "x: (y / r)² / r; y: -(x / r)(y / r) / r"
    kinks = "x = y = 0"

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        fits = xp.hypot(x, y) < inf  # of two large numbers it may overflow
        x, y = xp.where(fits, x, 0.25 * x), xp.where(fits, y, 0.25 * y)
        return x / _radius(xp, x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        across = HypotSlope.within(xp, y, x)
        return grad * (across * (across / _radius(xp, x, y)))  # a square might underflow

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return -grad * (out * HypotSlope.within(xp, y, x) / _radius(xp, x, y))


def _radius(xp: Xp, x: Array, y: Array) -> Array:
    """√(x² + y²), but 1 at the origin."""
    radius = xp.hypot(x, y)
    return xp.where(radius == 0, 1.0, radius)


class Remainder(Elementwise):
    """x - y⌊x/y⌋, with the sign of y; the derivatives are 1 and -⌊x/y⌋ between its jumps."""

    formula = "x - y⌊x / y⌋"
    derivative = "x: 1; y: -⌊x / y⌋"
    kinks = "x / y whole, where it jumps"
    ufunc = np.remainder

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x % y

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return -grad * (x // y)
