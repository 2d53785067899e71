"""Ops that have a rule of their own here: those that write into arrays, draw, or that XLA knows.

All others run by their own forward rule, with `jax.numpy` in the place of `xp`.
"""

from collections.abc import Callable
from functools import partial
from math import inf
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd_lite import ops
from autograd_lite.compiler.executors.jax.philox import random_float32
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.ops.convolution import kernel_window
from autograd_lite.ops.copying import framed_places
from autograd_lite.ops.indexing import join_key
from autograd_lite.ops.pooling import Window, images, window

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


# Places


@rule(ops.IndexAdd)
def index_add(x: Array, like: Array, *indices: Array, key: Any) -> Array:
    """Zeros with x added where the key points."""
    return jnp.zeros(like.shape, x.dtype).at[join_key(key, indices)].add(x)


@rule(ops.AddAlongAxis)
def add_along_axis(x: Array, indices: Array, like: Array, *, axis: int = -1) -> Array:
    """Zeros with x added where the indices point along one axis."""
    grids: list[Any] = list(np.ogrid[tuple(slice(n) for n in like.shape)])
    grids[axis] = jnp.where(indices < 0, indices + like.shape[axis], indices)
    return jnp.zeros(like.shape, x.dtype).at[tuple(jnp.broadcast_arrays(*grids))].add(x)


@rule(ops.Diag)
def diag(x: Array, *, offset: int = 0) -> Array:
    """Zeros with x on a diagonal, as small as can be."""
    side = x.shape[-1] + abs(offset)
    shape = jax.ShapeDtypeStruct((*x.shape[:-1], side, side), x.dtype)
    return diagonal_like(x, shape, offset=offset)


@rule(ops.DiagonalLike)
def diagonal_like(x: Array, like: Array, *, offset: int = 0) -> Array:
    """Zeros with x on a diagonal."""
    places = np.arange(x.shape[-1])
    rows, columns = places + max(-offset, 0), places + max(offset, 0)
    return jnp.zeros(like.shape, x.dtype).at[..., rows, columns].set(x)


@rule(ops.SumMirrored)
def sum_mirrored(x: Array, like: Array, *, width: Any, mode: str) -> Array:
    """The adjoint of a frame of mirrored elements."""
    for axis, places in enumerate(framed_places(like.shape, width, mode)):
        lines = jnp.moveaxis(x, axis, 0)
        total = jnp.zeros((like.shape[axis], *lines.shape[1:]), x.dtype).at[places].add(lines)
        x = jnp.moveaxis(total, 0, axis)
    return x


@rule(PickGradient)
def pick_gradient(grad: Array, p: Array, index: Array) -> Array:
    """The gradient of the log of a picked softmax."""
    hit = jnp.arange(p.shape[-1]) == index[..., None]
    return grad[..., None] * (hit - p).astype(p.dtype)


@rule(ops.PermuteDims)
def permute_dims(x: Array, *, axes: Any) -> Array:
    """Axes in another order; here they count from 0."""
    return jnp.transpose(x, [axis % x.ndim for axis in axes])


@rule(ops.Repeat)
def repeat(x: Array, *, repeats: Any, axis: int) -> Array:
    """Elements that stand several times."""
    return jnp.take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis=axis)


# Products


@rule(ops.MatMul)
def matmul(x: Array, y: Array) -> Array:
    """A product; one of elements where the inner length is 1, as XLA fuses that with the next."""
    if min(x.ndim, y.ndim) > 1 and x.shape[-1] == 1:
        return x * y
    return jnp.matmul(x, y)


# Order


@rule(ops.ArgSort)
def argsort(x: Array, *, axis: int = -1, descending: bool = False) -> Array:
    """The order of the elements; equal ones stay as they are, also where it descends."""
    if not descending:
        return jnp.argsort(x, axis=axis, stable=True)
    backwards = jnp.argsort(jnp.flip(x, axis=axis), axis=axis, stable=True)
    return x.shape[axis] - 1 - jnp.flip(backwards, axis=axis)


@rule(ops.SearchSorted)
def searchsorted(x: Array, y: Array, *, side: str = "left") -> Array:
    """Where the elements of y belong in x."""
    return jnp.searchsorted(x, y, side=side).astype(jnp.int64)


# Images


def _shown(x: Array, view: Window, fill: float) -> list[Array]:
    """For each element of a window, what it shows at all places."""
    (rows, columns), lengths = view.padding, images(x)
    widths = (0, 0), (0, 0), (rows, rows), (columns, columns)
    frame = jnp.pad(x, widths, constant_values=fill)
    return [frame[place] for place in view.slices(lengths)]


@rule(ops.Windows2d)
def windows(
    x: Array, *, size: Any, stride: Any = None, padding: Any = 0, fill: float = 0.0
) -> Array:
    """What a window shows at its places."""
    return jnp.stack(_shown(x, window(size, stride, padding), fill), axis=2)


@rule(ops.WindowsAdd2d)
def windows_add(x: Array, like: Array, *, size: Any, stride: Any = None, padding: Any = 0) -> Array:
    """Windows added up where they are."""
    shown = partial(windows, size=size, stride=stride, padding=padding)
    return jax.linear_transpose(shown, jax.ShapeDtypeStruct(like.shape, x.dtype))(x)[0]


@rule(ops.MaxPool2d)
def max_pool(x: Array, *, size: Any, stride: Any = None, padding: Any = 0) -> Array:
    """The largest element in each window."""
    return jnp.stack(_shown(x, window(size, stride, padding), -inf)).max(axis=0)


@rule(ops.AvgPool2d)
def avg_pool(x: Array, *, size: Any, stride: Any = None, padding: Any = 0) -> Array:
    """The mean of each window."""
    view = window(size, stride, padding)
    shown = _shown(x, view, 0.0)
    return sum(shown[1:], shown[0]) / len(shown)


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


# One after another


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


@rule(ops.Dropout)
def dropout(x: Array, seed: Array, *, rate: float) -> Array:
    """The elements that NumPy drops for this seed."""
    kept = random_float32(x.shape, seed) >= jnp.float32(rate)
    return jnp.where(kept, x / (1 - rate), 0.0)
