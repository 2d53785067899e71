"""Constants: what depends on constants alone is computed now, and factors of one fall away."""

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, op_of, rewritten
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

SMALL = 64  # elements: what is larger than its inputs and this is not worth its memory


def constants(draft: Draft) -> Draft:
    """Ops on constants become constants; `x · 1`, `x / 1`, `x¹` become x.

    And small whole powers become products, x · -1 becomes -x, and a choice between x and x is x.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    inputs = build.inputs(node)
    if all(x.op is Leaf.Constant for x in inputs):
        return _folded(build, node, inputs)
    return _simplified(build, node, inputs)


def _folded(build: Rebuild, node: Node, inputs: tuple[Node, ...]) -> Node | None:
    if node.size > max(SMALL, *map(_stored, inputs)):
        return None
    with np.errstate(all="ignore"):
        value = op_of(node).compute([x._value for x in inputs], node.params)
    return build.constant(np.array(value, node.dtype), build.old.origin[node])


def _stored(x: Node) -> int:
    """The elements that a constant has in memory: one may be seen from everywhere."""
    return 1 if 0 in x._value.strides else x.size


def _simplified(build: Rebuild, node: Node, inputs: tuple[Node, ...]) -> Node | None:
    if node.op is ops.Mul:
        for factor, x in (inputs, inputs[::-1]):
            if _is(factor, 1.0) and x.spec == node.spec:
                return x
            if _is(factor, -1.0) and x.spec == node.spec and x.dtype.kind == "f":
                return build.make(ops.Neg, x, at=node)
    if node.op is ops.Where and inputs[1] is inputs[2] and inputs[1].spec == node.spec:
        return inputs[1]
    if node.op in (ops.Div, ops.Pow) and _is(inputs[1], 1.0) and inputs[0].spec == node.spec:
        return inputs[0]
    if node.op is ops.Pow and inputs[0].spec == node.spec:
        return _power(build, node, *inputs)
    return None


def _power(build: Rebuild, node: Node, x: Node, exponent: Node) -> Node | None:
    """x², x³ and x⁴ as products, and those of 1/x: functions take 5 to 50 times as long."""
    n = exponent._value.item() if exponent.op is Leaf.Constant and exponent.size == 1 else 0
    if n in (-1, -2, -3, -4) and x.dtype.kind == "f":
        x = build.make(ops.Reciprocal, x, at=node)
    elif n not in (2, 3, 4):
        return None
    if n == -1:
        return x
    square = build.make(ops.Mul, x, x, at=node)
    if abs(n) == 2:
        return square
    return build.make(ops.Mul, square, square if abs(n) == 4 else x, at=node)


def _is(node: Node, number: float) -> bool:
    return node.op is Leaf.Constant and node.size == 1 and node._value.item() == number
