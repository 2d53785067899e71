"""Weights on their way out of named leaves, and into them if they fit."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from autograd_lite import Node
from autograd_lite.compiler.runtime.signals import Uninterrupted
from autograd_lite.errors import WeightError
from autograd_lite.frontend.assignment import assign_all
from autograd_lite.nn.checks import Array, describe


def values(leaves: Mapping[str, Node]) -> dict[str, Array]:
    """The values of leaves as arrays of one memory block each, as safetensors wants them."""
    return {name: np.array(leaf.value, order="C") for name, leaf in leaves.items()}


def assign(
    leaves: Mapping[str, Node],
    tensors: Mapping[str, Array],
    subject: str,
    casting: Literal["no", "same_kind"] = "no",
) -> None:
    """Give every leaf the tensor of its name; WeightError, and no change, if one does not fit."""
    check_fit(leaves, tensors, subject, casting)
    given = ((leaf, tensors[name]) for name, leaf in leaves.items())
    fresh = {x: value.item() if type(x.value) is float else value for x, value in given}
    with Uninterrupted():
        assign_all(fresh)


def check_fit(
    leaves: Mapping[str, Node],
    tensors: Mapping[str, Array],
    subject: str,
    casting: Literal["no", "same_kind"] = "no",
) -> None:
    """Raise WeightError unless there is a tensor of the right shape and dtype for every leaf."""
    missing, unknown = leaves.keys() - tensors.keys(), tensors.keys() - leaves.keys()
    if missing or unknown:
        raise WeightError(
            subject,
            expected=f"the tensors {', '.join(leaves)}",
            came="; ".join(
                f"{what} {', '.join(sorted(names))}"
                for what, names in (("missing", missing), ("unknown", unknown))
                if names
            ),
            suggestion="load it into the model it was saved from",
        )
    for name, leaf in leaves.items():
        given = tensors[name]
        if given.shape != leaf.shape or not np.can_cast(given.dtype, leaf.dtype, casting):
            raise WeightError(
                f"{subject}: {name}",
                expected=str(leaf.spec),
                came=describe(given),
                suggestion="check the sizes, the order of the layers, and the dtype of the model",
            )
