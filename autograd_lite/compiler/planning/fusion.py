"""Fusion: elementwise ops of one shape become one loop, which keeps what it can in registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograd_lite import ops
from autograd_lite.compiler.planning.schedule import Edges, operands
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.frontend.node import Node

Unit = tuple[Node, ...]


def fused(edges: Edges, can_fuse: Callable[[object], bool]) -> list[Unit]:
    """The kernels, in their order, put together into units: single ones and loops.

    A node joins the loop of an input of its shape unless something outside would then have to
    run in the middle of it. A sum over all axes, or the last ones, may end a loop.
    """
    groups = _Groups(edges, can_fuse)
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

    def __init__(self, node: Node) -> None:
        self.nodes = [node]
        self.sums = {node} if ends_loop(node) else set()
        self.reads = set(operands(node))
        self.before: set[_Group] = set()
        self.after: set[_Group] = set()

    def take_over(self, other: _Group) -> None:
        """Become one with a loop that comes later."""
        self.nodes += other.nodes
        self.sums |= other.sums
        self.reads |= other.reads
        for neighbour in other.before:
            neighbour.after.discard(other)
        for neighbour in other.after:
            neighbour.before.discard(other)
        for x in other.before - {self}:
            link(x, self)
        for x in other.after - {self}:
            link(self, x)


def link(first: _Group, second: _Group) -> None:
    """Say that one loop has to run before the other."""
    first.after.add(second)
    second.before.add(first)


class _Groups:
    """Which node is in which loop, and which loop has to run before which."""

    def __init__(self, edges: Edges, can_fuse: Callable[[object], bool]) -> None:
        self.edges, self.can_fuse = edges, can_fuse
        self.place = {node: i for i, node in enumerate(edges)}
        self.group: dict[Node, _Group] = {}

    def add(self, node: Node) -> None:
        """Put a node into the latest loop that can take it, or begin a new one."""
        own = self.group[node] = _Group(node)
        for x in self.edges[node]:
            link(self.group[x], own)
        for other in self._candidates(node):
            current = self.group[node]
            if other is not current and not _are_apart(other, current):
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
        if not self.can_fuse(node.op) and not ends_loop(node):
            return []
        shape = node.inputs[0].shape if ends_loop(node) else node.shape
        inputs = [x for x in self.edges[node] if self.can_fuse(x.op) and x.shape == shape]
        inputs.sort(key=self.place.__getitem__, reverse=True)
        return dict.fromkeys(self.group[x] for x in inputs)


def _are_apart(x: _Group, y: _Group) -> bool:
    """Whether the two cannot be one loop: a sum, or something else, has to run between them."""
    return bool(x.sums & y.reads or y.sums & x.reads) or _leads(x, y) or _leads(y, x)


def _leads(first: _Group, last: _Group) -> bool:
    """Whether there is a way from one to the other through others."""
    seen: set[_Group] = set()
    stack = [*(first.after - {last})]
    while stack:
        group = stack.pop()
        if group is last:
            return True
        if group not in seen:
            seen.add(group)
            stack += group.after
    return False
