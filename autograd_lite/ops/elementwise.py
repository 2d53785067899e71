"""Ops that work element by element: sums, products, powers and roots."""

from __future__ import annotations

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Xp

__all__ = [
    "Add",
    "Div",
    "Hypot",
    "Mul",
    "Neg",
    "Positive",
    "Pow",
    "Reciprocal",
    "Remainder",
    "Sqrt",
    "Square",
    "Sub",
]


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
        return -grad * out / y


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

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        base = xp.where(x == 0, xp.where(y == 0, 1.0, x), x)  # 0 · 0⁻¹ would be NaN
        return grad * y * xp.pow(base, y - 1)

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
        return grad * (x / xp.where(out == 0, 1.0, out))

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * (y / xp.where(out == 0, 1.0, out))


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
