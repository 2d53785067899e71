"""The fast way for floats: operators on scalars that are in no graph.

Expressions of a million scalars come this way, so it leaves out what such an operation cannot
need: conversions, broadcasting, dtypes, parameters. What it does is what `append` does, and
anything else is handed on to that.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from autograd_lite.core import scalars
from autograd_lite.core.append import append
from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.core.contract import NO_PARAMS, BaseOp
from autograd_lite.core.node import Leaf, fill, make_leaf, new
from autograd_lite.errors import is_ours, users_frame

frame_of = sys._getframe
context_now = context.get


def binary(op: type[BaseOp]) -> Callable[[Any, Any], Any]:
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
            or context_now() is not NO_CONTEXT
        ):
            return append(op, (self, other))
        try:
            value = forward(scalars, x, y)
        except (ArithmeticError, ValueError):
            value = op.compute((x, y), NO_PARAMS)
        frame = frame_of(1)
        code = frame.f_code
        if code is not self._code and code is not other._code and is_ours(code.co_filename):
            frame = users_frame(frame)
            code = frame.f_code
        required = self.requires_grad or other.requires_grad
        return fill(new(kind), op, self, other, value, required, code, frame.f_lasti)

    return operator


def reflected(op: type[BaseOp]) -> Callable[[Any, Any], Any]:
    """The operator that appends `other op self`, where other is no node."""
    operator = binary(op)

    def swapped(self: Any, other: Any) -> Any:
        if type(other) is float and other and type(self._value) is float:
            kind: Any = type(self)
            return operator(float_constant(kind, other), self)
        return append(op, (other, self))

    return swapped


# The factors and offsets of scalar expressions come back again and again, and never change. Zero
# is left out because 0.0 and -0.0 are equal as keys.
@lru_cache(maxsize=1024)
def float_constant(kind: Any, value: float) -> Any:
    """A constant node; the same one for the same number."""
    return make_leaf(kind, Leaf.Constant, value)
