"""Layers of images (N, C, H, W): convolution and pools."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import Seed, choice, generator, refuse_unless, whole_number
from autograd_lite.nn.initializers import INITIALIZERS
from autograd_lite.nn.layers.sizes import check_memory, floating, with_axis
from autograd_lite.nn.module import Module

Pair = int | tuple[int, int]


class Conv2d(Module):
    """Kernels that move over images: (N, n_in, H, W) gives (N, n_out, H', W').

    H' = (H + 2 · padding - dilation · (size - 1) - 1) // stride + 1; each of these is a number, or
    a pair for rows and columns. W (n_out, n_in / groups, rows, columns) is drawn as the matrix that
    multiplies all windows, b (n_out,) starts as zeros.

    >>> layer = Conv2d(1, 8, 3, padding=1, seed=1)
    >>> layer
    Conv2d(1, 8, 3, padding=1)
    >>> layer(np.ones((5, 1, 28, 28), "float32")).shape
    (5, 8, 28, 28)

    Raises ConfigError for sizes that make no sense, ShapeError for images that do not fit.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        size: Pair,
        *,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        init: str = "he",
        dtype: DTypeLike = "float32",
        seed: Seed = 0,
    ) -> None:
        self.n_in = whole_number("n_in", n_in, least=1)
        self.n_out = whole_number("n_out", n_out, least=1)
        self.size = size
        rows, columns = _pair("size", size, least=1)
        self.moves = {
            "stride": _pair("stride", stride, least=1),
            "padding": _pair("padding", padding, least=0),
            "dilation": _pair("dilation", dilation, least=1),
        }
        self.groups = whole_number("groups", groups, least=1)
        fits = n_in % groups == 0 == n_out % groups
        refuse_unless(fits, "groups", groups, "a number that divides n_in and n_out")
        window = n_in // groups * rows * columns
        check_memory([window, self.n_out])
        draw, kind = choice("init", init, INITIALIZERS), floating(dtype)
        weight = draw(generator(seed), window, self.n_out, kind)
        shape = (self.n_out, n_in // groups, rows, columns)
        self.W = ag.parameter(weight.T.reshape(shape), name="W")
        self.b = ag.parameter(np.zeros(self.n_out, kind), name="b")

    def __call__(self, x: Any, /) -> Node:
        """The planes of all kernels."""
        x = with_axis(self, x, 1, self.n_in, "channels")
        planes = ag.conv2d(x, self.W, **self.moves, groups=self.groups)
        return planes + ag.reshape(self.b, (-1, 1, 1))

    def __repr__(self) -> str:
        usual = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1}
        given = {name: _short(pair) for name, pair in self.moves.items()} | {"groups": self.groups}
        others = "".join(f", {name}={x}" for name, x in given.items() if x != usual[name])
        return f"Conv2d({self.n_in}, {self.n_out}, {self.size}{others})"


class Pool2d(Module):
    """Windows that move over images, reduced to one number each: what both pools have in common.

    Raises ConfigError for sizes that make no sense.
    """

    def __init__(self, size: Pair, *, stride: Pair | None = None, padding: Pair = 0) -> None:
        self.size = _pair("size", size, least=1)
        self.stride = self.size if stride is None else _pair("stride", stride, least=1)
        self.padding = _pair("padding", padding, least=0)

    def __repr__(self) -> str:
        stride = "" if self.stride == self.size else f", stride={_short(self.stride)}"
        padding = f", padding={_short(self.padding)}" if any(self.padding) else ""
        return f"{type(self).__name__}({_short(self.size)}{stride}{padding})"


class MaxPool2d(Pool2d):
    """The largest of each window; without a stride, windows stand side by side.

    >>> MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    def __call__(self, x: Any, /) -> Node:
        """Images (N, C, H', W')."""
        return ag.max_pool2d(x, self.size, stride=self.stride, padding=self.padding)


class AvgPool2d(Pool2d):
    """The mean of each window, padding counted as zeros; without a stride, windows side by side.

    >>> AvgPool2d((1, 2))(np.arange(4.0).reshape(1, 1, 1, 4)).tolist()
    [[[[0.5, 2.5]]]]
    """

    def __call__(self, x: Any, /) -> Node:
        """Images (N, C, H', W')."""
        return ag.avg_pool2d(x, self.size, stride=self.stride, padding=self.padding)


def _pair(name: str, value: Any, *, least: int) -> tuple[int, int]:
    """The number for rows and that for columns; ConfigError for what is neither one nor two."""
    both = tuple(value) if isinstance(value, tuple | list) else (value, value)
    refuse_unless(len(both) == 2, name, value, "one number, or two: for rows and for columns")
    return whole_number(name, both[0], least=least), whole_number(name, both[1], least=least)


def _short(pair: tuple[int, int]) -> Pair:
    return pair[0] if pair[0] == pair[1] else pair
