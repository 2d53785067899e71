"""Fourier transforms: the standard's extension `fft`, for arrays; there are no complex nodes."""

from typing import Any

import numpy as np

from autograd_lite.frontend.array_api_signatures import FFT
from autograd_lite.numpy.wrappers import wrapped_functions


def fftfreq(n: int, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of `fft`; NumPy's function has no dtype."""
    return np.asarray(np.fft.fftfreq(n, d, device=device), dtype)


def rfftfreq(n: int, d: float = 1.0, dtype: Any = None, device: Any = None) -> Any:
    """The frequencies of `rfft`; NumPy's function has no dtype."""
    return np.asarray(np.fft.rfftfreq(n, d, device=device), dtype)


_FUNCTIONS = wrapped_functions(np.fft, FFT, (fftfreq, rfftfreq))
globals().update(_FUNCTIONS)

__all__ = list(_FUNCTIONS)


def __getattr__(name: str) -> Any:
    return getattr(np.fft, name)
