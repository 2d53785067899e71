"""The network made from a list of sizes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from numpy.typing import ArrayLike, DTypeLike

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.errors import WeightError
from autograd_lite.nn.checks import (
    Array,
    Seed,
    as_array,
    choice,
    generator,
    refuse_unless,
    whole_number,
)
from autograd_lite.nn.layers.activations import ACTIVATIONS
from autograd_lite.nn.layers.linear import Linear
from autograd_lite.nn.layers.sizes import check_memory
from autograd_lite.nn.module import Module, name_leaves
from autograd_lite.nn.weights import assign


class MLP(Module):
    """Linear layers with an activation between them: a multi-layer perceptron.

    `sizes` are the numbers of units from the input to the scores, `activation` is one of the names
    in `ACTIVATIONS`, or a list of such names, one for each layer, where a single name leaves the
    last layer linear. (sizes[0],) gives scores (sizes[-1],), a batch (N, sizes[0]) gives
    (N, sizes[-1]). One `seed` (or Generator) determines all weights.

    >>> model = MLP([784, 128, 10])
    >>> model
    MLP([784, 128, 10], 'sigmoid')
    >>> [f"{name} {node.spec}" for name, node in model.named_parameters()][:2]
    ['layers.0.W float32[784, 128]', 'layers.0.b float32[128]']

    Raises ConfigError for fewer than two sizes, a size below 1 and unknown names.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Sequence[str] = "sigmoid",
        *,
        init: str = "xavier",
        dtype: DTypeLike = "float32",
        seed: Seed = 0,
    ) -> None:
        self.sizes = check_sizes(sizes)
        self.activations = _check_activations(activation, len(self.sizes) - 1)
        check_memory(self.sizes)
        random = generator(seed)
        self.layers = [
            Linear(n_in, n_out, init=init, dtype=dtype, seed=random)
            for n_in, n_out in pairwise(self.sizes)
        ]
        name_leaves(self)

    def __call__(self, x: Any, /) -> Node:
        """The scores, before softmax."""
        for number, (layer, name) in enumerate(zip(self.layers, self.activations, strict=True)):
            with ag.scope(f"layers.{number}"):
                x = ACTIVATIONS[name](layer(x))
        return x

    def architecture(self) -> dict[str, Any]:
        """What `MLP(**architecture)` makes such a model from, in numbers and strings.

        >>> MLP([4, 3, 2], "relu").architecture()
        {'sizes': [4, 3, 2], 'activation': ['relu', 'linear'], 'dtype': 'float32'}
        """
        dtype = self.layers[0].W.dtype.name
        return {"sizes": self.sizes, "activation": self.activations, "dtype": dtype}

    def described(self) -> dict[str, Any]:
        """What a file says about the model in it: enough to build it again."""
        return {**super().described(), "architecture": self.architecture()}

    def get_weights(self) -> list[tuple[Array, Array]]:
        """A (weight, bias) pair of copies for each layer, shaped (n_in, n_out) and (n_out,).

        >>> [weight.shape for weight, bias in MLP([4, 3, 2]).get_weights()]
        [(4, 3), (3, 2)]
        """
        return [(layer.W.value.copy(), layer.b.value.copy()) for layer in self.layers]

    def set_weights(self, pairs: Sequence[tuple[ArrayLike, ArrayLike]]) -> None:
        """Give each layer a copy of its (weight, bias) pair, in the layer's dtype.

        >>> model, other = MLP([4, 3, 2], seed=0), MLP([4, 3, 2], seed=1)
        >>> model.set_weights(other.get_weights())
        >>> bool((model.layers[0].W.value == other.layers[0].W.value).all())
        True

        Raises WeightError if the number of pairs, a shape or a dtype does not fit; then nothing has
        changed.
        """
        given = {
            f"layers.{number}.{name}": as_array(part)
            for number, pair in enumerate(_checked_pairs(pairs, len(self.layers)))
            for name, part in zip("Wb", pair, strict=True)
        }
        assign(dict(self.named_parameters()), given, "set_weights", casting="same_kind")

    def __repr__(self) -> str:
        *hidden, last = self.activations
        same = len(set(hidden)) == 1 and last == "linear"
        return f"MLP({self.sizes}, {(hidden[0] if same else self.activations)!r})"


def _checked_pairs(pairs: Any, layers: int) -> Any:
    """The pairs, if they are as many as the layers, and pairs."""
    are_many = _is_list(pairs) and all(map(_is_list, pairs))
    counts = [len(pair) for pair in pairs] if are_many else []
    if counts != [2] * layers:
        raise WeightError(
            "set_weights",
            expected=f"a list of {layers} (weight, bias) pairs, one for each layer",
            came=f"{type(pairs).__name__} with {counts} arrays",
            suggestion="start from get_weights(), which gives such a list",
        )
    return pairs


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _check_activations(activation: str | Sequence[str], layers: int) -> list[str]:
    """The name of the activation of each layer."""
    many = _is_list(activation)
    names: Any = activation if many else [activation] * (layers - 1) + ["linear"]
    for name in names if many else [activation]:
        choice("activation", name, ACTIVATIONS)
    expected = f"one name, or {layers}: one for each layer"
    refuse_unless(
        len(names) == layers, "activation", names, expected, "one less than there are sizes"
    )
    return list(names)


def check_sizes(sizes: Any) -> list[int]:
    """The sizes of an MLP as ints; ConfigError for what is no list of at least two."""
    expected = "a list of at least two sizes, from the input to the scores"
    many = _is_list(sizes) and len(sizes) > 1
    refuse_unless(many, "sizes", sizes, expected, "write for example [784, 128, 10]")
    return [whole_number("sizes", size, least=1) for size in sizes]
