"""Kernels of windows that move over images: pooling, and convolution of a few images at a time."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd_lite import ops
from autograd_lite.compiler.executors.numpy.source import StepSource, row
from autograd_lite.compiler.executors.numpy.team import Share
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node
from autograd_lite.ops.convolution import kernel_window
from autograd_lite.ops.pooling import Window, images, least, window

ROOM = 1 << 19  # bytes of unrolled windows, which so stay in the cache


class Frame:
    """Images with a margin of `fill` around them, in memory of its own if there is a margin."""

    def __init__(self, x: Node, view: Window, fill: float = 0.0) -> None:
        self.view, self.lengths, self.shape = view, images(x), x.shape
        self.fill = fill
        (rows, columns), (height, width) = view.padding, self.lengths
        shape = (*x.shape[:2], height + 2 * rows, width + 2 * columns)
        self.array = np.full(shape, fill, x.dtype) if rows or columns else None
        self.inside = (..., slice(rows, rows + height), slice(columns, columns + width))
        self.slices = list(view.slices(self.lengths))

    def around(self, x: Array) -> Array:
        """The frame with the images in it."""
        if self.array is None:
            return x
        np.copyto(self.array[self.inside], x)
        return self.array

    def sum_into(self, out: Array, add: Callable[[Array], None]) -> None:
        """The images in a frame of zeros, to which `add` has added."""
        frame = out if self.array is None else self.array
        frame.fill(0)
        add(frame)
        if self.array is not None:
            np.copyto(out, self.array[self.inside])


class Convolution:
    """Products of kernels, planes, and what the window shows of some images at a time.

    Threads share these parts of the images; each takes a room for what is unrolled.
    """

    def __init__(self, node: Node, x: Node, w: Node, share: Share) -> None:
        view = kernel_window(x, w, **node.params)
        self.frame, self.places = Frame(x, view), view.places(images(x))
        groups, elements = node.params["groups"], prod(w.shape[1:])
        each = groups * elements * prod(self.places) * w.dtype.itemsize
        self.count = min(x.shape[0], max(1, ROOM // each))
        self.kernels_shape = (groups, w.shape[0] // groups, elements)
        self.planes_shape = (x.shape[0], *self.kernels_shape[:2], prod(self.places))
        self.rooms: deque[Array] = deque()
        self.room_shape = (self.count, groups, elements, prod(self.places))
        count = self.planes_shape[0]
        self.ranges = [(i, min(i + self.count, count)) for i in range(0, count, self.count)]
        self.products = np.empty((len(self.ranges), *self.kernels_shape), w.dtype)
        self.share = share

    @contextmanager
    def _room(self, first: int, last: int) -> Iterator[Array]:
        """Memory for what is unrolled of some images: (n, groups, elements, places)."""
        try:
            room = self.rooms.pop()
        except IndexError:  # one more thread than ever before
            room = np.empty(self.room_shape, self.products.dtype)
        yield room[: last - first]
        self.rooms.append(room)

    def _unroll(self, room: Array, frame: Array, part: slice) -> None:
        """Put there what the window shows of some images."""
        size, stride, _, dilation = self.frame.view
        steps = [s * n for s, n in zip(frame.strides[2:], dilation, strict=True)]
        moves = [s * n for s, n in zip(frame.strides[2:], stride, strict=True)]
        shape = (*frame.shape[:2], *size, *self.places)
        shown = as_strided(frame, shape, (*frame.strides[:2], *steps, *moves), writeable=False)
        np.copyto(room.reshape(-1, *shape[1:]), shown[part])

    def planes(self, out: Array, x: Array, w: Array) -> None:
        """Conv2d."""
        frame, w = self.frame.around(x), w.reshape(self.kernels_shape)
        out = out.reshape(self.planes_shape)

        def work(first: int, last: int) -> None:
            with self._room(first, last) as room:
                self._unroll(room, frame, slice(first, last))
                np.matmul(w, room, out[first:last])

        self.share(work, self.ranges)

    def images(self, out: Array, y: Array, w: Array) -> None:
        """Conv2dAdjoint."""
        y, w = y.reshape(self.planes_shape), w.reshape(self.kernels_shape).mT

        def add(frame: Array) -> None:
            def work(first: int, last: int) -> None:
                with self._room(first, last) as room:
                    np.matmul(w, y[first:last], room)
                    shown = room.reshape(len(room), frame.shape[1], -1, *self.places)
                    for k, place in enumerate(self.frame.slices):
                        frame[first:last][place] += shown[:, :, k]

            self.share(work, self.ranges)

        self.frame.sum_into(out, add)

    def kernels(self, out: Array, x: Array, y: Array) -> None:
        """Conv2dKernel."""
        frame, y = self.frame.around(x), y.reshape(self.planes_shape)

        def work(first: int, last: int) -> None:
            with self._room(first, last) as room:
                self._unroll(room, frame, slice(first, last))
                product = np.matmul(y[first:last], room.mT)
            product.sum(axis=0, out=self.products[first // self.count])

        self.share(work, self.ranges)
        self.products.sum(axis=0, out=out.reshape(self.kernels_shape))


@row(ops.Conv2d)
def _convolution(source: StepSource, node: Node) -> bool:
    x, w = node.inputs
    return _emit(source, lambda: Convolution(node, x, w, source.share).planes, node, x, w)


@row(ops.Conv2dAdjoint)
def _adjoint(source: StepSource, node: Node) -> bool:
    y, w, _ = node.inputs
    return _emit(source, lambda: Convolution(node, node, w, source.share).images, node, y, w)


@row(ops.Conv2dKernel)
def _kernels(source: StepSource, node: Node) -> bool:
    x, y, _ = node.inputs
    return _emit(source, lambda: Convolution(node, x, node, source.share).kernels, node, x, y)


def _emit(source: StepSource, make: Callable[[], Callable[..., None]], *arrays: Node) -> bool:
    """A call of what `make` makes, if all arrays are of one dtype and none is empty."""
    fits = all(x.size and x.dtype == arrays[0].dtype for x in arrays)
    if fits:
        source.emit(f"{source.bind(make(), 'shown')}({', '.join(map(source.array, arrays))})")
    return fits


# Pooling


def _reduce(reduce: np.ufunc, count: int, frame: Frame, out: Array, x: Array) -> None:
    """The elements that a window shows, reduced, and the result divided by their count."""
    first, *others = (frame.around(x)[place] for place in frame.slices)
    np.copyto(out, first)
    for shown in others:
        reduce(out, shown, out=out)
    if count > 1:
        np.divide(out, count, out)


def _gather(frame: Frame, out: Array, x: Array) -> None:
    whole = frame.around(x)
    for k, place in enumerate(frame.slices):
        out[:, :, k] = whole[place]


def _scatter(frame: Frame, out: Array, x: Array) -> None:
    def add(whole: Array) -> None:
        for k, place in enumerate(frame.slices):
            whole[place] += x[:, :, k]

    frame.sum_into(out, add)


@row(ops.MaxPool2d)
def _max_pool(source: StepSource, node: Node) -> bool:
    (x,) = node.inputs
    fill = least(np, x.dtype)
    return _emit(source, lambda: partial(_reduce, np.maximum, 1, _frame(node, x, fill)), node, x)


@row(ops.AvgPool2d)
def _mean_pool(source: StepSource, node: Node) -> bool:
    (x,) = node.inputs
    frame = _frame(node, x)
    return _emit(source, lambda: partial(_reduce, np.add, len(frame.slices), frame), node, x)


@row(ops.Windows2d)
def _windows(source: StepSource, node: Node) -> bool:
    (x,) = node.inputs
    return _emit(source, lambda: partial(_gather, _frame(node, x, node.params["fill"])), node, x)


@row(ops.WindowsAdd2d)
def _windows_added(source: StepSource, node: Node) -> bool:
    x, _ = node.inputs
    return _emit(source, lambda: partial(_scatter, _frame(node, node)), node, x)


def _frame(node: Node, x: Node, fill: float = 0.0) -> Frame:
    view = window(*(node.params[name] for name in ("size", "stride", "padding")))
    return Frame(x, view, fill)
