"""The fields that a new node is filled with: those of an operation, and those of a leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from autograd_lite.errors import DTypeError, user_code, users_frame
from autograd_lite.ops.op import NO_PARAMS, Op
from autograd_lite.ops.shapes import Spec
from autograd_lite.recording import Leaf, surroundings, tick

if TYPE_CHECKING:
    from types import FrameType

    from autograd_lite.node import Node

AnyNode = TypeVar("AnyNode", bound="Node")


def fill_operation(  # noqa: PLR0917 - called a million times: keywords cost time
    node: AnyNode,
    op: type[Op],
    first: Any,
    second: Any,
    value: Any,
    requires_grad: bool,
    frame: FrameType,
) -> AnyNode:
    """Set the fields that every operation has; the place is that of the user's code.

    `frame` is where to look for it: the frame of whoever called the operator or function.
    """
    node.op, node._first, node._second = op, first, second
    node._value, node.requires_grad = value, requires_grad
    node.params, node._others, node.scope = NO_PARAMS, (), surroundings.get().scope
    node.name = node.grad = node._graph = node._spec = None
    frame = users_frame(frame)
    node._code, node._offset = frame.f_code, frame.f_lasti
    node.serial = node._stamp = tick()
    return node


def fill_leaf(
    node: AnyNode,
    kind: Leaf,
    value: Any,
    name: str | None,
    *,
    requires_grad: bool,
    spec: Spec | None = None,
) -> AnyNode:
    """Set the fields of a leaf; a leaf made inside a graph is listed there."""
    node.op, node.params = kind, NO_PARAMS
    node._first, node._second, node._others = None, None, ()
    node._value, node._spec, node._graph = value, spec, None
    node.name, node.requires_grad, node.grad = name, requires_grad, None
    around = surroundings.get()
    node.scope = around.scope if kind is not Leaf.Constant else ""
    node._code, node._offset = user_code()
    if requires_grad and node.dtype.kind != "f":
        raise DTypeError(
            node.label(),
            expected="floating-point values, to be differentiated",
            came=str(node.spec),
            suggestion="write 2.0 instead of 2, convert with astype, or use constant(…)",
        )
    node.serial = node._stamp = tick()
    if around.graph is not None and kind is not Leaf.Constant:
        around.graph.record_leaf(node)
    return node
