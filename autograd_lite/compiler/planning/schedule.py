"""The order of the steps: which new values may be written in place, and what runs when."""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.lowered import AddAt, PickGradient
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

Edges = dict[Node, set[Node]]  # node → what has to run before it


def is_view(node: Node) -> bool:
    """Whether the node is nothing but another look at its input."""
    return not isinstance(node.op, Leaf) and node.op.aliases


def root(node: Node) -> Node:
    """The node whose elements are looked at."""
    while is_view(node):
        (node,) = node.inputs[:1]
    return node


def kernels(draft: Draft) -> list[Node]:
    """The nodes that compute something."""
    return [x for x in draft.graph if not (isinstance(x.op, Leaf) or is_view(x))]


def operands(node: Node) -> list[Node]:
    """What a kernel reads: roots, once for each input."""
    return [root(x) for x in node.inputs]


def reads_apart(node: Node) -> bool:
    """Whether the node reads its input at other places than a loop over its elements is at."""
    return node.op is ops.GetItem


def whole(draft: Draft, edges: Edges) -> Edges:
    """What has to be complete before the loop with a node begins: what is read apart, and for a
    new value, those who read the old one so.
    """
    apart = [x for x in edges if reads_apart(x)]
    found = {x: {y for y in operands(x)[:1] if not isinstance(y.op, Leaf)} for x in apart}
    for x in apart:
        new = draft.updates.get(operands(x)[0])
        if new is not None:
            found.setdefault(new, set()).add(x)
    return found


def dependencies(draft: Draft) -> Edges:
    """What has to run before each kernel.

    That is what it reads; and for a new value, everybody who still reads the old one.
    """
    edges = {x: {y for y in operands(x) if not isinstance(y.op, Leaf)} for x in kernels(draft)}
    readers = _readers(edges)
    for leaf, new in draft.updates.items():
        edges[new] |= readers.get(leaf, set()) - {new}
    return edges


def can_be_written_in_place(draft: Draft) -> set[Node]:
    """The leaves whose new value can be computed right into their own array.

    The new value has to be an op that allows it, for this leaf alone, and nothing that reads the
    old value may need the new one.
    """
    edges = {x: {y for y in operands(x) if not isinstance(y.op, Leaf)} for x in kernels(draft)}
    readers, followers = _readers(edges), _reversed(edges)
    accepted, values = set(), list(draft.updates.values())
    for leaf, new in draft.updates.items():
        waits_for = readers.get(leaf, set()) - {new}
        if (
            new in edges
            and sum(x is new for x in values) == 1
            and allows_writing(new, leaf)
            and waits_for.isdisjoint(_reachable(new, followers))
        ):
            accepted.add(leaf)
            for reader in waits_for:
                followers[reader].add(new)
    return accepted


def allows_writing(node: Node, operand: Node) -> bool:
    """Whether the op may write its result to where this operand lies, element by element."""
    if isinstance(node.op, Leaf) or node.spec != operand.spec:
        return False
    others = [x for x in node.inputs if root(x) is operand and x.shape != node.shape]
    if updates_first_input(node.op) or node.op is AddAt:
        return node.inputs[0] is operand and all(root(x) is not operand for x in node.inputs[1:])
    if node.op is PickGradient:
        return node.inputs[1] is operand and all(
            root(x) is not operand for x in (node.inputs[0], node.inputs[2])
        )
    return node.op.elementwise and not others


def updates_first_input(op: object) -> bool:
    """Whether the op is an update that its executor does in place on its first input."""
    return bool(getattr(op, "in_place", False))


def in_order(units: Iterable[tuple[Node, ...]], edges: Mapping[Node, set[Node]]) -> list[int]:
    """The numbers of the units, each after those that it depends on, else in the given order."""
    groups = list(units)
    number = {node: i for i, unit in enumerate(groups) for node in unit}
    waiting: list[set[int]] = [
        {number[y] for x in unit for y in edges[x]} - {i} for i, unit in enumerate(groups)
    ]
    followers: list[list[int]] = [[] for _ in groups]
    for i, before in enumerate(waiting):
        for j in before:
            followers[j].append(i)
    ready = [i for i, before in enumerate(waiting) if not before]
    heapify(ready)
    order = []
    while ready:
        i = heappop(ready)
        order.append(i)
        for j in followers[i]:
            waiting[j].discard(i)
            if not waiting[j]:
                heappush(ready, j)
    return order


def _readers(edges: Edges) -> Edges:
    """Who reads each node, leaves included."""
    found: Edges = {}
    for x in edges:
        for y in operands(x):
            found.setdefault(y, set()).add(x)
    return found


def _reversed(edges: Edges) -> Edges:
    followers: Edges = {x: set() for x in edges}
    for x, before in edges.items():
        for y in before:
            followers[y].add(x)
    return followers


def _reachable(start: Node, followers: Edges) -> set[Node]:
    seen, stack = {start}, [start]
    while stack:
        for x in followers[stack.pop()] - seen:
            seen.add(x)
            stack.append(x)
    return seen - {start}
