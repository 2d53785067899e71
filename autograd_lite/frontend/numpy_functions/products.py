"""Products, and the diagonals of matrices."""

from string import ascii_letters
from typing import Any

from autograd_lite import functions as xp
from autograd_lite.core.shapes import spec_of
from autograd_lite.frontend.numpy_functions.shaping import ravel


def dot(a: Any, b: Any) -> Any:
    """`a · b`: a product with a scalar, else over the last axis of a and the last but one of b."""
    if 0 in (_ndim(a), _ndim(b)):
        return xp.multiply(a, b)
    if _ndim(b) <= 2:
        return xp.matmul(a, b)
    return xp.tensordot(a, b, axes=((-1,), (-2,)))


def inner(a: Any, b: Any, /) -> Any:
    """The products over the last axes of both."""
    if 0 in (_ndim(a), _ndim(b)):
        return xp.multiply(a, b)
    return xp.tensordot(a, b, axes=((-1,), (-1,)))


def vdot(a: Any, b: Any, /) -> Any:
    """The sum of all products element by element."""
    return xp.vecdot(_row(a), _row(b))


def outer(a: Any, b: Any) -> Any:
    """Each element of a times each element of b."""
    return xp.outer(_row(a), _row(b))


def _row(a: Any) -> Any:
    return a if _ndim(a) == 1 else ravel(a)


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product."""
    return xp.kron(a, b)


def matvec(x1: Any, x2: Any, /) -> Any:
    """Each matrix times its vector."""
    return xp.squeeze(xp.matmul(x1, xp.expand_dims(x2, axis=-1)), axis=-1)


def vecmat(x1: Any, x2: Any, /) -> Any:
    """Each vector times its matrix."""
    return xp.squeeze(xp.matmul(xp.expand_dims(x1, axis=-2), x2), axis=-2)


def einsum(*operands: Any, optimize: Any = False) -> Any:
    """Einstein's sums, written as a text, or with a list of axes behind each operand.

    The order of the products is found either way, whatever `optimize` says.
    """
    if isinstance(operands[0], str):
        return xp.einsum(*operands)
    arrays, lists = operands[: len(operands) // 2 * 2 : 2], operands[1::2]
    texts = ",".join(map(_letters, lists))
    result = f"->{_letters(operands[-1])}" if len(operands) % 2 else ""
    return xp.einsum(texts + result, *arrays)


def _letters(axes: Any) -> str:
    """A letter for each number, dots for an Ellipsis."""
    return "".join("..." if axis is ... else ascii_letters[axis] for axis in axes)


def cross(
    a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """The cross products of vectors of three elements."""
    if axis is not None:
        axisa = axisb = axisc = axis
    product = xp.linalg.cross(xp.moveaxis(a, axisa, -1), xp.moveaxis(b, axisb, -1))
    return xp.moveaxis(product, -1, axisc)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements with equal places on two axes, as a new last axis."""
    return xp.diagonal(xp.moveaxis(a, (axis1, axis2), (-2, -1)), offset=offset)


def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
    if v.ndim not in (1, 2):
        raise ValueError(f"{v.ndim} axes, where there must be one or two")
    return xp.diag(v, offset=k) if v.ndim == 1 else xp.diagonal(v, offset=k)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """The sum of the elements with equal places on two axes."""
    return xp.sum(diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


def _ndim(x: Any) -> int:
    return len(spec_of(x).shape)
