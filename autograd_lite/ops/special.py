"""The error function and its complement, which NumPy does not have.

W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation
23 (1969): three rational functions, each for a range of |x|, with relative errors below 1e-15.
"""

import math
from collections.abc import Sequence
from math import pi, sqrt

from autograd_lite.core.op import Array, Elementwise, Xp
from autograd_lite.ops.half import widened
from autograd_lite.ops.shortcuts import one_by_one, shortened

__all__ = [
    "Erf",
    "Erfc",
]

SMALL, LARGE = 0.46875, 4.0  # where one approximation hands over to the next
UNDERFLOW = 28.0  # erfc is 0 from here on
SLOPE = 2 / sqrt(pi)  # of erf at 0

Coefficients = Sequence[float]  # of a polynomial, the highest power first

NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2,
     3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
     2.84423683343917062e3),
)  # fmt: skip
MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
     1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3,
     1.23033935480374942e3),
)  # fmt: skip
FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
     1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1,
     6.05183413124413191e-2, 2.33520497626869185e-3),
)  # fmt: skip


class Erf(Elementwise):
    """The error function 2/√π ∫₀ˣ e⁻ᵗ² dt, to 1e-15; the derivative is 2/√π · e⁻ˣ²."""

    formula = "erf x = 2/√π ∫₀ˣ e⁻ᵗ² dt"
    derivative = "2/√π · e⁻ˣ²"

    @shortened(one_by_one(math.erf))
    @widened
    def forward(xp: Xp, x: Array) -> Array:
        size = xp.abs(x)
        far = 1 - _upper_tail(xp, size)
        return xp.where(size <= SMALL, _near_zero(xp, x), xp.where(x < 0, -far, far))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (SLOPE * xp.exp(-x * x))


class Erfc(Elementwise):
    """1 - erf x, as accurate where it is small; the derivative is -2/√π · e⁻ˣ²."""

    formula = "erfc x = 1 - erf x"
    derivative = "-2/√π · e⁻ˣ²"

    @shortened(one_by_one(math.erfc))
    @widened
    def forward(xp: Xp, x: Array) -> Array:
        size = xp.abs(x)
        far = _upper_tail(xp, size)
        return xp.where(size <= SMALL, 1 - _near_zero(xp, x), xp.where(x < 0, 2 - far, far))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return grad * (-SLOPE * xp.exp(-x * x))


def _near_zero(xp: Xp, x: Array) -> Array:
    """Erf for |x| up to SMALL; anything beyond is taken as that."""
    x = xp.minimum(xp.maximum(x, -SMALL), SMALL)
    return x * _ratio(NEAR, x * x)


def _upper_tail(xp: Xp, size: Array) -> Array:
    """Erfc for sizes from SMALL on; each part is kept from sizes that it is not made for."""
    middle = xp.minimum(size, LARGE)
    far = xp.minimum(xp.maximum(size, LARGE), UNDERFLOW)
    inverse = 1 / (far * far)
    series = (1 / sqrt(pi) - inverse * _ratio(FAR, inverse)) / far
    size = xp.minimum(size, UNDERFLOW)
    return _gauss(xp, size) * xp.where(size <= LARGE, _ratio(MIDDLE, middle), series)


def _gauss(xp: Xp, x: Array) -> Array:
    """e⁻ˣ², with x split so that the square of its first part is exact."""
    rough = xp.floor(x * 16) / 16
    return xp.exp(-rough * rough) * xp.exp(-(x - rough) * (x + rough))


def _ratio(polynomials: tuple[Coefficients, Coefficients], x: Array) -> Array:
    numerator, denominator = (_horner(coefficients, x) for coefficients in polynomials)
    return numerator / denominator


def _horner(coefficients: Coefficients, x: Array) -> Array:
    first, second, *rest = coefficients
    total = first * x + second
    for coefficient in rest:
        total = total * x + coefficient
    return total
