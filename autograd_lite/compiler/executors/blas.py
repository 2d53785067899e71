"""SciPy's BLAS, where SciPy is installed: products that add to their result in place.

NumPy has no such product. The routines are Fortran's, so a C-contiguous matrix is handed over as
its transpose; every function here is told in rows and columns as NumPy has them. Native code calls
them by the addresses that SciPy's own Cython code uses.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

Call = Callable[..., Any]


@cache
def routines(dtype: np.dtype[Any]) -> Any:
    """SciPy's routines for a dtype: `.gemm`, `.ger`, `.axpy`; None where there are none."""
    if dtype.char not in "fd":
        return None
    try:
        from scipy.linalg import get_blas_funcs  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    return Routines(*get_blas_funcs(Routines._fields, dtype=dtype))


class Routines(NamedTuple):
    """SciPy's routines for one dtype."""

    gemm: Call
    ger: Call
    axpy: Call


@cache
def logistic() -> Any:
    """SciPy's sigmoid as a ufunc, None without SciPy."""
    try:
        from scipy.special import expit  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    return expit


def address(name: str) -> int:
    """The address of a routine of BLAS or LAPACK for a C type, "gemm_float"; 0 without SciPy."""
    try:
        from scipy.linalg import (  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
            cython_blas,
            cython_lapack,
        )
    except ImportError:
        return 0
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    routine, _, kind = name.partition("_")
    capsules = {**cython_lapack.__pyx_capi__, **cython_blas.__pyx_capi__}
    capsule = capsules[{"float": "s", "double": "d"}[kind] + routine]
    return int(get_pointer(capsule, get_name(capsule)))
