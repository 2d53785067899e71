"""Ops that only the compiler knows: what executors do in one call, and a user writes in several.

They are no part of the public registry and have no gradient; their forward rule says what they
mean, in plain NumPy.
"""

import inspect

import numpy as np

from autograd_lite.core.definition import free_rules, read_definition
from autograd_lite.core.op import Array, Elementwise, Op, Xp
from autograd_lite.core.shapes import Shape
from autograd_lite.ops import Cofactor
from autograd_lite.ops.indexing import Key, join_key


class Lowered(Op, abstract=True):
    """An op of the compiler's own: named like the others, and in no table."""

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        free_rules(cls)
        if abstract:
            return
        for parameter in list(inspect.signature(cls.forward).parameters.values())[1:]:
            if parameter.kind is not parameter.KEYWORD_ONLY:
                setattr(cls, f"vjp_{parameter.name}", None)
        read_definition(cls)


class Copy(Lowered):
    """X itself, in storage of its own."""

    def forward(xp: Xp, x: Array) -> Array:
        return np.array(x)


class Product(Lowered, abstract=True):
    """A product that BLAS has a name for."""


class Dot(Product):
    """x · y for two vectors."""

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return np.dot(x, y)


class Gemv(Product):
    """The matrix a, or its transpose, times the vector x: BLAS' gemv."""

    def forward(xp: Xp, a: Array, x: Array, *, transpose: bool = False) -> Array:
        return np.dot(a.T if transpose else a, x)


class Gemm(Product):
    """The product of two matrices, either of them transposed: BLAS' gemm."""

    def forward(
        xp: Xp, x: Array, y: Array, *, transpose_x: bool = False, transpose_y: bool = False
    ) -> Array:
        return np.dot(x.T if transpose_x else x, y.T if transpose_y else y)


class BatchedGemm(Product):
    """The products of stacked matrices, the axes of x, y and the result lying in any order."""

    def forward(
        xp: Xp, x: Array, y: Array, *, axes_x: Shape, axes_y: Shape, axes_out: Shape
    ) -> Array:
        return np.matmul(x.transpose(axes_x), y.transpose(axes_y)).transpose(axes_out)


class Outer(Product):
    """x ⊗ y: the matrix of all products of an element of x and one of y."""

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return np.multiply.outer(x, y)


class InPlace(Product, abstract=True):
    """A product that is added to the first input, which is scaled before, in place.

    w becomes kept · w, or where it decays, w + kept · w.
    """

    in_place = True


class RankOneUpdate(InPlace):
    """kept · w + scale · x ⊗ y: BLAS' ger, or gemm with an inner length of 1, in place on w."""

    def forward(
        xp: Xp, w: Array, kept: Array, x: Array, y: Array, *, scale: float, decays: bool = False
    ) -> Array:
        w = w + kept * w if decays else kept * w
        return w + w.dtype.type(scale) * np.multiply.outer(x, y)


class GemmUpdate(InPlace):
    """kept · w + scale · x y, either of x and y transposed: BLAS' gemm, in place on w."""

    def forward(
        xp: Xp,
        w: Array,
        kept: Array,
        x: Array,
        y: Array,
        *,
        scale: float,
        decays: bool = False,
        transpose_x: bool = False,
        transpose_y: bool = False,
    ) -> Array:
        product = np.dot(x.T if transpose_x else x, y.T if transpose_y else y)
        w = w + kept * w if decays else kept * w
        return w + w.dtype.type(scale) * product


class ScaledAdd(Lowered, Elementwise):
    """w + scale · x for two arrays of one shape: BLAS' axpy, in place on w."""

    def forward(xp: Xp, w: Array, x: Array, *, scale: float) -> Array:
        return w + w.dtype.type(scale) * x


class AddAt(Lowered):
    """W with x added at `key`: in w's own memory, where nobody else reads that any more."""

    def forward(xp: Xp, w: Array, x: Array, *indices: Array, key: Key) -> Array:
        out = np.array(w)
        np.add.at(out, join_key(key, indices), x)
        return out


class TriangularSolve(Lowered):
    """The solution z of a · z = b, or aᵀ · z = b, for a lower triangle a: BLAS' trsm."""

    def forward(xp: Xp, a: Array, b: Array, *, transpose: bool) -> Array:
        return np.linalg.solve(np.matrix_transpose(a) if transpose else a, b)


class Cofactors(Lowered):
    """The cofactors of matrices with few rows: det x · x⁻ᵀ, or where x is nearly singular, as
    the op does it.
    """

    def forward(xp: Xp, x: Array) -> Array:
        with np.errstate(all="ignore"):
            try:
                inverse = np.linalg.inv(x)
            except np.linalg.LinAlgError:
                return Cofactor(x)
            size = np.linalg.norm(x, axis=(-2, -1)) * np.linalg.norm(inverse, axis=(-2, -1))
            out = np.linalg.det(x)[..., None, None] * np.matrix_transpose(inverse)
        is_far = ~(size * np.sqrt(np.finfo(x.dtype).eps) < 1)
        if is_far.any():
            out[is_far] = Cofactor(x[is_far])
        return out


class PickGradient(Lowered):
    """grad ⊙ (onehot(index) - p): the gradient of ln softmax(scores)[index] w.r.t. the scores."""

    def forward(xp: Xp, grad: Array, p: Array, index: Array) -> Array:
        grad = np.expand_dims(grad, -1)
        hit = np.arange(p.shape[-1]) == np.expand_dims(index, -1)
        return grad * (hit - p).astype(p.dtype)
