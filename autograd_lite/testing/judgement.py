"""When an analytic and a numeric derivative agree: the tolerance, and where it comes from.

The tolerance is not chosen but derived: a multiple of what the finite differences say about their
own error, and the rounding of the sums. `benchmarks/gradient_check_experiment.py` records what each
constant below costs and buys on 2,000 correct graphs and more than 200 planted faults.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograd_lite.testing.finite_difference import (
    FIRST_STEP,
    Array,
    Estimate,
    Path,
    Slopes,
    bounds,
    complex_step,
    slopes,
    smooth_slopes,
)

SAFETY = 10.0  # how many estimated errors are granted; with 1, 5 in 10,000 graphs failed falsely
ROUNDING = 16.0  # units in the last place a value may be off; with 1, 2 in 10,000 failed falsely
RESOLUTION = 1e-4  # a numeric side less certain than this cannot see a fault of 0.1 %
INSIGNIFICANT = 1e-9  # ... unless the derivative itself is this small beside the value
SMALLEST = 1e-150  # a tolerance of 0 counts as this one
KINK = "kink"
UNCERTAIN = "the numeric side is too uncertain here"
LARGE = -(2.0**20)  # the size of the second cotangent; a power of two commutes with rounding

Pull = Callable[[Array], tuple[float, float]]
"""From a cotangent to the derivative along a direction, and what its rounding is proportional to.

A value v that is off by one unit in the last place moves the result by ε·|v|·|gradient of v|, so
that is the sum of |v|·|gradient of v| over all values (Wilkinson's running error analysis, 1963).
"""


class Outcome(enum.Enum):
    """What a comparison says; the worse, the later."""

    AGREE = 0
    UNCLEAR = 1
    DIFFER = 2


@dataclass(frozen=True)
class Comparison:
    """An analytic derivative beside a numeric one, with the error and tolerance of the latter."""

    analytic: float
    numeric: float
    error: float
    tolerance: float
    outcome: Outcome
    note: str = ""

    @property
    def excess(self) -> float:
        """The difference in tolerances; infinite if there is a NaN."""
        if self.outcome is Outcome.UNCLEAR:
            return 0.0
        difference = abs(self.analytic - self.numeric)
        return difference / max(self.tolerance, SMALLEST) if np.isfinite(difference) else np.inf

    def per_unit(self, length: float) -> Comparison:
        """The same for a direction of length 1 in the place of one of that length."""
        return replace(
            self,
            analytic=self.analytic / length,
            numeric=self.numeric / length,
            error=self.error / abs(length),
            tolerance=self.tolerance / abs(length),
        )


def compare(function: Path, pull: Pull, cotangent: Array, *, analytic: bool = False) -> Comparison:
    """Compare the derivative along a path, as values tell it, with what a reverse rule says.

    `function` gives the outputs along the path, `pull` the analytic derivative of the outputs'
    product with a cotangent. Outputs with a kink are judged apart from smooth ones: for them any
    number between the slopes from left and right is right. With `analytic`, the complex step is
    tried first.

    >>> square = lambda t: np.asarray((3.0 + t) ** 2)
    >>> compare(square, lambda u: (6.0 * u, 6.0), np.ones(())).outcome
    <Outcome.AGREE: 0>
    >>> compare(square, lambda u: (6.006 * u, 6.0), np.ones(())).outcome
    <Outcome.DIFFER: 2>
    """
    found = find_slopes(function, analytic=analytic)
    value = np.abs(function(0.0))
    known = found.is_known & np.isfinite(value)
    kinks = known & found.has_kink
    comparison = _compare_smooth(found, pull, np.where(known & ~kinks, cotangent, 0.0), value)
    if kinks.any():
        sides = [found.left, found.right]
        at_kinks = _compare_kinks(sides, pull, np.where(kinks, cotangent, 0.0))
        comparison = max(at_kinks, comparison, key=lambda c: c.outcome.value)
    return comparison if known.all() else _doubtful(comparison, int(np.sum(~known)))


def compare_with_hull(
    function: Path, beside: Sequence[Path], pull: Pull, cotangent: Array
) -> Comparison:
    """Ask only that the rule's number be between the slopes found here and beside.

    The derivatives at a kink are the means of those around it (Clarke, theorem 2.5.1).

    >>> relu = lambda x: lambda t: np.maximum(np.asarray(x + t), 0.0)
    >>> pull = lambda u: (0.5 * u, 1.0)
    >>> compare_with_hull(relu(0.0), [relu(-0.1), relu(0.1)], pull, np.ones(())).outcome
    <Outcome.AGREE: 0>
    """
    here, around = slopes(function), [slopes(path).central for path in beside]
    estimates = [here.left, here.right, *around]
    known = np.all([np.isfinite(estimate.error) for estimate in estimates], axis=0)
    comparison = _compare_kinks(estimates, pull, np.where(known, cotangent, 0.0))
    return comparison if known.all() else _doubtful(comparison, int(np.sum(~known)))


def find_slopes(function: Path, *, analytic: bool) -> Slopes:
    """The slopes by the complex step where it is allowed and works, else by differences."""
    found = complex_step(function) if analytic else None
    return slopes(function) if found is None else smooth_slopes(found)


def _compare_smooth(found: Slopes, pull: Pull, cotangent: Array, value: Array) -> Comparison:
    """The product of cotangent and slopes, as values tell it and as the rule does."""
    used = cotangent != 0
    weight, slope = cotangent[used], found.central.value[used]
    numeric, error = float(weight @ slope), float(np.abs(weight) @ found.central.error[used])
    analytic, scale = _farther(pull, cotangent, numeric)
    tolerance = SAFETY * error + _rounding(scale, found.step)
    significant = INSIGNIFICANT * (np.abs(weight) @ value[used] + scale)
    if not tolerance <= max(RESOLUTION * np.abs(weight) @ np.abs(slope), significant):
        return Comparison(analytic, numeric, error, tolerance, Outcome.UNCLEAR, UNCERTAIN)
    return _judged(Comparison(analytic, numeric, error, tolerance, Outcome.AGREE))


def _compare_kinks(estimates: Sequence[Estimate], pull: Pull, cotangent: Array) -> Comparison:
    """Whether the rule's number is between those that the estimated slopes give."""
    used = cotangent != 0
    low, high = bounds(estimates)
    ends = cotangent[used] * low[used], cotangent[used] * high[used]
    least, greatest = float(np.minimum(*ends).sum()), float(np.maximum(*ends).sum())
    middle, radius = (least + greatest) / 2, (greatest - least) / 2
    analytic, scale = _farther(pull, cotangent, middle)
    tolerance = radius + _rounding(scale, FIRST_STEP)
    return _judged(Comparison(analytic, middle, radius, tolerance, Outcome.AGREE, KINK))


def _judged(comparison: Comparison) -> Comparison:
    """The comparison, with the outcome that its numbers have; a NaN agrees with nothing."""
    if abs(comparison.analytic - comparison.numeric) <= comparison.tolerance:
        return comparison
    return replace(comparison, outcome=Outcome.DIFFER)


def _rounding(scale: float, step: float) -> float:
    """What rounding can do to a difference over a step, divided by it."""
    return ROUNDING * float(np.finfo(np.float64).eps) * scale / step


def _farther(pull: Pull, cotangent: Array, numeric: float) -> tuple[float, float]:
    """What the rule gives for a cotangent or for a large one, whichever is less like `numeric`.

    A rule is linear in the cotangent; one that clips it shows so when the cotangent is large.
    """
    small, scale = pull(cotangent)
    large = pull(LARGE * cotangent)[0] / LARGE
    is_small = np.isnan(small) or abs(small - numeric) >= abs(large - numeric)
    return (small if is_small else large), (scale if np.isfinite(scale) else 0.0)


def _doubtful(comparison: Comparison, unknown: int) -> Comparison:
    """The comparison of what could be compared; beyond that, only a difference is certain."""
    if comparison.outcome is Outcome.DIFFER and np.isfinite(comparison.analytic):
        return comparison
    note = f"{unknown} elements of the output are not finite or have no slope here"
    return replace(comparison, outcome=Outcome.UNCLEAR, note=note)
