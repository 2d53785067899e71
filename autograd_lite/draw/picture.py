"""A picture before it has a form: boxes and arrows, which every writer of a form starts from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Any, NamedTuple, Unpack

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.sweep import pull_numbers
from autograd_lite.draw.card import Card, group_card, node_card, norm_of
from autograd_lite.draw.scopes import Group, Scope, fold, scopes_of
from autograd_lite.draw.text import number
from autograd_lite.draw.view import Options, View
from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node, NodeGraph


class Box(NamedTuple):
    """A node, or a group of nodes drawn as one."""

    key: str  # from the append order: n7 is node 7, g7 a group whose first node is 7
    scope: Scope
    card: Card


class Arrow(NamedTuple):
    """An edge from an input's box to its user's; a backward one points from user to input."""

    input: str
    user: str
    is_backward: bool
    label: str


@dataclass(frozen=True)
class Picture:
    """What is drawn, in append order, and a note on what was left out."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    note: str

    @property
    def summary(self) -> str:
        """One sentence for people who do not see the picture."""
        count = len(self.boxes)
        return f"Computation graph of {count:,} boxes. {self.note}".strip()


def picture_of(graph: NodeGraph, **options: Unpack[Options]) -> Picture:
    """The boxes and arrows of a graph, as the options of View ask for."""
    view = View(**options)
    nodes, marks = graph.nodes, view.marks()
    for node in marks:
        graph.index(node)  # refuses nodes of another graph
    scopes = scopes_of(nodes)
    groups = fold(nodes, scopes, view)
    box_of = _boxes_of(nodes, groups)
    folded = {number for group in groups for number in group.members}
    shown = [number for number in range(len(nodes)) if number not in folded]
    boxes = [
        Box(f"n{i}", scopes[i], node_card(x, graph._line(x), view, marks.get(x, "")))
        for i, x in ((number, nodes[number]) for number in shown)
    ]
    boxes += [_group_box(nodes, group, marks) for group in groups]
    boxes.sort(key=lambda box: int(box.key[1:]))
    return Picture(boxes, _arrows(nodes, box_of, view.edges), _note(groups))


def _boxes_of(nodes: Sequence[Node], groups: Sequence[Group]) -> dict[Node, str]:
    """The key of the box that every node is drawn in."""
    box_of: dict[Node, str] = {}
    for group in groups:
        box_of.update(dict.fromkeys([nodes[i] for i in group.members], _group_key(group)))
    single = ((i, node) for i, node in enumerate(nodes) if node not in box_of)
    return box_of | {node: f"n{i}" for i, node in single}


def _group_key(group: Group) -> str:
    return f"g{group.members[0]}"


def _group_box(nodes: Sequence[Node], group: Group, marks: Mapping[Node, str]) -> Box:
    """A group's box, in the colour of its first highlighted member."""
    members = [nodes[i] for i in group.members]
    mark = next((marks[node] for node in members if node in marks), "")
    return Box(_group_key(group), group.scope, group_card(group.label, members, mark))


def _arrows(nodes: Sequence[Node], box_of: Mapping[Node, str], edges: str) -> list[Arrow]:
    forward = [] if edges == "backward" else _forward_arrows(nodes, box_of)
    return forward if edges == "forward" else forward + _backward_arrows(nodes, box_of)


def _forward_arrows(nodes: Sequence[Node], box_of: Mapping[Node, str]) -> list[Arrow]:
    """One arrow from box to box; a node that takes an input twice says so."""
    counts: Counter[tuple[str, str]] = Counter()
    for node in nodes:
        user = box_of[node]
        for x in node.inputs:
            if box_of[x] != user:
                counts[box_of[x], user] += 1
    return [
        Arrow(x, user, is_backward=False, label=_repeat((x, user), count))
        for (x, user), count in counts.items()
    ]


def _repeat(edge: tuple[str, str], count: int) -> str:
    between_nodes = edge[0][0] == edge[1][0] == "n"
    return f"×{count}" if count > 1 and between_nodes else ""  # noqa: RUF001 - "times" is meant


def _backward_arrows(nodes: Sequence[Node], box_of: Mapping[Node, str]) -> list[Arrow]:
    """The ways a gradient takes; between two nodes with the norm of what flows there."""
    labels: dict[tuple[str, str], str] = {}
    for node in nodes:
        for x, norm in flows(node).items():
            edge = box_of[x], box_of[node]
            is_told = norm is not None and edge[0][0] == edge[1][0] == "n"
            if edge[0] != edge[1]:
                labels[edge] = f"‖{number(norm or 0.0)}‖" if is_told else ""
    return [Arrow(x, user, is_backward=True, label=label) for (x, user), label in labels.items()]


def flows(node: Node) -> dict[Node, float | None]:
    """The inputs that a gradient of this node flows to, each with the norm of what it gets.

    None instead of a norm: there is no gradient yet, or a value has changed since, so that the
    parts of a gradient cannot be told any more.
    """
    if isinstance(node.op, Leaf) or not node.requires_grad:
        return {}
    parts: dict[Node, Any] = {}
    receivers = [x for x, _ in node.op.edges(node.inputs) if x.requires_grad]
    if node.grad is not None:
        try:
            with np.errstate(all="ignore"):
                for x, part in pull_numbers(node, node.grad):
                    parts[x] = parts[x] + part if x in parts else part
        except AutogradError:
            parts = {}
    return {x: norm_of(parts[x]) if x in parts else None for x in receivers}


def _note(groups: Sequence[Group]) -> str:
    if not groups:
        return ""
    folded = sum(len(group.members) for group in groups)
    boxes = "1 box" if len(groups) == 1 else f"{len(groups):,} boxes"
    return f"{folded:,} nodes are folded into {boxes}; collapse=False draws them all."


def nested(boxes: Sequence[Box]) -> Iterator[Box | Scope | None]:
    """Yield a scope where it opens, the boxes inside of it, and None where it closes.

    Scopes come in the order of their first box, nested to any depth; a scope that only holds
    other scopes is left out.
    """
    occupied = {box.scope for box in boxes if box.scope}
    ranks: dict[Scope, int] = {}
    paths = {}
    for box in boxes:
        outer = (box.scope[:length] for length in range(1, len(box.scope) + 1))
        paths[box.key] = [scope for scope in outer if scope in occupied]
        for scope in paths[box.key]:
            ranks.setdefault(scope, len(ranks))
    open_scopes: list[Scope] = []
    for box in sorted(boxes, key=lambda box: [ranks[scope] for scope in paths[box.key]]):
        path = paths[box.key]
        kept = len(commonprefix([open_scopes, path]))  # noqa: RUF071 - of lists
        yield from [None] * (len(open_scopes) - kept)
        yield from path[kept:]
        yield box
        open_scopes = path
    yield from [None] * len(open_scopes)
