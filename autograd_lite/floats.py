"""The short way for floats: operators on scalars that are in no graph.

Expressions of a million scalars come this way, so it leaves out what such an operation cannot
need: conversions, broadcasting, dtypes, parameters. What it does is what `node.append` does, and
anything else is handed on to that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import Any

from autograd_lite.errors import is_ours, users_frame
from autograd_lite.fields import fill_leaf, fill_operation
from autograd_lite.ops import scalars
from autograd_lite.ops.op import NO_PARAMS, Op
from autograd_lite.recording import NOTHING_AROUND, Leaf, surroundings, tick

make = object.__new__
frame_of = sys._getframe
surroundings_now = surroundings.get


def binary(op: type[Op]) -> Callable[[Any, Any], Any]:
    """The operator that appends `self op other`."""
    forward = op.forward

    def operator(self: Any, other: Any) -> Any:
        kind: Any = type(self)
        if type(other) is float and other and type(self._value) is float:
            other = float_constant(kind, other)
        if (
            type(other) is not kind
            or type(x := self._value) is not float
            or type(y := other._value) is not float
            or self._graph is not None
            or other._graph is not None
            or surroundings_now() is not NOTHING_AROUND
        ):
            return self.append_op(op, (self, other))
        try:
            value = forward(scalars, x, y)
        except (ArithmeticError, ValueError):
            value = op.compute((x, y), NO_PARAMS)
        frame = frame_of(1)
        code = frame.f_code
        if code is not self._code and code is not other._code and is_ours(code.co_filename):
            frame = users_frame(frame)
            code = frame.f_code
        node = make(kind)
        node.op, node._first, node._second = op, self, other
        node._value, node.requires_grad = value, self.requires_grad or other.requires_grad
        node.params, node._others, node.scope = NO_PARAMS, (), ""
        node.name = node.grad = node._graph = node._spec = None
        node._code, node._offset = code, frame.f_lasti
        node.serial = node._stamp = tick()
        return node

    return operator


def reflected(op: type[Op]) -> Callable[[Any, Any], Any]:
    """The operator that appends `other op self`, where other is no node."""
    operator = binary(op)

    def swapped(self: Any, other: Any) -> Any:
        if type(other) is float and other and type(self._value) is float:
            kind: Any = type(self)
            return operator(float_constant(kind, other), self)
        return self.append_op(op, (other, self))

    return swapped


def is_lone_float(x: Any) -> bool:
    """Whether a node is a float in no graph, with nothing around that has a say."""
    return type(x._value) is float and x._graph is None and surroundings_now() is NOTHING_AROUND


def append_to_float(op: type[Op], x: Any, frame: FrameType) -> Any:
    """Append `op(x)` for a lone float; `frame` is that of whoever called the function."""
    try:
        value = op.forward(scalars, x._value)
    except (ArithmeticError, ValueError):
        value = None
    if type(value) is not float and type(value) is not bool:
        value = op.compute((x._value,), NO_PARAMS)
    needed = x.requires_grad and type(value) is float and not op.blocks_gradient
    return fill_operation(make(type(x)), op, x, None, value, needed, frame)


# The factors and offsets of scalar expressions come back again and again, and never change. Zero
# is left out because 0.0 and -0.0 are equal as keys.
@lru_cache(maxsize=1024)
def float_constant(kind: Any, value: float) -> Any:
    """A constant node; the same one for the same number."""
    return fill_leaf(make(kind), Leaf.Constant, value, None, requires_grad=False)
