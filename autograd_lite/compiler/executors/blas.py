"""SciPy's BLAS, where SciPy is installed: products that add to their result in place.

NumPy has no such product. The routines are Fortran's, so a C-contiguous matrix is handed over as
its transpose; every function here is told in rows and columns as NumPy has them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
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
    names = ("gemm", "ger", "axpy", "gemv")
    return _Routines(*get_blas_funcs(names, dtype=dtype))


class _Routines:
    def __init__(self, gemm: Call, ger: Call, axpy: Call, gemv: Call) -> None:
        self.gemm, self.ger, self.axpy, self.gemv = gemm, ger, axpy, gemv


@cache
def logistic() -> Any:
    """SciPy's sigmoid as a ufunc, None without SciPy."""
    try:
        from scipy.special import expit  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        return None
    return expit
