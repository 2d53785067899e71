"""`append`, by which operations come to be nodes: of the operands' class, in their graph."""

import sys
from functools import lru_cache, partial
from typing import Any

import numpy as np

from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.core.contract import NO_PARAMS, BaseOp, Params
from autograd_lite.core.node import BaseNode, Details, Leaf, fill, make_leaf, new
from autograd_lite.core.shapes import (
    AS_FLOATS,
    NUMBERS,
    PYTHON_NUMBERS,
    as_python_number,
    partner_dtype,
    spec_of,
)
from autograd_lite.core.values import frozen, own_copy
from autograd_lite.errors import GraphError


def append(op: type[BaseOp], operands: tuple[Any, ...], params: Params = NO_PARAMS) -> Any:
    """Append one operation: to the active graph, to its inputs' graph, or to none.

    The value is computed at once if all inputs have one; otherwise its shape and dtype are
    inferred, so that a mistake is reported at the line that makes it.
    """
    around = context.get()
    mode, graph = around.mode, around.graph
    if mode is not None:
        operands = mode.operands(op, operands)
    inputs = as_nodes(op, operands)
    values, spec, required, is_known = [], None, False, True
    for x in inputs:
        value = x._value
        is_known = is_known and value is not None
        values.append(value)
        required = required or x.requires_grad
        if graph is None and x._graph is not None:
            graph = x.graph  # where no graph is active, that of the first input that has one
    if is_known:
        value = frozen(op.compute(values, params))
    elif graph is None:
        raise _no_graph(op)
    else:
        value, spec = None, op.infer([x.spec for x in inputs], params)
    if not op.outputs:  # of which each will say
        known = spec or (value if hasattr(value, "dtype") else spec_of(value))
        required = required and known.dtype.kind == "f"
    required = required and op.hands_on(inputs)
    first, second, others = inputs[0], inputs[1] if len(inputs) > 1 else None, inputs[2:]
    node = fill(new(type(first)), op, first, second, value, required, sys._getframe(2))
    node.params = params
    if others or spec or around.scope:
        node._details = Details(others, around.scope, None, spec)
    if graph is not None:
        graph.record(node)
    if mode is not None:
        mode.appended(node)
    return node


def _no_graph(op: type[BaseOp]) -> GraphError:
    expected = "a graph to append to, because an input has no value yet"
    hint = "build the expression inside `with Graph() as g:`"
    return GraphError(op.name, expected=expected, came="no graph", suggestion=hint)


# Operands that are no nodes become constants


def as_nodes(op: type[BaseOp], operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands as nodes; a bare number becomes a constant with the dtype of its partners."""
    nodes = [x for x in operands if isinstance(x, BaseNode)]
    if len(nodes) == len(operands):
        return operands
    made = partial(_constant, op, operands, nodes)
    return tuple([x if isinstance(x, BaseNode) else made(x) for x in operands])


def _constant(op: type[BaseOp], operands: Any, nodes: Any, value: Any) -> Any:
    """A constant operand; beside Python floats it is one too, beside arrays it has their dtype."""
    kind, value = type(nodes[0]), as_python_number(value)
    if not op.elementwise or type(value) not in AS_FLOATS:
        return constant(kind, value)
    is_lone = context.get() is NO_CONTEXT and all(x._graph is None for x in nodes)
    make = partial(number if is_lone else shared_number.__wrapped__, kind)
    kinds = {*map(type, operands)} - {*map(type, nodes)} - AS_FLOATS
    kinds |= {type(x._value) for x in nodes}
    if kinds <= {float, bool} and (float in kinds or type(value) is float):
        return make(float(value))
    if type(value) not in PYTHON_NUMBERS:
        return constant(kind, value)
    partners = [x for x in operands if type(x) not in NUMBERS]
    return make(value, tuple([(x if hasattr(x, "dtype") else spec_of(x)).dtype for x in partners]))


def constant(kind: Any, value: Any) -> Any:
    """A constant with a copy of a value."""
    return fill(new(kind), Leaf.Constant, None, None, own_copy(value), False, sys._getframe(1))


def number_beside(x: Any, value: Any) -> Any:
    """The constant for a number whose only partner is a node, but no Python float."""
    other, value = x._value, as_python_number(value)
    if type(other) is bool and type(value) is float:
        return number(type(x), value)
    return number(type(x), value, ((other if hasattr(other, "dtype") else x).dtype,))


def number(kind: Any, value: Any, partners: tuple[np.dtype[Any], ...] = ()) -> Any:
    """The constant for a number beside arrays of these dtypes, or beside Python floats."""
    key: Any = type(value) if value else str(value)
    return shared_number(kind, value, partners, key)


# Outside of graphs each is made once. The key tells apart 0.0 and -0.0, which are equal, 1 and 1.0.
@lru_cache(maxsize=1024)
def shared_number(kind: Any, value: Any, partners: Any = (), key: object = None) -> Any:  # noqa: ARG001
    """A constant: a Python float, or an array of the dtype that the number has beside partners."""
    own = frozen(np.array(value, partner_dtype(value, partners))) if partners else value
    return make_leaf(kind, Leaf.Constant, own)
