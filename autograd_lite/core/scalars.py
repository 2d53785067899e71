"""`xp` for Python floats: the same vocabulary, from `math`, some ten times faster than NumPy.

A function that is missing here is NumPy's. Where `math` raises instead of returning an infinity
or a NaN, the caller asks NumPy instead, so results are the IEEE ones either way.
"""

import builtins

# isort: off
from math import (
    acos, acosh, asin, asinh, atan, atan2, atanh, copysign, cos, cosh, exp,
    expm1, hypot, isfinite, isinf, isnan, log, log1p, log2, log10, nextafter,
    pow, sin, sinh, sqrt, tan, tanh,  # noqa: A004
)  # fmt: skip

# isort: on
from typing import Any

import numpy as np

abs = builtins.abs  # noqa: A001


def where(condition: bool, x: float, y: float) -> float:
    """X if the condition holds, else y."""
    return x if condition else y


def maximum(x: float, y: float) -> float:
    """The larger one; y of two zeros, as in NumPy; NaN if either is."""
    return x if x > y or x != x else y  # noqa: PLR0124


def minimum(x: float, y: float) -> float:
    """The smaller one; y of two zeros, as in NumPy; NaN if either is."""
    return x if x < y or x != x else y  # noqa: PLR0124


def __getattr__(name: str) -> Any:
    found = getattr(np, name)
    return _as_floats(name, found) if isinstance(found, np.ufunc) else found


def _as_floats(name: str, ufunc: np.ufunc) -> Any:
    """NumPy's function, which warns of no NaN and gives Python numbers, as `math` does."""

    @np.errstate(all="ignore")
    def function(*values: Any) -> Any:
        return ufunc(*values).item()

    globals()[name] = function  # so that it is asked for once
    return function
