"""The bends between the layers of a network, element by element, which no large score overflows."""

from math import pi, sqrt

from autograd_lite.core.op import Array, Elementwise, Xp
from autograd_lite.errors import ConfigError
from autograd_lite.ops.exponential import Sigmoid, SigmoidSlope
from autograd_lite.ops.special import Erfc

__all__ = [
    "ELU", "GELU", "LeakyReLU", "SiLU", "Softplus",
]  # fmt: skip

NORMAL_PEAK = 1 / sqrt(2 * pi)  # of the density of the standard normal distribution
TANH_SCALE, TANH_CUBE = sqrt(2 / pi), 0.044715
SIGMOID_ENDS, NORMAL_ENDS = 2e4, 1e2  # from there on σ and Φ are 0 or 1, in every dtype


class LeakyReLU(Elementwise):
    """x where it is positive, else slope · x; the derivative is 1 or the slope, which it is at 0.

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic
    models", 2013.
    """

    formula = "x if x > 0 else slope · x"
    derivative = "1 if x > 0 else slope"
    kinks = "x = 0, where it is the slope"

    def forward(xp: Xp, x: Array, *, slope: float = 0.01) -> Array:
        return xp.where(x > 0, x, slope * x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, slope: float) -> Array:
        return xp.where(x > 0, grad, slope * grad)


class ELU(Elementwise):
    """x where it is positive, else α(eˣ - 1); the derivative is 1, or αeˣ, which it is at 0.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
    exponential linear units (ELUs)", 2016.
    """

    formula = "x if x > 0 else α(eˣ - 1)"
    derivative = "1 if x > 0 else αeˣ"
    kinks = "x = 0 unless α = 1: there it is α"

    def forward(xp: Xp, x: Array, *, alpha: float = 1.0) -> Array:
        return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, 0.0)))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, alpha: float) -> Array:
        return grad * xp.where(x > 0, 1.0, alpha * xp.exp(xp.minimum(x, 0.0)))


class Softplus(Elementwise):
    """ln(1 + eˣ), a smooth ReLU; the derivative is the sigmoid of x."""

    formula = "ln(1 + eˣ)"
    derivative = "σ(x)"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.maximum(x, 0.0) + xp.log1p(xp.exp(-xp.abs(1.0 * x)))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * Sigmoid.within(xp, x)


class SiLU(Elementwise):
    """x · σ(x), also called swish; the derivative is σ + xσ'.

    Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2018.
    """

    formula = "x · σ(x)"
    derivative = "σ(x) + xσ(x)σ(-x)"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.maximum(x, -SIGMOID_ENDS) * Sigmoid.within(xp, x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        bell = SigmoidSlope.within(xp, x)
        return grad * (Sigmoid.within(xp, x) + _near(xp, x, SIGMOID_ENDS) * bell)


class GELU(Elementwise):
    """x · Φ(x), Φ being the normal distribution's; the derivative is Φ + xφ, φ its density.

    With `approximate="tanh"` Φ is (1 + tanh(√(2/π)(x + 0.044715x³)))/2, off by 5e-4 at most.
    Source: Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", 2016.
    """

    formula = "x · Φ(x)"
    derivative = "Φ + xφ"
    hint = 'write approximate="none" or approximate="tanh"'

    def forward(xp: Xp, x: Array, *, approximate: str = "none") -> Array:
        near = _near(xp, x, NORMAL_ENDS)
        return xp.maximum(x, -NORMAL_ENDS) * _normal_share(xp, near, approximate)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, approximate: str) -> Array:
        near = _near(xp, x, NORMAL_ENDS)
        share = _normal_share(xp, near, approximate)
        if approximate == "none":
            return grad * (share + near * (NORMAL_PEAK * xp.exp(-0.5 * (near * near))))
        slope = 2 * TANH_SCALE * (1 + 3 * TANH_CUBE * (near * near))
        bell = SigmoidSlope.within(xp, _twice_inner(near))
        return grad * (share + near * (slope * bell))


def _near(xp: Xp, x: Array, ends: float) -> Array:
    """x, but no further out than where a bell is 0, so that ∞ · 0 does not come."""
    return xp.minimum(xp.maximum(x, -ends), ends)


def _normal_share(xp: Xp, x: Array, approximate: str) -> Array:
    """Φ(x): which share of the standard normal distribution lies below x."""
    if approximate == "none":
        return 0.5 * Erfc.within(xp, -sqrt(0.5) * x)
    if approximate != "tanh":
        raise ConfigError(
            "GELU",
            expected="approximate to be 'none' or 'tanh'",
            came=repr(approximate),
            suggestion="leave it out for the exact function",
        )
    return Sigmoid.within(xp, _twice_inner(x))


def _twice_inner(x: Array) -> Array:
    """What tanh would be taken of, twice: (1 + tanh u)/2 is the sigmoid of 2u."""
    return (2 * TANH_SCALE) * (x * (1 + TANH_CUBE * (x * x)))
