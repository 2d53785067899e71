"""`append`, by which operations come to be nodes: of the operands' class, in their graph."""

import sys
from types import FrameType
from typing import Any

import numpy as np

from autograd_lite.core import scalars
from autograd_lite.core.context import NO_CONTEXT, Recorder, context
from autograd_lite.core.contract import NO_PARAMS, BaseOp, Params
from autograd_lite.core.node import BaseNode, Leaf, fill, make_leaf, new
from autograd_lite.core.shapes import (
    Spec,
    as_python_number,
    is_python_number,
    partner_dtype,
    spec_of,
)
from autograd_lite.core.values import frozen, own_copy
from autograd_lite.errors import GraphError, users_frame


def append(op: type[BaseOp], operands: tuple[Any, ...], params: Params = NO_PARAMS) -> Any:
    """Append one operation: to the active graph, to its inputs' graph, or to none.

    The value is computed at once if all inputs have one; otherwise its shape and dtype are
    inferred, so that a mistake is reported at the line that makes it.
    """
    if op.elementwise and len(operands) == 1 and not params and is_lone_float(operands[0]):
        return append_to_float(op, operands[0], sys._getframe(2))
    around = context.get()
    mode = around.mode
    if mode is not None:
        operands = mode.operands(op, operands)
    inputs = as_nodes(op, operands)
    owner = _owner(inputs) if around.graph is None else around.graph
    value, spec = _result(op, inputs, params, owner)
    is_floating = type(value) is float or (spec or spec_of(value)).dtype.kind == "f"
    required = is_floating and _needs_gradient(op, inputs)
    first, second, *others = (*inputs, None) if len(inputs) == 1 else inputs
    node, frame = new(type(first)), users_frame(sys._getframe(2))
    fill(node, op, first, second, value, required, frame.f_code, frame.f_lasti)
    node._others, node.params, node._spec = tuple(others), params, spec
    node.scope = around.scope
    if owner is not None:
        owner.record(node)
    if mode is not None:
        mode.appended(node)
    return node


def _result(
    op: type[BaseOp], inputs: tuple[BaseNode, ...], params: Params, owner: Recorder | None
) -> tuple[Any, Spec | None]:
    """The value; or, where an input has none, None and the inferred spec."""
    values = [x._value for x in inputs]
    if all([value is not None for value in values]):  # noqa: C419 - a generator takes thrice as long
        return frozen(op.compute(values, params)), None
    if owner is None:
        raise GraphError(
            op.name,
            expected="a graph to append to, because an input has no value yet",
            came="no graph",
            suggestion="build the expression inside `with Graph() as g:`",
        )
    return None, op.infer([x.spec for x in inputs], params)


def _owner(inputs: tuple[BaseNode, ...]) -> Recorder | None:
    """The graph to append to where none is active: that of the first input that has one."""
    return next((x.graph for x in inputs if x.graph is not None), None)


def _needs_gradient(op: type[BaseOp], inputs: tuple[BaseNode, ...]) -> bool:
    edges = op.edges(inputs) if op.blocks_gradient else zip(inputs, inputs, strict=True)
    return any([x.requires_grad for x, _ in edges])  # noqa: C419


# Floats in no graph: the short way


def is_lone_float(x: Any) -> bool:
    """Whether a node is a float in no graph, with nothing around that has a say."""
    return type(x._value) is float and x._graph is None and context.get() is NO_CONTEXT


def append_to_float(op: type[BaseOp], x: Any, frame: FrameType) -> Any:
    """Append `op(x)` for a lone float; `frame` is that of whoever called the function."""
    try:
        value = op.forward(scalars, x._value)
    except (ArithmeticError, ValueError):
        value = None
    if type(value) is not float and type(value) is not bool:
        value = op.compute((x._value,), NO_PARAMS)
    needed = x.requires_grad and type(value) is float and not op.blocks_gradient
    frame = users_frame(frame)
    return fill(new(type(x)), op, x, None, value, needed, frame.f_code, frame.f_lasti)


# Operands that are no nodes become constants


def as_nodes(op: type[BaseOp], operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """The operands as nodes; a bare number becomes a constant with the dtype of its partners."""
    kind = next(type(x) for x in operands if isinstance(x, BaseNode))
    return tuple(
        [x if isinstance(x, BaseNode) else _constant(kind, op, x, operands) for x in operands]
    )


def _constant(kind: type[Any], op: type[BaseOp], value: Any, operands: tuple[Any, ...]) -> Any:
    return make_leaf(kind, Leaf.Constant, _constant_beside(op, value, operands))


def _constant_beside(op: type[BaseOp], value: Any, operands: tuple[Any, ...]) -> Any:
    """A constant operand; beside Python floats it is one too, beside arrays it has their dtype."""
    value = as_python_number(value)
    if not (op.elementwise and is_python_number(value)):
        return own_copy(value)
    partners = [x for x in map(as_python_number, operands) if not is_python_number(x)]
    kinds = {type(x._value) if isinstance(x, BaseNode) else type(x) for x in partners}
    if kinds <= {float, bool} and (float in kinds or type(value) is float):
        return float(value)
    dtypes = [spec_of(x).dtype for x in partners]
    return frozen(np.array(value, partner_dtype(value, dtypes)))
