"""Linear algebra under the names of the array API's extension `linalg`.

Matrices are in the last two axes; the axes before them are a stack. Functions with several
results give a named tuple.
"""

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import Shape, spec_of
from autograd_lite.errors import unknown_name
from autograd_lite.functions.contraction import matmul, outer, tensordot, vecdot
from autograd_lite.functions.diagonals import diagonal, trace
from autograd_lite.functions.shaping import matrix_transpose, moveaxis, roll
from autograd_lite.functions.signatures import of_first, of_one, of_pair, of_two, reduction
from autograd_lite.ops.decomposition import refuse_complete, refuse_other_modes
from autograd_lite.ops.linalg import (
    refuse_fraction,
    refuse_no_number,
    refuse_ordinals,
    refuse_unlike_three,
)
from autograd_lite.ops.matrices import without_infinities
from autograd_lite.ops.shaping import of_lengths

__all__ = [
    "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm",
    "matrix_power", "matrix_rank", "matrix_transpose", "outer", "pinv", "qr", "slogdet",
    "solve", "svd", "svdvals", "tensordot", "trace", "vecdot", "vector_norm",
]  # fmt: skip


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and eigenvectors as columns."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """Orthonormal columns and an upper triangle."""

    Q: Any
    R: Any


class SlogDetResult(NamedTuple):
    """The sign of a determinant, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


class SVDResult(NamedTuple):
    """Left singular vectors as columns, singular values in descending order, right ones as rows."""

    U: Any
    S: Any
    Vh: Any


@of_one
def inv(x: Any, /) -> Any:
    """The inverse of each matrix.

    >>> inv([[2.0, 0.0], [0.0, 4.0]]).tolist()
    [[0.5, 0.0], [0.0, 0.25]]

    Raises SingularError for a matrix that has none.
    """
    return ops.Inv(x)


@of_first
def pinv(x: Any, /, *, rtol: float | None = None) -> Any:
    """The Moore-Penrose inverse; singular values up to rtol times the largest count as 0.

    >>> pinv([[2.0, 0.0]]).tolist()
    [[0.5], [0.0]]
    """
    return ops.PInv(_as_floats(x), rtol=rtol)


@of_two
def solve(x1: Any, x2: Any, /) -> Any:
    """The solution z of x1 · z = x2, for x2 a vector (n,) or matrices (…, n, k).

    >>> solve([[2.0, 0.0], [0.0, 4.0]], [1.0, 1.0]).tolist()
    [0.5, 0.25]

    Raises SingularError for a singular x1.
    """
    return ops.Solve(x1, x2)


@reduction
def det(x: Any, /) -> Any:
    """The determinant of each matrix.

    >>> float(round(det([[2.0, 0.0], [0.0, 4.0]]), 9))
    8.0
    """
    return ops.Det(x)


def slogdet(x: Any, /) -> SlogDetResult:
    """The sign of each determinant (no gradient) and the logarithm of its size.

    >>> float(slogdet([[2.0, 0.0], [0.0, 0.5]]).logabsdet)
    0.0
    """
    return SlogDetResult(*ops.SlogDet(x))


@of_first
def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    """The lower triangle L with L · Lᵀ = x, or its transpose, for a positive definite x.

    As in NumPy only that triangle of x is read, so its gradient is in that triangle, too.

    >>> cholesky([[4.0, 0.0], [0.0, 9.0]]).tolist()
    [[2.0, 0.0], [0.0, 3.0]]

    Raises SingularError for matrices that are not positive definite.
    """
    if upper:
        return matrix_transpose(ops.Cholesky(matrix_transpose(x)))
    return ops.Cholesky(x)


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    """Q with orthonormal columns and an upper triangle R whose product is x.

    `mode="complete"` fills Q up to a square. What is filled up is not determined by x: for a node
    with more rows than columns that is an OpCallError.

    >>> qr([[-2.0, -1.0], [0.0, 3.0]]).R.tolist()
    [[-2.0, -1.0], [0.0, 3.0]]
    """
    refuse_other_modes(mode)
    rows, columns = _sides(x)
    if mode == "complete" and rows > columns:
        refuse_complete(ops.QR, x, 'take qr(x, mode="reduced"), which has a gradient')
        return QRResult(*np.linalg.qr(x, mode="complete"))
    return QRResult(*ops.QR(x if mode == "reduced" else _as_it_is(x)))


def eigh(x: Any, /) -> EighResult:
    """Eigenvalues in ascending order and eigenvectors of symmetric matrices.

    As in NumPy only the lower triangle of x is read, so its gradient is in that triangle.

    >>> eigh([[3.0, 0.0], [0.0, 2.0]]).eigenvalues.tolist()
    [2.0, 3.0]
    """
    return EighResult(*ops.EigH(x))


@of_one
def eigvalsh(x: Any, /) -> Any:
    """The eigenvalues of symmetric matrices in ascending order.

    >>> eigvalsh([[3.0, 0.0], [0.0, 2.0]]).tolist()
    [2.0, 3.0]
    """
    return eigh(x).eigenvalues


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """U, S and Vh with x = U · diag(S) · Vh.

    Full matrices fill U or Vh up to a square. What is filled up is not determined by x: for a node
    that is not square that is an OpCallError.

    >>> svd([[3.0, 0.0], [0.0, 4.0]]).S.tolist()
    [4.0, 3.0]
    """
    rows, columns = _sides(x)
    if full_matrices and rows != columns:
        refuse_complete(ops.SVD, x, "take svd(x, full_matrices=False), which has a gradient")
        return SVDResult(*np.linalg.svd(without_infinities(np.asarray(x))))
    return SVDResult(*ops.SVD(_as_it_is(x) if full_matrices else x))


@of_one
def svdvals(x: Any, /) -> Any:
    """The singular values of each matrix, in descending order.

    >>> svdvals([[3.0, 0.0], [0.0, 4.0]]).tolist()
    [4.0, 3.0]
    """
    return svd(x, full_matrices=False).S


@reduction
def matrix_rank(x: Any, /, *, rtol: float | None = None) -> Any:
    """How many singular values are more than rtol times the largest; no gradient.

    >>> int(matrix_rank([[1.0, 1.0], [1.0, 1.0]]))
    1
    """
    return ops.MatrixRank(x, rtol=rtol)


@of_first
def matrix_power(x: Any, n: int, /) -> Any:
    """The product of n times the matrix; of its inverse for a negative n.

    >>> matrix_power([[1.0, 1.0], [0.0, 1.0]], 3).tolist()
    [[1.0, 3.0], [0.0, 1.0]]

    Raises OpCallError for a power that is not an integer.
    """
    refuse_fraction(n)
    if n in (0, 1):
        return ops.Where(n == 1, x, ops.IdentityLike(x))
    square, result = (x if n > 0 else inv(x)), None
    n = abs(n)
    while True:
        if n % 2:
            result = square if result is None else matmul(result, square)
        n //= 2
        if not n:
            return result
        square = matmul(square, square)


@of_pair
def cross(x1: Any, x2: Any, /, axis: int = -1) -> Any:
    """The cross products of vectors of three elements along an axis.

    >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).tolist()
    [0.0, 0.0, 1.0]

    Raises ShapeError for vectors of another length.
    """
    refuse_unlike_three(spec_of(x1), spec_of(x2), axis)
    x1, x2 = (moveaxis(of_lengths(x, axis), axis, -1) for x in (x1, x2))
    first = ops.Mul(roll(x1, -1, axis=-1), roll(x2, 1, axis=-1))
    product = ops.Sub(first, ops.Mul(roll(x1, 1, axis=-1), roll(x2, -1, axis=-1)))
    return moveaxis(product, -1, axis)


@reduction
def vector_norm(
    x: Any,
    /,
    *,
    axis: int | Shape | None = None,
    keepdims: bool = False,
    ord: float = 2,  # noqa: A002 - the array API says ord
) -> Any:
    """(Σ |x|ᵖ)^(1/p) over the axes, with p = ord: ±∞ is the largest or smallest size.

    With ord=0 it is the number of elements that are not 0, without gradient. The gradient at the
    zero vector is 0.

    >>> float(vector_norm([3.0, 4.0]))
    5.0
    """
    refuse_no_number(ord)
    x = _as_floats(x)
    options = {"axis": axis, "keepdims": keepdims}
    if ord == inf:
        return ops.Max(ops.Abs(x), **options)
    if ord == -inf:
        return ops.Neg(ops.Max(ops.Neg(ops.Abs(x)), **options))
    if ord == 1:
        return ops.Sum(ops.Abs(x), **options)
    if ord == 0:
        return ops.Sum(ops.Cast(ops.NotEqual(x, 0), dtype=x.dtype.name), **options)
    return ops.VectorNorm(x, power=ord, **options)


@reduction
def matrix_norm(
    x: Any,
    /,
    *,
    keepdims: bool = False,
    ord: float | str = "fro",  # noqa: A002 - the array API says ord
) -> Any:
    """The norm of each matrix: "fro", "nuc", 1, -1, 2, -2, or ±∞.

    2 and -2 are the largest and smallest singular value, "nuc" is their sum; 1 and -1 are the
    largest and smallest sum of sizes in a column, ±∞ in a row. Raises OpCallError for another.

    >>> float(matrix_norm([[3.0, 0.0], [0.0, 4.0]], ord="nuc"))
    7.0
    """
    refuse_ordinals(ord)
    x = _as_floats(x)
    if ord == "fro":
        return ops.VectorNorm(x, axis=(-2, -1), keepdims=keepdims)
    if ord in ("nuc", 2, -2):
        axes: Shape = (-1,)
        sizes = svdvals(x)
    else:
        axes = (-2, -1)
        sizes = ops.Sum(ops.Abs(x), axis=-2 if ord in (1, -1) else -1, keepdims=True)
    if ord == "nuc":
        reduced = ops.Sum(sizes, axis=axes)
    elif ord in (1, 2, inf):
        reduced = ops.Max(sizes, axis=axes)
    else:
        reduced = ops.Neg(ops.Max(ops.Neg(sizes), axis=axes))
    return ops.ExpandDims(reduced, axis=(-2, -1)) if keepdims else reduced


def _as_floats(x: Any) -> Any:
    """x in its dtype if that is floating, else in double precision, as NumPy's norms are."""
    return x if getattr(x, "dtype", np.dtype(int)).kind == "f" else ops.Cast(x, dtype="float64")


def _as_it_is(x: Any) -> Any:
    """x, which must stay as square or oblong as it is."""
    return of_lengths(x, *range(len(spec_of(x).shape))[-2:])


def _sides(x: Any) -> tuple[int, int]:
    """The lengths of the last two axes; what has less is left for the op to refuse."""
    shape = spec_of(x).shape
    rows, columns = shape[-2:] if len(shape) > 1 else (1, 1)
    return rows, columns


_ELSEWHERE = {
    "norm": "write vector_norm, or matrix_norm",
    "inverse": "write inv",
    "eig": "write eigh, for symmetric matrices",
    "eigvals": "write eigvalsh, for symmetric matrices",
    "lstsq": "write pinv(a) @ b",
}

if not TYPE_CHECKING:

    def __getattr__(name):  # noqa: ANN001, ANN202
        """What to write instead of a name that is not here."""
        raise unknown_name("linalg", name, __all__, _ELSEWHERE)
