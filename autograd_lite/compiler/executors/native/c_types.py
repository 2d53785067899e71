"""NumPy's dtypes and numbers, in C."""

from functools import cache
from typing import Any

import numpy as np

NAMES = {
    "bool": "bool",
    "float32": "float",
    "float64": "double",
    **{f"{sign}int{n}": f"{sign}int{n}_t" for sign in ("", "u") for n in (8, 16, 32, 64)},
}


@cache
def is_known(dtype: np.dtype[Any]) -> bool:
    """Whether C has the dtype, in the byte order of this machine."""
    return dtype.name in NAMES and dtype.isnative


def c_type(dtype: np.dtype[Any]) -> str:
    """The C type of a dtype.

    >>> c_type(np.dtype("float32"))
    'float'
    """
    return NAMES[dtype.name]


def literal(value: Any, dtype: np.dtype[Any]) -> str:
    """A number as a C constant of exactly that value and type.

    >>> literal(0.1, np.dtype("float32")), literal(-3, np.dtype("int64"))
    ('0.1f', '(int64_t)-3')
    """
    if dtype.kind == "b":
        return "true" if value else "false"
    if dtype.kind in "iu":
        return f"({c_type(dtype)}){_whole(int(value))}"
    return _real(dtype.type(value), "f" if dtype.itemsize == 4 else "")


def _whole(value: int) -> str:
    if value > np.iinfo(np.int64).max:
        return f"{value}u"
    return "INT64_MIN" if value == np.iinfo(np.int64).min else str(value)


def _real(value: Any, suffix: str) -> str:
    if np.isnan(value):
        return "NAN"
    sign = "-" if np.signbit(value) else ""
    return f"{sign}INFINITY" if np.isinf(value) else f"{value!s}{suffix}"
