"""Arrays as users hand them in."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def as_array(value: Any) -> Array:
    """The value as an array; rows of different lengths, which are none, as one object."""
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray(None)


def describe(array: Any) -> str:
    """The dtype and shape of an array or node, in the words of all errors.

    >>> describe(np.zeros((2, 3), "float32"))
    'float32[2, 3]'
    """
    return f"{array.dtype}{list(array.shape)}"
