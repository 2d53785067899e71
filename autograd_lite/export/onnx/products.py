"""Rows of products, determinants, convolutions, and windows that move over images."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite.export.onnx.emitter import Emitter, row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.pooling import Window, window


@row("Einsum")
def einsum(e: Emitter, node: Node) -> str:
    """The same subscripts."""
    return e.op("Einsum", *e.operands(node), equation=node.params["subscripts"])


@row("Det", float64=False)
def det(e: Emitter, node: Node) -> str:
    """The determinant."""
    return e.op("Det", e.names[node.inputs[0]])


def _kernel(node: Node, w: Node) -> Window:
    moves = (node.params[name] for name in ("stride", "padding", "dilation"))
    return window(w.shape[2:], *moves)


def _moves(view: Window, groups: int) -> dict[str, Any]:
    return {
        "strides": view.stride,
        "dilations": view.dilation,
        "pads": view.padding * 2,
        "group": groups,
        "kernel_shape": view.size,
    }


@row("Conv2d")
def conv2d(e: Emitter, node: Node) -> str:
    """A convolution."""
    view = _kernel(node, node.inputs[1])
    return e.op("Conv", *e.operands(node), **_moves(view, node.params["groups"]))


@row("Conv2dAdjoint", float64=False)
def conv2d_adjoint(e: Emitter, node: Node) -> str:
    """A transposed convolution; what the last window leaves over of the frame, then zeros."""
    y, w, like = node.inputs
    view = _kernel(node, w)
    places = zip(like.shape[2:], y.shape[2:], *view, strict=True)
    spare = [h + 2 * p - (n - 1) * s - d * (k - 1) - 1 for h, n, k, s, p, d in places]
    cut = [p - rest for p, rest in zip(view.padding, spare, strict=True)]
    moves = _moves(view, node.params["groups"])
    moves["pads"] = (*view.padding, *(max(n, 0) for n in cut))
    image = e.op("ConvTranspose", *e.operands(node)[:2], **moves)
    missing = [max(-n, 0) for n in cut]
    if not any(missing):
        return image
    return e.op("Pad", image, e.integers(0, 0, 0, 0, 0, 0, *missing), e.constant(0, node.dtype))


@row("Conv2dKernel")
def conv2d_kernel(e: Emitter, node: Node) -> str:
    """A convolution of images with cotangents, channels and samples exchanged, for each group."""
    x, y, like = node.inputs
    view, groups = _kernel(node, like), node.params["groups"]
    image, cotangent, _ = e.operands(node)
    kernels = []
    for group in range(groups):
        parts = _of_group(e, image, x, group, groups), _of_group(e, cotangent, y, group, groups)
        turned = (e.op("Transpose", part, perm=[1, 0, 2, 3]) for part in parts)
        found = e.op(
            "Conv", *turned, strides=view.dilation, dilations=view.stride, pads=view.padding * 2
        )
        cut = e.op("Slice", found, e.integers(0, 0), e.integers(*like.shape[2:]), e.integers(2, 3))
        kernels.append(e.op("Transpose", cut, perm=[1, 0, 2, 3]))
    return e.op("Concat", *kernels, axis=0)


def _of_group(e: Emitter, name: str, x: Node, group: int, groups: int) -> str:
    """The channels of one group."""
    if groups == 1:
        return name
    count = x.shape[1] // groups
    ends = (e.integers(n) for n in (group * count, (group + 1) * count, 1))
    return e.op("Slice", name, *ends)


def _window(node: Node) -> Window:
    return window(*(node.params[name] for name in ("size", "stride", "padding")))


@row("MaxPool2d")
def max_pool(e: Emitter, node: Node) -> str:
    """The largest element of each window."""
    view = _window(node)
    moves: dict[str, Any] = {"strides": view.stride, "pads": view.padding * 2}
    return e.op("MaxPool", e.names[node.inputs[0]], kernel_shape=view.size, **moves)


@row("AvgPool2d", float64=False)
def avg_pool(e: Emitter, node: Node) -> str:
    """The mean of each window; a frame of zeros counts."""
    view = _window(node)
    frame = _framed(e, node, view, 0.0)
    return e.op("AveragePool", frame, kernel_shape=view.size, strides=view.stride)


def _framed(e: Emitter, node: Node, view: Window, fill: float) -> str:
    """The images with their frame."""
    (x, *_), (rows, columns) = node.inputs, view.padding
    widths = e.integers(0, 0, rows, columns, 0, 0, rows, columns)
    return e.op("Pad", e.names[x], widths, e.constant(fill, x.dtype))


def _shown(shape: Sequence[int], view: Window) -> tuple[Any, int, int]:
    """The places in a framed image that a window shows, and the lengths of that image."""
    height, width = (n + 2 * pad for n, pad in zip(shape[2:], view.padding, strict=True))
    places = np.arange(height * width).reshape(height, width)
    lengths = shape[2], shape[3]
    return np.stack([places[part] for part in view.slices(lengths)]), height, width


@row("Windows2d")
def windows(e: Emitter, node: Node) -> str:
    """Elements of framed images, by their places."""
    (x,), view = node.inputs, _window(node)
    places, height, width = _shown(x.shape, view)
    frame = _framed(e, node, view, node.params["fill"])
    pixels = _images(e, frame, height * width)
    return e.op("Gather", pixels, e.constant(places), axis=2)


def _images(e: Emitter, name: str, *lengths: int) -> str:
    """Each channel of each sample in another shape; however many there are."""
    return e.op("Reshape", name, e.integers(0, 0, *lengths))


@row("WindowsAdd2d")
def windows_add(e: Emitter, node: Node) -> str:
    """Elements added into framed images, whose frame is cut off."""
    x, like = node.inputs
    view = _window(node)
    places, height, width = _shown(like.shape, view)
    added = _images(e, e.names[x], places.size)
    spots = e.op("Expand", e.constant(places.reshape(1, 1, -1)), e.op("Shape", added))
    lead = e.op("Shape", e.names[like], end=2)
    shape = e.op("Concat", lead, e.integers(height * width), axis=0)
    zeros = e.op("Expand", e.constant(0, node.dtype), shape)
    total = e.op("ScatterElements", zeros, spots, added, axis=2, reduction="add")
    frame = _images(e, total, height, width)
    ends = [pad + n for n, pad in zip(like.shape[2:], view.padding, strict=True)]
    return e.op("Slice", frame, e.integers(*view.padding), e.integers(*ends), e.integers(2, 3))
