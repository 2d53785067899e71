"""Dtypes too narrow for what is computed on the way to a result that they can hold.

float16 ends at 65,504, which sums, squares and counts soon exceed; integers wrap around, and
booleans neither add up nor subtract.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Xp

__all__: list[str] = []

HALF = np.dtype(np.float16)
WIDER: dict[Any, str] = {np.dtype(kind): "float64" for kind in "?bhilqBHILQ"} | {HALF: "float32"}


def widened(rule: Callable[..., Array]) -> Callable[..., Array]:
    """The rule that computes float16 in float32 and whole numbers in float64, as NumPy's mean does.

    What was float16 is float16 again in the end.
    """

    @wraps(rule)
    def computed(xp: Xp, *arrays: Array, **params: Any) -> Array:
        narrow = getattr(arrays[0], "dtype", None)
        wide = WIDER.get(narrow)
        if wide is None:
            return rule(xp, *arrays, **params)
        first, *others = (
            xp.astype(x, getattr(xp, wide)) if getattr(x, "dtype", None) == narrow else x
            for x in arrays
        )
        found = rule(xp, first, *others, **params)
        return xp.astype(found, HALF) if narrow is HALF else found

    return computed
