"""The graph as a tree of parts that the page opens and folds: scopes, repeats and stretches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil

from autograd_lite.core.node import Leaf
from autograd_lite.draw.scopes import Scope, merged, runs_at
from autograd_lite.errors import printable
from autograd_lite.frontend.node import Node

DEEPEST = 8  # levels of scopes
MOST = 100  # boxes that are laid out beside each other; more are cut into stretches
STRETCHES, SHORTEST = 12, 32  # of a part, and the boxes of one


@dataclass
class Part:
    """Nodes and parts that are drawn as one box until it is opened."""

    label: str
    kind: str  # "scope", "run" of repeated scopes, or "stretch" of nodes in append order
    nodes: list[int] = field(default_factory=list)  # numbers of those directly in here
    parts: list["Part"] = field(default_factory=list)


def part_tree(nodes: Sequence[Node], scopes: Sequence[Scope], shown: Sequence[int]) -> Part:
    """The whole graph as a part; `shown` are the numbers of the nodes that have boxes."""
    own, own_scopes = [nodes[i] for i in shown], [scopes[i] for i in shown]
    root = Part("the whole graph", "scope")
    known: dict[Scope, Part] = {(): root}
    for depth in range(min(max(map(len, own_scopes), default=0), DEEPEST)):
        for run in runs_at(own, own_scopes, depth):
            parent = known[run[0].scope]
            if len(run) > 1:
                parent.parts.append(Part(printable(merged(run).label), "run"))
                parent = parent.parts[-1]
            for group in run:
                scope = own_scopes[group.members[0]][: depth + 1]
                known[scope] = Part(printable(group.label), "scope")
                parent.parts.append(known[scope])
    for i, scope in zip(shown, own_scopes, strict=True):
        known[scope[:DEEPEST]].nodes.append(i)
    starts, uncut = _starts(nodes), [*known.values()]
    while uncut:
        uncut += _cut(uncut.pop(), starts)
    return root


def _starts(nodes: Sequence[Node]) -> list[int]:
    """When each node comes into play: a leaf with the first node that reads it."""
    number = {node: i for i, node in enumerate(nodes)}
    starts = list(range(len(nodes)))
    for i in reversed(range(len(nodes))):
        for x in nodes[i].inputs:
            if isinstance(x.op, Leaf):
                starts[number[x]] = i
    return starts


def _cut(part: Part, starts: Sequence[int]) -> list[Part]:
    """Cut a part of too many boxes into stretches, which are given back."""
    boxes: list[int | Part] = [*part.nodes, *part.parts]
    if len(boxes) <= MOST:
        return []
    boxes.sort(key=lambda box: _start(box, starts))
    count = min(ceil(len(boxes) / SHORTEST), STRETCHES)
    size = ceil(len(boxes) / count)
    stretches = [boxes[i : i + size] for i in range(0, len(boxes), size)]
    part.nodes, part.parts = [], [_stretch(stretch, starts) for stretch in stretches]
    return part.parts


def _stretch(boxes: Sequence[int | Part], starts: Sequence[int]) -> Part:
    first, last = (_start(box, starts) for box in (boxes[0], boxes[-1]))
    nodes = [box for box in boxes if isinstance(box, int)]
    parts = [box for box in boxes if isinstance(box, Part)]
    return Part(f"%{first} … %{last}", "stretch", nodes, parts)


def _start(box: int | Part, starts: Sequence[int]) -> int:
    if isinstance(box, int):
        return starts[box]
    boxes: list[int | Part] = [*box.nodes, *box.parts]
    return min(_start(inner, starts) for inner in boxes)
