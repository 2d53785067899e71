"""Results in storage of their own: every output an array to hand out, every update in its leaf."""

from collections.abc import Iterable
from dataclasses import replace

from autograd_lite.compiler.draft import Draft, Rebuild, op_of
from autograd_lite.compiler.lowered import Copy
from autograd_lite.compiler.passes.dead import dead
from autograd_lite.compiler.planning.schedule import (
    can_be_written_in_place,
    is_view,
    root,
    updates_first_input,
)
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node


def results(draft: Draft) -> Draft:
    """A Copy for each output that is a leaf, a view or a result already, and for each new value
    that cannot be computed right into its leaf.

    All new values are computed from old ones, so the copies are the last to run.
    """
    draft = dead(draft)  # a plan has room for what is needed alone
    in_place = can_be_written_in_place(draft)
    kept = {draft.updates[leaf] for leaf in in_place}
    build = Rebuild(draft)
    for node in draft.graph:
        is_update = updates_first_input(node.op) and node not in kept
        build.new[node] = _on_a_copy(build, node) if is_update else build.copy(node)
    copied = build.finish()
    outputs = _owned(build, copied.outputs, {build.new[node] for node in kept})
    leaves = {build.new[leaf] for leaf in in_place}
    updates = {
        leaf: new if leaf in leaves else _copy(build, _apart(build, new, copied))
        for leaf, new in copied.updates.items()
    }
    return replace(copied, outputs=outputs, updates=updates, origin=build.origin)


def _on_a_copy(build: Rebuild, node: Node) -> Node:
    """An update whose first input somebody else needs: it is done on a copy of it."""
    first, *others = build.inputs(node)
    return build.make(op_of(node), _copy(build, first), *others, at=node, **node.params)


def _owned(build: Rebuild, outputs: Iterable[Node], taken: set[Node]) -> tuple[Node, ...]:
    """The outputs, or copies where they are no array of their own."""
    found = []
    for node in outputs:
        is_owner = not isinstance(node.op, Leaf) and not is_view(node) and node not in taken
        found.append(node if is_owner else _copy(build, node))
        taken.add(found[-1])
    return tuple(found)


def _apart(build: Rebuild, new: Node, draft: Draft) -> Node:
    """The new value; copied first if it is a leaf that will have a new value itself."""
    return _copy(build, new) if root(new) in draft.updates else new


def _copy(build: Rebuild, node: Node) -> Node:
    return build.append(Copy, (node,), {}, build.origin[node])
