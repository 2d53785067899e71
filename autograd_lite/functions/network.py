"""What layers are made of, beside products and convolutions."""

from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import Shape
from autograd_lite.functions.signatures import of_first, of_pair
from autograd_lite.ops.network import seed_from

__all__ = [
    "batch_norm", "dropout", "embedding", "layer_norm",
]  # fmt: skip


@of_first
def dropout(x: Any, /, rate: float, seed: Any) -> Any:
    """x with a random share `rate` of its elements set to 0, the others divided by `1 - rate`.

    `seed` says which: an integer, a node of one, or a numpy Generator to draw it from now. In a
    graph that runs again, make it an input and feed each run another one. To evaluate a model,
    leave dropout out.

    >>> dropout(np.ones(8), 0.5, seed=1).tolist() == dropout(np.ones(8), 0.5, seed=1).tolist()
    True
    >>> sorted(set(dropout(np.ones(100), 0.5, np.random.default_rng(0)).tolist()))
    [0.0, 2.0]

    Raises ConfigError for a rate outside of [0, 1), and for a Generator where x has no value yet;
    DTypeError for a seed that is no integer of at least 0.
    """
    return ops.Dropout(x, seed_from(seed, x), rate=rate)


@of_pair
def embedding(table: Any, index: Any, /) -> Any:
    """The rows of `table` (n, …) that integers (…) name; a row picked twice gets both gradients.

    >>> embedding([[1.0, 2.0], [3.0, 4.0]], [1, 1, 0]).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]

    Raises LabelError for an index outside 0 … n - 1, DTypeError for one that is no integer.
    """
    return ops.Embedding(table, index)


def layer_norm(
    x: Any,
    /,
    gain: Any = None,
    shift: Any = None,
    *,
    axis: int | Shape = -1,
    eps: float = 1e-5,
) -> Any:
    """`(x - mean)/√(variance + eps) · gain + shift`, each sample by its own mean and variance.

    >>> layer_norm([[1.0, 3.0], [10.0, 30.0]]).round(3).tolist()
    [[-1.0, 1.0], [-1.0, 1.0]]
    """
    return _scaled(ops.Standardize(x, axis=axis, eps=eps), gain, shift)


def batch_norm(
    x: Any,
    /,
    gain: Any = None,
    shift: Any = None,
    *,
    mean: Any = None,
    variance: Any = None,
    eps: float = 1e-5,
) -> Any:
    """`(x - mean)/√(variance + eps) · gain + shift`, each channel by that of the whole batch.

    x is (N, C) or (N, C, H, W), the others (C,). To evaluate a model, give the `mean` and
    `variance` that were averaged in training; without them those of this batch are taken, the
    variance being divided by the number of elements.

    >>> batch_norm([[1.0, 10.0], [3.0, 30.0]]).round(3).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> batch_norm([[1.0]], mean=[0.0], variance=[4.0], eps=0.0).tolist()
    [[0.5]]
    """
    rank = np.ndim(x)
    gain, shift, mean, variance = (_channels(v, rank) for v in (gain, shift, mean, variance))
    if mean is None or variance is None:
        axes = (0, *range(2, rank))
        return _scaled(ops.Standardize(x, axis=axes, eps=eps), gain, shift)
    centred = ops.Sub(x, mean)
    return _scaled(ops.Div(centred, ops.Sqrt(ops.Add(variance, eps))), gain, shift)


def _channels(value: Any, rank: int) -> Any:
    """One number a channel, (C,), as (C, 1, …) beside an array of that rank."""
    missing = (1,) * (rank - 2)
    return ops.Reshape(value, shape=(-1, *missing)) if value is not None and missing else value


def _scaled(x: Any, gain: Any, shift: Any) -> Any:
    x = x if gain is None else ops.Mul(x, gain)
    return x if shift is None else ops.Add(x, shift)
