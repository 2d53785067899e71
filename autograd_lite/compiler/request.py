"""What a user asks a program to compute: outputs in the form they want, and updates of leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.node import ASSIGNABLE, Leaf
from autograd_lite.core.shapes import Spec
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.frontend.node import Node, NodeGraph

Outputs = Node | Sequence[Node] | Mapping[str, Node] | None


@dataclass(frozen=True)
class Request:
    """The outputs and updates, and the part of the graph that they need."""

    graph: NodeGraph  # it lives on, so that errors tell a node's number in it
    outputs: tuple[Node, ...]
    form: Outputs  # as the user gave them: one bare, several as a tuple, or by name
    updates: Mapping[Node, Node]
    nodes: tuple[Node, ...]  # all that is needed, in append order
    inputs: Mapping[str, Node]  # by name
    leaves: tuple[Node, ...]  # variables and parameters

    def arranged(self, values: Sequence[Any]) -> Any:
        """The values of the outputs, in the user's form."""
        if isinstance(self.form, Node):
            return values[0]
        if isinstance(self.form, Mapping):
            return dict(zip(self.form, values, strict=True))
        return tuple(values)


def make_request(
    graph: NodeGraph, outputs: Outputs, updates: Mapping[Node, Node] | None
) -> Request:
    """The request, checked; GraphError, ShapeError or DTypeError for one that makes no sense."""
    if not isinstance(graph, BaseGraph):
        raise _no_graph(graph)
    if not isinstance(updates, Mapping | None):
        raise _no_node(updates)
    updates = dict(updates or {})
    _refuse_other_than_nodes(*updates, *updates.values())
    if outputs is None:
        outputs = _ends(graph, updates)
        outputs = outputs[0] if len(outputs) == 1 else outputs
    wanted = _as_tuple(outputs)
    _refuse_other_than_nodes(*wanted)
    for leaf, new in updates.items():
        refuse_unfit(leaf, new, new.spec)
    nodes = tuple(ancestors(*updates, *wanted, *updates.values()))
    inputs = {str(x.name): x for x in nodes if x.op is Leaf.Input}
    for node in nodes:
        if node.op is Leaf.Input and inputs[str(node.name)] is not node:
            raise _two_of_a_name(node)
    return Request(
        graph=graph,
        outputs=wanted,
        form=outputs,
        updates=updates,
        nodes=nodes,
        inputs=inputs,
        leaves=tuple(x for x in nodes if x.op in ASSIGNABLE),
    )


def _ends(graph: NodeGraph, updates: Mapping[Node, Node]) -> tuple[Node, ...]:
    """The operations whose value nobody else uses, without those of updates."""
    needed = {x for node in (*graph, *updates.values()) for x in node.inputs}
    needed |= {*updates.values()}
    ends = (x for x in graph if x not in needed and not isinstance(x.op, Leaf))
    return tuple(ends)


def _as_tuple(outputs: Any) -> tuple[Any, ...]:
    if isinstance(outputs, Mapping):
        return tuple(outputs.values())
    return tuple(outputs) if isinstance(outputs, list | tuple) else (outputs,)


def refuse_unfit(leaf: Node, new: Node, spec: Spec) -> None:
    """Raise if a leaf cannot be updated, or not by a new value of this shape and dtype."""
    if leaf.op not in ASSIGNABLE:
        raise GraphError(
            leaf.label(),
            expected="a variable or parameter to update",
            came=f"a node made by {leaf.op.name}",
            suggestion="give updates as {parameter: node of its new value}",
        )
    if leaf.spec != spec:
        error = DTypeError if leaf.shape == spec.shape else ShapeError
        raise error(
            f"update of {leaf.label()}",
            expected=str(leaf.spec),
            came=f"{spec} from {new.label()}",
            suggestion="give a new value of the leaf's own shape and dtype, for example by astype",
        )


def _no_graph(thing: Any) -> GraphError:
    return GraphError(
        "compile",
        expected="a graph first, then outputs and updates",
        came=repr(thing),
        suggestion="record one: `with ag.Graph() as g: …`, then ag.compile(g, loss)",
    )


def _refuse_other_than_nodes(*things: Any) -> None:
    for thing in things:
        if not isinstance(thing, Node):
            raise _no_node(thing)


def _no_node(thing: Any) -> GraphError:
    return GraphError(
        "compile",
        expected="nodes: outputs=[loss], updates={w: w - lr * dw}",
        came=repr(thing),
        suggestion="give nodes, not their values",
    )


def _two_of_a_name(node: Node) -> GraphError:
    return GraphError(
        node.label(),
        expected="inputs of different names, as feeds go by name",
        came=f"'{node.name}' twice",
        place=node.place,
        suggestion="name the inputs of one of the graphs differently",
    )
