"""Weights from outside: whether they fit the layers they are meant for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

from autograd_lite import Node
from autograd_lite.errors import WeightError
from autograd_lite.nn.arrays import Array, as_array, describe

Pair: TypeAlias = tuple[Array, Array]


class Layer(Protocol):
    """Anything with a weight and a bias."""

    W: Node
    b: Node


def check_weights(layers: Sequence[Layer], pairs: Any) -> list[Pair]:
    """The pairs as arrays, one pair for each layer; WeightError names what does not fit."""
    if not isinstance(pairs, Sequence) or len(pairs) != len(layers):
        raise WeightError(
            "set_weights",
            expected=f"a list of {len(layers)} (weight, bias) pairs, one for each layer",
            came=f"{type(pairs).__name__} of {len(pairs)}" if _is_sized(pairs) else repr(pairs),
            suggestion="start from get_weights(), which gives such a list",
        )
    return list(_fitting_pairs(layers, pairs))


def _is_sized(value: object) -> bool:
    return hasattr(value, "__len__")


def _fitting_pairs(layers: Sequence[Layer], pairs: Sequence[Any]) -> Iterator[Pair]:
    for number, (layer, pair) in enumerate(zip(layers, pairs, strict=True)):
        arrays = _as_arrays(pair)
        if not _fits(arrays, layer):
            raise WeightError(
                f"layers.{number}",
                expected=f"a pair of weight {layer.W.spec} and bias {layer.b.spec}",
                came=_describe(arrays),
                suggestion="transpose the weight, or check the sizes and the order of the layers",
            )
        yield arrays[0], arrays[1]


def _as_arrays(pair: Any) -> list[Array]:
    """The parts as arrays; what is no list of parts has none."""
    if not isinstance(pair, Sequence) or isinstance(pair, str):
        return []
    return [as_array(part) for part in pair]


def _fits(arrays: Sequence[Array], layer: Layer) -> bool:
    nodes = (layer.W, layer.b)
    return len(arrays) == len(nodes) and all(
        array.shape == node.shape and np.can_cast(array.dtype, node.dtype, "same_kind")
        for array, node in zip(arrays, nodes, strict=True)
    )


def _describe(arrays: Sequence[Array]) -> str:
    if len(arrays) != 2:
        return f"{len(arrays)} arrays"
    weight, bias = arrays
    return f"weight {describe(weight)} and bias {describe(bias)}"
