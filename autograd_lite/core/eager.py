"""The eager way: operations on nodes that have values and are in no graph.

Expressions of a million scalars and loops over small arrays come this way, so it leaves out what
such an operation cannot need: a graph, a mode, inputs without values, a look at every error. What
it does is what `append` does; all else is handed on to that.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.core import arrays, scalars
from autograd_lite.core.append import append, as_nodes, constant, number_beside
from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.core.contract import NO_PARAMS, BaseOp, Params
from autograd_lite.core.node import NO_DETAILS, AnyNode, BaseNode, Details, fill, new
from autograd_lite.core.outputs import OutputTuple
from autograd_lite.core.shapes import AS_FLOATS, FLOWS, NUMBERS

ARRAYS = frozenset({np.ndarray, OutputTuple, np.float64, np.float32, np.int64, np.bool_})

numbers: dict[Any, Any] = {}  # constants beside floats: they come back again and again

frame_of, context_now, number_now = sys._getframe, context.get, numbers.get


def unary(op: type[BaseOp]) -> Callable[[AnyNode], AnyNode]:
    """The function that appends `op(x)`."""
    forward, flows = op.forward, not op.blocks_gradient

    def function(x: Any) -> Any:
        if x._graph is None and context_now() is NO_CONTEXT:
            u, required = x._value, flows and x.requires_grad
            try:
                if type(u) is float:
                    value = forward(scalars, u)
                    if type(value) is float:
                        return fill(new(type(x)), op, x, None, value, required, frame_of(1))
                elif type(u) in ARRAYS:
                    value = forward(arrays, u)
                    value.setflags(False)
                    required = FLOWS[value.dtype.kind] and required
                    return fill(new(type(x)), op, x, None, value, required, frame_of(1))
            except Exception:  # noqa: BLE001, S110 - `append` meets it again, and has the words
                pass
        return append(op, (x,))

    return function


def binary(op: type[BaseOp], *, swapped: bool = False) -> Callable[[AnyNode, Any], AnyNode]:  # noqa: C901
    """The function that appends `op(x, y)`, one of them perhaps a number; swapped, of (y, x)."""
    forward, flows = op.forward, not op.blocks_gradient
    wanted = float if op.elementwise else None  # a product of numbers is refused

    def function(x: Any, y: Any) -> Any:
        if context_now() is not NO_CONTEXT:
            return append(op, (y, x) if swapped else (x, y))
        if type(x) is not type(y):
            if type(y) in AS_FLOATS and type(x._value) is float:
                y = float(y)
                known = number_now(y or str(y))
                y = known if type(known) is type(x) else _number(type(x), y)
            else:
                x, y = _both_nodes(op, x, y)
        if swapped:
            x, y = y, x
        if x._graph is None and y._graph is None:
            u, v, required = x._value, y._value, flows and (x.requires_grad or y.requires_grad)
            try:
                if type(u) is wanted and type(v) is wanted:
                    value = forward(scalars, u, v)
                    if type(value) is float or (type(value) is bool and not flows):
                        return fill(new(type(x)), op, x, y, value, required, frame_of(1))
                elif type(u) in ARRAYS and type(v) in ARRAYS:
                    value = forward(arrays, u, v)
                    value.setflags(False)
                    required = FLOWS[value.dtype.kind] and required
                    return fill(new(type(x)), op, x, y, value, required, frame_of(1))
            except Exception:  # noqa: BLE001, S110 - `append` meets it again, and has the words
                pass
        return append(op, (x, y))

    return function


def general(op: type[BaseOp]) -> Callable[..., Any]:
    """The function that appends `op(*inputs, **params)`, of parameters that are bound already."""
    forward, refuse, flows = op.forward, op.refuse, not op.blocks_gradient

    def function(*inputs: Any, params: Params = NO_PARAMS) -> Any:
        if context_now() is not NO_CONTEXT:
            return append(op, inputs, params)
        for x in inputs:
            if not isinstance(x, BaseNode):
                inputs = as_nodes(op, inputs)
                break
        values, required = [], False
        for x in inputs:
            if x._graph is not None or type(x._value) not in ARRAYS:
                return append(op, inputs, params)
            values.append(x._value)
            required = required or x.requires_grad
        try:
            if refuse is not None:
                refuse(*values, **params)
            value = forward(arrays, *values, **params)
            value.setflags(False)
            required = required and FLOWS[value.dtype.kind] and (flows or op.hands_on(inputs))
        except Exception:  # noqa: BLE001 - `append` meets it again, and has the words
            return append(op, inputs, params)
        x, y = inputs[0], inputs[1] if len(inputs) > 1 else None
        node = fill(new(type(x)), op, x, y, value, required, frame_of(1))
        node.params, node._details = params, Details(inputs[2:]) if inputs[2:] else NO_DETAILS
        return node

    return function


def _both_nodes(op: type[BaseOp], x: Any, y: Any) -> tuple[Any, ...]:
    """The operands as nodes; the usual case, a number or array beside a node, comes first."""
    if type(y) in NUMBERS and x._graph is None:
        return x, number_beside(x, y)
    if type(x) in AS_FLOATS and type(y._value) is float:
        return _number(type(y), float(x)), y
    if type(x) in NUMBERS and y._graph is None:
        return number_beside(y, x), y
    if type(y) is np.ndarray:
        return x, constant(type(x), y)
    if type(x) is np.ndarray:
        return constant(type(y), x), y
    return as_nodes(op, (x, y))


def _number(kind: Any, value: float) -> Any:
    """The constant for a number beside floats; 0.0 and -0.0, which are equal, are two."""
    known = number_now(value or str(value))
    if type(known) is not kind:
        if len(numbers) > 1000:
            numbers.clear()
        numbers[value or str(value)] = known = constant(kind, value)
    return known
