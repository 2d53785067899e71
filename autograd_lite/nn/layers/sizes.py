"""How large layers are, and whether there is room for them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd_lite import Node
from autograd_lite.errors import ShapeError
from autograd_lite.nn.checks import as_array, describe, memory, refuse_unless


def number_of_parameters(sizes: Sequence[int]) -> int:
    """How many numbers the weights and biases of such layers are."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))


def check_memory(sizes: Sequence[int]) -> None:
    """Raise ConfigError for layers without room in memory, where weights are drawn in float64."""
    wanted, there = 8 * number_of_parameters(sizes), memory()
    expected = f"sizes whose weights fit into {there / 1e9:.3g} GB of memory"
    refuse_unless(wanted <= there, "sizes", list(sizes), expected, "choose smaller layers")


def floating(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype of parameters; ConfigError for what is none of floating-point numbers."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    refuse_unless(found.kind == "f", "dtype", dtype, "a floating-point dtype", "dtype='float32'")
    return found


def with_axis(layer: object, x: Any, axis: int, length: int, what: str) -> Any:
    """x, as a node or an array; ShapeError unless it has an axis of that length. The last is -1."""
    x = x if isinstance(x, Node) else as_array(x)
    there = x.shape[axis] if -x.ndim <= axis < x.ndim else None
    if there != length:
        hint = "check the sizes of the layers, and the order of the axes of x"
        if x.ndim == axis:
            hint = "give a batch: x[None], or train with batch_size=2 or more"
        place = "along the last axis" if axis == -1 else f"along axis {axis}"
        raise ShapeError(
            repr(layer),
            expected=f"{length} {what} {place}",
            came=describe(x),
            suggestion=hint,
        )
    return x
