"""Fusion: elementwise ops of one shape become one loop, which keeps what it can in registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd_lite import ops
from autograd_lite.compile.lowered import ScaledAdd
from autograd_lite.compile.schedule import Edges, operands
from autograd_lite.node import Node
from autograd_lite.ops.shapes import normalize_axes
from autograd_lite.recording import Leaf

SEVERAL_CALLS = frozenset(
    {ops.Cast, ops.Guard, ops.ReLU, ops.Sigmoid, ops.Where, ScaledAdd}
)  # elementwise ops that executors know although NumPy has no ufunc of their name


def is_fusible(op: Any) -> bool:
    """Whether an op can be part of a loop: one that is a ufunc of NumPy, or a few more."""
    return op in SEVERAL_CALLS or (
        not isinstance(op, Leaf) and op.elementwise and op.ufunc is not None
    )


Unit = tuple[Node, ...]


def fused(edges: Edges, can_fuse: Callable[[object], bool] = is_fusible) -> list[Unit]:
    """The kernels, in their order, put together into units: single ones and loops.

    A node joins the loop of an input of its shape unless something outside would then have to
    run in the middle of it. A sum over all axes, or the last ones, may end a loop.
    """
    groups = _Groups(edges, can_fuse)
    for node in edges:
        groups.add(node)
    return groups.units()


def ends_loop(node: Node) -> bool:
    """Whether a node can be the sum at the end of the loop over its input's entries."""
    if node.op is not ops.Sum or node.inputs[0].ndim == 0:
        return False
    axes, ndim = normalize_axes(node.params["axis"], node.inputs[0].ndim), node.inputs[0].ndim
    return sorted(axes) == list(range(ndim - len(axes), ndim)) and len(axes) > 0


class _Groups:
    """Which node is in which loop, and which loop has to run before which."""

    def __init__(self, edges: Edges, can_fuse: Callable[[object], bool]) -> None:
        self.edges = edges
        self.can_fuse = can_fuse
        self.members: dict[int, list[Node]] = {}
        self.group: dict[Node, int] = {}
        self.followers: dict[int, set[int]] = {}

    def add(self, node: Node) -> None:
        """Put a node into the latest loop that can take it, or begin a new one."""
        own = len(self.group)
        self.members[own], self.group[node], self.followers[own] = [node], own, set()
        for x in self.edges[node]:
            self.followers[self.group[x]].add(own)
        for other in self._candidates(node):
            current = self.group[node]
            if other != current and not self._between(other, current):
                self._merge(other, current)

    def units(self) -> list[Unit]:
        """The loops, each with its nodes in their order, by their first node."""
        place = {node: i for i, node in enumerate(self.edges)}
        found = [tuple(sorted(nodes, key=place.__getitem__)) for nodes in self.members.values()]
        return sorted(found, key=lambda unit: place[unit[0]])

    def _candidates(self, node: Node) -> Iterable[int]:
        """The loops of the inputs that run over the entries of this node, the latest first."""
        if not self.can_fuse(node.op) and not ends_loop(node):
            return []
        shape = node.inputs[0].shape if ends_loop(node) else node.shape
        found = {self.group[x] for x in self.edges[node] if self._is_entry(x, shape)}
        return sorted(found, reverse=True)

    def _is_entry(self, x: Node, shape: tuple[int, ...]) -> bool:
        return self.can_fuse(x.op) and x.shape == shape

    def _between(self, first: int, second: int) -> bool:
        """Whether the two cannot be one loop: something has to run between them, or a sum."""
        ended = {x for x in self.members[first] if ends_loop(x)}
        reads = {y for x in self.members[second] for y in operands(x)}
        if ended & reads:
            return True
        others = self.followers[first] - {second} | self.followers[second] - {first}
        seen, stack = set(others), list(others)
        while stack:
            for other in self.followers[stack.pop()] - seen:
                seen.add(other)
                stack.append(other)
        return bool(seen & {first, second})

    def _merge(self, first: int, second: int) -> None:
        for node in self.members.pop(second):
            self.members[first].append(node)
            self.group[node] = first
        self.followers[first] |= self.followers.pop(second)
        for followers in self.followers.values():
            if second in followers:
                followers.discard(second)
                followers.add(first)
        self.followers[first].discard(first)
