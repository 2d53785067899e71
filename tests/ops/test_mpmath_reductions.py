"""Reductions of vectors at orders 0 to 2, against differences taken with some hundred digits.

The bound is that of single elements: 8 units in the last place of the right number, and 8 times
what that changes by when an element moves by one such unit.
"""

from collections.abc import Callable
from math import log10
from typing import NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf
from test_mpmath import agrees, float_of

import autograd_lite as ag
from autograd_lite import ops

pytestmark = pytest.mark.no_cover

STEP = mpf(10) ** -40  # of an element: what a difference is off by shows in no float


def exactly_total(x):
    """ln Σ eˣ; what is 0 in every float is left out, because it takes mpmath long."""
    top = max(x)
    return top + mp.log(sum(mp.exp(y - top) for y in x if y > top - 10**5))


def exactly_softmax(x):
    below = x[0] - exactly_total(x)
    return mp.exp(below) if below > -(10**5) else mpf(0)


def variance(x, correction=0):
    mean = sum(x) / len(x)
    return sum((y - mean) ** 2 for y in x) / (len(x) - correction)


def power_mean(power):
    return lambda x: sum(abs(y) ** power for y in x) ** (mpf(1) / power)


def standard(x):
    return (x[0] - sum(x) / len(x)) / mp.sqrt(variance(x) + mpf(1e-5))


def norm_of(power):
    return lambda x: ag.linalg.vector_norm(x, ord=power)


class Row(NamedTuple):
    """A function of a vector, and the same in mpmath's words."""

    function: Callable
    exact: Callable


ROWS = {
    "sum": Row(ag.sum, sum),
    "mean": Row(ag.mean, lambda x: sum(x) / len(x)),
    "prod": Row(ag.prod, mp.fprod),
    "max": Row(ag.max, max),
    "var": Row(ag.var, variance),
    "unbiased var": Row(lambda x: ag.var(x, correction=1), lambda x: variance(x, 1)),
    "std": Row(ag.std, lambda x: mp.sqrt(variance(x))),
    "logsumexp": Row(ag.logsumexp, exactly_total),
    "softmax": Row(lambda x: ag.softmax(x)[0], exactly_softmax),
    "log_softmax": Row(lambda x: ag.log_softmax(x)[0], lambda x: x[0] - exactly_total(x)),
    "cross-entropy": Row(
        lambda x: ag.cross_entropy_with_logits(x, 0), lambda x: exactly_total(x) - x[0]
    ),
    "norm 2": Row(norm_of(2), power_mean(2)),
    "norm 1": Row(norm_of(1), power_mean(1)),
    "norm 3": Row(norm_of(3), power_mean(3)),
    "norm -1": Row(norm_of(-1), power_mean(-1)),
    "cumulative_sum": Row(lambda x: ag.cumulative_sum(x)[1], lambda x: x[0] + x[1]),
    "cumulative_prod": Row(lambda x: ag.cumulative_prod(x)[1], lambda x: x[0] * x[1]),
    "standardize": Row(lambda x: ops.Standardize(x)[0], standard),
}
VECTORS = (
    (0.5, -1.25, 2.0), (40.0, 0.5, -3.0), (0.5, 40.0, 1.0), (37.4, 0.5), (300.0, -300.0, 10.0),
    (1e16, 1.0, 3.0), (1e-5, 2e-5, -1e-5), (600.0, 1.0, 2.0), (3.0, 1e-3, 7.0), (-745.0, 1.0),
    (1e200, 1.0), (1e200, 2e200), (1e-200, 3e-200), (1e-300, 2e-300), (1e300, 1e-300),
)  # fmt: skip


def derivative(exact, point, places):
    """The value, or a first or second derivative, by differences of mpmath's numbers."""
    magnitudes = sum(abs(log10(abs(y))) for y in point)
    with mp.workdps(int(460 + 2 * magnitudes)):
        x = [mpf(y) for y in point]
        steps = [STEP * abs(y) for y in x]

        def at(*moves):
            return exact([y + sum(h * s for i, h, s in moves if i == k) for k, y in enumerate(x)])

        if not places:
            return exact(x)
        if len(places) == 1:
            (i,) = places
            return (at((i, steps[i], 1)) - at((i, steps[i], -1))) / (2 * steps[i])
        i, j = places
        signs = [(s, t) for s in (1, -1) for t in (1, -1)]
        parts = [s * t * at((i, steps[i], s), (j, steps[j], t)) for s, t in signs]
        return sum(parts) / (4 * steps[i] * steps[j])


def computed(function, point):
    """What the library finds: by places, the value, first and second derivatives."""
    x = ag.Node(np.array(point))
    out = function(x)
    found = {(): out.value}
    first = ag.gradients(out, x)
    for i in range(len(point)):
        found[i,] = first.value[i]
        second = ag.grad(lambda y, i=i: ag.grad(function)(y)[i])(np.array(point))
        for j in range(i, len(point)):
            found[i, j] = second[j]
    return found


def misses(row):
    """Where the library is off: (places, vector, what was found, what is right)."""
    for vector in VECTORS:
        with np.errstate(all="ignore"):
            found = computed(row.function, vector)
        for places, number in found.items():

            def exact(*point, places=places):
                return derivative(row.exact, point, places)

            if not agrees(float(number), right := exact(*vector), exact, vector):
                yield places, vector, float(number), float_of(right)


class Exempt(NamedTuple):
    """Where a function may be off, and why; each row has to be needed."""

    reason: str
    where: Callable[[np.ndarray], bool]
    orders: tuple[int, ...] = (0, 1, 2)


def outweighs(x):
    """Whether one element counts for nearly all."""
    return np.sort(abs(x))[-1] > 2 * np.sort(abs(x))[-2]


def squares_leave_the_range(x):
    return not 1e-150 < max(abs(x)) < 1e150


CANCELS = Exempt("1 - u² cancels for the unit vector u", outweighs, (2,))
EXEMPT = {
    "norm 2": [CANCELS],
    "norm 3": [CANCELS],
    "norm -1": [
        CANCELS,
        Exempt("x / norm overflows", lambda x: max(abs(x)) > 1e300 * min(abs(x)), (2,)),
    ],
    "std": [
        Exempt("1 - u² cancels, and a line has no curvature", lambda x: True, (2,)),
        Exempt("squares over- or underflow, as NumPy's do", squares_leave_the_range),
    ],
    "standardize": [
        Exempt("what is left beside the mean and u cancels", lambda x: True, (1, 2)),
        Exempt("squares overflow", squares_leave_the_range, (0,)),
    ],
    "softmax": [Exempt("1 - 2p is rounded", lambda x: np.ptp(x) < 0.1, (2,))],
}


@pytest.mark.parametrize("name", ROWS)
def test_reduction(name):
    rest, used = [], set()
    for places, vector, number, right in misses(ROWS[name]):
        reasons = [
            e.reason
            for e in EXEMPT.get(name, ())
            if len(places) in e.orders and e.where(np.array(vector))
        ]
        used.update(reasons)
        if not reasons:
            rest.append(f"d{places} at {vector}: {number!r}, exactly {right!r}")
    assert not rest, "\n".join(rest)
    assert used == {e.reason for e in EXEMPT.get(name, ())}, "an exemption is not needed"
