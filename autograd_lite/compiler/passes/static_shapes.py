"""Shapes are known: what was said "like" another array becomes what it is."""

from math import prod

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, op_of, rewritten
from autograd_lite.core.shapes import example, normalize_axes
from autograd_lite.frontend.node import Node
from autograd_lite.ops.half import HALF


def static_shapes(draft: Draft) -> Draft:
    """BroadcastLike, SumLike, SpreadLike and ReshapeLike become broadcasts, sums and reshapes.

    No value is kept only because somebody asked for its shape.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    op = op_of(node)
    if op in RULES:
        return RULES[op](build, node)
    if op.aliases:
        return build.reshape(build.new[node.inputs[0]], node.shape, node)
    if "like" in op.input_names:
        return _without_like(build, node)
    return None


def _broadcast_like(build: Rebuild, node: Node) -> Node:
    return _spread(build, node, build.new[node.inputs[0]])


def _spread_like(build: Rebuild, node: Node) -> Node | None:
    """A division by the count; float16 may have no such number, and is left to NumPy."""
    if node.dtype is HALF:
        return None
    x, like = build.inputs(node)
    count = prod(like.shape[a] for a in normalize_axes(node.params["axis"], like.ndim))
    divisor = build.constant(node.dtype.type(max(count, 1)), build.old.origin[node])
    return _spread(build, node, build.make(ops.Div, x, divisor, at=node))


def _spread(build: Rebuild, node: Node, x: Node) -> Node:
    """X with its folded axes put in, repeated to the shape of the node."""
    if not node.params["keepdims"]:
        folded = normalize_axes(node.params["axis"], node.ndim)
        kept = iter(x.shape[max(x.ndim - (node.ndim - len(folded)), 0) :])
        if node.params["axis"] != ():
            x = build.reshape(x, tuple(_lengths(folded, kept, node.ndim)), node)
    return _broadcast(build, node, x)


def _lengths(folded: tuple[int, ...], kept: object, ndim: int) -> list[int]:
    return [1 if a in folded else next(kept) for a in range(ndim)]  # type: ignore[call-overload]


def _sum_like(build: Rebuild, node: Node) -> Node:
    x, like = build.inputs(node)
    added = x.ndim - like.ndim
    stretched = [i + added for i, n in enumerate(like.shape) if n == 1 != x.shape[i + added]]
    total = build.make(ops.Sum, x, at=node, axis=(*range(added), *stretched), keepdims=False)
    return build.reshape(total, like.shape, node)


def _sum(build: Rebuild, node: Node) -> Node | None:
    """A sum of single elements is those elements."""
    (x,) = build.inputs(node)
    is_single = x.size == node.size > 0 and x.dtype == node.dtype
    return build.reshape(x, node.shape, node) if is_single else None


def _broadcast_to(build: Rebuild, node: Node) -> Node:
    return _broadcast(build, node, build.new[node.inputs[0]])


def _broadcast(build: Rebuild, node: Node, x: Node) -> Node:
    if x.shape == node.shape:
        return x
    return build.make(ops.BroadcastTo, x, at=node, shape=node.shape)


def _without_like(build: Rebuild, node: Node) -> Node:
    """The same with a `like` that has the shape and no memory, as it is by contract all it says."""
    inputs, op, origin = list(build.inputs(node)), op_of(node), build.old.origin[node]
    position = op.input_names.index("like")
    inputs[position] = build.constant(example(inputs[position].spec), origin)
    return build.append(op, inputs, node.params, origin)


RULES = {
    ops.BroadcastLike: _broadcast_like,
    ops.BroadcastTo: _broadcast_to,
    ops.SpreadLike: _spread_like,
    ops.Sum: _sum,
    ops.SumLike: _sum_like,
}
