"""Results in storage of their own: every output an array to hand out, every update in its leaf."""

from __future__ import annotations

from dataclasses import replace

from autograd_lite.compile.draft import Draft, Rebuild
from autograd_lite.compile.lowered import Copy
from autograd_lite.compile.schedule import can_be_written_in_place, is_view
from autograd_lite.node import Node
from autograd_lite.recording import Leaf


def results(draft: Draft) -> Draft:
    """A Copy for each output that is a leaf, a view or a result already, and for each new value
    that cannot be computed right into its leaf.

    All new values are computed from old ones, so the copies are the last to run.
    """
    in_place = can_be_written_in_place(draft)
    build = Rebuild(draft)
    for node in draft.graph:
        build.new[node] = build.copy(node)
    taken = {build.new[draft.updates[leaf]] for leaf in in_place}
    copied = build.finish()
    outputs = []
    for node in copied.outputs:
        own = node if _is_owner(node) and node not in taken else _copy(build, node)
        taken.add(own)
        outputs.append(own)
    in_place = {build.new[leaf] for leaf in in_place}
    updates = {
        leaf: x if leaf in in_place else _copy(build, x) for leaf, x in copied.updates.items()
    }
    return replace(copied, outputs=tuple(outputs), updates=updates, origin=build.origin)


def _is_owner(node: Node) -> bool:
    return not isinstance(node.op, Leaf) and not is_view(node)


def _copy(build: Rebuild, node: Node) -> Node:
    return build.append(Copy, (node,), {}, build.origin[node])


