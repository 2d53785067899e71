"""The forward loop: compute the values of recorded nodes in append order."""

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any

import numpy as np

from autograd_lite.core import arrays
from autograd_lite.core.shapes import FLOWS, spec_of
from autograd_lite.core.values import frozen
from autograd_lite.errors import AutogradError, NonFiniteError


@np.errstate(all="ignore")
def evaluate(nodes: Iterable[Any], fed: Mapping[Any, Any]) -> dict[Any, Any]:
    """The new value of every computed node, given new values for some leaves.

    Nothing is written to the nodes: if one of them fails, all are as they were. The error then
    names the node and the line that appended it.
    """
    fresh = dict(fed)
    now = fresh.get
    for node in nodes:
        x, y, op, params, value = node._first, node._second, node.op, node.params, None
        if x is None:
            continue
        u = now(x, x._value)
        v = u if y is None else now(y, y._value)
        xp = op.direct.get(type(u))
        if xp is not None and op.direct.get(type(v)) is xp:
            try:  # here and not in a function, as a call costs what a rule does
                if op.refuse is not None:
                    op.refuse(u, **params) if y is None else op.refuse(u, v, **params)
                if params:
                    args = (u,) if y is None else (u, v)
                    value = op.forward(xp, *args, **params)
                else:
                    value = op.forward(xp, u) if y is None else op.forward(xp, u, v)
                if xp is arrays:
                    value.setflags(False)
                    value = value if value.dtype.kind in FLOWS else None
                elif type(value) is not float:
                    value = None
            except Exception:  # noqa: BLE001 - it is met again, and has words there
                value = None
        fresh[node] = _computed(node, now) if value is None else value
    return fresh


def _computed(node: Any, now: Callable[[Any, Any], Any]) -> Any:
    """The same in all cases, or the error that names the node."""
    try:
        values = [now(x, x._value) for x in node.inputs]
        return frozen(node.op.compute(values, node.params))
    except AutogradError as problem:
        problem.subject, problem.place = node.label(), node.place
        raise


def is_finite(value: Any) -> bool:
    """Whether no element is NaN or infinite; integers and booleans always are finite."""
    if type(value) is np.ndarray:
        # NaN and infinity show in a sum of squares; if that overflows, each element is looked at
        return isfinite(np.vdot(value, value)) or bool(np.isfinite(value).all())
    return all(map(is_finite, value)) if isinstance(value, tuple) else isfinite(value)


def refuse_first_nonfinite(nodes: Iterable[Any], fresh: Mapping[Any, Any]) -> None:
    """Raise NonFiniteError for the first node with a NaN or an infinity, if there is one."""
    for node in nodes:
        if not is_finite(fresh.get(node, node._value)):
            inputs = [f"{x.label()} {_span(fresh.get(x, x._value))}" for x in node.inputs]
            source = f"computed from {', '.join(inputs)}" if inputs else "as it was given"
            hint = "lower the learning rate, or look at this node's inputs"
            raise NonFiniteError(
                node.label(),
                expected="finite values",
                came=f"NaN or infinity, {source}",
                place=node.place,
                suggestion=hint if inputs else "look for it with np.isfinite(values).all(axis=0)",
            )


def _span(value: Any) -> str:
    """The spec of an array, and from where to where its elements reach."""
    elements = np.asarray(value)
    span = f" in [{elements.min():.6g}, {elements.max():.6g}]" if elements.size else ""
    return f"{spec_of(value)}{span}"
