"""A picture before it has a form: boxes and arrows, which every writer of a form starts from."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from os.path import commonprefix
from typing import Any, NamedTuple, Unpack

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.sweep import pull_numbers
from autograd_lite.draw.card import Card, group_card, node_card, sent, stands_inside
from autograd_lite.draw.origin import nonfinite_of, origin_of
from autograd_lite.draw.scopes import Group, Scope, fold, scopes_of
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
    """What is drawn, in append order, and notes on what was left out or went wrong."""

    boxes: Sequence[Box]
    arrows: Sequence[Arrow]
    notes: Sequence[str] = ()
    is_right: bool = False  # it runs from left to right, instead of down

    @property
    def summary(self) -> str:
        """One sentence for people who do not see the picture."""
        count = len(self.boxes)
        return " ".join([f"Computation graph of {count:,} boxes.", *self.notes])


def picture_of(graph: NodeGraph, **options: Unpack[Options]) -> Picture:
    """The boxes and arrows of a graph, as the options of View ask for."""
    view = View(**options)
    marks = view.marks()
    for node in marks:
        graph.index(node)  # refuses nodes of another graph
    inside = constants_inside(graph.nodes, marks)
    nodes = [node for node in graph.nodes if node not in inside]
    scopes = scopes_of(nodes)
    groups = fold(nodes, scopes, view)
    nonfinite = nonfinite_of(nodes)
    origin = origin_of(nodes, nonfinite if view.values else {}, grads=view.grads)
    bad = {} if origin is None else {origin.node: origin.what}
    box_of = _boxes_of(graph, nodes, groups)
    boxes = [_group_box(box_of, nodes, group, marks, bad, nonfinite=nonfinite) for group in groups]
    folded = {number for group in groups for number in group.members}
    for i, node in enumerate(nodes):
        if i not in folded:
            line, mark = graph._line(node), marks.get(node, "")
            card = node_card(node, line, view, mark, inside=inside, bad=bad.get(node, ""))
            boxes.append(Box(box_of[node], scopes[i], card))
    boxes.sort(key=lambda box: int(box.key[1:]))
    notes = [*_note(groups), *([] if origin is None else [f"{origin}."])]
    notes += [] if nodes else ["There are no nodes: append some inside `with graph:`."]
    return Picture(boxes, _arrows(nodes, box_of, view.edges), notes, view.is_right(nodes))


def constants_inside(nodes: Sequence[Node], marks: Mapping[Node, str]) -> set[Node]:
    """The constants that are told inside the boxes of the ops that read them."""
    constant = Leaf.Constant  # looked up once, not for each of a million nodes
    small = {x for x in nodes if x.op is constant and x not in marks and stands_inside(x)}
    return small and small.intersection(chain.from_iterable(node.inputs for node in nodes))


def _boxes_of(graph: NodeGraph, nodes: Sequence[Node], groups: Sequence[Group]) -> dict[Node, str]:
    """The key of the box that every node is drawn in: from its number in the graph."""
    box_of: dict[Node, str] = {}
    for group in groups:
        members = [nodes[i] for i in group.members]
        box_of |= dict.fromkeys(members, f"g{graph.index(members[0])}")
    alone = [node for node in nodes if node not in box_of]
    box_of |= {node: f"n{graph.index(node)}" for node in alone}
    return box_of


def _group_box(
    box_of: Mapping[Node, str],
    nodes: Sequence[Node],
    group: Group,
    marks: Mapping[Node, str],
    bad: Mapping[Node, str],
    *,
    nonfinite: Collection[Node],
) -> Box:
    """A group's box, in the colour of its first highlighted member."""
    members = [nodes[i] for i in group.members]
    mark = next((marks[node] for node in members if node in marks), "")
    begins = next((bad[node] for node in members if node in bad), "")
    card = group_card(group.label, members, mark, begins, nonfinite)
    return Box(box_of[members[0]], group.scope, card)


def _arrows(nodes: Sequence[Node], box_of: Mapping[Node, str], edges: str) -> list[Arrow]:
    forward = [] if edges == "backward" else _forward_arrows(nodes, box_of)
    return forward if edges == "forward" else forward + _backward_arrows(nodes, box_of)


def _forward_arrows(nodes: Sequence[Node], box_of: Mapping[Node, str]) -> list[Arrow]:
    """One arrow from box to box; a node that takes an input twice says so."""
    counts = Counter(
        (box, user)
        for node in _at_borders(nodes, box_of)
        for x in node.inputs
        if (box := box_of.get(x, user := box_of[node])) != user  # constants may have no box
    )
    return [
        Arrow(x, user, is_backward=False, label=_repeat((x, user), count))
        for (x, user), count in counts.items()
    ]


def _at_borders(nodes: Sequence[Node], box_of: Mapping[Node, str]) -> list[Node]:
    """The nodes without those of the largest box that read only what is in there, too."""
    if not nodes:
        return []
    largest, _ = Counter(box_of.values()).most_common(1)[0]
    outside = {node for node, box in box_of.items() if box != largest}
    apart = outside.isdisjoint
    return [node for node in nodes if node in outside or not apart(node.inputs)]


def _repeat(edge: tuple[str, str], count: int) -> str:
    between_nodes = edge[0][0] == edge[1][0] == "n"
    return f"×{count}" if count > 1 and between_nodes else ""  # noqa: RUF001 - "times" is meant


def _backward_arrows(nodes: Sequence[Node], box_of: Mapping[Node, str]) -> list[Arrow]:
    """The ways a gradient takes; between two nodes with what flows there."""
    labels: dict[tuple[str, str], str] = {}
    for node in nodes:
        for x, part in flows(node).items():
            edge = box_of[x], box_of[node]
            is_told = part is not None and edge[0][0] == edge[1][0] == "n"
            if edge[0] != edge[1]:
                labels[edge] = sent(part) if is_told else ""
    return [Arrow(x, user, is_backward=True, label=label) for (x, user), label in labels.items()]


def flows(node: Node) -> dict[Node, Any]:
    """The inputs that a gradient of this node flows to, each with the part of it that it gets.

    None instead of a part: there is no gradient yet, or a value has changed since, so that the
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
    return {x: _as_array(parts.get(x)) for x in receivers}


def _as_array(part: Any) -> Any:
    """A part of a gradient; what arrives at one of several outputs is inside of a dictionary."""
    return OutputTuple(grad for _, grad in part.values()) if isinstance(part, Arrived) else part


def _note(groups: Sequence[Group]) -> list[str]:
    if not groups:
        return []
    folded = sum(len(group.members) for group in groups)
    boxes = "1 box" if len(groups) == 1 else f"{len(groups):,} boxes"
    how = "collapse=False draws them all, an .html file opens them one by one"
    return [f"{folded:,} nodes are folded into {boxes}; {how}."]


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
