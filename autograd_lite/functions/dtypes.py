"""Dtypes, and what is asked of them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import bool, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64

__all__ = [
    "bool", "can_cast", "finfo", "float32", "float64", "iinfo", "int8", "int16", "int32", "int64",
    "isdtype", "result_type", "uint8", "uint16", "uint32", "uint64",
]  # fmt: skip

_LIMITS = (
    "bits", "dtype", "eps", "epsneg", "iexp", "machep", "max", "maxexp", "min", "minexp", "negep",
    "nexp", "nmant", "precision", "resolution", "smallest_normal", "smallest_subnormal", "tiny",
)  # fmt: skip


def isdtype(dtype: Any, kind: Any) -> Any:
    """Whether a dtype is of a kind, such as "real floating", or of one of several.

    >>> isdtype(float32, "real floating"), isdtype(int8, ("bool", "integral"))
    (True, True)
    """
    return np.isdtype(dtype, kind)


def result_type(*arrays_and_dtypes: Any) -> Any:
    """The dtype of what an operation on arrays, nodes, numbers and dtypes gives.

    >>> str(result_type(float32, float64))
    'float64'
    """
    return np.result_type(*arrays_and_dtypes)


def can_cast(from_: Any, to: Any, /) -> Any:
    """Whether a dtype, or that of an array or a node, converts to another without loss.

    >>> can_cast(float32, float64), can_cast(float64, float32)
    (True, False)
    """
    return np.can_cast(from_, to)


def finfo(type: Any, /) -> Any:  # noqa: A002 - the standard's name
    """The limits of a floating-point dtype, or of an array's; as Python floats.

    >>> finfo(float32).eps
    1.1920928955078125e-07
    """
    limits = np.finfo(_dtype_of(type))
    values = {name: getattr(limits, name) for name in _LIMITS}
    numbers = {k: float(v) for k, v in values.items() if isinstance(v, np.floating)}
    return SimpleNamespace(**values | numbers)


def iinfo(type: Any, /) -> Any:  # noqa: A002 - the standard's name
    """The limits of an integer dtype, or of an array's.

    >>> iinfo(int8).max
    127
    """
    return np.iinfo(_dtype_of(type))


def _dtype_of(kind: Any) -> Any:
    return kind if isinstance(kind, type) else getattr(kind, "dtype", kind)
