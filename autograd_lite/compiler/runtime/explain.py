"""What went wrong inside of compiled code, told by running the step again, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd_lite.core.evaluate import evaluate, refuse_first_nonfinite
from autograd_lite.errors import NonFiniteError
from autograd_lite.frontend.node import Node

Array = np.ndarray[Any, Any]


def rerun(nodes: Sequence[Node], feeds: Mapping[Node, Array]) -> dict[Node, Any]:
    """The value of every node, by its own rule; nothing is written to the nodes.

    Raises the error that `Graph.forward` would, which names the node and the line.
    """
    with np.errstate(all="ignore"):
        return evaluate(nodes, feeds)


def refuse_nonfinite(nodes: Sequence[Node], feeds: Mapping[Node, Array]) -> NoReturn:
    """Raise NonFiniteError for the first node with a NaN or an infinity."""
    refuse_first_nonfinite(nodes, rerun(nodes, feeds))
    raise NonFiniteError(
        "Program",
        expected="finite outputs and new values",
        came="NaN or infinity, which does not appear when the step is run node by node",
        suggestion="lower the learning rate: the values are near the end of their range",
    )
