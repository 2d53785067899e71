"""Rows of ops that shape, spread and join; lengths are asked for when the file runs."""

from collections.abc import Sequence

import numpy as np

from autograd_lite.core.shapes import normalize_axes
from autograd_lite.export.onnx.emitter import Emitter, row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.half import HALF


def _spread(e: Emitter, node: Node, name: str) -> str:
    """As long as `like` along the axes that it was reduced over."""
    _, like = node.inputs
    axes = () if node.params["keepdims"] else normalize_axes(node.params["axis"], like.ndim)
    return e.op("Expand", e.unsqueeze(name, axes), e.shape(like))


@row("BroadcastLike")
def broadcast_like(e: Emitter, node: Node) -> str:
    """As it is, again and again."""
    return _spread(e, node, e.names[node.inputs[0]])


@row("SpreadLike")
def spread_like(e: Emitter, node: Node) -> str:
    """In equal parts."""
    x, like = node.inputs
    wide = np.float32 if node.dtype is HALF else node.dtype  # a count may be too large for float16
    count = e.length(like, normalize_axes(node.params["axis"], like.ndim), wide)
    share = e.op(
        "Div", e.cast(e.names[x], node.dtype, wide), e.op("Max", count, e.constant(1, wide))
    )
    return _spread(e, node, e.cast(share, wide, node.dtype))


@row("CountLike")
def count_like(e: Emitter, node: Node) -> str:
    """How many elements there are, less the correction."""
    (like,) = node.inputs
    count = e.length(like, normalize_axes(node.params["axis"], like.ndim), node.dtype)
    rest = e.op("Sub", count, e.constant(node.params["correction"], node.dtype))
    return e.op("Max", rest, e.constant(0, node.dtype))


@row("SumLike")
def sum_like(e: Emitter, node: Node) -> str:
    """Reduced over the axes along which `like` is shorter."""
    x, like = node.inputs
    more = x.ndim - like.ndim
    lengths = zip(like.shape, x.shape[more:], strict=True)
    longer = [i + more for i, (n, m) in enumerate(lengths) if n == 1 != m]
    name = e.names[x]
    if longer:
        name = e.op("ReduceSum", name, e.integers(*longer), keepdims=1)
    if more:
        name = e.op("ReduceSum", name, e.integers(*range(more)), keepdims=0)
    return name if longer or more else e.same(name)


@row("Reshape")
def reshape(e: Emitter, node: Node) -> str:
    """Another shape, which is known."""
    return e.reshape(e.names[node.inputs[0]], node.params["shape"])


@row("ReshapeLike")
def reshape_like(e: Emitter, node: Node) -> str:
    """The shape of another array."""
    x, like = node.inputs
    return e.op("Reshape", e.names[x], e.shape(like), allowzero=1)


@row("BroadcastTo")
def broadcast_to(e: Emitter, node: Node) -> str:
    """A shape that is known."""
    return e.op("Expand", e.names[node.inputs[0]], e.integers(*node.params["shape"]))


@row("ExpandDims")
def expand_dims(e: Emitter, node: Node) -> str:
    """New axes."""
    return e.same(
        e.unsqueeze(e.names[node.inputs[0]], normalize_axes(node.params["axis"], node.ndim))
    )


@row("Squeeze")
def squeeze(e: Emitter, node: Node) -> str:
    """Fewer axes."""
    (x,) = node.inputs
    return e.same(e.squeeze(e.names[x], normalize_axes(node.params["axis"], x.ndim)))


@row("PermuteDims")
def permute_dims(e: Emitter, node: Node) -> str:
    """Axes in another order."""
    (x,) = node.inputs
    return e.op("Transpose", e.names[x], perm=list(normalize_axes(node.params["axes"], x.ndim)))


@row("MatrixTranspose")
def matrix_transpose(e: Emitter, node: Node) -> str:
    """The last two axes exchanged."""
    *stack, rows, columns = range(node.ndim)
    return e.op("Transpose", e.names[node.inputs[0]], perm=[*stack, columns, rows])


@row("Concat")
def concat(e: Emitter, node: Node) -> str:
    """One after another."""
    return e.op("Concat", *e.operands(node), axis=node.params["axis"])


@row("Stack")
def stack(e: Emitter, node: Node) -> str:
    """Along a new axis."""
    axis = node.params["axis"] % node.ndim
    return e.op("Concat", *(e.unsqueeze(x, (axis,)) for x in e.operands(node)), axis=axis)


def _part(node: Node) -> tuple[int, Sequence[Node], Node, Sequence[Node]]:
    """The axis, and the arrays before, at and behind the part of what was joined."""
    x, *arrays = node.inputs
    part = node.params["part"]
    return node.params["axis"] % x.ndim, arrays[:part], arrays[part], arrays[part + 1 :]


@row("SplitLike")
def split_like(e: Emitter, node: Node) -> str:
    """The part that is as long as one of the arrays."""
    axis, before, array, _ = _part(node)
    start = e.total(before, axis)
    stop = e.op("Add", start, e.total([array], axis))
    return e.op("Slice", e.names[node.inputs[0]], start, stop, e.integers(axis))


@row("JoinLike")
def join_like(e: Emitter, node: Node) -> str:
    """Zeros before and behind, as long as the other arrays."""
    axis, before, _, behind = _part(node)
    widths = e.op("Concat", e.total(before, axis), e.total(behind, axis), axis=0)
    name, nothing = e.names[node.inputs[0]], e.constant(0, node.dtype)
    return e.op("Pad", name, widths, nothing, e.integers(axis))


@row("Pad")
def pad(e: Emitter, node: Node) -> str:
    """A frame of one value."""
    name = e.names[node.inputs[0]]
    if not node.ndim:
        return e.same(name)
    widths = np.broadcast_to(node.params["width"], (node.ndim, 2)).T
    filling = e.constant(node.params["value"], node.dtype)
    return e.op("Pad", name, e.integers(*widths.ravel()), filling)


@row("Tile")
def tile(e: Emitter, node: Node) -> str:
    """Repeated as a whole."""
    (x,) = node.inputs
    name = e.unsqueeze(e.names[x], tuple(range(node.ndim - x.ndim)))
    given = np.atleast_1d(node.params["repetitions"]).tolist()
    counts = [*(1,) * (node.ndim - len(given)), *given]
    return e.op("Tile", name, e.integers(*counts)) if node.ndim else e.same(name)


@row("Repeat")
def repeat(e: Emitter, node: Node) -> str:
    """Each element several times."""
    (x,) = node.inputs
    axis = node.params["axis"] % x.ndim
    places = np.repeat(np.arange(x.shape[axis]), node.params["repeats"])
    return e.op("Gather", e.names[x], e.integers(*places), axis=axis)


@row("TriL", "TriU")
def triangle(e: Emitter, node: Node) -> str:
    """One triangle of each matrix."""
    (x,), upper = node.inputs, int(node.op.name == "TriU")
    return e.op("Trilu", e.names[x], e.constant(node.params["k"], np.int64), upper=upper)


@row("IdentityLike")
def identity_like(e: Emitter, node: Node) -> str:
    """A matrix of known lengths."""
    return e.constant(np.broadcast_to(np.eye(*node.shape[-2:], dtype=node.dtype), node.shape))
