"""Ops of linear algebra with one result: inverses, solutions, determinants, norms, ranks."""

from math import inf
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Params, Xp
from autograd_lite.core.shapes import Shape, Spec, broadcast_shapes, normalize_axes
from autograd_lite.errors import OpCallError, ShapeError
from autograd_lite.ops.half import widened
from autograd_lite.ops.matrices import (
    OfMatrices,
    OfSquares,
    refuse_oblongs,
    scaled_columns,
    without_infinities,
)
from autograd_lite.ops.reduction import Reduction, kept
from autograd_lite.ops.shaping import one_axis_of
from autograd_lite.ops.shortcuts import (
    inverted_determinant,
    plain_norm,
    plain_norm_slope,
    shortened,
)

__all__ = [
    "Cofactor", "Det", "IdentityLike", "Inv", "MatrixRank", "PInv", "SlogDet", "Solve",
    "VectorNorm",
]  # fmt: skip

MATRIX_NORMS = ("fro", "nuc", 1, -1, 2, -2, inf, -inf)


class Inv(OfSquares):
    """The inverse of each matrix."""

    formula = "x⁻¹"
    derivative = "-x⁻ᵀ · grad · x⁻ᵀ"
    analytic = True

    def forward(xp: Xp, x: Array) -> Array:
        return xp.linalg.inv(x)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        turned = xp.matrix_transpose(out)
        return -xp.matmul(xp.matmul(turned, grad), turned)


class Solve(OfSquares):
    """The solution z of a · z = b: b is one vector (n,), or matrices (…, n, k) of k vectors."""

    formula = "a⁻¹ · b"
    derivative = "a: -(a⁻ᵀ · grad) · zᵀ; b: a⁻ᵀ · grad"
    analytic = True
    expects = "square matrices a, and b with as many rows"
    hint = "give b as a vector (n,) or as matrices (…, n, k)"

    def forward(xp: Xp, a: Array, b: Array) -> Array:
        return xp.linalg.solve(a, b)

    def vjp_a(xp: Xp, grad: Array, out: Array, a: Array, b: Array) -> Array:
        back = Solve.back(xp, grad, a, b)
        solution = xp.expand_dims(out, axis=-1) if b.ndim == 1 else out
        return -xp.matmul(back, xp.matrix_transpose(solution))

    def vjp_b(xp: Xp, grad: Array, out: Array, a: Array, b: Array) -> Array:
        back = Solve.back(xp, grad, a, b)
        return xp.squeeze(back, axis=-1) if b.ndim == 1 else back

    @staticmethod
    def back(xp: Xp, grad: Array, a: Array, b: Array) -> Array:
        """a⁻ᵀ · grad, a vector being a matrix of one column."""
        columns = xp.expand_dims(grad, axis=-1) if b.ndim == 1 else grad
        return xp.linalg.solve(xp.matrix_transpose(a), columns)

    def refuse(x: Array, *others: Array, **params: object) -> None:
        refuse_oblongs(x)
        (b,) = others
        if not b.shape:
            raise ValueError("b is a single number")
        rows = b.shape[-2:][0]
        if rows != x.shape[-1]:
            raise ValueError(f"{x.shape[-1]} columns in a, but {rows} rows in b")

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """The stacks broadcast; then what one matrix and one b give."""
        a, b = shapes
        return broadcast_shapes(a[:-2], b[:-2]) + b[-2:]


class Det(OfSquares):
    """The determinant of each matrix; its gradient is the cofactors, singular or not."""

    formula = "det x"
    derivative = "grad · the cofactors of x, det x · x⁻ᵀ"
    analytic = True

    def forward(xp: Xp, x: Array) -> Array:
        return xp.linalg.det(x)

    @shortened(inverted_determinant)
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        return xp.expand_dims(grad, axis=(-2, -1)) * Cofactor.within(xp, x)

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """One number for each matrix."""
        return shapes[0][:-2]


class Cofactor(OfSquares):
    """The matrix of cofactors, det x · x⁻ᵀ where x has an inverse: the derivative of Det.

    Computed from x = U · diag(s) · Vᵀ as det(U) det(V) · U · diag(Πⱼ≠ᵢ sⱼ) · Vᵀ, which a singular
    matrix has as well, once its rows and columns are brought to one size: small ones would lose
    their digits beside large ones. Its own derivative is only right where x has an inverse.
    """

    formula = "det x · x⁻ᵀ"
    derivative = "⟨grad, x⁻ᵀ⟩ · out - x⁻ᵀ · gradᵀ · out"

    def forward(xp: Xp, x: Array) -> Array:
        if 0 in x.shape:
            return x
        rows = _unit(xp, x, -1, 2)
        columns = _unit(xp, x / rows, -2, 2)
        u, s, vh = xp.linalg.svd(without_infinities(x / rows / columns))
        sign = xp.linalg.det(u) * xp.linalg.det(vh)
        cofactors = xp.matmul(scaled_columns(xp, u, _products_of_others(xp, s)), vh)
        cofactors = cofactors * xp.expand_dims(sign, axis=(-2, -1))
        by_row = _products_of_others(xp, xp.squeeze(rows, axis=-1))
        by_column = _products_of_others(xp, xp.squeeze(columns, axis=-2))
        scaled = scaled_columns(xp, cofactors * xp.expand_dims(by_row, axis=-1), by_column)
        return xp.asarray(scaled, dtype=s.dtype)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        turned = xp.matrix_transpose(Inv.within(xp, x))
        along = xp.sum(grad * turned, axis=(-2, -1), keepdims=True)
        return along * out - xp.matmul(xp.matmul(turned, xp.matrix_transpose(grad)), out)


def _products_of_others(xp: Xp, x: Array) -> Array:
    """For each element of a row the product of the others."""
    places = xp.arange(x.shape[-1])
    own = xp.expand_dims(places, axis=-1) == places
    return xp.prod(xp.where(own, 1.0, xp.expand_dims(x, axis=-2)), axis=-1)


class IdentityLike(OfSquares):
    """The identity in the place of each matrix of `like`, of which only the shape matters."""

    formula = "I"
    derivative = "none"

    def forward(xp: Xp, like: Array) -> Array:
        return xp.broadcast_to(xp.eye(like.shape[-1], dtype=like.dtype), like.shape)

    vjp_like = None


class SlogDet(OfSquares):
    """The sign of the determinant and the logarithm of its size.

    The sign has no gradient; a singular matrix has the logarithm -∞, and no gradient either.
    """

    formula = "sign(det x), ln |det x|"
    derivative = "grad of the logarithm · x⁻ᵀ"
    expects = "square matrices in the last two axes, with an inverse for a gradient"
    outputs = ("sign", "logabsdet")

    def forward(xp: Xp, x: Array) -> tuple[Array, ...]:
        return tuple(xp.linalg.slogdet(x))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array) -> Array:
        _, of_logarithm = grad
        inverse = xp.matrix_transpose(Inv.within(xp, x))
        return xp.expand_dims(of_logarithm, axis=(-2, -1)) * inverse

    @classmethod
    def output_shapes(cls, *shapes: Shape) -> tuple[Shape, ...]:
        """Two numbers for each matrix."""
        return shapes[0][:-2], shapes[0][:-2]


class PInv(OfMatrices):
    """The Moore-Penrose inverse x⁺; singular values up to rtol times the largest count as 0.

    The rule is right while the rank does not change: G. H. Golub and V. Pereyra, "The
    differentiation of pseudo-inverses and nonlinear least squares problems" (1973).
    """

    formula = "x⁺"
    derivative = "-Pᵀ·grad·Pᵀ + (I - x·P)·gradᵀ·P·Pᵀ + Pᵀ·P·gradᵀ·(I - P·x), P = x⁺"

    def forward(xp: Xp, x: Array, *, rtol: float | None = None) -> Array:
        return xp.linalg.pinv(without_infinities(x), rtol=rtol)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, rtol: float | None) -> Array:
        turned, back = xp.matrix_transpose(out), xp.matrix_transpose(grad)
        right = xp.matmul(xp.matmul(back, out), turned)
        left = xp.matmul(turned, xp.matmul(out, back))
        inside = -xp.matmul(xp.matmul(turned, grad), turned)
        # Products of x and P come first: P · P · P leaves the range of floats before x · P does.
        beyond = right - xp.matmul(xp.matmul(x, out), right)
        return inside + beyond + left - xp.matmul(left, xp.matmul(out, x))

    @classmethod
    def output_shape(cls, *shapes: Shape) -> Shape:
        """Rows and columns exchanged."""
        *stack, rows, columns = shapes[0]
        return (*stack, columns, rows)


class MatrixRank(OfMatrices):
    """How many singular values are more than rtol times the largest; no gradient."""

    formula = "rank x"
    derivative = "none"

    def forward(xp: Xp, x: Array, *, rtol: float | None = None) -> Array:
        return xp.linalg.matrix_rank(without_infinities(x), rtol=rtol)

    vjp_x = None

    @classmethod
    def infer(cls, specs: Any, params: Params) -> Spec:
        """One integer for each matrix."""
        return Spec(super().infer(specs, params).shape[:-2], np.dtype(np.int64))


class VectorNorm(Reduction):
    """(Σ |x|ᵖ)^(1/p) over the axes, p being `power`; the derivative is 0 at the zero vector."""

    formula = "(Σ |x|ᵖ)¹ᐟᵖ"
    derivative = "grad · sign(x) · (|x| / norm)ᵖ⁻¹"
    kinks = "x = 0"

    @shortened(plain_norm)
    @widened
    def forward(
        xp: Xp, x: Array, *, axis: Any = None, keepdims: bool = False, power: float = 2
    ) -> Array:
        unit = _unit(xp, x, axis, power)
        parts = x / unit
        powers = parts * parts if power == 2 else xp.pow(xp.abs(parts), power)
        total = xp.sum(powers, axis=axis, keepdims=True)
        norm = unit * (xp.sqrt(total) if power == 2 else xp.pow(total, 1 / power))
        return norm if keepdims else xp.squeeze(norm, axis=normalize_axes(axis, x.ndim))

    @shortened(plain_norm_slope)
    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, *, axis: Any, keepdims: bool, power: float
    ) -> Array:
        norm, grad = (kept(xp, y, x, axis=axis, keepdims=keepdims) for y in (out, grad))
        slope = x / xp.where(norm == 0, 1.0, norm)
        if power != 2:
            size = xp.pow(xp.where(x == 0, 1.0, xp.abs(slope)), power - 1)
            slope = xp.where(x > 0, size, xp.where(x < 0, -size, 0.0))
        return grad * xp.where(norm == 0, 0.0, slope)


def _unit(xp: Xp, x: Array, axis: Any, power: float) -> Array:
    """A power of two near the element that a norm hangs on: divided by it, no power overflows."""
    if 0 in x.shape:
        return 1.0
    size = xp.abs(x)
    most = (xp.max if power > 0 else xp.min)(size, axis=axis, keepdims=True)
    usual = xp.where(most == 0, 1.0, xp.where(most < inf, most, 1.0))
    return xp.pow(2.0, xp.floor(xp.log2(usual)))


def refuse_unlike_three(x: Spec, y: Spec, axis: int) -> None:
    """ShapeError unless both have three elements along the axis."""
    for spec in (x, y):
        if spec.shape[one_axis_of("cross", spec, axis)] != 3:
            raise ShapeError(
                "cross",
                expected=f"vectors of three elements along axis {axis}",
                came=f"x1 {x}, x2 {y}",
                suggestion="name the axis of the three coordinates, axis=…",
            )


def refuse_fraction(power: int) -> None:
    """OpCallError unless the power of a matrix is an integer."""
    if not isinstance(power, int | np.integer):
        raise OpCallError(
            "matrix_power",
            expected="an integer power",
            came=repr(power),
            suggestion="take eigh for fractional powers of a symmetric matrix",
        )


def refuse_ordinals(kind: float | str) -> None:
    """OpCallError unless there is a norm of matrices of that kind."""
    if kind not in MATRIX_NORMS:
        raise OpCallError(
            "matrix_norm",
            expected=f"ord as one of {', '.join(map(str, MATRIX_NORMS))}",
            came=f"ord={kind!r}",
            suggestion="for other powers take vector_norm over both axes",
        )


def refuse_no_number(kind: Any) -> None:
    """OpCallError unless the power of a norm of vectors is a number."""
    if not isinstance(kind, int | float | np.number):
        raise OpCallError(
            "vector_norm",
            expected="ord as a number",
            came=f"ord={kind!r}",
            suggestion="norms of matrices have two axes: take matrix_norm",
        )
