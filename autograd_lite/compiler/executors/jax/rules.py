"""The few ops that have a rule of their own here, because XLA knows a better way.

All others run by their own forward rule, with `jax.numpy` in the place of `xp`.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from autograd_lite import ops
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.ops.convolution import kernel_window

Array = Any
Rule = Callable[..., Any]

RULES: dict[object, Rule] = {}
"""For an op, the function of its inputs and parameters."""


def rule(op: object) -> Callable[[Rule], Rule]:
    """Register the function as the op's rule."""

    def register(function: Rule) -> Rule:
        RULES[op] = function
        return function

    return register


@rule(PickGradient)
def pick_gradient(grad: Array, p: Array, index: Array) -> Array:
    """The gradient of the log of a picked softmax."""
    hit = jnp.arange(p.shape[-1]) == index[..., None]
    return grad[..., None] * (hit - p).astype(p.dtype)


@rule(ops.MatMul)
def matmul(x: Array, y: Array) -> Array:
    """A product; one of elements where the inner length is 1, as XLA fuses that with the next."""
    if min(x.ndim, y.ndim) > 1 and x.shape[-1] == 1:
        return x * y
    return jnp.matmul(x, y)


@rule(ops.Conv2d)
def conv2d(
    x: Array, w: Array, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1
) -> Array:
    """XLA's own convolution."""
    view = kernel_window(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
    return lax.conv_general_dilated(
        x,
        w,
        view.stride,
        [(pad, pad) for pad in view.padding],
        rhs_dilation=view.dilation,
        feature_group_count=groups,
        dimension_numbers=("NCHW", "OIHW", "NCHW"),
    )


@rule(ops.Conv2dAdjoint)
def conv2d_adjoint(y: Array, w: Array, like: Array, **moves: Any) -> Array:
    """The transpose of the convolution in its images."""
    shape = jax.ShapeDtypeStruct(like.shape, y.dtype)
    return jax.linear_transpose(lambda x: conv2d(x, w, **moves), shape)(y)[0]


@rule(ops.Conv2dKernel)
def conv2d_kernel(x: Array, y: Array, like: Array, **moves: Any) -> Array:
    """The transpose of the convolution in its kernels."""
    shape = jax.ShapeDtypeStruct(like.shape, y.dtype)
    return jax.linear_transpose(lambda w: conv2d(x, w, **moves), shape)(y)[0]


def _relative(x: Array, rtol: float | None) -> float:
    """The bound of singular values that count as 0, which is NumPy's where none is given."""
    return max(x.shape[-2:]) * float(jnp.finfo(x.dtype).eps) if rtol is None else rtol


@rule(ops.PInv)
def pinv(x: Array, *, rtol: float | None = None) -> Array:
    """With NumPy's bound; JAX has one ten times as large."""
    return jnp.linalg.pinv(x, rtol=_relative(x, rtol))


@rule(ops.MatrixRank)
def matrix_rank(x: Array, *, rtol: float | None = None) -> Array:
    """With a relative bound; JAX takes it for an absolute one."""
    sizes = jnp.linalg.svd(x, compute_uv=False)
    largest = jnp.max(sizes, axis=-1, keepdims=True, initial=0)
    return jnp.sum(sizes > largest * _relative(x, rtol), axis=-1)


@rule(ops.Recurrence)
def recurrence(a: Array, b: Array, *, axis: int, reverse: bool = False) -> Array:
    """A loop on the device, instead of as many operations as there are elements."""
    if b.shape[axis] == 0:
        return b
    factors, terms = jnp.moveaxis(a, axis, 0), jnp.moveaxis(b, axis, 0)
    first, rest = (terms[-1], terms[:-1]) if reverse else (terms[0], terms[1:])

    def step(last: Array, both: tuple[Array, Array]) -> tuple[Array, Array]:
        now = both[1] + both[0] * last
        return now, now

    _, rows = lax.scan(step, first, (factors, rest), reverse=reverse)
    parts = [rows, first[None]] if reverse else [first[None], rows]
    return jnp.moveaxis(jnp.concatenate(parts), 0, axis)
