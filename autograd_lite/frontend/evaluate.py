"""The forward loop: compute the values of recorded nodes in append order."""

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

import numpy as np

from autograd_lite.core.shapes import spec_of
from autograd_lite.core.values import frozen
from autograd_lite.errors import AutogradError, NonFiniteError


def evaluate(nodes: Iterable[Any], fed: Mapping[Any, Any]) -> dict[Any, Any]:
    """The new value of every computed node, given new values for some leaves.

    Nothing is written to the nodes: if one of them fails, all are as they were. The error then
    names the node and the line that appended it.
    """
    fresh = dict(fed)
    for node in nodes:
        x, y = node._first, node._second
        if x is None:
            continue
        values = [fresh.get(x, x._value)]
        if y is not None:
            values += [fresh.get(z, z._value) for z in (y, *node._others)]
        try:
            fresh[node] = frozen(node.op.compute(values, node.params))
        except AutogradError as problem:
            problem.subject, problem.place = node.label(), node.place
            raise
    return fresh


def is_finite(value: Any) -> bool:
    """Whether no element is NaN or infinite; integers and booleans always are finite."""
    return isfinite(value) if np.ndim(value) == 0 else bool(np.isfinite(np.asarray(value)).all())


def refuse_first_nonfinite(nodes: Iterable[Any], fresh: Mapping[Any, Any]) -> None:
    """Raise NonFiniteError for the first node with a NaN or an infinity, if there is one."""
    for node in nodes:
        if not is_finite(fresh.get(node, node._value)):
            inputs = [f"{x.label()} {_span(fresh.get(x, x._value))}" for x in node.inputs]
            source = f"computed from {', '.join(inputs)}" if inputs else "as it was given"
            raise NonFiniteError(
                node.label(),
                expected="finite values",
                came=f"NaN or infinity, {source}",
                place=node.place,
                suggestion="lower the learning rate, or look at this node's inputs",
            )


def _span(value: Any) -> str:
    """The spec of an array, and from where to where its elements reach."""
    elements = np.asarray(value)
    span = f" in [{elements.min():.6g}, {elements.max():.6g}]" if elements.size else ""
    return f"{spec_of(value)}{span}"
