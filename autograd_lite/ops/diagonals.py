"""Ops on the diagonals and triangles of matrices, in the last two axes."""

from autograd_lite.core.op import Array, Xp
from autograd_lite.core.shapes import Shape
from autograd_lite.ops.shaping import Shaping
from autograd_lite.ops.writing import written

__all__ = [
    "Diag", "Diagonal", "DiagonalLike", "TriL", "TriU",
]  # fmt: skip


class MatrixShaping(Shaping, abstract=True):
    """An op on the last two axes; the axes before them are a stack of matrices."""

    selects = True
    analytic = True
    expects = "at least two axes"
    hint = "make a vector a matrix with expand_dims first"

    def refuse(x: Array, **params: int) -> None:
        if x.ndim < 2:
            raise ValueError("matrices have two axes")


class Diagonal(MatrixShaping):
    """The elements (i, i + offset) of each matrix."""

    formula = "xᵢ,ᵢ₊ₖ"
    derivative = "grad on the diagonal among zeros"

    def forward(xp: Xp, x: Array, *, offset: int = 0) -> Array:
        return xp.linalg.diagonal(x, offset=offset)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, offset: int) -> Array:
        return DiagonalLike.within(xp, grad, x, offset=offset)


class Diag(Shaping):
    """A matrix with the vector x on a diagonal, and 0 elsewhere; of a stack, one for each."""

    formula = "x on the diagonal among zeros"
    derivative = "the diagonal of grad"
    analytic = True
    expects = "at least one axis"

    def refuse(x: Array, **params: int) -> None:
        if not x.ndim:
            raise ValueError("a single number")

    def forward(xp: Xp, x: Array, *, offset: int = 0) -> Array:
        side = x.shape[-1] + abs(offset)
        return _on_diagonal(xp, x, (*x.shape[:-1], side, side), offset)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, offset: int) -> Array:
        return xp.linalg.diagonal(grad, offset=offset)


class DiagonalLike(Shaping):
    """Zeros shaped like `like`, with x as the diagonal of each matrix: the adjoint of Diagonal."""

    formula = "x on the diagonal among zeros"
    derivative = "the diagonal of grad"
    analytic = True
    expects = "x shaped like a diagonal of `like`"

    def forward(xp: Xp, x: Array, like: Array, *, offset: int = 0) -> Array:
        return _on_diagonal(xp, x, like.shape, offset)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, like: Array, *, offset: int) -> Array:
        return xp.linalg.diagonal(grad, offset=offset)

    vjp_like = None


class TriL(MatrixShaping):
    """Each matrix with 0 above diagonal k."""

    formula = "x where j ≤ i + k, else 0"
    derivative = "grad where j ≤ i + k, else 0"

    def forward(xp: Xp, x: Array, *, k: int = 0) -> Array:
        return xp.tril(x, k=k)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, k: int) -> Array:
        return xp.tril(grad, k=k)


class TriU(MatrixShaping):
    """Each matrix with 0 below diagonal k."""

    formula = "x where j ≥ i + k, else 0"
    derivative = "grad where j ≥ i + k, else 0"

    def forward(xp: Xp, x: Array, *, k: int = 0) -> Array:
        return xp.triu(x, k=k)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, k: int) -> Array:
        return xp.triu(grad, k=k)


def _on_diagonal(xp: Xp, x: Array, shape: Shape, offset: int) -> Array:
    """Zeros of that shape with x on a diagonal: in row-major order, each so many after the last."""
    *stack, rows, columns = shape
    flat = xp.zeros((*stack, rows * columns), dtype=x.dtype)
    first = max(-offset * columns, offset)
    behind = first + max(x.shape[-1] * (columns + 1) - columns, 0)
    return xp.reshape(written(flat, (..., slice(first, behind, columns + 1)), x), shape)
