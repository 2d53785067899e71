"""NumPy's functions that the standard lacks, or that differ from the standard's of that name.

Each takes the arguments of the NumPy function of its name, at least one of them a node, and is
written with the library's functions. What it refuses, it may refuse by a bare ValueError: the
dispatch tells it in the library's words. One file a family.
"""

from collections.abc import Callable
from inspect import isfunction
from types import ModuleType
from typing import Any

from autograd_lite.frontend.numpy_functions import (
    elementwise,
    fft,
    inspection,
    joining,
    linalg,
    products,
    reduction,
    shaping,
    statistics,
)

FAMILIES: dict[ModuleType, str] = {
    **dict.fromkeys(
        (elementwise, inspection, joining, products, reduction, shaping, statistics), "numpy"
    ),
    fft: "numpy.fft",
    linalg: "numpy.linalg",
}

ALIASES = {
    "around": "round",
    "conjugate": "copy",  # nodes are real
    "degrees": "rad2deg",
    "empty_like": "zeros_like",
    "imag": "zeros_like",
    "radians": "deg2rad",
    "real": "copy",
    "real_if_close": "copy",
}

NUMPY_FUNCTIONS: dict[tuple[str, str], Callable[..., Any]] = {
    (numpy_module, name): function
    for family, numpy_module in FAMILIES.items()
    for name, function in vars(family).items()
    if isfunction(function) and function.__module__ == family.__name__ and name[0] != "_"
}
"""The function to call, by the module and the name of NumPy's."""

NUMPY_FUNCTIONS |= {
    ("numpy", name): NUMPY_FUNCTIONS["numpy", other] for name, other in ALIASES.items()
}
