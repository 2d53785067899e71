"""Fusion: elementwise ops of one shape become one loop, which keeps what it can in registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograd_lite import ops
from autograd_lite.compiler.planning.schedule import Edges, operands, reads_apart
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.frontend.node import Node

Unit = tuple[Node, ...]
MOST = 256  # nodes of one loop: what compilers do with a loop takes more than its length
FAR = 500  # loops that are looked at for a way between two


def fused(edges: Edges, whole: Edges, can_fuse: Callable[[Node], bool]) -> list[Unit]:
    """The kernels, in their order, put together into units: single ones and loops.

    A node joins the loop of an input of its shape unless something outside would then have to
    run in the middle of it. A subscript may begin a loop, and a sum over all axes, or the last
    ones, may end one. What is in `whole` has to be complete before the node's loop begins.
    """
    groups = _Groups(edges, whole, can_fuse)
    for node in edges:
        groups.add(node)
    return groups.units()


def ends_loop(node: Node) -> bool:
    """Whether a node can be the sum at the end of the loop over its input's elements."""
    if node.op is not ops.Sum or node.inputs[0].ndim == 0:
        return False
    axes, ndim = normalize_axes(node.params["axis"], node.inputs[0].ndim), node.inputs[0].ndim
    return sorted(axes) == list(range(ndim - len(axes), ndim)) and len(axes) > 0


class _Group:
    """A loop in the making: its nodes, what they read, and which loops come before and after."""

    def __init__(self, node: Node, place: int, whole: set[Node]) -> None:
        self.nodes = [node]
        self.sums = {node} if ends_loop(node) else set()
        self.reads = set(operands(node))
        self.whole = whole
        self.first = self.last = place  # of its nodes
        self.before: dict[_Group, None] = {}
        self.after: dict[_Group, None] = {}

    def take_over(self, other: _Group) -> None:
        """Become one with a loop that comes later."""
        self.nodes += other.nodes
        self.sums |= other.sums
        self.reads |= other.reads
        self.whole = self.whole | other.whole
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        for neighbour in other.before:
            neighbour.after.pop(other)
        for neighbour in other.after:
            neighbour.before.pop(other)
        for x in other.before:
            link(x, self)
        for x in other.after:
            link(self, x)


def link(first: _Group, second: _Group) -> None:
    """Say that one loop has to run before the other."""
    if first is not second:
        first.after[second] = second.before[first] = None


class _Groups:
    """Which node is in which loop, and which loop has to run before which."""

    def __init__(self, edges: Edges, whole: Edges, can_fuse: Callable[[Node], bool]) -> None:
        self.edges, self.whole, self.can_fuse = edges, whole, can_fuse
        self.place = {node: i for i, node in enumerate(edges)}
        self.group: dict[Node, _Group] = {}

    def add(self, node: Node) -> None:
        """Put a node into the latest loop that can take it, or begin a new one."""
        own = _Group(node, self.place[node], self.whole.get(node, set()))
        self.group[node] = own
        for x in sorted(self.edges[node], key=self.place.__getitem__):
            link(self.group[x], own)
        for other in self._candidates(node):
            current = self.group[node]
            if other is not current and not self._are_apart(other, current):
                other.take_over(current)
                for member in current.nodes:
                    self.group[member] = other

    def units(self) -> list[Unit]:
        """The loops, each with its nodes in their order, by their first node."""
        groups = dict.fromkeys(self.group.values())
        found = [tuple(sorted(x.nodes, key=self.place.__getitem__)) for x in groups]
        return sorted(found, key=lambda unit: self.place[unit[0]])

    def _candidates(self, node: Node) -> Iterable[_Group]:
        """The loops of the inputs that run over the elements of this node, the latest first."""
        if reads_apart(node) or not (self.can_fuse(node) or ends_loop(node)):
            return []
        shape = node.inputs[0].shape if ends_loop(node) else node.shape
        inputs = [x for x in self.edges[node] if self.can_fuse(x) and x.shape == shape]
        inputs.sort(key=self.place.__getitem__, reverse=True)
        return dict.fromkeys(self.group[x] for x in inputs)

    def _are_apart(self, x: _Group, y: _Group) -> bool:
        """Whether the two cannot be one loop: a sum, or something else, has to run between them."""
        return (
            len(x.nodes) + len(y.nodes) > MOST
            or not (x.sums.isdisjoint(y.reads) and y.sums.isdisjoint(x.reads))
            or any(self.group[node] is y for node in x.whole)
            or any(self.group[node] is x for node in y.whole)
            or _leads(x, y)
            or _leads(y, x)
        )


def _leads(first: _Group, last: _Group) -> bool:
    """Whether there is a way from one to the other through others, or they are far apart."""
    seen: set[_Group] = set()
    stack = [x for x in last.before if x is not first]
    while stack:
        group = stack.pop()
        if group is first or len(seen) > FAR:
            return True
        if group not in seen and group.last > first.first:
            seen.add(group)
            stack += group.before
    return False
