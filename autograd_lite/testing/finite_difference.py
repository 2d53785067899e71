"""Derivatives from values alone, with an honest error: what every rule is compared with.

All functions take `function`, from a step (a number, 0 for where we are) to an array, and work on
all elements of that array at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Path = Callable[[Any], Array]  # step → the values there

FIRST_STEPS = (2.0**-7, 2.0**-17, 2.0**-27)  # shorter ones where a longer one tells too little
FIRST_STEP = FIRST_STEPS[0]  # powers of two, so that a step along few bits is added exactly
RATIO = 2.0  # of two successive steps
STEPS = 10
COMPLEX_STEP = 2.0**-100  # its square vanishes beside 1, and no difference is taken
NOISE = 4.0  # how many units in the last place a value is trusted to
CERTAIN = 10.0  # how many errors apart two slopes are to be called different
ENOUGH = 1e-5  # a slope that is known this well, beside itself, is not looked for any further
NOTHING = 1e-9  # beside the value, this is no slope
TINY = np.finfo(np.float64).tiny / np.finfo(np.float64).eps  # numbers below lose their digits
OUTSIDE = (ArithmeticError, ValueError)  # what a function raises outside of its domain


class Estimate(NamedTuple):
    """Numbers with the error that each may have; an infinite error where nothing is known."""

    value: Array
    error: Array


class Slopes(NamedTuple):
    """The derivative of each element: from the left, from the right, and from both sides."""

    left: Estimate
    right: Estimate
    central: Estimate
    step: float = FIRST_STEP  # that a difference of values was divided by; 1 if there was none

    @property
    def is_known(self) -> Array:
        """Where both one-sided slopes could be found, or the central one."""
        return self._sides_are(np.isfinite) | np.isfinite(self.central.error)

    @property
    def has_kink(self) -> Array:
        """Where the slopes from left and right differ by more than their errors explain."""
        gap = np.abs(self.right.value - self.left.value)
        return np.asarray(gap > CERTAIN * (self.left.error + self.right.error))

    def is_enough(self, middle: Array) -> Array:
        """Where the slopes are known so well that shorter steps would tell no more."""
        floor = np.maximum(NOTHING * np.abs(middle), TINY)
        values = (self.left.value, self.right.value, self.central.value)
        size = np.max(np.nan_to_num(np.abs(values), posinf=0.0), axis=0)

        def is_small(error: Array) -> Array:
            return np.asarray(error <= np.maximum(ENOUGH * size, floor))

        return self._sides_are(is_small) | is_small(self.central.error)

    def better(self, other: Slopes) -> Slopes:
        """The more certain of two estimates, element by element and side by side."""
        left = _more_certain(self.left, other.left)
        right = _more_certain(self.right, other.right)
        return Slopes(left, right, _more_certain(self.central, other.central), other.step)

    def _sides_are(self, condition: Callable[[Array], Array]) -> Array:
        return np.asarray(condition(self.left.error) & condition(self.right.error))


def _more_certain(a: Estimate, b: Estimate) -> Estimate:
    better = b.error < a.error
    return Estimate(np.where(better, b.value, a.value), np.where(better, b.error, a.error))


def slopes(function: Path) -> Slopes:
    """The derivative at 0 of each element, from both sides together and from each side alone.

    Where the one-sided slopes differ there is a kink, such as ReLU has at 0, and every number
    between them is a derivative in the sense of Clarke (Optimization and Nonsmooth Analysis, 1983).

    >>> at_zero = slopes(lambda t: np.maximum(np.array([t, 1.0 + t]), 0.0))
    >>> at_zero.has_kink.tolist()
    [True, False]
    >>> at_zero.left.value.round(9).tolist(), at_zero.right.value.round(9).tolist()
    ([0.0, 1.0], [1.0, 1.0])
    """
    with np.errstate(all="ignore"):
        middle = np.asarray(function(0.0))
        found = _slopes(function, middle, FIRST_STEPS[0])
        for first in FIRST_STEPS[1:]:
            if not np.isfinite(middle).all() or found.is_enough(middle).all():
                break
            found = found.better(_slopes(function, middle, first))
    return found


def _slopes(function: Path, middle: Array, first: float) -> Slopes:
    """The slopes by steps from `first` downwards; a step out of the domain tells nothing."""
    steps = [first / RATIO**k for k in range(STEPS)]
    right = np.stack([_inside(function, h, middle) for h in steps])
    left = np.stack([_inside(function, -h, middle) for h in steps])
    widths = np.reshape(steps, (-1,) + (1,) * middle.ndim)
    noise = _noise(middle, left, right) / widths
    from_left = extrapolate((middle - left) / widths, noise, order=1)
    from_right = extrapolate((right - middle) / widths, noise, order=1)
    central = extrapolate((right - left) / (2 * widths), noise, order=2)
    only = [_where_alone(from_left, right), _where_alone(from_right, left)]  # at the domain's edge
    for side in only:
        central = _more_certain(central, side)
    return Slopes(from_left, from_right, central, step=first)


def _inside(function: Path, step: float, middle: Array) -> Array:
    """The values after a step; NaN where that leads out of the domain."""
    try:
        value = np.asarray(function(step))
    except OUTSIDE:
        return np.full_like(middle, np.nan)
    return value if value.shape == middle.shape else np.full_like(middle, np.nan)


def _where_alone(side: Estimate, other: Array) -> Estimate:
    """The slope from one side, as far as the function has no finite values on the other."""
    is_alone = ~np.isfinite(other).any(axis=0)
    return Estimate(side.value, np.where(is_alone, side.error, np.inf))


def extrapolate(quotients: Array, noise: Array, *, order: int) -> Estimate:
    """The limit of difference quotients whose error goes with step**order, step**(2·order) …

    A number is believed when three successive columns of the tableau agree; its error is their
    largest difference, and the rounding noise of the step it comes from (Richardson, The deferred
    approach to the limit, 1927; Ridders, Accurate computation of F'(x) and F'(x)F''(x), Advances
    in Engineering Software 4, 1982).
    """
    limit, least = quotients[0], np.full_like(quotients[0], np.inf)
    column, spread = quotients, np.full_like(quotients, np.inf)
    for j in range(1, len(quotients)):
        correction = (column[1:] - column[:-1]) / (RATIO ** (order * j) - 1)
        following = column[1:] + correction
        change = np.maximum(np.abs(correction), np.abs(following - column[:-1]))
        error = np.maximum(change, spread[1:]) + noise[j:]
        limit, least = _best(limit, least, following, error)
        column, spread = following, change
    return Estimate(limit, least)


def _best(limit: Array, least: Array, column: Array, error: Array) -> Estimate:
    """The elements of a column that are more certain than what was found before."""
    error = np.where(np.isfinite(error), error, np.inf)
    row = np.expand_dims(np.argmin(error, axis=0), 0)
    found = np.take_along_axis(column, row, axis=0)[0]
    found_error = np.take_along_axis(error, row, axis=0)[0]
    better = found_error < least
    return Estimate(np.where(better, found, limit), np.where(better, found_error, least))


def _noise(middle: Array, left: Array, right: Array) -> Array:
    """How much rounding may have changed the values."""
    values = np.abs([middle, *left, *right])
    largest = np.max(np.where(np.isfinite(values), values, 0.0), axis=0, initial=0.0)
    kind = np.finfo(middle.dtype)
    return np.asarray(NOISE * np.maximum(kind.eps * largest, kind.smallest_subnormal))


def complex_step(function: Path) -> Estimate | None:
    """The derivative at 0 of an analytic function, without any cancellation; None if it is not.

    `f(x + ih) = f(x) + ih·f'(x) + O(h²)`, so the imaginary part divided by h is the derivative to
    the last digits (Squire and Trapp, SIAM Review 40, 1998). A function that raises, or drops
    the imaginary part, is not analytic; one that drops it halfway, as `x·|x|` does, cannot be
    told from one that is, so the op has to declare `analytic = True`.

    >>> value, error = complex_step(lambda t: np.exp(np.asarray(1.0 + t)))
    >>> bool(abs(value - np.e) < 1e-15)
    True
    >>> complex_step(lambda t: np.abs(np.asarray(1.0 + t))) is None
    True
    """
    try:
        with np.errstate(all="ignore"):
            value = np.asarray(function(complex(0.0, COMPLEX_STEP)))
    except (TypeError, ValueError):
        return None
    if value.dtype.kind != "c":
        return None
    slope = value.imag / COMPLEX_STEP
    error = NOISE * np.finfo(value.dtype).eps * (np.abs(slope) + np.abs(value.real))
    is_lost = (np.abs(value.imag) < TINY) & (np.abs(value.real) < TINY / COMPLEX_STEP)
    return Estimate(slope, np.where(np.isfinite(error) & ~is_lost, error, np.inf))


def smooth_slopes(found: Estimate) -> Slopes:
    """The slopes of a function without kinks, found without differences."""
    return Slopes(found, found, found, step=1.0)


def bounds(estimates: Sequence[Estimate]) -> tuple[Array, Array]:
    """The least and the greatest number, element by element, that the estimates allow for."""
    low = np.min([value - error for value, error in estimates], axis=0)
    high = np.max([value + error for value, error in estimates], axis=0)
    return low, high
