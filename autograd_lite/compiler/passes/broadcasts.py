"""Broadcasts move towards the results, and most of them vanish into an op that does it anyway."""

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import broadcast_shapes
from autograd_lite.frontend.node import Node


def broadcasts(draft: Draft) -> Draft:
    """An elementwise op reads small inputs as they are, if its others still span its shape.

    Where all of them are repeated, the op is done on the small ones and its result repeated.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    if node.op is PickGradient:
        grad, *others = build.inputs(node)
        return build.make(PickGradient, _small(grad), *others, at=node)
    if isinstance(node.op, Leaf) or not node.op.elementwise:
        return None
    inputs = build.inputs(node)
    small = [_small(x) for x in inputs]
    if broadcast_shapes(*(x.shape for x in small)) == node.shape:
        return build.append(node.op, small, node.params, build.old.origin[node])
    if all(x.size == 1 for x in small):
        result = build.append(node.op, small, node.params, build.old.origin[node])
        return build.make(ops.BroadcastTo, result, at=node, shape=node.shape)
    return build.append(node.op, _spanning(inputs, node), node.params, build.old.origin[node])


def _small(x: Node) -> Node:
    return x.inputs[0] if x.op is ops.BroadcastTo else x


def _spanning(inputs: tuple[Node, ...], node: Node) -> list[Node]:
    """As many of the inputs unrepeated as the shape of the result allows."""
    found = list(inputs)
    for i, x in enumerate(inputs):
        trial = [*found[:i], _small(x), *found[i + 1 :]]
        if broadcast_shapes(*(y.shape for y in trial)) == node.shape:
            found = trial
    return found
