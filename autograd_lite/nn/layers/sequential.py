"""Layers one after another, and the step from images to rows of features."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import as_array, refuse_unless
from autograd_lite.nn.module import Module, name_leaves
from autograd_lite.ops.shaping import of_lengths

Layer = Module | Callable[[Any], Any]


class Sequential(Module):
    """Each layer of what the one before gives; a layer is a module or a function of one node.

    Layers have their number as name, so parameters are called "0.W", "2.b"; `model[0]` is a layer.
    One generator for all makes their weights differ.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> seed = np.random.default_rng(0)
    >>> model = Sequential(nn.Linear(3, 4, seed=seed), nn.ReLU(), nn.Linear(4, 2, seed=seed))
    >>> model
    Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
    >>> [name for name, node in model.named_parameters()]
    ['0.W', '0.b', '2.W', '2.b']
    >>> model(np.ones((5, 3), "float32")).shape
    (5, 2)

    Raises ConfigError for a layer that cannot be called.
    """

    def __init__(self, *layers: Layer) -> None:
        refuse_unless(bool(layers), "Sequential", layers, "at least one layer", "give some")
        for number, layer in enumerate(layers):
            right = callable(layer) and not isinstance(layer, type)
            expected = "a module or a function for each layer"
            hint = "write nn.ReLU(), not nn.ReLU, and nn.Sequential(*layers) for a list"
            refuse_unless(right, "Sequential", layer, expected, hint)
            vars(self)[str(number)] = layer
        name_leaves(self)

    def __call__(self, x: Any, /) -> Node:
        """What the last layer gives."""
        for number, layer in enumerate(self):
            with ag.scope(str(number)):
                x = layer(x)
        return x

    def __iter__(self) -> Iterator[Layer]:
        return (layer for name, layer in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, number: int) -> Layer:
        return [*self][number]

    def __repr__(self) -> str:
        told = (getattr(layer, "__name__", None) or repr(layer) for layer in self)
        return f"Sequential({', '.join(told)})"


class Flatten(Module):
    """Each sample as a row of features: (N, C, H, W) gives (N, C · H · W).

    >>> import numpy as np
    >>> Flatten()(np.ones((5, 2, 3, 4))).shape
    (5, 24)
    """

    def __init__(self) -> None:
        """It has no settings: the first axis stays, whatever follows is one."""

    def __call__(self, x: Any, /) -> Node:
        """The batch as a matrix."""
        x = x if isinstance(x, Node) else as_array(x)
        return ag.reshape(of_lengths(x, *range(1, x.ndim)), (-1, prod(x.shape[1:])))

    def __repr__(self) -> str:
        return "Flatten()"
