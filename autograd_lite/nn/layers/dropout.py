"""A layer that makes training harder, so that the network relies on no single number."""

from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import Seed, fraction, generator
from autograd_lite.nn.modes import latest, move
from autograd_lite.nn.module import Module


class Dropout(Module):
    """In training, a random share `rate` of x set to 0 and the others divided by 1 - rate.

    Which ones is told by the buffer `draws`, which starts from `seed` and counts on with each call:
    so two runs drop the same, also one that was interrupted. Layers whose shapes are the same need
    seeds of their own, or one generator for all. In use, x as it is. Srivastava and others,
    "Dropout", 2014.

    >>> layer = Dropout(0.5)
    >>> sorted(set(layer(np.ones(100)).tolist()))
    [0.0, 2.0]
    >>> layer.eval()(np.ones(2)).tolist()
    [1.0, 1.0]

    Raises ConfigError for a rate outside of [0, 1).
    """

    def __init__(self, rate: float = 0.5, *, seed: Seed = 0) -> None:
        self.rate = fraction("rate", rate)
        first = np.asarray(generator(seed).integers(2**62))
        self.draws = Node(first, name="draws", requires_grad=False)

    def __call__(self, x: Any, /) -> Node:
        """x, or what is left of it."""
        if self.training:
            draw = latest(self.draws, x)
            x = ag.dropout(x, self.rate, draw)
            move(self.draws, draw + 1)
        return x

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"
