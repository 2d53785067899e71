"""Copies of nodes, for `copy`, `deepcopy` and pickle: younger than what they are computed from."""

import sys
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from autograd_lite.core.node import AnyNode, Leaf, fill, make_leaf, new
from autograd_lite.core.sweep import ancestors
from autograd_lite.core.values import own_copy
from autograd_lite.errors import GraphError


def copied(node: AnyNode, input_of: Callable[[Any], Any] = lambda x: x) -> AnyNode:
    """A node of the same record in no graph, with other inputs; values are shared.

    It has a serial number of its own, so that gradients of the two do not meet. The stamp stays: a
    copy of a stale node is stale.
    """
    first, second, *others = (*map(input_of, node.inputs), None, None)
    needed, frame = node.requires_grad, sys._getframe()
    own = fill(new(type(node)), node.op, first, second, node._value, needed, frame)
    own._code, own._offset = node._code, node._offset
    own.params = node.params
    own._details = node._details._replace(others=tuple(others[: len(node._others)]))
    own.grad, own._stamp = deepcopy(node.grad), node._stamp
    return own


def deep_copied(node: AnyNode, memo: dict[int, Any]) -> AnyNode:
    """A copy of a node and of all that it was computed from, oldest first: nothing recurses."""
    for x in ancestors(node):
        if id(x) not in memo:
            memo[id(x)] = copied(x, lambda y: memo[id(y)])
    return memo[id(node)]


def remade(
    kind: type[AnyNode], leaf: Leaf, value: Any, name: str | None, requires_grad: bool
) -> AnyNode:
    """The leaf that pickle took apart."""
    return make_leaf(kind, leaf, own_copy(value), name, requires_grad=requires_grad)


def staying(label: str) -> GraphError:
    """The error for nodes that pickle cannot send: they stand in graphs, and know code's lines."""
    return GraphError(
        label,
        expected="a node to stay in its process",
        came="pickle, or what sends objects to other processes",
        suggestion="send arrays, leaves, modules, or graph.to_json()",
    )
