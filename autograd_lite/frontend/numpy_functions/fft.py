"""The functions of `numpy.fft` that have real results."""

from typing import Any

from autograd_lite import functions as xp
from autograd_lite.core.shapes import Axes
from autograd_lite.ops.shaping import axes_of, of_lengths


def fftshift(x: Any, axes: Axes = None) -> Any:
    """The frequency 0 moved to the middle of the axes."""
    axes = axes_of("fftshift", x, axes)
    return xp.roll(of_lengths(x, *axes), tuple(x.shape[a] // 2 for a in axes), axis=axes)


def ifftshift(x: Any, axes: Axes = None) -> Any:
    """The frequency 0 moved from the middle to the beginning: fftshift undone."""
    axes = axes_of("ifftshift", x, axes)
    return xp.roll(of_lengths(x, *axes), tuple(-(x.shape[a] // 2) for a in axes), axis=axes)
