"""The namespace to put in the place of `numpy`: arrays give arrays, nodes give nodes.

Every function of the array API standard has the standard's signature here; all else that NumPy
has is found under NumPy's name, and refuses a node where it would lose the gradient.

>>> import autograd_lite as ag
>>> import autograd_lite.numpy as np
>>> def loss(w):
...     return np.sum(np.exp(w) * np.linspace(0.0, 1.0, num=3))
>>> loss(np.zeros(3))
np.float64(1.5)
>>> ag.grad(loss)(np.zeros(3)).tolist()
[0.0, 0.5, 1.0]
"""

from typing import Any

import numpy as np

from autograd_lite.frontend.array_api_signatures import FUNCTIONS, VERSION
from autograd_lite.numpy import fft, linalg, overrides
from autograd_lite.numpy.overrides import array
from autograd_lite.numpy.wrappers import wrapped_functions

_VALUES = (
    "bool", "complex64", "complex128", "e", "float32", "float64", "inf", "int8", "int16", "int32",
    "int64", "nan", "newaxis", "pi", "uint8", "uint16", "uint32", "uint64",
)  # fmt: skip
_FUNCTIONS = wrapped_functions(np, FUNCTIONS, overrides.FUNCTIONS)
globals().update(_FUNCTIONS)
globals().update((name, getattr(np, name)) for name in _VALUES)

__array_api_version__ = VERSION

__all__ = [
    "__array_api_version__", "array", "fft", "linalg",
    *_VALUES, *_FUNCTIONS,
]  # fmt: skip


def __getattr__(name: str) -> Any:
    return getattr(np, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *dir(np)})
