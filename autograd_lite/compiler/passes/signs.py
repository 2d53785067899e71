"""Signs: negations move towards the results, and most of them vanish into a difference."""

from collections.abc import Callable

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, op_of, rewritten
from autograd_lite.frontend.node import Node


def signs(draft: Draft) -> Draft:
    """`x · -y` becomes `-(x · y)`, `x + -y` becomes `x - y`, `-(x - y)` becomes `y - x`.

    None of them changes a bit of the result, but for the sign of a zero.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    if node.op not in _RULES or node.dtype.kind != "f":
        return None
    return _RULES[op_of(node)](build, node, *build.inputs(node))


def _negative(build: Rebuild, node: Node, x: Node) -> Node | None:
    if x.op is ops.Neg:
        return x.inputs[0]
    return build.make(ops.Sub, *x.inputs[::-1], at=node) if x.op is ops.Sub else None


def _product(build: Rebuild, node: Node, x: Node, y: Node) -> Node | None:
    if ops.Neg not in (x.op, y.op):
        return None
    result = build.make(op_of(node), _positive(x), _positive(y), at=node)
    return result if x.op is y.op else build.make(ops.Neg, result, at=node)


def _sum(build: Rebuild, node: Node, x: Node, y: Node) -> Node | None:
    if x.op is y.op is ops.Neg:
        total = build.make(ops.Add, _positive(x), _positive(y), at=node)
        return build.make(ops.Neg, total, at=node)
    if x.op is ops.Neg:
        return build.make(ops.Sub, y, _positive(x), at=node)
    return build.make(ops.Sub, x, _positive(y), at=node) if y.op is ops.Neg else None


def _difference(build: Rebuild, node: Node, x: Node, y: Node) -> Node | None:
    if y.op is ops.Neg:
        if x.op is ops.Neg:
            return build.make(ops.Sub, _positive(y), _positive(x), at=node)
        return build.make(ops.Add, x, _positive(y), at=node)
    if x.op is ops.Neg:
        return build.make(ops.Neg, build.make(ops.Add, _positive(x), y, at=node), at=node)
    return None


def _positive(x: Node) -> Node:
    return x.inputs[0] if x.op is ops.Neg else x


_RULES: dict[object, Callable[..., Node | None]] = {
    ops.Add: _sum,
    ops.Div: _product,
    ops.Mul: _product,
    ops.Neg: _negative,
    ops.Sub: _difference,
}
