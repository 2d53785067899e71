"""Ops that work entry by entry: arithmetic, powers and logarithms, comparisons, selection."""

from __future__ import annotations

import numpy as np

from autograd_lite.ops.op import Array, Elementwise, Xp

__all__ = [
    "Abs",
    "Add",
    "Div",
    "Exp",
    "Guard",
    "Log",
    "Log1p",
    "Maximum",
    "Minimum",
    "Mul",
    "Neg",
    "Pow",
    "ReLU",
    "Sigmoid",
    "Sqrt",
    "Sub",
    "Tanh",
    "Where",
]


class Add(Elementwise):
    """`x + y`; the derivative is 1 for both."""

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

    analytic = True
    ufunc = np.negative

    def forward(xp: Xp, x: Array) -> Array:
        return -x

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return -grad


class Pow(Elementwise):
    """xʸ; the derivatives are y·xʸ⁻¹ (0 where y = 0, also at x = 0) and xʸ·ln x (0 at x = 0)."""

    ufunc = np.power

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.pow(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        base = xp.where(x == 0, xp.where(y == 0, 1.0, x), x)  # 0 · 0⁻¹ would be NaN
        return grad * y * xp.pow(base, y - 1)

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        return grad * out * xp.log(xp.where(x == 0, 1.0, x))


class Exp(Elementwise):
    """eˣ; its own derivative."""

    analytic = True
    ufunc = np.exp

    def forward(xp: Xp, x: Array) -> Array:
        return xp.exp(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * out


class Log(Elementwise):
    """The natural logarithm ln x; the derivative is 1/x."""

    analytic = True
    ufunc = np.log

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / x


class Log1p(Elementwise):
    """ln(1 + x), accurate near 0; the derivative is 1/(1 + x)."""

    analytic = True
    ufunc = np.log1p

    def forward(xp: Xp, x: Array) -> Array:
        return xp.log1p(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / (1 + x)


class Sqrt(Elementwise):
    """√x; the derivative is 1/(2√x), infinite at 0."""

    ufunc = np.sqrt

    def forward(xp: Xp, x: Array) -> Array:
        return xp.sqrt(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad / (2 * out)


class Tanh(Elementwise):
    """tanh x; the derivative is 1 - tanh²x."""

    analytic = True
    ufunc = np.tanh

    def forward(xp: Xp, x: Array) -> Array:
        return xp.tanh(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (1 - out * out)


class Abs(Elementwise):
    """|x|; the derivative is the sign of x, 0 at the kink x = 0."""

    selects = True
    ufunc = np.absolute

    def forward(xp: Xp, x: Array) -> Array:
        return xp.abs(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.where(x > 0, grad, xp.where(x < 0, -grad, 0.0))


class Maximum(Elementwise):
    """The larger of x and y; at a tie each gets half of the gradient."""

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


class Where(Elementwise):
    """X where the condition holds, y elsewhere; what is not selected gets the gradient 0."""

    selects = True

    def forward(xp: Xp, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, x, y)

    vjp_condition = None

    def vjp_x(xp: Xp, grad: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, grad, 0.0)

    def vjp_y(xp: Xp, grad: Array, out: Array, condition: Array, x: Array, y: Array) -> Array:
        return xp.where(condition, 0.0, grad)


class Guard(Elementwise):
    """X, but 0 where it is NaN and the cotangent it was computed from is 0: 0 · ∞ counts as 0.

    Behind an op that selects, a recorded gradient is guarded so. A finite x stays as it is, also
    for a cotangent that only happens to be 0, because its derivative still matters.
    """

    def forward(xp: Xp, x: Array, cotangent: Array) -> Array:
        return xp.where(x == x, x, xp.where(cotangent == 0, 0.0, x))  # noqa: PLR0124 - NaN

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, cotangent: Array) -> Array:
        return xp.where(x == out, grad, 0.0)

    vjp_cotangent = None


class Sigmoid(Elementwise):
    """σ(x) = 1/(1 + e⁻ˣ), written so that nothing overflows; the derivative is σ(1 - σ)."""

    def forward(xp: Xp, x: Array) -> Array:
        decay = xp.exp(-xp.abs(x))
        return xp.where(x >= 0, 1.0, decay) / (1 + decay)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (out * (1 - out))


class ReLU(Elementwise):
    """max(x, 0); the derivative is 1 for x > 0, and 0 elsewhere, the kink included."""

    selects = True

    def forward(xp: Xp, x: Array) -> Array:
        return xp.maximum(x, 0.0)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.where(x > 0, grad, 0.0)
