"""Where SciPy's BLAS is: the addresses that its own Cython code calls."""

from __future__ import annotations

import ctypes

ROUTINES = {"float": "sgemm", "double": "dgemm"}


def address(kind: str) -> int:
    """The address of gemm for a C type; 0 where there is none."""
    try:
        from scipy.linalg import cython_blas  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
    except ImportError:
        return 0
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    capsule = cython_blas.__pyx_capi__[ROUTINES[kind]]
    return int(get_pointer(capsule, get_name(capsule)))
