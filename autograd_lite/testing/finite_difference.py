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

FIRST_STEP = 1e-2
RATIO = 2.0  # of two successive steps
STEPS = 10
COMPLEX_STEP = 1e-100  # its square vanishes beside 1, and no difference is taken
NOISE = 4.0  # how many units in the last place a value is trusted to
CERTAIN = 10.0  # how many errors apart two slopes are to be called different


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
        sides = np.isfinite(self.left.error) & np.isfinite(self.right.error)
        return sides | np.isfinite(self.central.error)

    @property
    def has_kink(self) -> Array:
        """Where the slopes from left and right differ by more than their errors explain."""
        gap = np.abs(self.right.value - self.left.value)
        return np.asarray(gap > CERTAIN * (self.left.error + self.right.error))


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
    steps = [FIRST_STEP / RATIO**k for k in range(STEPS)]
    with np.errstate(all="ignore"):
        middle = np.asarray(function(0.0))
        right = np.stack([function(h) for h in steps])
        left = np.stack([function(-h) for h in steps])
        widths = np.reshape(steps, (-1,) + (1,) * middle.ndim)
        noise = _noise(middle, left, right) / widths
        return Slopes(
            extrapolate((middle - left) / widths, noise, order=1),
            extrapolate((right - middle) / widths, noise, order=1),
            extrapolate((right - left) / (2 * widths), noise, order=2),
        )


def richardson(function: Path) -> Estimate:
    """The derivative at 0 of each element of a smooth function, and its error.

    Central differences with halved steps, extrapolated to the step 0 (Richardson, The deferred
    approach to the limit, 1927), with the error from the tableau (Ridders, Accurate computation of
    F'(x) and F'(x)F''(x), Advances in Engineering Software 4, 1982).

    >>> value, error = richardson(lambda t: np.exp(1.0 + t))
    >>> bool(abs(value - np.e) <= error), bool(error < 1e-10)
    (True, True)
    """
    return slopes(function).central


def extrapolate(quotients: Array, noise: Array, *, order: int) -> Estimate:
    """The limit of difference quotients whose error goes with step**order, step**(2·order) …

    A number is believed when three successive columns of the tableau agree; its error is their
    largest difference, and the rounding noise of the step it comes from.
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
    largest = np.max(np.abs([middle, *left, *right]), axis=0, initial=0.0)
    return np.asarray(NOISE * np.finfo(middle.dtype).eps * largest)


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
    return Estimate(slope, np.where(np.isfinite(error), error, np.inf))


def smooth_slopes(found: Estimate) -> Slopes:
    """The slopes of a function without kinks, found without differences."""
    return Slopes(found, found, found, step=1.0)


def bounds(estimates: Sequence[Estimate]) -> tuple[Array, Array]:
    """The least and the greatest number, element by element, that the estimates allow for."""
    low = np.min([value - error for value, error in estimates], axis=0)
    high = np.max([value + error for value, error in estimates], axis=0)
    return low, high
