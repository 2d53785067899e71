"""Ops that multiply and sum: products of vectors and matrices."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from autograd_lite.core.op import Array, Op, Params, Xp
from autograd_lite.core.shapes import Shape, Spec, broadcast_shapes
from autograd_lite.ops.subscripts import adjoints, equal_lengths, places, plan_product

__all__ = [
    "Einsum", "MatMul", "VDot",
]  # fmt: skip


class MatMul(Op):
    """`x @ y` with NumPy's ranks: (…, n, k) @ (…, k, m), vectors at either side.

    For matrices dx = grad · yᵀ and dy = xᵀ · grad; a vector is a matrix of one row or column.
    """

    formula = "x · y"
    derivative = "x: grad · yᵀ; y: xᵀ · grad"
    is_product = True
    analytic = True
    ufunc = np.matmul
    expects = "the last axis of x as long as the next-to-last (or only) axis of y"
    hint = "transpose an operand, or check the sizes of the layers"

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.matmul(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        if y.ndim == 1:
            return xp.expand_dims(grad, axis=-1) * y
        if x.ndim == 1 and y.ndim == 2:
            return xp.matmul(y, grad)
        if x.ndim == 1:
            row = xp.expand_dims(grad, axis=-2)
            return xp.squeeze(xp.matmul(row, xp.matrix_transpose(y)), axis=-2)
        return xp.matmul(grad, xp.matrix_transpose(y))

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        if x.ndim == y.ndim == 1:
            return xp.expand_dims(grad, axis=-1) * x
        if x.ndim == 1:
            return xp.matmul(xp.expand_dims(x, axis=-1), xp.expand_dims(grad, axis=-2))
        if x.ndim > 2 and y.ndim == 1:
            column = xp.expand_dims(grad, axis=-1)
            return xp.squeeze(xp.matmul(xp.matrix_transpose(x), column), axis=-1)
        return xp.matmul(xp.matrix_transpose(x), grad)

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The shape by rule, without multiplying anything."""
        x, y = specs
        try:
            shape = _product_shape(x.shape, y.shape)
        except ValueError as problem:
            raise cls.misfit(specs, params, problem) from problem
        return Spec(shape, np.result_type(x.dtype, y.dtype))


class VDot(MatMul):
    """A vector times a matrix, `x · W`: (n,) · (n, m) gives (m,); a batch (N, n) gives (N, m).

    dx = grad · Wᵀ and dW = x ⊗ grad.
    """

    formula = "x · y"
    derivative = "x: grad · yᵀ; y: x ⊗ grad"


class Einsum(Op):
    """Two operands multiplied and summed as `subscripts` says: "ij,jk->ik" is a matrix product.

    Every letter comes in two or three of the places x, y and result, once in each; a letter that
    the result lacks is summed over. The gradient of such a contraction is one of the same kind,
    with the result and an operand exchanged. Any other text is for the function `einsum`, which
    makes it a series of these. Computed as one product of (stacks of) matrices, by BLAS.
    """

    formula = "Σ x · y over the letters that the result lacks"
    derivative = "x: Σ grad · y; y: Σ x · grad; over the letters that the input lacks"
    is_product = True
    analytic = True
    expects = "operands whose axes have the lengths that equal letters demand"
    hint = "compare the shapes with the subscripts, letter by letter"

    def forward(xp: Xp, x: Array, y: Array, *, subscripts: str) -> Array:
        how = _arrangement(subscripts, x.shape, y.shape)
        x = _reshaped(xp, _permuted(xp, x, how.left_order), how.left)
        y = _reshaped(xp, _permuted(xp, y, how.right_order), how.right)
        product = xp.matmul(x, y) if how.is_sum else x * y
        return _permuted(xp, _reshaped(xp, product, how.result), how.result_order)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array, *, subscripts: str) -> Array:
        return Einsum.within(xp, grad, y, subscripts=adjoints(subscripts)[0])

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array, *, subscripts: str) -> Array:
        return Einsum.within(xp, x, grad, subscripts=adjoints(subscripts)[1])

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The shape by rule, without multiplying anything."""
        labels = places(params["subscripts"])
        try:
            plan_product(params["subscripts"])
            lengths = equal_lengths(labels[:2], [spec.shape for spec in specs])
        except ValueError as problem:
            raise cls.misfit(specs, params, problem) from problem
        shape = tuple(lengths[letter] for letter in labels[2])
        return Spec(shape, np.result_type(*(spec.dtype for spec in specs)))


class Arrangement(NamedTuple):
    """How two arrays become stacks of matrices, and their product the result.

    An order of () leaves the axes as they are.
    """

    left_order: Shape
    left: Shape
    right_order: Shape
    right: Shape
    is_sum: bool  # a product of matrices, not of elements
    result: Shape
    result_order: Shape


@lru_cache(maxsize=256)
def _arrangement(subscripts: str, x: Shape, y: Shape) -> Arrangement:
    plan = plan_product(subscripts)
    lengths = equal_lengths((plan.left, plan.right), (x, y))
    stack, rows, inner, columns = ([lengths[c] for c in group] for group in plan[2:6])
    return Arrangement(
        _order(plan.left_order),
        (*stack, prod(rows), prod(inner)),
        _order(plan.right_order),
        (*stack, prod(inner), prod(columns)),
        bool(inner) or not stack,
        (*stack, *rows, *columns),
        _order(plan.result_order),
    )


def _order(axes: Shape) -> Shape:
    return () if axes == tuple(range(len(axes))) else axes


def _permuted(xp: Xp, x: Array, order: Shape) -> Array:
    return xp.permute_dims(x, order) if order else x


def _reshaped(xp: Xp, x: Array, shape: Shape) -> Array:
    return x if x.shape == shape else xp.reshape(x, shape)


def _product_shape(x: Shape, y: Shape) -> Shape:
    if not (x and y):
        raise ValueError("a product needs at least one axis on both sides")
    inner = y[-2] if len(y) > 1 else y[0]
    if x[-1] != inner:
        raise ValueError(f"{x[-1]} is different from {inner}")
    return broadcast_shapes(x[:-2], y[:-2]) + x[-2:-1] + y[1:][-1:]
