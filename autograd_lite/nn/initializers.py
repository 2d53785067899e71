"""Weights to start from: random, and of a size that keeps signals alive through the layers."""

from collections.abc import Callable
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import Seed, whole_number
from autograd_lite.nn.checks import generator as generator_of

Initializer: TypeAlias = Callable[[np.random.Generator, int, int, DTypeLike], NDArray[Any]]


@checks_call
def xavier_uniform(
    generator: np.random.Generator, n_in: int, n_out: int, dtype: DTypeLike = "float32"
) -> NDArray[Any]:
    """Weights (n_in, n_out), uniform between ±√(6 / (n_in + n_out)).

    Their variance 2 / (n_in + n_out) is a compromise between keeping the variance of what goes
    forward and of what comes back: Glorot & Bengio, "Understanding the difficulty of training deep
    feedforward neural networks", 2010, equation 16.

    >>> weight = xavier_uniform(np.random.default_rng(0), 784, 128)
    >>> weight.shape, str(weight.dtype), bool(abs(weight).max() <= 0.0812)
    ((784, 128), 'float32', True)
    """
    random, n_in, n_out = _checked(generator, n_in, n_out)
    limit = sqrt(6 / (n_in + n_out))
    return random.uniform(-limit, limit, (n_in, n_out)).astype(dtype)


@checks_call
def he_normal(
    generator: np.random.Generator, n_in: int, n_out: int, dtype: DTypeLike = "float32"
) -> NDArray[Any]:
    """Weights (n_in, n_out), normal with standard deviation √(2 / n_in), made for ReLU.

    The 2 makes up for the half of the signal that ReLU removes: He, Zhang, Ren & Sun, "Delving deep
    into rectifiers", 2015, equation 10.

    >>> weight = he_normal(np.random.default_rng(0), 200, 300)
    >>> weight.shape, round(float(weight.std()), 3)
    ((200, 300), 0.1)
    """
    random, n_in, n_out = _checked(generator, n_in, n_out)
    return random.normal(0.0, sqrt(2 / n_in), (n_in, n_out)).astype(dtype)


def _checked(random: Seed, n_in: int, n_out: int) -> tuple[np.random.Generator, int, int]:
    n_in, n_out = whole_number("n_in", n_in, least=1), whole_number("n_out", n_out, least=1)
    return generator_of(random), n_in, n_out


INITIALIZERS: dict[str, Initializer] = {"xavier": xavier_uniform, "he": he_normal}
