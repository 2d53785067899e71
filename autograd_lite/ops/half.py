"""float16: 65,504 is the largest number it has, which sums, squares and counts soon exceed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Xp

__all__: list[str] = []

HALF = np.dtype(np.float16)


def widened(rule: Callable[..., Array]) -> Callable[..., Array]:
    """The rule that computes in float32 what it gets in float16, as NumPy's mean does."""

    @wraps(rule)
    def computed(xp: Xp, *arrays: Array, **params: Any) -> Array:
        if arrays[0].dtype is not HALF:
            return rule(xp, *arrays, **params)
        wide = [xp.astype(x, xp.float32) if x.dtype is HALF else x for x in arrays]
        return xp.astype(rule(xp, *wide, **params), HALF)

    return computed
