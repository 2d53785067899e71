"""What went wrong inside of compiled code, told by running the step again, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd_lite.errors import NonFiniteError
from autograd_lite.evaluate import evaluate, is_finite
from autograd_lite.graph import _range
from autograd_lite.node import Node

Array = np.ndarray[Any, Any]


def rerun(nodes: Sequence[Node], feeds: Mapping[Node, Array]) -> dict[Node, Any]:
    """The value of every node, by its own rule; nothing is written to the nodes.

    Raises the error that `Graph.forward` would, which names the node and the line.
    """
    with np.errstate(all="ignore"):
        return evaluate(nodes, feeds)


def refuse_nonfinite(nodes: Sequence[Node], feeds: Mapping[Node, Array]) -> NoReturn:
    """Raise NonFiniteError for the first node with a NaN or an infinity."""
    fresh = rerun(nodes, feeds)
    values = {node: fresh.get(node, node._value) for node in nodes}
    bad = next((node for node in nodes if not is_finite(values[node])), None)
    if bad is None:
        raise NonFiniteError(
            "Program",
            expected="finite outputs and new values",
            came="NaN or infinity, which does not appear when the step is run node by node",
            suggestion="lower the learning rate: the values are near the end of their range",
        )
    came = ", ".join(f"{x.label()} {_range(values[x])}" for x in bad.inputs)
    raise NonFiniteError(
        bad.label(),
        expected="finite values",
        came=f"NaN or infinity, computed from {came or 'a feed'}",
        place=bad.place,
        suggestion="lower the learning rate, or look at this node's inputs",
    )
