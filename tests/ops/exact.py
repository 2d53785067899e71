"""Values and derivatives at 50 digits: for each elementwise op with a gradient, in mpmath's words.

A row says the function, its first derivatives (one for each input) and its second ones (the
upper triangle, row by row). They are the formulas of textbooks, in forms that cancel nothing.
"""

from collections.abc import Callable
from itertools import combinations_with_replacement
from math import copysign, isfinite, isnan
from typing import NamedTuple

from mpmath import mp, mpc, mpf

mp.dps = 50
FAR = mpf(10) ** 1000  # on the way to infinity; its inverse stands for a zero with a sign
ONE, HALF = mpf(1), mpf(0.5)


class Row(NamedTuple):
    """A function with its derivatives, and the parameters of the op."""

    value: Callable[..., mpf]
    first: tuple[Callable[..., mpf], ...]
    second: tuple[Callable[..., mpf], ...]
    params: dict = {}  # noqa: RUF012 - never written to

    def order(self, n):
        """The derivatives of that order: which inputs they are taken in, and their functions."""
        inputs = range(len(self.first))
        functions = ((self.value,), self.first, self.second)[n]
        return list(zip(combinations_with_replacement(inputs, n), functions, strict=True))


def unary(value, first, second, **params):
    return Row(value, (first,), (second,), params)


def binary(value, x, y, xx, xy, yy):  # noqa: PLR0917
    return Row(value, (x, y), (xx, xy, yy))


def fading(factor, function):
    """A function with this factor: where that is subnormal it has few digits, and so have both."""
    function.factor = factor
    return function


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def bell(x):
    """The slope of the sigmoid."""
    return 1 / (2 * mp.cosh(x / 2)) ** 2


def density(x):
    """Of the standard normal distribution."""
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def normal(x):
    """Its integral from -∞."""
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1e20 else mpf(x > 0)


def gelu_inner(x):
    """What the approximation by tanh takes the sigmoid of, and its first two derivatives."""
    scale, cube = mp.sqrt(2 / mp.pi), mpf(0.044715)
    return 2 * scale * (x + cube * x**3), 2 * scale * (1 + 3 * cube * x * x), 12 * scale * cube * x


def gelu_share(x):
    return sigmoid(gelu_inner(x)[0])


def gelu_bell(x):
    return bell(gelu_inner(x)[0])


def gelu_first(x):
    u, du, _ = gelu_inner(x)
    return sigmoid(u) + x * bell(u) * du


def gelu_second(x):
    u, du, ddu = gelu_inner(x)
    return bell(u) * (2 * du + x * ddu - x * du * du * mp.tanh(u / 2))


def gauss(x):
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def erfc(x):
    return mp.erfc(x) if abs(x) < 1e20 else mpf(2 * (x < 0))


def hypot(x, y):
    return mp.sqrt(x * x + y * y)


def power(x, y):
    if x == 0:
        return mpf(y == 0) if y >= 0 else 1 / x
    if x < 0 and y != mp.floor(y):
        return mp.nan
    return mp.exp(y * mp.log(abs(x))) * (-1 if x < 0 and y % 2 else 1)


def power_below(x, y):
    return power(x, y - 1)


def log_power(x, y, n=1):
    """The derivative of xʸ in y, n times; 0 and -∞ are the limits from x > 0."""
    if x == 0:
        return mpf(0) if y >= 0 else (-1) ** n / x
    return power(x, y) * mp.log(x) ** n if x > 0 else mp.nan


def zero(*_):
    return mpf(0)


def one(*_):
    return mpf(1)


def angle_power(x):
    """1/√(1 - x²), real inside the interval alone."""
    return 1 / mp.sqrt((1 - x) * (1 + x))


LINEAR = (zero, zero, zero)
ALPHA, SLOPE = mpf(1.5), mpf(0.01)

EXACT: dict[str, Row] = {
    # elementwise
    "Add": binary(lambda x, y: x + y, one, one, *LINEAR),
    "Sub": binary(lambda x, y: x - y, one, lambda x, y: -ONE, *LINEAR),
    "Mul": binary(lambda x, y: x * y, lambda x, y: y, lambda x, y: x, zero, one, zero),
    "Div": binary(
        lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2,
        zero, lambda x, y: -1 / y**2, lambda x, y: 2 * x / y**3,
    ),
    "Neg": unary(lambda x: -x, lambda x: -ONE, zero),
    "Positive": unary(lambda x: x, one, zero),
    "Square": unary(lambda x: x * x, lambda x: 2 * x, lambda x: 2 * ONE),
    "Reciprocal": unary(lambda x: 1 / x, lambda x: -1 / x**2, lambda x: 2 / x**3),
    "Sqrt": unary(mp.sqrt, lambda x: 1 / (2 * mp.sqrt(x)), lambda x: -1 / (4 * x * mp.sqrt(x))),
    "Pow": binary(
        power, fading(power_below, lambda x, y: y and y * power(x, y - 1)),
        fading(power, log_power),
        fading(power_below, lambda x, y: y * (y - 1) and y * (y - 1) * power(x, y - 2)),
        fading(power_below, lambda x, y: power(x, y - 1) + y * log_power(x, y - 1)),
        fading(power, lambda x, y: log_power(x, y, 2)),
    ),
    "Hypot": binary(
        hypot, lambda x, y: x / hypot(x, y), lambda x, y: y / hypot(x, y),
        lambda x, y: y * y / hypot(x, y) ** 3, lambda x, y: -x * y / hypot(x, y) ** 3,
        lambda x, y: x * x / hypot(x, y) ** 3,
    ),
    "HypotSlope": binary(
        lambda x, y: x / hypot(x, y),
        lambda x, y: y * y / hypot(x, y) ** 3, lambda x, y: -x * y / hypot(x, y) ** 3,
        lambda x, y: -3 * x * y * y / hypot(x, y) ** 5,
        lambda x, y: y * (2 * x * x - y * y) / hypot(x, y) ** 5,
        lambda x, y: x * (2 * y * y - x * x) / hypot(x, y) ** 5,
    ),
    # exponential
    "Exp": unary(mp.exp, mp.exp, mp.exp),
    "Expm1": unary(mp.expm1, mp.exp, mp.exp),
    "Log": unary(mp.log, lambda x: 1 / x, lambda x: -1 / x**2),
    "Log1p": unary(mp.log1p, lambda x: 1 / (1 + x), lambda x: -1 / (1 + x) ** 2),
    "Log2": unary(
        lambda x: mp.log(x) / mp.log(2), lambda x: 1 / (x * mp.log(2)),
        lambda x: -1 / (x * x * mp.log(2)),
    ),
    "Log10": unary(
        lambda x: mp.log(x) / mp.log(10), lambda x: 1 / (x * mp.log(10)),
        lambda x: -1 / (x * x * mp.log(10)),
    ),
    "LogAddExp": binary(
        lambda x, y: max(x, y) + mp.log1p(mp.exp(-abs(x - y))),
        lambda x, y: sigmoid(x - y), lambda x, y: sigmoid(y - x),
        lambda x, y: bell(x - y), lambda x, y: -bell(x - y), lambda x, y: bell(x - y),
    ),
    "Sigmoid": unary(sigmoid, bell, lambda x: -bell(x) * mp.tanh(x / 2)),
    "SigmoidSlope": unary(
        bell, lambda x: -bell(x) * mp.tanh(x / 2),
        lambda x: bell(x) * (mp.tanh(x / 2) ** 2 - 2 * bell(x)),
    ),
    # trigonometry
    "Sin": unary(mp.sin, mp.cos, lambda x: -mp.sin(x)),
    "Cos": unary(mp.cos, lambda x: -mp.sin(x), lambda x: -mp.cos(x)),
    "Tan": unary(
        mp.tan, lambda x: 1 / mp.cos(x) ** 2, lambda x: 2 * mp.sin(x) / mp.cos(x) ** 3
    ),
    "Asin": unary(mp.asin, angle_power, lambda x: x * angle_power(x) ** 3),
    "Acos": unary(mp.acos, lambda x: -angle_power(x), lambda x: -x * angle_power(x) ** 3),
    "Atan": unary(
        mp.atan, lambda x: 1 / (1 + x * x), lambda x: -2 * x / (1 + x * x) ** 2
    ),
    "Atan2": binary(  # of y and x
        mp.atan2, lambda y, x: x / hypot(x, y) ** 2, lambda y, x: -y / hypot(x, y) ** 2,
        lambda y, x: -2 * x * y / hypot(x, y) ** 4,
        lambda y, x: (y - x) * (y + x) / hypot(x, y) ** 4,
        lambda y, x: 2 * x * y / hypot(x, y) ** 4,
    ),
    "Sinh": unary(mp.sinh, mp.cosh, mp.sinh),
    "Cosh": unary(mp.cosh, mp.sinh, mp.cosh),
    "Tanh": unary(
        mp.tanh, lambda x: 4 * bell(2 * x), lambda x: -8 * bell(2 * x) * mp.tanh(x)
    ),
    "Asinh": unary(
        mp.asinh, lambda x: 1 / hypot(1, x), lambda x: -x / hypot(1, x) ** 3
    ),
    "Acosh": unary(
        mp.acosh, lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),
        lambda x: -x / mp.sqrt((x - 1) * (x + 1)) ** 3,
    ),
    "Atanh": unary(
        mp.atanh, lambda x: angle_power(x) ** 2, lambda x: 2 * x * angle_power(x) ** 4
    ),
    # activation
    "LeakyReLU": unary(
        lambda x: x if x > 0 else SLOPE * x, lambda x: ONE if x > 0 else SLOPE, zero,
        slope=float(SLOPE),
    ),
    "ELU": unary(
        lambda x: x if x > 0 else ALPHA * mp.expm1(x),
        lambda x: ONE if x > 0 else ALPHA * mp.exp(x),
        lambda x: mpf(0) if x > 0 else ALPHA * mp.exp(x),
        alpha=float(ALPHA),
    ),
    "Softplus": unary(lambda x: max(x, 0) + mp.log1p(mp.exp(-abs(x))), sigmoid, bell),
    "SiLU": unary(
        fading(sigmoid, lambda x: x * sigmoid(x)),
        fading(sigmoid, lambda x: sigmoid(x) + x * bell(x)),
        fading(bell, lambda x: bell(x) * (2 - x * mp.tanh(x / 2))),
    ),
    "GELU": unary(
        fading(normal, lambda x: x * normal(x)),
        fading(normal, lambda x: normal(x) + x * density(x)),
        fading(density, lambda x: density(x) * (2 - x * x)),
    ),
    "GELU by tanh": unary(
        fading(gelu_share, lambda x: x * gelu_share(x)), fading(gelu_share, gelu_first),
        fading(gelu_bell, gelu_second), approximate="tanh",
    ),
    # special
    "Erf": unary(mp.erf, gauss, fading(gauss, lambda x: -2 * x * gauss(x))),
    "Erfc": unary(erfc, lambda x: -gauss(x), fading(gauss, lambda x: 2 * x * gauss(x))),
    # selection: whatever is chosen comes as it is
    "Maximum": binary(max, lambda x, y: mpf(x > y), lambda x, y: mpf(y > x), *LINEAR),
    "Minimum": binary(min, lambda x, y: mpf(x < y), lambda x, y: mpf(y < x), *LINEAR),
    "Abs": unary(abs, mp.sign, zero),
    "ReLU": unary(lambda x: max(x, 0), lambda x: mpf(x > 0), zero),
}  # fmt: skip


def exactly(function, point):
    """The function at floats, in the limit at infinities and poles; NaN where it is not real."""
    if not isfinite(point[0]):
        return towards_infinity(function, mpf(copysign(1, point[0])))
    try:
        return as_real(function(*map(mpf, point)))
    except (ZeroDivisionError, ValueError):  # a pole, at 0 or at 1
        sides = [
            as_real(function(*[mpf(x) * inwards or copysign(1, x) * side / FAR for x in point]))
            for inwards, side in ((1 - mpf(10) ** -40, 1), (1 + mpf(10) ** -40, -1))
        ]
        return next((mp.sign(x) * mp.inf for x in sides if not isnan(x)), mp.nan)


def towards_infinity(function, sign):
    """The limit of a function of one number, which has to grow, shrink or settle on the way."""
    near, far = as_real(function(sign * FAR)), as_real(function(sign * FAR**2))
    if isnan(far):
        return far
    if abs(far) > abs(near) * 3 / 2:
        return mp.sign(far) * mp.inf
    return far if 2 * abs(far) > abs(near) else mpf(0)


def as_real(number):
    return mp.nan if isinstance(number, mpc) else mpf(number)
