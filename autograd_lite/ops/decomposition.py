"""Decompositions of matrices, whose factors are the outputs of one op.

As in NumPy, Cholesky and EigH read the lower triangle of a matrix and take it for symmetric. So a
gradient is in that triangle as well: an element below the diagonal gets what is due to the pair.
Eigenvectors and singular vectors could as well point the other way; they are as LAPACK gives them.
"""

from typing import Any

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape, is_node, spec_of
from autograd_lite.errors import OpCallError
from autograd_lite.ops.linalg import Solve
from autograd_lite.ops.matrices import (
    OfMatrices,
    OfSquares,
    mirrored,
    scaled_columns,
    turns,
    unmirrored,
    without_infinities,
)
from autograd_lite.ops.reduction import BroadcastLike

__all__ = [
    "QR", "SVD", "Cholesky", "EigH",
]  # fmt: skip


class Cholesky(OfSquares):
    """The lower triangle L with L · Lᵀ = x, for a symmetric positive definite x.

    The rule is that of I. Murray, "Differentiation of the Cholesky decomposition" (2016).
    """

    formula = "L with L · Lᵀ = x"
    derivative = (
        "S + Sᵀ below the diagonal, S on it: S = L⁻ᵀ · Φ(Lᵀ · grad) · L⁻¹, symmetric; Φ: lower "
        "triangle, diagonal halved"
    )
    expects = "symmetric positive definite matrices in the last two axes"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.linalg.cholesky(mirrored(xp, x))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        turned = xp.matrix_transpose(out)
        product = xp.matmul(turned, grad)
        half = (xp.tril(product) + xp.tril(product, k=-1)) / 2
        left = xp.linalg.solve(turned, half)
        return unmirrored(xp, xp.linalg.solve(turned, xp.matrix_transpose(left)))


class EigH(OfSquares):
    """Eigenvalues w in ascending order and eigenvectors V of a symmetric x.

    Vectors of equal eigenvalues are not determined by x. A gradient that turns them against each
    other has no finite result; one that does not counts as 0, as for functions of eigenvalues.
    """

    formula = "w, V with x · V = V · diag(w)"
    derivative = (
        "S + Sᵀ below the diagonal, S on it: S = V · (diag(grad w) + F ∘ (Vᵀ · grad V)) · Vᵀ; "
        "Fᵢⱼ = 1 / (wⱼ - wᵢ)"
    )
    kinks = "equal eigenvalues"
    expects = "symmetric matrices in the last two axes"
    outputs = ("eigenvalues", "eigenvectors")

    def forward(xp: Xp, x: Array) -> tuple[Array, ...]:
        return tuple(xp.linalg.eigh(mirrored(xp, x)))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        (values, vectors), (grad_values, grad_vectors) = out, grad
        turned = xp.matrix_transpose(vectors)
        halves = turns(xp, xp.matmul(turned, grad_vectors), values) / 2
        moved = xp.matmul(vectors, halves) + scaled_columns(xp, vectors, grad_values)
        return unmirrored(xp, xp.matmul(moved, turned))

    @classmethod
    def output_shapes(cls, *shapes: Shape) -> tuple[Shape, ...]:
        """A number and a column for each column."""
        return shapes[0][:-1], shapes[0]


class QR(OfMatrices):
    """Q with orthonormal columns and an upper triangle R.

    The rule needs a matrix of full rank, and is that of M. Seeger et al., "Auto-differentiating
    linear algebra" (2017); copyltu mirrors a lower triangle upwards. The Q of a wide matrix is that
    of its left square x · E, and the rest of R is Qᵀ times the rest of x.
    """

    formula = "Q, R with Q · R = x"
    derivative = "(grad Q + Q · copyltu(R · grad Rᵀ - grad Qᵀ · Q)) · R⁻ᵀ"
    expects = "matrices in the last two axes, of full rank for a gradient"
    outputs = ("Q", "R")

    def forward(xp: Xp, x: Array) -> tuple[Array, ...]:
        return tuple(xp.linalg.qr(x))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        (q, r), (grad_q, grad_r) = out, grad
        one = xp.asarray(1.0, dtype=x.dtype)
        ones = BroadcastLike.within(xp, one, xp.matrix_transpose(r), axis=())
        square = xp.tril(xp.triu(ones))  # E, the identity in as many columns as x has rows at most
        grad_r = xp.triu(grad_r)
        grad_left = xp.matmul(grad_r, square)
        grad_right = grad_r - xp.matmul(grad_left, xp.matrix_transpose(square))
        grad_q = grad_q + xp.matmul(x, xp.matrix_transpose(grad_right))
        left = _pull_qr(xp, q, xp.matmul(r, square), grad_q, grad_left)
        return xp.matmul(left, xp.matrix_transpose(square)) + xp.matmul(q, grad_right)

    @classmethod
    def output_shapes(cls, *shapes: Shape) -> tuple[Shape, ...]:
        """Reduced: as many columns of Q, and rows of R, as the shorter side has."""
        *stack, rows, columns = shapes[0]
        side = min(rows, columns)
        return (*stack, rows, side), (*stack, side, columns)


def _pull_qr(xp: Xp, q: Array, r: Array, grad_q: Array, grad_r: Array) -> Array:
    """The gradient of a matrix with at least as many rows as columns."""
    inner = xp.matmul(r, xp.matrix_transpose(grad_r)) - xp.matmul(xp.matrix_transpose(grad_q), q)
    total = grad_q + xp.matmul(q, mirrored(xp, inner))
    return xp.matrix_transpose(Solve.within(xp, r, xp.matrix_transpose(total)))


class SVD(OfMatrices):
    """U, s and Vᵀ with x = U · diag(s) · Vᵀ, reduced, s in descending order.

    Vectors of equal singular values are not determined by x. A gradient that turns them against
    each other has no finite result; one that does not counts as 0. The rule is that of J. Townsend,
    "Differentiating the singular value decomposition" (2016).
    """

    formula = "U, s, Vᵀ with U · diag(s) · Vᵀ = x"
    derivative = (
        "U·(J·S + S·K + diag(grad s))·Vᵀ + (I - U·Uᵀ)·grad U·S⁻¹·Vᵀ + U·S⁻¹·grad Vᵀ·(I - V·Vᵀ); "
        "J, K: F ∘ (Uᵀ·grad U), F ∘ (Vᵀ·grad V) plus their transposes, Fᵢⱼ = 1 / (sⱼ² - sᵢ²)"
    )
    kinks = "equal singular values, s = 0"
    outputs = ("U", "S", "Vh")

    def forward(xp: Xp, x: Array) -> tuple[Array, ...]:
        return tuple(xp.linalg.svd(without_infinities(x), full_matrices=False))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        (u, s, turned), (grad_u, grad_s, grad_turned) = out, grad
        v, grad_v = xp.matrix_transpose(turned), xp.matrix_transpose(grad_turned)
        j = turns(xp, xp.matmul(xp.matrix_transpose(u), grad_u), s * s)
        k = turns(xp, xp.matmul(turned, grad_v), s * s)
        core = scaled_columns(xp, j, s) + xp.expand_dims(s, axis=-1) * k
        left = xp.matmul(u, core) + scaled_columns(xp, u, grad_s) + _outside(xp, u, s, grad_u)
        beyond = xp.matrix_transpose(_outside(xp, v, s, grad_v))
        return xp.matmul(left, turned) + xp.matmul(u, beyond)

    @classmethod
    def output_shapes(cls, *shapes: Shape) -> tuple[Shape, ...]:
        """Reduced: as many columns of U, and rows of Vᵀ, as the shorter side has."""
        *stack, rows, columns = shapes[0]
        side = min(rows, columns)
        return (*stack, rows, side), (*stack, side), (*stack, side, columns)


def _outside(xp: Xp, basis: Array, s: Array, grad: Array) -> Array:
    """(I - basis · basisᵀ) · grad · diag(s)⁻¹: what moves vectors out of the space they span."""
    inverse = xp.where(s == 0, 0.0, 1 / xp.where(s == 0, 1.0, s))
    moved = scaled_columns(xp, grad, inverse)
    return moved - xp.matmul(basis, xp.matmul(xp.matrix_transpose(basis), moved))


def refuse_complete(op: type[Op], x: Any, suggestion: str) -> None:
    """OpCallError if x is a node: vectors that x does not determine have no gradient."""
    if is_node(x):
        raise OpCallError(
            op.name,
            expected="the reduced decomposition, or a square matrix",
            came=f"x {spec_of(x)} to be filled up with vectors that x does not determine",
            suggestion=suggestion,
        )


def refuse_other_modes(mode: str) -> None:
    """OpCallError unless `mode` is one of a QR decomposition with both factors."""
    if mode not in ("reduced", "complete"):
        raise OpCallError(
            "qr",
            expected='mode "reduced" or "complete"',
            came=repr(mode),
            suggestion="for the triangle alone take qr(x).R",
        )
