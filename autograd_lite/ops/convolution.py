"""Convolution of images, by one matrix product of unrolled windows, and its two gradients.

The product Σ grad · conv(x, w) is linear in each of x, w and grad, so its three derivatives are
three ops, and the derivatives of each of them are the other two: gradients of any order stay fast.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Op, Params, Xp
from autograd_lite.core.shapes import Spec
from autograd_lite.ops.pooling import Window, gathered, images, scattered, window

__all__ = [
    "Conv2d", "Conv2dAdjoint", "Conv2dKernel",
]  # fmt: skip


class Conv2d(Op):
    """Each image's windows times each kernel: (N, C, H, W) and (O, C/groups, h, w) give O planes.

    As in every neural-network library the kernel is not flipped (it is a correlation). `stride`,
    `padding` (with zeros) and `dilation` are one number or two, for rows and columns; with
    `groups` each group of channels has kernels of its own.
    """

    formula = "yₒ = Σ windows(x) · wₒ"
    derivative = "x: w added where the windows were; w: windows(x)"
    is_product = True
    analytic = True
    expects = "images (N, C, H, W) and kernels (O, C/groups, h, w) that fit into them"
    hint = "check the channels and groups, use a smaller kernel or dilation, or more padding"

    def forward(
        xp: Xp,
        x: Array,
        w: Array,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        view = kernel_window(x, w, stride=stride, padding=padding, dilation=dilation, groups=groups)
        unrolled = _unrolled(xp, x, view, groups)
        kernels = xp.reshape(w, (groups, w.shape[0] // groups, -1))
        planes = xp.matmul(kernels, unrolled)
        return xp.reshape(planes, (x.shape[0], w.shape[0], *view.places(images(x))))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, w: Array, **params: Any) -> Array:
        return Conv2dAdjoint.within(xp, grad, w, x, **params)

    def vjp_w(xp: Xp, grad: Array, out: Array, x: Array, w: Array, **params: Any) -> Array:
        return Conv2dKernel.within(xp, x, grad, w, **params)

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The shape by rule, without multiplying anything."""
        x, w = specs
        try:
            view = kernel_window(x, w, **params)
            shape = (x.shape[0], w.shape[0], *view.places(images(x)))
        except ValueError as problem:
            raise cls.misfit(specs, params, problem) from problem
        return Spec(shape, np.result_type(x.dtype, w.dtype))


class Conv2dAdjoint(Op):
    """Images shaped like `like`, with kernels added in proportion to y: the adjoint of Conv2d in x.

    Other libraries call it the transposed convolution.
    """

    formula = "w · y added where the windows were"
    derivative = "y: conv(grad, w); w: Σ y · windows(grad)"
    is_product = True
    analytic = True
    expects = "what Conv2d gives for `like` and w with the same parameters"
    hint = Conv2d.hint

    def forward(
        xp: Xp,
        y: Array,
        w: Array,
        like: Array,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        view = kernel_window(
            like, w, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        kernels = xp.reshape(w, (groups, w.shape[0] // groups, -1))
        places = view.places(images(like))
        planes = xp.reshape(y, (y.shape[0], groups, w.shape[0] // groups, prod(places)))
        unrolled = xp.matmul(xp.matrix_transpose(kernels), planes)
        elements = xp.reshape(unrolled, (*like.shape[:2], view.size[0] * view.size[1], *places))
        return scattered(xp, elements, like.shape, view)

    def vjp_y(
        xp: Xp, grad: Array, out: Array, y: Array, w: Array, like: Array, **params: Any
    ) -> Array:
        return Conv2d.within(xp, grad, w, **params)

    def vjp_w(
        xp: Xp, grad: Array, out: Array, y: Array, w: Array, like: Array, **params: Any
    ) -> Array:
        return Conv2dKernel.within(xp, grad, y, w, **params)

    vjp_like = None


class Conv2dKernel(Op):
    """Kernels shaped like `like`, from the windows of x times y: the adjoint of Conv2d in w."""

    formula = "Σ y · windows(x)"
    derivative = "x: y · grad added where the windows were; y: conv(x, grad)"
    is_product = True
    analytic = True
    expects = "images x, and what Conv2d gives for x and `like` with the same parameters"
    hint = Conv2d.hint

    def forward(
        xp: Xp,
        x: Array,
        y: Array,
        like: Array,
        *,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Array:
        view = kernel_window(
            x, like, stride=stride, padding=padding, dilation=dilation, groups=groups
        )
        unrolled = _unrolled(xp, x, view, groups)
        planes = xp.reshape(y, (y.shape[0], groups, y.shape[1] // groups, prod(y.shape[2:])))
        products = xp.matmul(planes, xp.matrix_transpose(unrolled))
        return xp.reshape(xp.sum(products, axis=0), like.shape)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, y: Array, like: Array, **params: Any
    ) -> Array:
        return Conv2dAdjoint.within(xp, y, grad, x, **params)

    def vjp_y(
        xp: Xp, grad: Array, out: Array, x: Array, y: Array, like: Array, **params: Any
    ) -> Array:
        return Conv2d.within(xp, x, grad, **params)

    vjp_like = None


def kernel_window(
    x: Any, w: Any, *, stride: Any, padding: Any, dilation: Any, groups: int
) -> Window:
    """The window that a kernel is; ValueError if images and kernels do not belong together."""
    if not len(x.shape) == len(w.shape) == 4:
        raise ValueError("both need 4 axes")
    if groups < 1 or w.shape[0] % groups or x.shape[1] != groups * w.shape[1]:
        raise ValueError(f"{x.shape[1]} channels, {w.shape[0]} kernels of {w.shape[1]} channels")
    return window(w.shape[2:], stride, padding, dilation)


def _unrolled(xp: Xp, x: Array, view: Window, groups: int) -> Array:
    """(N, groups, channels of a group · elements of the window, places)."""
    count, channels = x.shape[:2]
    places = view.places(images(x))
    elements = channels // groups * view.size[0] * view.size[1]
    return xp.reshape(gathered(xp, x, view), (count, groups, elements, places[0] * places[1]))
