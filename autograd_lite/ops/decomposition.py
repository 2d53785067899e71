"""Decompositions of matrices. An op has one output, so the factors come as rows of one array.

All factors of a decomposition have as many columns: below each other they are one array, computed
once, with one backward rule for all of them. The functions in `linalg` take it apart.

Only the symmetric part (x + xᵀ)/2 of the input of Cholesky and Eigh counts. For a symmetric
matrix that is the matrix itself, and a gradient of a symmetric matrix is symmetric.

Eigenvectors and singular vectors could as well point the other way, and LAPACK's choice jumps from
one matrix to the next. Here a vector v has Σᵢ vᵢ / (i + e) ≥ 0, a condition that no vector of
fractions meets with 0: so the result is the same everywhere, and changes smoothly with the matrix.
"""

from __future__ import annotations

from math import e
from typing import Any

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Shape, is_node, spec_of
from autograd_lite.errors import OpCallError
from autograd_lite.ops.linalg import Solve
from autograd_lite.ops.matrices import (
    OfMatrices,
    OfSquares,
    inverse_gaps,
    scaled_columns,
    symmetric_part,
)

__all__ = [
    "QR",
    "SVD",
    "Cholesky",
    "EigH",
]


class Cholesky(OfSquares):
    """The lower triangle L with L · Lᵀ = x, for a symmetric positive definite x.

    The rule is that of I. Murray, "Differentiation of the Cholesky decomposition" (2016).
    """

    formula = "L with L · Lᵀ = x"
    derivative = (
        "the symmetric part of L⁻ᵀ · Φ(Lᵀ · grad) · L⁻¹; Φ: lower triangle, diagonal halved"
    )
    expects = "symmetric positive definite matrices in the last two axes"

    def forward(xp: Xp, x: Array) -> Array:
        return xp.linalg.cholesky(symmetric_part(xp, x))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        turned = xp.matrix_transpose(out)
        product = xp.matmul(turned, grad)
        half = (xp.tril(product) + xp.tril(product, k=-1)) / 2
        left = xp.linalg.solve(turned, half)
        return symmetric_part(xp, xp.linalg.solve(turned, xp.matrix_transpose(left)))


class EigH(OfSquares):
    """Eigenvalues w in ascending order and eigenvectors V of a symmetric x: w above V, (…, n+1, n).

    Vectors of equal eigenvalues are not determined by x; what they would turn against each other
    counts as 0, so that gradients of the eigenvalues are right there, too.
    """

    formula = "w, V with x · V = V · diag(w)"
    derivative = "V · (diag(grad w) + F ∘ (Vᵀ · grad V)) · Vᵀ; Fᵢⱼ = 1 / (wⱼ - wᵢ)"
    kinks = "equal eigenvalues"
    expects = "symmetric matrices in the last two axes"

    def forward(xp: Xp, x: Array) -> Array:
        values, vectors = xp.linalg.eigh(symmetric_part(xp, x))
        pointed = scaled_columns(xp, vectors, _directions(xp, vectors))
        return xp.concat([xp.expand_dims(values, axis=-2), pointed], axis=-2)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        values, vectors = out[..., 0, :], out[..., 1:, :]
        turned = xp.matrix_transpose(vectors)
        turns = inverse_gaps(xp, values) * xp.matmul(turned, grad[..., 1:, :])
        moved = xp.matmul(vectors, turns) + scaled_columns(xp, vectors, grad[..., 0, :])
        return symmetric_part(xp, xp.matmul(moved, turned))

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """One row more than the matrix."""
        *stack, rows, columns = shapes[0]
        return (*stack, rows + 1, columns)


class QR(OfMatrices):
    """Q with orthonormal columns and an upper triangle R: Q above Rᵀ, (…, m+n, min(m, n)).

    The rule needs a matrix of full rank, and is that of M. Seeger et al., "Auto-differentiating
    linear algebra" (2017); copyltu mirrors a lower triangle upwards. The Q of a wide matrix is that
    of its left square, and the rest of R is Qᵀ times the rest of x.
    """

    formula = "Q, R with Q · R = x"
    derivative = "(grad Q + Q · copyltu(R · grad Rᵀ - grad Qᵀ · Q)) · R⁻ᵀ"
    expects = "matrices in the last two axes, of full rank for a gradient"

    def forward(xp: Xp, x: Array) -> Array:
        q, r = xp.linalg.qr(x)
        return xp.concat([q, xp.matrix_transpose(r)], axis=-2)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        rows, columns = x.shape[-2:]
        q, r = out[..., :rows, :], xp.matrix_transpose(out[..., rows:, :])
        grad_q, grad_r = grad[..., :rows, :], xp.matrix_transpose(grad[..., rows:, :])
        grad_r = xp.triu(grad_r)
        if rows >= columns:
            return _pull_qr(xp, q, r, grad_q, grad_r)
        right, grad_right = x[..., rows:], grad_r[..., rows:]
        grad_q = grad_q + xp.matmul(right, xp.matrix_transpose(grad_right))
        left = _pull_qr(xp, q, r[..., :rows], grad_q, grad_r[..., :rows])
        return xp.concat([left, xp.matmul(q, grad_right)], axis=-1)

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """The rows of Q and the columns of R."""
        *stack, rows, columns = shapes[0]
        return (*stack, rows + columns, min(rows, columns))


def _pull_qr(xp: Xp, q: Array, r: Array, grad_q: Array, grad_r: Array) -> Array:
    """The gradient of a matrix with at least as many rows as columns."""
    inner = xp.matmul(r, xp.matrix_transpose(grad_r)) - xp.matmul(xp.matrix_transpose(grad_q), q)
    mirrored = xp.tril(inner) + xp.matrix_transpose(xp.tril(inner, k=-1))
    total = grad_q + xp.matmul(q, mirrored)
    return xp.matrix_transpose(Solve(r, xp.matrix_transpose(total)))


class SVD(OfMatrices):
    """U, s and V with x = U · diag(s) · Vᵀ, reduced: U above s above V, (…, m+1+n, min(m, n)).

    s descends. Vectors of equal singular values are not determined by x; what they would turn
    against each other counts as 0, so that gradients of the singular values are right there, too.
    The rule is that of J. Townsend, "Differentiating the singular value decomposition" (2016).
    """

    formula = "U, s, V with U · diag(s) · Vᵀ = x"
    derivative = (
        "U·(J·S + S·K + diag(grad s))·Vᵀ + (I - U·Uᵀ)·grad U·S⁻¹·Vᵀ + U·S⁻¹·grad Vᵀ·(I - V·Vᵀ); "
        "J, K: F ∘ (Uᵀ·grad U), F ∘ (Vᵀ·grad V) plus their transposes, Fᵢⱼ = 1 / (sⱼ² - sᵢ²)"
    )
    kinks = "equal singular values, s = 0"

    def forward(xp: Xp, x: Array) -> Array:
        u, s, vh = xp.linalg.svd(x, full_matrices=False)
        signs = _directions(xp, u)
        u, v = (scaled_columns(xp, z, signs) for z in (u, xp.matrix_transpose(vh)))
        return xp.concat([u, xp.expand_dims(s, axis=-2), v], axis=-2)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        rows, columns = x.shape[-2:]
        u, s, v = out[..., :rows, :], out[..., rows, :], out[..., rows + 1 :, :]
        grad_u, grad_s, grad_v = grad[..., :rows, :], grad[..., rows, :], grad[..., rows + 1 :, :]
        gaps, turned = inverse_gaps(xp, s * s), xp.matrix_transpose(v)
        j = _mirrored(xp, gaps * xp.matmul(xp.matrix_transpose(u), grad_u))
        k = _mirrored(xp, gaps * xp.matmul(turned, grad_v))
        core = scaled_columns(xp, j, s) + xp.expand_dims(s, axis=-1) * k
        left = xp.matmul(u, core) + scaled_columns(xp, u, grad_s)
        if rows > columns:
            left = left + _outside(xp, u, s, grad_u)
        total = xp.matmul(left, turned)
        if columns > rows:
            beyond = xp.matrix_transpose(_outside(xp, v, s, grad_v))
            total = total + xp.matmul(u, beyond)
        return total

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """The rows of U, one row for s, and the rows of V."""
        *stack, rows, columns = shapes[0]
        return (*stack, rows + 1 + columns, min(rows, columns))


def _directions(xp: Xp, vectors: Array) -> Array:
    """1 for a column that points the way it should, -1 for one that has to be turned."""
    weights = 1 / (xp.arange(vectors.shape[-2], dtype=vectors.dtype) + e)
    side = xp.sum(vectors * xp.expand_dims(weights, axis=-1), axis=-2)
    return xp.where(side < 0, xp.asarray(-1, dtype=side.dtype), xp.asarray(1, dtype=side.dtype))


def _mirrored(xp: Xp, x: Array) -> Array:
    return x + xp.matrix_transpose(x)


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
