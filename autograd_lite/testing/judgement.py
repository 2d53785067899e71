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
SMALLEST = 1e-300  # a tolerance of 0 counts as this one
KINK = "kink"
CROSSING = "kinks of several elements meet here"
UNCERTAIN = "the numeric side is too uncertain here"
LARGE = (-(2.0**20), -(2.0**4))  # sizes of a second cotangent; powers of two commute with rounding
SMALL = 2.0**-20  # the size of a cotangent where one of size 1 overflows
ALIKE = 1e-6  # what differs less, beside itself, may come from an iteration inside that ends early
ALMOST = "alike to six digits: the values are not computed to more, or a constant is not"
SCATTERED = "both sides change as much when arguments move in their last places"
SHAKES = 4  # how often the arguments are moved in their last places before anybody is accused
GROUP = 2.0**10  # slopes that are so much smaller than others are looked at apart from them
GROUPS = 3

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

    @property
    def is_kink(self) -> bool:
        """Whether slopes from several sides were compared, and not one slope."""
        return self.note in (KINK, CROSSING)

    @property
    def low(self) -> float:
        """The least that the numeric side may be."""
        return self._without_dust(self.numeric - self.error)

    @property
    def high(self) -> float:
        """The most that the numeric side may be."""
        return self._without_dust(self.numeric + self.error)

    def _without_dust(self, end: float) -> float:
        return 0.0 if abs(end) <= INSIGNIFICANT * self.error else end

    def is_alike(self, share: float) -> bool:
        """Whether the sides differ by no more than this share of themselves."""
        return abs(self.analytic - self.numeric) <= share * abs(self.numeric)

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
    smooth = known & ~kinks
    size = np.where(smooth, np.abs(cotangent * found.central.value), 0.0)
    floor = INSIGNIFICANT * float(np.abs(cotangent[smooth]) @ value[smooth])
    comparisons = [
        _compare_smooth(found, pull, np.where(smooth & group, cotangent, 0.0), floor)
        for group in groups_of(size)
    ]
    if kinks.any():
        sides = [found.left, found.right]
        comparisons.insert(0, _compare_kinks(sides, pull, np.where(kinks, cotangent, 0.0)))
    comparison = max(comparisons, key=lambda c: (c.outcome.value, c.excess))
    comparison = replace(comparison, note=comparison.note or (KINK if kinks.any() else ""))
    return comparison if known.all() else _doubtful(comparison, int(np.sum(~known)))


def groups_of(size: Array) -> list[Array]:
    """Masks of what is of like size, the largest first: a small fault hides beside large numbers.

    >>> [group.tolist() for group in groups_of(np.array([1e6, 2.0, 0.0, 3e6]))]
    [[True, False, False, True], [False, True, True, False]]
    """
    largest = float(np.max(size, initial=0.0))
    limits = [largest / GROUP**k for k in range(1, GROUPS)]
    which = np.sum([size < limit for limit in limits], axis=0)
    return [which == k for k in range(GROUPS) if np.any(which == k)] or [np.ones(size.shape, bool)]


def steadied(
    comparison: Comparison, again: Callable[[], Comparison], alike: float = ALIKE
) -> Comparison:
    """The comparison; where it differs, only if there is evidence that this is not rounding.

    `again` compares with the arguments moved in their last places, as rounding would have moved
    them: what a number changes by then is what it cannot be trusted to (an inverse of a Hilbert
    matrix, the sine of a million). What differs by a share of `alike` is not called wrong either.
    """
    if comparison.outcome is not Outcome.DIFFER or not np.isfinite(comparison.analytic):
        return comparison
    if comparison.note == KINK:
        return comparison
    seen = [again() for _ in range(SHAKES)]
    scatter = np.ptp([c.analytic for c in seen]) + np.ptp([c.numeric for c in seen])
    tolerance = comparison.tolerance + SAFETY * float(np.nan_to_num(scatter, posinf=0.0))
    wider = _judged(replace(comparison, tolerance=tolerance, outcome=Outcome.AGREE))
    if wider.outcome is Outcome.DIFFER and wider.is_alike(alike):
        return replace(wider, outcome=Outcome.UNCLEAR, note=ALMOST)
    if wider.outcome is Outcome.AGREE and not tolerance <= RESOLUTION * abs(comparison.numeric):
        return replace(wider, outcome=Outcome.UNCLEAR, note=SCATTERED)
    return wider


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
    if found is None:
        return slopes(function)
    exact = smooth_slopes(found)
    return exact if np.isfinite(found.error).all() else exact.better(slopes(function))


def _compare_smooth(found: Slopes, pull: Pull, cotangent: Array, floor: float) -> Comparison:
    """The product of cotangent and slopes, as values tell it and as the rule does."""
    used = cotangent != 0
    weight, slope = cotangent[used], found.central.value[used]
    numeric, error = float(weight @ slope), float(np.abs(weight) @ found.central.error[used])
    analytic, scale = _farther(pull, cotangent, numeric)
    tolerance = SAFETY * error + _rounding(scale, found.step)
    size = float(np.abs(weight) @ np.abs(slope))
    significant = max(floor + INSIGNIFICANT * scale, SMALLEST)
    if not (np.isfinite(numeric) and tolerance <= max(RESOLUTION * size, significant)):
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
    One so large that the product overflows shows nothing.
    """
    small, scale = pull(cotangent)
    if not np.isfinite(small):
        small, scale = (x / SMALL for x in pull(SMALL * cotangent))
    found = (pull(size * cotangent)[0] / size for size in LARGE)
    large = next((x for x in found if np.isfinite(x)), small)
    is_small = np.isnan(small) or abs(small - numeric) >= abs(large - numeric)
    return (small if is_small else large), (scale if np.isfinite(scale) else 0.0)


def _doubtful(comparison: Comparison, unknown: int) -> Comparison:
    """The comparison of what could be compared; beyond that, only a difference is certain."""
    if comparison.outcome is Outcome.DIFFER and np.isfinite(comparison.analytic):
        return comparison
    note = f"{unknown} elements of the output are not finite or have no slope here"
    return replace(comparison, outcome=Outcome.UNCLEAR, note=note)
