"""The functions of `numpy.linalg` that have other arguments than the standard's."""

from typing import Any

from autograd_lite import functions as xp
from autograd_lite.core.shapes import Axes
from autograd_lite.ops.shaping import axes_of


def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A002
    """The norm of a vector or a matrix, or of all elements in one row."""
    if axis is None and ord is None:
        return xp.linalg.vector_norm(x, keepdims=keepdims)
    axes = axes_of("norm", x, axis)
    if len(axes) == 1:
        return xp.linalg.vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ValueError(f"{len(axes)} axes, where a norm has one or two")
    matrices = xp.moveaxis(x, axes, (-2, -1))
    found = xp.linalg.matrix_norm(matrices, ord="fro" if ord is None else ord)
    return xp.expand_dims(found, axis=axes) if keepdims else found


def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """The factors of `a`, or its singular values alone."""
    if not compute_uv:
        return xp.linalg.svdvals(a)
    return xp.linalg.svd(a, full_matrices=full_matrices)


def qr(a: Any, mode: str = "reduced") -> Any:
    """The factors of `a`, or for "r" the triangle alone."""
    return xp.linalg.qr(a).R if mode == "r" else xp.linalg.qr(a, mode=mode)


def eigh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues and eigenvectors of symmetric matrices, of which the lower triangle is read."""
    if UPLO.upper() != "L":
        raise ValueError(f"UPLO={UPLO!r}: the upper triangle gives vectors of another sign")
    return xp.linalg.eigh(a)


def eigvalsh(a: Any, UPLO: str = "L") -> Any:
    """Eigenvalues of symmetric matrices, of which one triangle is read."""
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f"UPLO={UPLO!r}, where it is 'L' or 'U'")
    return xp.linalg.eigvalsh(xp.matrix_transpose(a) if UPLO.upper() == "U" else a)
