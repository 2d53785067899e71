"""The layer that every network has."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.errors import ShapeError
from autograd_lite.nn.checks import Seed, as_array, choice, describe, generator, whole_number
from autograd_lite.nn.initializers import INITIALIZERS
from autograd_lite.nn.layers.sizes import check_memory, floating
from autograd_lite.nn.module import Module


class Linear(Module):
    """The layer x · W + b: (n_in,) gives (n_out,), a batch (N, n_in) gives (N, n_out).

    W (n_in, n_out) starts as `init` says ("xavier" or "he"), b (n_out,) as zeros; both are float32
    unless `dtype` says otherwise. `seed` is a number or a numpy Generator, which moves on.

    >>> layer = Linear(3, 2, seed=1)
    >>> layer
    Linear(3, 2)
    >>> layer(np.ones((5, 3), "float32")).spec
    Spec(shape=(5, 2), dtype=dtype('float32'))

    Raises ConfigError for sizes below 1 and an unknown `init`, ShapeError when called with another
    number of features.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        init: str = "xavier",
        dtype: DTypeLike = "float32",
        seed: Seed = 0,
    ) -> None:
        self.n_in = whole_number("n_in", n_in, least=1)
        self.n_out = whole_number("n_out", n_out, least=1)
        dtype = floating(dtype)
        check_memory([self.n_in, self.n_out])
        weight = choice("init", init, INITIALIZERS)(generator(seed), self.n_in, self.n_out, dtype)
        self.W = ag.parameter(weight, name="W")
        self.b = ag.parameter(np.zeros(self.n_out, dtype), name="b")

    def __call__(self, x: Any, /) -> Node:
        """The scores x · W + b."""
        x = x if isinstance(x, Node) else as_array(x)
        if x.shape[-1:] != (self.n_in,):
            expected = f"{self.n_in} features along the last axis"
            hint = "flatten images with images.reshape(len(images), -1), or check the sizes"
            raise ShapeError(repr(self), expected=expected, came=describe(x), suggestion=hint)
        return ag.vdot(x, self.W) + self.b

    def __repr__(self) -> str:
        return f"Linear({self.n_in}, {self.n_out})"
