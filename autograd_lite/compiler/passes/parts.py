"""Sums of parts: what is added at a key among zeros is added to an array right there."""

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import AddAt
from autograd_lite.frontend.node import Node


def parts(draft: Draft) -> Draft:
    """Add(w, IndexAdd(x)) becomes AddAt(w, x), if the zeros around x are needed for nothing else.

    So the gradient of what is read in many parts takes as long as the parts, not as their number
    times the whole.
    """
    users, needed = draft.users(), set(draft.results)

    def is_part(x: Node, whole: Node) -> bool:
        is_alone = len(users[x]) == 1 and x not in needed
        return x.op is ops.IndexAdd and x.spec == whole.spec and is_alone

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        if node.op is not ops.Add or node.dtype.kind == "b":
            return None
        for part, w in (node.inputs[::-1], node.inputs):
            if is_part(part, node) and w.spec == node.spec:
                x, _, *indices = build.inputs(part)
                return build.make(AddAt, build.new[w], x, *indices, at=node, **part.params)
        return None

    return rewritten(draft, rewrite)
