"""Where the first NaN or infinity comes from, among all those that it has caused."""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.frontend.evaluate import is_finite
from autograd_lite.frontend.node import Node


class Origin(NamedTuple):
    """The node in which something that is not finite begins, and what it is."""

    node: Node
    what: str  # "NaN", "infinity", or "NaN of gradients"

    def __str__(self) -> str:
        place = self.node.place.replace("\\", "/").rpartition("/")[2]
        return f"{self.what} begins in {self.node.label()}, appended at {place}"


def nonfinite_of(nodes: Sequence[Node]) -> dict[Node, None]:
    """The nodes that have a NaN or an infinity in their value, in append order."""
    # A float minus itself is 0, unless it is not finite: no call for each of a million nodes.
    return {
        node: None
        for node in nodes
        if (x - x != 0.0 if type(x := node._value) is float else _is_bad(x))
    }


def origin_of(
    nodes: Sequence[Node], nonfinite: Mapping[Node, None], *, grads: bool
) -> Origin | None:
    """The first value that is not finite; if all are, the first such gradient, newest node first.

    Behind a NaN it is the infinity that made it, if there was one, where both are.
    """
    found = _first_bad(nonfinite)
    if found is not None:
        return Origin(found, _what(found._value))
    if grads:
        for node in reversed(nodes):
            if node.grad is not None and _is_bad(node.grad):
                return Origin(node, f"{_what(node.grad)} of gradients")
    return None


def _first_bad(bad: Mapping[Node, None]) -> Node | None:
    """The beginning of the first NaN, else the first infinity that no constant was meant to be."""
    found = next((node for node in bad if _has_nan(node._value)), None)
    if found is None:
        begun = (x for x in bad if x.op is not Leaf.Constant and bad.keys().isdisjoint(x.inputs))
        return next(begun, None)
    while behind := [x for x in found.inputs if x in bad]:
        found = behind[0]
    return found


def _is_bad(value: Any) -> bool:
    if isinstance(value, float):  # most often, and ten times as fast
        return not isfinite(value)
    return value is not None and not is_finite(value)


def _what(value: Any) -> str:
    return "NaN" if _has_nan(value) else "infinity"


def _has_nan(value: Any) -> bool:
    return isnan(value) if isinstance(value, float) else bool(np.isnan(value).any())
