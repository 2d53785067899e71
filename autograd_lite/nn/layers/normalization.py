"""Layers that keep the numbers between the others near 0 and 1."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.errors import ShapeError
from autograd_lite.nn.checks import describe, fraction, positive_number, whole_number
from autograd_lite.nn.layers.sizes import floating, with_axis
from autograd_lite.nn.modes import latest, move
from autograd_lite.nn.module import Module


class BatchNorm(Module):
    """`(x - mean)/√(variance + eps) · gain + shift` for each channel of (N, C) or (N, C, H, W).

    In training, mean and variance are those of the batch, and the buffers `mean` and `variance`
    (C,) move towards them, by the share `momentum` with each call; in use, they are these buffers.
    `gain` (C,) starts as ones, `shift` (C,) as zeros. Ioffe & Szegedy, "Batch normalization", 2015.

    >>> layer = BatchNorm(2)
    >>> layer(np.array([[1.0, 10.0], [3.0, 30.0]], "float32")).value.round(3).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> layer.mean.value.round(3).tolist()
    [0.20000000298023224, 2.0]
    >>> layer.eval()(np.zeros((1, 2), "float32")).shape
    (1, 2)

    Raises ConfigError for settings that make no sense, ShapeError for another number of channels,
    and in training for a batch with one number a channel, which would tell nothing.
    """

    def __init__(
        self,
        channels: int,
        *,
        momentum: float = 0.1,
        eps: float = 1e-5,
        dtype: DTypeLike = "float32",
    ) -> None:
        self.channels, kind = whole_number("channels", channels, least=1), floating(dtype)
        self.momentum, self.eps = fraction("momentum", momentum), positive_number("eps", eps)
        zeros, ones = np.zeros(self.channels, kind), np.ones(self.channels, kind)
        self.gain, self.shift = ag.parameter(ones, name="gain"), ag.parameter(zeros, name="shift")
        self.mean = Node(zeros, name="mean", requires_grad=False)
        self.variance = Node(ones, name="variance", requires_grad=False)

    def __call__(self, x: Any, /) -> Node:
        """The numbers, by the batch or by the buffers."""
        x = with_axis(self, x, 1, self.channels, "channels")
        statistics = {} if self.training else {"mean": self.mean, "variance": self.variance}
        if self.training:
            self._follow(x)
        return ag.batch_norm(x, self.gain, self.shift, **statistics, eps=self.eps)

    def _follow(self, x: Any) -> None:
        """Move the buffers towards the mean and the variance of a batch."""
        if x.size == self.channels:
            raise ShapeError(
                repr(self),
                expected="several numbers of each channel, to have a mean and a variance",
                came=describe(x),
                suggestion="train in batches of 2 or more, or call model.eval() to use it",
            )
        axes = (0, *range(2, x.ndim))
        for buffer, of_batch in ((self.mean, ag.mean), (self.variance, ag.var)):
            old = latest(buffer, x)
            move(buffer, old + (of_batch(x, axis=axes) - old) * self.momentum)

    def __repr__(self) -> str:
        return f"BatchNorm({self.channels})"


class LayerNorm(Module):
    """`(x - mean)/√(variance + eps) · gain + shift` of each sample, over its last axis or axes.

    `gain` and `shift` have the lengths of these axes, `size`: they start as ones and zeros. Ba,
    Kiros & Hinton, "Layer normalization", 2016.

    >>> layer = LayerNorm(2)
    >>> layer(np.array([[1.0, 3.0], [10.0, 30.0]], "float32")).value.round(3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]

    Raises ConfigError for settings that make no sense, ShapeError for another size.
    """

    def __init__(
        self,
        size: int | tuple[int, ...],
        *,
        eps: float = 1e-5,
        dtype: DTypeLike = "float32",
    ) -> None:
        given, kind = size if isinstance(size, tuple | list) else (size,), floating(dtype)
        self.size = tuple(whole_number("size", n, least=1) for n in given)
        self.eps = positive_number("eps", eps)
        self.gain = ag.parameter(np.ones(self.size, kind), name="gain")
        self.shift = ag.parameter(np.zeros(self.size, kind), name="shift")

    def __call__(self, x: Any, /) -> Node:
        """The numbers of each sample by its own mean and variance."""
        axes = tuple(range(-len(self.size), 0))
        for axis, length in zip(axes, self.size, strict=True):
            x = with_axis(self, x, axis, length, "features")
        return ag.layer_norm(x, self.gain, self.shift, axis=axes, eps=self.eps)

    def __repr__(self) -> str:
        return f"LayerNorm({self.size[0] if len(self.size) == 1 else self.size})"
