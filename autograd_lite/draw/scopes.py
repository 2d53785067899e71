"""Which module scope a node belongs to, and which nodes are folded into one box.

A scope is a path: the parameter "layers.0.W" lives in ("layers", "0").
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import groupby
from os.path import commonprefix
from typing import Any, NamedTuple

from autograd_lite.core.node import Leaf
from autograd_lite.draw.view import DrawError, View
from autograd_lite.frontend.node import Node

Scope = tuple[str, ...]
Signature = tuple[object, ...]

MOST_BOXES = 300  # what still makes a picture; beyond, scopes are folded unless told otherwise
ENDS = 20  # boxes kept at the beginning and at the end if there are no scopes to fold


class Group(NamedTuple):
    """Nodes drawn as one box."""

    label: str
    scope: Scope  # where the box stands
    members: list[int]  # numbers of nodes, ascending


def scopes_of(nodes: Sequence[Node]) -> list[Scope]:
    """The module scope of each node of a graph, empty at top level.

    A dotted name says it, or the parameters that an operation uses; what lies between such
    nodes is in the innermost scope that holds both its inputs and its users.
    """
    if not [node for node in nodes if node.scope or (node.name and "." in node.name)]:
        return [()] * len(nodes)
    told = {node: _told_scope(node) for node in nodes}
    before: dict[Node, Scope] = {}
    for node in [node for node in nodes if not told[node] and node.inputs]:
        before[node] = _common([told[x] or before[x] for x in node.inputs if x.inputs])
    after = _scopes_of_users(nodes, told, before.keys())
    found = told | {node: _common([before[node], after.get(node, ())]) for node in before}
    unnamed = {node for node in nodes if not node.inputs and not node.name}
    beside = _scopes_of_users(nodes, found, unnamed)  # a leaf stands with its users
    return [*(found | {node: beside.get(node, ()) for node in unnamed}).values()]


def _scopes_of_users(
    nodes: Sequence[Node], scopes: Mapping[Node, Scope], wanted: AbstractSet[Node]
) -> dict[Node, Scope]:
    """The innermost scope that holds all users, of each wanted node that has some."""
    found: dict[Node, Scope] = {}
    for node in reversed(nodes) if wanted else ():
        if not wanted.isdisjoint(node.inputs):
            scope = scopes[node] or found.get(node, ())
            for x in wanted & {*node.inputs}:
                known = found.get(x, scope)
                found[x] = scope if known == scope else _common([known, scope])
    return found


def _told_scope(node: Node) -> Scope:
    """What a node itself, its name, or the parameters that it uses, say."""
    if node.scope:
        return _path(node.scope)
    if node.name and "." in node.name.strip("."):
        return _path(node.name.rpartition(".")[0])
    used = [x for x in node.inputs if x.op is Leaf.Parameter]
    return _told_scope(used[-1]) if used else ()


@lru_cache(1_000)
def _path(dotted: str) -> Scope:
    return tuple(dotted.split("."))


def _common(scopes: Sequence[Scope]) -> Scope:
    """The innermost scope that holds all of them.

    >>> _common([("net", "0"), ("net", "1", "norm")])
    ('net',)
    """
    first = scopes[0] if scopes else ()
    if all(scope == first for scope in scopes):
        return first
    return tuple(commonprefix(scopes))  # noqa: RUF071 - of tuples, name by name


def fold(nodes: Sequence[Node], scopes: Sequence[Scope], view: View) -> list[Group]:
    """The groups to draw as one box each; nodes in no group are drawn by themselves."""
    if view.collapse is False:
        return []
    if view.collapse is None and view.depth is None:
        return _until_small(nodes, scopes)
    if view.collapse is None or view.collapse is True:
        return _fold_to_depth(nodes, scopes, view.depth or 0)
    return _fold_named(scopes, view.collapse)


def _until_small(nodes: Sequence[Node], scopes: Sequence[Scope]) -> list[Group]:
    """Fold from the innermost scopes outwards until the picture has a size to look at."""
    if len(nodes) <= MOST_BOXES:
        return []
    groups: list[Group] = []
    for depth in range(min(max(map(len, scopes)), 8) - 1, -1, -1):
        groups = _fold_to_depth(nodes, scopes, depth)
        folded = sum(len(group.members) - 1 for group in groups)
        if len(nodes) - folded <= MOST_BOXES:
            return groups
    return _without_middle(nodes, groups)


def _without_middle(nodes: Sequence[Node], groups: Sequence[Group]) -> list[Group]:
    """Keep the boxes at both ends, and fold all between them into one."""
    later = {number for group in groups for number in group.members[1:]}
    boxes = [number for number in range(len(nodes)) if number not in later]
    ends = {*boxes[:ENDS], *boxes[-ENDS:]}
    kept = [group for group in groups if group.members[0] in ends]
    shown = ends.union(*(group.members for group in kept))
    middle = [number for number in range(len(nodes)) if number not in shown]
    label = f"… {len(middle):,} nodes left out …"
    return [*kept, Group(label, (), middle)]


def _fold_to_depth(nodes: Sequence[Node], scopes: Sequence[Scope], depth: int) -> list[Group]:
    """One box for each scope just inside of `depth` open levels; alike neighbours share one."""
    return [merged(run) for run in runs_at(nodes, scopes, depth)]


def runs_at(nodes: Sequence[Node], scopes: Sequence[Scope], depth: int) -> list[list[Group]]:
    """The scopes just inside of `depth` levels, those together that repeat each other."""
    found: dict[Scope, list[int]] = {}
    for number, scope in enumerate(scopes):
        if len(scope) > depth:
            found.setdefault(scope[: depth + 1], []).append(number)
    groups = [Group(".".join(scope), scope[:-1], members) for scope, members in found.items()]
    alike = groupby(groups, key=lambda group: (group.scope, _signature(nodes, group.members)))
    runs = (list(run) for _, run in alike)
    return [
        part
        for run in runs
        for part in ([run] if len(run) == 1 or _is_joined(nodes, run) else [[x] for x in run])
    ]


def _is_joined(nodes: Sequence[Node], run: Sequence[Group]) -> bool:
    """Whether nothing is computed between the scopes of a run."""
    computed = sorted(
        number
        for group in run
        for number in group.members
        if not isinstance(nodes[number].op, Leaf)
    )
    span = range(min(computed, default=0), max(computed, default=-1) + 1)
    return computed == [n for n in span if not isinstance(nodes[n].op, Leaf)]


def merged(run: Sequence[Group]) -> Group:
    """Repeated blocks as one, `layers.0 … layers.11 ×12`."""
    if len(run) == 1:
        return run[0]
    label = f"{run[0].label} … {run[-1].label} ×{len(run)}"  # noqa: RUF001 - "times" is meant
    members = sorted(number for group in run for number in group.members)
    return Group(label, run[0].scope, members)


def _signature(nodes: Sequence[Node], members: Sequence[int]) -> Signature:
    """What makes two blocks alike: the same operations on the same shapes, joined alike."""
    place = {nodes[number]: i for i, number in enumerate(members)}
    return tuple(
        (nodes[n].op.name, nodes[n].spec, *(place.get(x, -1) for x in nodes[n].inputs))
        for n in members
    )


def _fold_named(scopes: Sequence[Scope], names: Iterable[str]) -> list[Group]:
    wanted = [_path_of(name) for name in ([names] if isinstance(names, str) else names)]
    groups: dict[Scope, list[int]] = {}
    for number, scope in enumerate(scopes):
        hit = next((path for path in wanted if scope[: len(path)] == path), None)
        if hit is not None:
            groups.setdefault(hit, []).append(number)
    for path in wanted:
        if path not in groups and not any(path[: len(outer)] == outer for outer in groups):
            raise _unknown_scope(path, scopes)
    return [Group(".".join(path), path[:-1], members) for path, members in groups.items()]


def _path_of(name: Any) -> Scope:
    if not isinstance(name, str):
        raise DrawError(
            "collapse",
            expected="names of scopes",
            came=repr(name),
            suggestion='write collapse=["block", "block.W"], for example',
        )
    return tuple(name.split("."))


def _unknown_scope(path: Scope, scopes: Sequence[Scope]) -> DrawError:
    known = sorted({".".join(scope) for scope in scopes if scope})
    return DrawError(
        f"collapse {'.'.join(path)!r}",
        expected=f"one of the graph's scopes: {', '.join(known) or 'there are none'}",
        came="a scope without nodes",
        suggestion="append inside `with scope('block'):`, or use dotted names as in 'block.W'",
    )
