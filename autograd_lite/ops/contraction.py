"""Ops that multiply and sum: products of vectors and matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_lite.ops.op import Array, Op, Params, Xp
from autograd_lite.ops.shapes import Shape, Spec, broadcast_shapes

__all__ = [
    "MatMul",
    "VDot",
]


class MatMul(Op):
    """`x @ y` with NumPy's ranks: (…, n, k) @ (…, k, m), vectors at either side.

    For matrices dx = grad · yᵀ and dy = xᵀ · grad; a vector is a matrix of one row or column.
    """

    analytic = True
    ufunc = np.matmul
    expects = "the last axis of x as long as the next-to-last (or only) axis of y"
    hint = "transpose an operand, or check the sizes of the layers"

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.matmul(x, y)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        if y.ndim == 1:
            return xp.expand_dims(grad, axis=-1) * y
        if x.ndim == 1:
            row = xp.expand_dims(grad, axis=-2)
            return xp.squeeze(xp.matmul(row, xp.matrix_transpose(y)), axis=-2)
        return xp.matmul(grad, xp.matrix_transpose(y))

    def vjp_y(xp: Xp, grad: Array, out: Array, x: Array, y: Array) -> Array:
        if y.ndim == 1:
            return xp.expand_dims(grad, axis=-1) * x
        if x.ndim == 1:
            return xp.matmul(xp.expand_dims(x, axis=-1), xp.expand_dims(grad, axis=-2))
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


def _product_shape(x: Shape, y: Shape) -> Shape:
    if not (x and y):
        raise ValueError("a product needs at least one axis on both sides")
    inner = y[-2] if len(y) > 1 else y[0]
    if x[-1] != inner:
        raise ValueError(f"{x[-1]} is different from {inner}")
    return broadcast_shapes(x[:-2], y[:-2]) + x[-2:-1] + y[1:][-1:]
