"""Ops that work element by element: angles, circles and hyperbolas."""

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Xp
from autograd_lite.ops.exponential import SigmoidSlope

__all__ = [
    "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cos", "Cosh", "Sin", "Sinh",
    "Tan", "Tanh",
]  # fmt: skip


class Sin(Elementwise):
    """The sine of x in radians; the derivative is cos x."""

    formula = "sin x"
    derivative = "cos x"
    analytic = True
    ufunc = np.sin

    def forward(xp: Xp, x: Array) -> Array:
        return xp.sin(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * xp.cos(x)


class Cos(Elementwise):
    """The cosine of x in radians; the derivative is -sin x."""

    formula = "cos x"
    derivative = "-sin x"
    analytic = True
    ufunc = np.cos

    def forward(xp: Xp, x: Array) -> Array:
        return xp.cos(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad * xp.sin(x)


class Tan(Elementwise):
    """The tangent of x in radians; the derivative is 1 + tan²x."""

    formula = "tan x"
    derivative = "1 + tan²x"
    analytic = True
    ufunc = np.tan

    def forward(xp: Xp, x: Array) -> Array:
        return xp.tan(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (1 + out * out)


class Asin(Elementwise):
    """The angle from -π/2 to π/2 whose sine is x; the derivative is 1/√(1 - x²), infinite at ±1."""

    formula = "asin x"
    derivative = "1 / √(1 - x²)"
    ufunc = np.arcsin

    def forward(xp: Xp, x: Array) -> Array:
        return xp.asin(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / xp.sqrt(_one_less_square(xp, x))


class Acos(Elementwise):
    """The angle from 0 to π whose cosine is x; the derivative is -1/√(1 - x²), infinite at ±1."""

    formula = "acos x"
    derivative = "-1 / √(1 - x²)"
    ufunc = np.arccos

    def forward(xp: Xp, x: Array) -> Array:
        return xp.acos(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad / xp.sqrt(_one_less_square(xp, x))


def _one_less_square(xp: Xp, x: Array) -> Array:
    """1 - x² without cancelling: neither itself near ±1, nor its derivative near 0."""
    return xp.where(xp.abs(x) < 0.5, 1 - x * x, (1 - x) * (1 + x))


class Atan(Elementwise):
    """The angle from -π/2 to π/2 whose tangent is x; the derivative is 1/(1 + x²)."""

    formula = "atan x"
    derivative = "1 / (1 + x²)"
    analytic = True
    ufunc = np.arctan

    def forward(xp: Xp, x: Array) -> Array:
        return xp.atan(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        size = xp.hypot(x, 1.0)  # its square might overflow
        return grad / size / size


class Atan2(Elementwise):
    """The angle from -π to π of the point (x, y), given as y and x.

    The derivatives are x/(x² + y²) for y and -y/(x² + y²) for x; NaN at the origin, which has no
    angle.
    """

    formula = "the angle of the point (x, y)"
    derivative = "y: x / (x² + y²); x: -y / (x² + y²)"
    kinks = "y = 0 with x < 0, where it jumps by 2π"
    ufunc = np.arctan2

    def forward(xp: Xp, y: Array, x: Array) -> Array:
        return xp.atan2(y, x)

    def vjp_y(xp: Xp, grad: Array, out: Array, y: Array, x: Array) -> Array:
        distance = xp.hypot(x, y)  # its square might overflow
        return grad * (x / distance / distance)

    def vjp_x(xp: Xp, grad: Array, out: Array, y: Array, x: Array) -> Array:
        distance = xp.hypot(x, y)
        return -grad * (y / distance / distance)


class Sinh(Elementwise):
    """The hyperbolic sine; the derivative is cosh x."""

    formula = "sinh x"
    derivative = "cosh x"
    analytic = True
    ufunc = np.sinh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.sinh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * xp.cosh(x)


class Cosh(Elementwise):
    """The hyperbolic cosine; the derivative is sinh x."""

    formula = "cosh x"
    derivative = "sinh x"
    analytic = True
    ufunc = np.cosh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.cosh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * xp.sinh(x)


class Tanh(Elementwise):
    """tanh x; the derivative is 1/cosh²x, made from x because tanh x is soon 1."""

    formula = "tanh x"
    derivative = "1 / cosh²x"
    analytic = True
    ufunc = np.tanh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.tanh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (4 * SigmoidSlope.within(xp, 2 * x))


class Asinh(Elementwise):
    """The number whose hyperbolic sine is x; the derivative is 1/√(x² + 1)."""

    formula = "asinh x"
    derivative = "1 / √(x² + 1)"
    analytic = True
    ufunc = np.arcsinh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.asinh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / xp.hypot(x, 1.0)


class Acosh(Elementwise):
    """The number from 0 up whose hyperbolic cosine is x; the derivative is 1/√(x² - 1).

    It is infinite at 1.
    """

    formula = "acosh x"
    derivative = "1 / √(x² - 1)"
    ufunc = np.arccosh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.acosh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / (xp.sqrt(x - 1) * xp.sqrt(x + 1))


class Atanh(Elementwise):
    """The number whose hyperbolic tangent is x; the derivative is 1/(1 - x²), infinite at ±1."""

    formula = "atanh x"
    derivative = "1 / (1 - x²)"
    ufunc = np.arctanh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.atanh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / _one_less_square(xp, x)
