"""Common subexpressions: what is computed twice is computed once."""

from typing import Any

from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node


def common(draft: Draft) -> Draft:
    """Nodes of one op with the same inputs and parameters become one; so do equal constants."""
    seen: dict[Any, Node] = {}

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        inputs = tuple(map(_identity, build.inputs(node)))
        key = (node.op, inputs, tuple(sorted(node.params.items(), key=lambda item: item[0])))
        if key not in seen:
            seen[key] = build.copy(node)
        return seen[key]

    return rewritten(draft, rewrite)


def _identity(node: Node) -> Any:
    """What makes a node the same as another: for a small constant its value, bit by bit."""
    if node.op is Leaf.Constant and node.size == 1:
        return node.dtype.str, node.shape, node._value.tobytes()
    return id(node)
