"""Linear algebra: the standard's extension `linalg`, and whatever else `numpy.linalg` has."""

from typing import Any

import numpy as np

from autograd_lite.frontend.array_api_signatures import LINALG
from autograd_lite.numpy.wrappers import wrapped_functions

_FUNCTIONS = wrapped_functions(np.linalg, LINALG)
globals().update(_FUNCTIONS)

__all__ = list(_FUNCTIONS)


def __getattr__(name: str) -> Any:
    return getattr(np.linalg, name)
