"""Layers of sequences: the vectors of tokens, and attention, which lets them look at each other."""

from math import inf, sqrt
from typing import Any

from numpy.typing import DTypeLike

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import (
    Seed,
    generator,
    positive_number,
    refuse_unless,
    whole_number,
)
from autograd_lite.nn.layers.linear import Linear
from autograd_lite.nn.layers.sizes import check_memory, floating, with_axis
from autograd_lite.nn.module import Module


class Embedding(Module):
    """A vector for each of `count` tokens: integers (…) give (…, size).

    `table` (count, size) starts normal, with standard deviation `std`.

    >>> layer = Embedding(10, 4, seed=1)
    >>> layer([[1, 2, 3], [7, 7, 0]]).shape
    (2, 3, 4)

    Raises ConfigError for sizes that make no sense, LabelError for an integer that is not below
    `count`, DTypeError for what is no integer.
    """

    def __init__(
        self,
        count: int,
        size: int,
        *,
        std: float = 1.0,
        dtype: DTypeLike = "float32",
        seed: Seed = 0,
    ) -> None:
        shape = whole_number("count", count, least=1), whole_number("size", size, least=1)
        check_memory(shape)
        drawn = generator(seed).normal(0.0, positive_number("std", std), shape)
        self.table = ag.parameter(drawn.astype(floating(dtype)), name="table")

    def __call__(self, x: Any, /) -> Node:
        """The rows of the table."""
        return ag.embedding(self.table, x)

    def __repr__(self) -> str:
        return f"Embedding({', '.join(map(str, self.table.shape))})"


class MultiHeadAttention(Module):
    """Each place of a sequence gathers from all places: (N, T, width) gives (N, T, width).

    Each of the heads has queries q, keys k and values v of width / heads numbers, and gives
    softmax(q · kᵀ / √(width / heads)) · v; `mix` takes the heads together. With `causal`, a place
    sees itself and those before it. A second argument, (N, S, width), is looked at in place of x.
    Vaswani and others, "Attention is all you need", 2017.

    >>> layer = MultiHeadAttention(8, heads=2, causal=True, seed=1)
    >>> layer
    MultiHeadAttention(8, heads=2, causal=True)
    >>> layer(ag.ones((5, 3, 8), dtype="float32")).shape
    (5, 3, 8)
    >>> [name for name, node in layer.named_parameters()][:3]
    ['query.W', 'query.b', 'key.W']

    Raises ConfigError for heads that do not divide the width, ShapeError for another width.
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        causal: bool = False,
        dtype: DTypeLike = "float32",
        seed: Seed = 0,
    ) -> None:
        self.width = whole_number("width", width, least=1)
        self.heads = whole_number("heads", heads, least=1)
        divides = self.width % self.heads == 0
        refuse_unless(divides, "heads", heads, f"a number that divides the width {width}")
        self.causal, random = causal, generator(seed)
        self.query, self.key, self.value, self.mix = (
            Linear(self.width, self.width, dtype=dtype, seed=random) for _ in range(4)
        )

    def __call__(self, x: Any, seen: Any = None, /) -> Node:
        """What each place of x has gathered from itself, or from what is `seen`."""
        x = with_axis(self, x, -1, self.width, "features")
        seen = x if seen is None else with_axis(self, seen, -1, self.width, "features")
        q, k = self._split(self.query, x), self._split(self.key, seen)
        scores = ag.matmul(q, ag.matrix_transpose(k)) * (1 / sqrt(self.width // self.heads))
        if self.causal:
            scores = ag.where(ag.tril(ag.ones_like(scores, dtype="bool")), scores, -inf)
        gathered = ag.matmul(ag.softmax(scores), self._split(self.value, seen))
        together = ag.reshape(self.mix.W, (self.heads, -1, self.width))
        return ag.einsum("...htd,hdw->...tw", gathered, together) + self.mix.b

    def _split(self, layer: Linear, x: Any) -> Any:
        """The scores of a layer for each head: (…, heads, T, width / heads)."""
        apart = ag.reshape(layer.W, (self.width, self.heads, -1))
        return ag.einsum("...tw,whd->...htd", x, apart) + ag.reshape(layer.b, (self.heads, 1, -1))

    def __repr__(self) -> str:
        causal = ", causal=True" if self.causal else ""
        return f"MultiHeadAttention({self.width}, heads={self.heads}{causal})"
