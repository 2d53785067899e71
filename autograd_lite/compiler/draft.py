"""A draft: what the passes work on, and how a pass makes a new one out of it.

A draft is a graph whose shapes are all known, with the roles its nodes have. A pass never changes
a draft: it builds another graph, node by node, and the roles follow. Nodes that stay as they are
are listed in both.
"""

import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_lite.core.node import Details, Leaf, fill, make_leaf, new
from autograd_lite.core.op import NO_PARAMS, Op, Params
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.core.sweep import reached
from autograd_lite.core.values import frozen
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops import Reshape


@dataclass(frozen=True)
class Draft:
    """A graph with the roles of its nodes."""

    graph: NodeGraph
    inputs: Mapping[str, Node]  # name of a feed → its leaf in the graph
    leaves: Mapping[Node, Node]  # leaf in the graph → the user's variable or parameter
    outputs: tuple[Node, ...]
    updates: Mapping[Node, Node]  # leaf in the graph → the node that is its new value
    origin: Mapping[Node, Node]  # node of the graph → the user's node it comes from

    @property
    def results(self) -> tuple[Node, ...]:
        """What the graph is there for: the outputs and the new values."""
        return (*self.outputs, *self.updates.values())

    def users(self) -> dict[Node, list[Node]]:
        """Who reads each node, once for each time it does; those that are dead do not count."""
        found: dict[Node, list[Node]] = {node: [] for node in self.graph}
        needed = reached(*self.results)
        for node in filter(needed.__contains__, self.graph):
            for x in node.inputs:
                found[x].append(node)
        return found


class Builder:
    """A graph under construction; what is appended has a spec and no value."""

    def __init__(self) -> None:
        self.graph = NodeGraph()
        self.origin: dict[Node, Node] = {}

    def leaf(self, kind: Leaf, spec: Spec, origin: Node, value: Any = None) -> Node:
        """A leaf that stands for the user's."""
        with self.graph:
            node = make_leaf(Node, kind, value, origin.name, spec=spec)
        if node not in self.graph:
            self.graph.adopt([node])
        return self._from(node, origin)

    def constant(self, value: Any, origin: Node) -> Node:
        """A constant: an array that nobody writes to."""
        array = frozen(np.asarray(value))
        return self.leaf(Leaf.Constant, Spec(array.shape, array.dtype), origin, array)

    def append(self, op: type[Op], inputs: Sequence[Node], params: Params, origin: Node) -> Node:
        """An operation; its spec is inferred, nothing is computed."""
        bound = op.bind(inputs, params)
        return self.record(op, inputs, bound, op.infer([x.spec for x in inputs], bound), origin)

    def record(
        self, op: type[Op], inputs: Sequence[Node], params: Params, spec: Spec, origin: Node
    ) -> Node:
        """An operation whose parameters are complete and whose spec is known."""
        first, second, *others = (*inputs, None) if len(inputs) == 1 else inputs
        node = fill(new(Node), op, first, second, None, False, sys._getframe())
        node.params = params
        node._details = Details(tuple(others), origin.scope, None, spec)
        self.graph.record(node)
        return self._from(node, origin)

    def expression(self, rule: Callable[..., Any], origin: Node) -> Any:
        """What a rule appends when it is handed the namespace."""
        count = len(self.graph)
        try:
            with self.graph:
                return rule()
        finally:
            for node in self.graph.nodes[count:]:
                node._spec = node.spec
                self._from(node, origin)

    def _from(self, node: Node, origin: Node) -> Node:
        node._code, node._offset = origin._code, origin._offset
        self.origin[node] = origin
        return node


class Rebuild(Builder):
    """A new draft in the making: knows for each old node the new one."""

    def __init__(self, old: Draft) -> None:
        super().__init__()
        self.old = old
        self.new: dict[Node, Node] = {}

    def copy(self, node: Node) -> Node:
        """The same operation on the new inputs: the node itself where they are the old ones."""
        origin, inputs = self.old.origin[node], self.inputs(node)
        if node._value is not None and inputs:  # a rule has computed it, from constants
            return self.constant(node._value, origin)
        if all(map(operator.is_, inputs, node.inputs)):
            self.graph.record(node)
            return self._from(node, origin)
        new = self.record(op_of(node), inputs, node.params, node._spec, origin)
        new.name = node.name
        return new

    def make(self, op: type[Op], *inputs: Node, at: Node, **params: Any) -> Node:
        """Another operation that stands where the old node `at` stood."""
        return self.append(op, inputs, params or NO_PARAMS, self.old.origin[at])

    def reshape(self, x: Node, shape: Shape, at: Node) -> Node:
        """X under another shape; a reshape of a reshape is one."""
        while not isinstance(x.op, Leaf) and x.op.aliases:
            x = x.inputs[0]
        return x if x.shape == shape else self.make(Reshape, x, at=at, shape=shape)

    def inputs(self, node: Node) -> tuple[Node, ...]:
        """The new inputs of an old node."""
        return tuple(self.new[x] for x in node.inputs)

    def finish(self) -> Draft:
        """The draft with all roles handed over."""
        old, new = self.old, self.new
        return Draft(
            graph=self.graph,
            inputs={name: new[x] for name, x in old.inputs.items()},
            leaves={new[x]: user for x, user in old.leaves.items() if x in new},
            outputs=tuple(new[x] for x in old.outputs),
            updates={new[leaf]: new[x] for leaf, x in old.updates.items()},
            origin=self.origin,
        )


def op_of(node: Node) -> type[Op]:
    """The op of a node that is no leaf."""
    assert not isinstance(node.op, Leaf), node  # noqa: S101 - for the type checker
    return node.op


Rewrite = Callable[[Rebuild, Node], "Node | None"]


def rewritten(draft: Draft, rewrite: Rewrite) -> Draft:
    """The draft with each operation replaced by what `rewrite` makes of it, None: by itself.

    Only what is needed is taken over, so dead nodes fall away.
    """
    build = Rebuild(draft)
    needed = reached(*draft.results, *draft.updates, *draft.inputs.values())
    for node in filter(needed.__contains__, draft.graph):
        found = None if isinstance(node.op, Leaf) else rewrite(build, node)
        build.new[node] = new = build.copy(node) if found is None else found
        new.name = new.name or node.name
    return build.finish()
