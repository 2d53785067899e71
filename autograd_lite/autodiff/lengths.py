"""Which axes may have another length in the next feed, so that a gradient has to be summed there.

What a leaf with a value has, stays. An input's axes may all have another length, and what is
computed from them, too, unless an operand beside fixes it.
"""

from collections.abc import Iterable, Mapping, Sequence

from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node
from autograd_lite.ops import BroadcastTo, MatMul

Axes = tuple[bool, ...]  # for each axis whether its length may change
Lengths = Mapping[Node, Axes]


def lengths_of(nodes: Sequence[Node]) -> Lengths:
    """For each axis of the nodes, in append order, whether it may change; {} if nothing is fed."""
    if not any(node.op is Leaf.Input for node in nodes):
        return {}
    found: dict[Node, Axes] = {}
    for node in nodes:
        found[node] = _of_operation(node, found) if node.inputs else _of_leaf(node)
    return found


def may_stretch(node: Node, x: Node, lengths: Lengths) -> bool:
    """Whether another operand of a node may be longer than x in some axis, when fed again."""
    core = _unbroadcast_axes(node)
    if core is None:
        changing = node.inputs if 1 in x.shape else (x,)  # an axis of 1 beside one that changes
        return _may_broadcast(node) and any(any(lengths.get(y, ())) for y in changing)
    if node not in lengths:
        return False
    for y in node.inputs:
        pairs = zip(_axes(x, lengths, core), _axes(y, lengths, core), strict=False)
        for (x_changes, m), (y_changes, n) in pairs if y is not x else ():
            if (x_changes or y_changes) and (x_changes or m == 1) and (y_changes or n != 1):
                return True
    return False


def _may_broadcast(node: Node) -> bool:
    """Whether an op that is not elementwise may do so; of one operand that few of ours do."""
    is_ours = node.op.__module__.startswith("autograd_lite.")
    return len(node.inputs) > 1 or node.op is BroadcastTo or not is_ours


def _axes(x: Node, lengths: Lengths, core: int) -> list[tuple[bool, int]]:
    """The axes that broadcast, the last one first: whether they change, and their lengths now."""
    changes = lengths.get(x, (False,) * x.ndim)
    return list(zip(changes, x.shape, strict=True))[: x.ndim - core][::-1]


def _unbroadcast_axes(node: Node) -> int | None:
    """How many last axes of the operands do not broadcast; None if that is not known."""
    if node.op in _PRODUCTS:
        return 2
    return 0 if node.op.elementwise else None  # type: ignore[union-attr]


def _of_leaf(node: Node) -> Axes:
    return (node.op is Leaf.Input,) * node.ndim


def _of_operation(node: Node, found: Lengths) -> Axes:
    core = _unbroadcast_axes(node)
    if core == 0:
        return _broadcast(node.inputs, found, 0)
    x, *others = node.inputs
    if core and min(x.ndim, *(y.ndim for y in others)) >= core:
        batch = _broadcast(node.inputs, found, core)
        return (*batch, found[x][-2], found[others[0]][-1])
    for name, like in zip(node.op.input_names, node.inputs, strict=False):  # type: ignore[union-attr]
        if name == "like" and like.ndim == node.ndim:
            return found[like]
    return (any(map(any, (found[y] for y in node.inputs))),) * node.ndim


def _broadcast(inputs: Iterable[Node], found: Lengths, core: int) -> Axes:
    """An axis is as long as the operand that fixes it to more than 1, if there is one."""
    columns: list[list[tuple[bool, int]]] = []
    for x in inputs:
        axes = _axes(x, found, core)
        columns += [[] for _ in range(len(axes) - len(columns))]
        for column, axis in zip(columns, axes, strict=False):
            column.append(axis)
    fixed = [any(not changes and n != 1 for changes, n in column) for column in columns]
    free = [any(changes for changes, _ in column) for column in columns]
    return tuple(f and not x for f, x in zip(free, fixed, strict=True))[::-1]


_PRODUCTS = (MatMul, *MatMul.__subclasses__())
