"""Values and slopes of orders 0 to 2, against 50 digits and over the whole range of floats.

The bound is 8 units in the last place of the right number, and 8 times what that changes by when
an input moves by one such unit. What overflows has to be infinite, what underflows 0.
"""

from collections.abc import Callable
from itertools import product
from math import copysign, hypot, inf, isfinite, isnan, nextafter, ulp
from typing import NamedTuple

import numpy as np
import pytest
from exact import EXACT, exactly, one
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf

import autograd_lite as ag
from autograd_lite import ops

pytestmark = pytest.mark.no_cover

UNITS = 8
LARGEST, TINY = np.finfo(np.float64).max, mpf(5e-324)

MAGNITUDES = (
    5e-324, 1e-320, 1e-310, 1e-300, 1e-200, 1e-160, 1e-100, 1e-80, 1e-50, 1e-17, 1e-8, 1e-3, 0.1,
    0.3, 0.5, 0.9, 1 - 1e-8, 1 - 2**-53, 1.0, 1 + 2**-52, 1.5, 3.0, 10.0, 20.0, 38.0, 40.0, 300.0, 600.0,
    708.0, 720.0, 745.0, 1e3, 1e4, 1e8, 1e16, 1e50, 1e80, 1e100, 1e160, 1e200, 1e300, 1e308,
)  # fmt: skip
PAIRED = (5e-324, 1e-310, 1e-200, 1e-20, 0.3, 1.0, 2.0, 40.0, 1e16, 1e100, 1e200, 1e308)


def both_signs(magnitudes):
    return [sign * x for x in (0.0, *magnitudes) for sign in (1, -1)]


GRIDS = {
    1: list(product([*both_signs(MAGNITUDES), inf, -inf])),
    2: list(product(both_signs(PAIRED), repeat=2)),
}


BESIDE_THE_GRID = {
    "Hypot": [(1e-76, 1e-263), (LARGEST, -LARGEST), (2.2e-309, 2.2e-309)],
    "HypotSlope": [(5e-14, 5e-174), (LARGEST, -LARGEST)],
    "Atan2": [(LARGEST, -LARGEST)],
    "Pow": [(23.0, -231.5)],
    "Erfc": [(27.0,)],
    "SiLU": [(-709.0,)],
}  # what random points have found


class Exempt(NamedTuple):
    """Where an op may be off, and why; each row has to be needed."""

    reason: str
    where: Callable[..., bool]
    orders: tuple[int, ...] = (0, 1, 2)


def is_minus_zero(x):
    return x == 0 and copysign(1, x) < 0


def is_beyond(x, y):
    return not isfinite(hypot(x, y))


def at_infinity(x):
    return not isfinite(x)


NO_LIMIT = Exempt("there is no limit at infinity: NaN", at_infinity)
ZERO_TIMES_INFINITY = Exempt("0 · ∞ at infinity, as IEEE has it", at_infinity, (2,))
POLE = Exempt("0 · ∞ at the pole", lambda x: abs(x) == 1, (2,))
TIE = Exempt("a kink: each has half of the slope", lambda x, y: x == y == 0, (1,))
BEYOND = Exempt("√(x² + y²) overflows", is_beyond, (1, 2))
ORIGIN = Exempt("a kink: slopes are 0 by convention", lambda x, y: x == y == 0)

EXEMPT: dict[str, list[Exempt]] = {
    "Div": [
        Exempt("0 / 0", lambda x, y: x == y == 0),
        Exempt("1 / y overflows: 0 · ∞", lambda x, y: x == 0 and 0 < abs(y) < 1e-308, (2,)),
    ],
    "Sqrt": [Exempt("√-0 is -0 by IEEE, and 1 / -0 is -∞", is_minus_zero, (1, 2))],
    "Pow": [
        Exempt("for x < 0 there is no slope in y", lambda x, y: copysign(1, x) < 0),
        Exempt("y - 1 is rounded", lambda x, y: abs(y) < 1 and x > 0, (1, 2)),
        Exempt("1 / x overflows", lambda x, y: 0 <= x < 1e-307, (2,)),
    ],
    "Hypot": [
        ORIGIN,
        Exempt("√(x² + y²) overflows", is_beyond, (2,)),
        Exempt("1 / r overflows", lambda x, y: max(abs(x), abs(y)) < 1e-307, (2,)),
    ],
    "HypotSlope": [
        ORIGIN,
        BEYOND,
        Exempt("1 / r² overflows", lambda x, y: max(abs(x), abs(y)) < 1e-150, (2,)),
    ],
    "Sin": [NO_LIMIT],
    "Cos": [NO_LIMIT],
    "Tan": [NO_LIMIT],
    "Atan": [ZERO_TIMES_INFINITY],
    "Asinh": [ZERO_TIMES_INFINITY],
    "Atan2": [
        Exempt("mpmath has no -0", lambda y, x: is_minus_zero(y) or is_minus_zero(x), (0,)),
        Exempt("the origin has no angle", lambda y, x: y == x == 0, (1, 2)),
        BEYOND,
        Exempt("1 / r² overflows", lambda y, x: max(abs(y), abs(x)) < 1e-150, (2,)),
    ],
    "Asin": [POLE],
    "Acos": [POLE],
    "Acosh": [POLE, ZERO_TIMES_INFINITY],
    "Atanh": [POLE],
    "ELU": [Exempt("a kink", lambda x: x == 0, (2,))],
    "Erf": [ZERO_TIMES_INFINITY],
    "Erfc": [ZERO_TIMES_INFINITY],
    "Maximum": [TIE],
    "Minimum": [TIE],
}

NOT_COMPARED = {
    "Where": "takes numbers as they are",
    "Clip": "takes numbers as they are",
    "CopySign": "takes numbers as they are",
    "Guard": "takes numbers as they are",
    "Remainder": "is exact by NumPy, and has the slopes 1 and -⌊x / y⌋",
}


def computed(name, columns, one):
    """For each combination of inputs, the value or derivative that the library finds."""
    row, op = EXACT[name], ops.OPS[name.split()[0]]
    x = [ag.Node(column) for column in columns]
    out = op(*x, **row.params)
    found = {(): out.value}
    for i in range(len(x)):
        first = ag.gradients(out, x[i], cotangent=one)
        found[i,] = first.value
        for j in range(i, len(x)):
            found[i, j] = slope_of(first, x[j], one)
    return found


def slope_of(first, x, one):
    try:
        return ag.gradients(first, x, cotangent=one).value
    except ag.errors.GradientError:  # it does not depend on x at all
        return np.zeros_like(one)


def as_arrays(name, points):
    columns = [np.array(column) for column in zip(*points, strict=True)]
    return computed(name, columns, np.ones(len(points)))


def as_floats(name, points):
    each = [computed(name, point, 1.0) for point in points]
    return {inputs: [found[inputs] for found in each] for inputs in each[0]}


def misses(name, points, steps):
    """Where the library is off: (order, point, found, exact). A step of 5: at each fifth point."""
    row = EXACT[name]
    with np.errstate(all="ignore"):
        readings = [(step, read(name, points[::step])) for read, step in steps.items()]
    values = [exactly(row.value, point) for point in points]
    for order in range(3):
        for inputs, function in row.order(order):
            for k, (point, value) in enumerate(zip(points, values, strict=True)):
                if order and isnan(value):
                    continue
                exact = exactly(function, point) if order else value
                for found in [found[inputs][k // step] for step, found in readings if not k % step]:
                    if not agrees(float(found), exact, function, point):
                        yield order, inputs, point, float(found), float_of(exact)


def agrees(number, exact, function, point):
    if isnan(exact) or isnan(number):
        return isnan(exact) and isnan(number)
    if abs(exact) >= LARGEST or not isfinite(number):
        return min(abs(exact), abs(number)) > LARGEST * (1 - 1e-12) and exact * number > 0
    error = abs(mpf(number) - exact)
    unit = ulp(float(exact))
    return error <= UNITS * unit or error <= UNITS * (unit + change(function, point, exact))


def change(function, point, exact):
    """What the exact number changes by, when each input moves by one unit in its last place.

    So does a factor that may be subnormal, and then has few digits.
    """
    factor = abs(exactly(getattr(function, "factor", one), point))
    total = abs(exact) * TINY / factor if factor else mpf(0)
    for i, x in enumerate(point):
        if x and isfinite(x):
            moved = [(*point[:i], nextafter(x, end), *point[i + 1 :]) for end in (0, inf * x)]
            changes = [abs(exactly(function, to) - exact) for to in moved if isfinite(to[0])]
            total += max([y for y in changes if isfinite(y)], default=0)
    return total


def float_of(exact):
    return copysign(inf, exact) if abs(exact) > LARGEST else float(exact)


def unexplained(name, points, steps):
    """The misses that no exemption covers, and the exemptions that cover one."""
    rest, used = [], set()
    for order, inputs, point, number, exact in misses(name, points, steps):
        reasons = [e.reason for e in EXEMPT.get(name, ()) if order in e.orders and e.where(*point)]
        used.update(reasons)
        if not reasons:
            rest.append(f"d{inputs} at {point}: {number!r}, exactly {exact!r}")
    return rest, used


@pytest.mark.parametrize("name", EXACT)
def test_op_on_the_grid(name):
    points = [*GRIDS[len(EXACT[name].first)], *BESIDE_THE_GRID.get(name, ())]
    rest, used = unexplained(name, points, {as_arrays: 1, as_floats: 5})
    assert not rest, "\n".join(rest[:20])
    assert used == {e.reason for e in EXEMPT.get(name, ())}, "an exemption is not needed"


WHOLE_RANGE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize("name", EXACT)
@given(data=st.data())
def test_op_anywhere(name, data):
    point = st.tuples(*[WHOLE_RANGE | st.floats(-50, 50)] * len(EXACT[name].first))
    rest, _ = unexplained(name, data.draw(st.lists(point, min_size=1, max_size=6)), {as_arrays: 1})
    assert not rest, "\n".join(rest)


def test_every_op_with_a_gradient_has_its_formulas():
    differentiable = {
        op.name
        for op in ops.OPS.values()
        if op.__module__.startswith("autograd_lite.ops.") and op.elementwise and any(op.vjps)
    }
    assert {name.split()[0] for name in EXACT} | set(NOT_COMPARED) == differentiable
