"""The planner: from a draft to a plan, that is to steps in order and a place for each value."""

from collections.abc import Callable, Mapping, Sequence

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, op_of
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.compiler.planning.arena import Lifetime, liveness_bound, place
from autograd_lite.compiler.planning.fusion import Unit, fused
from autograd_lite.compiler.planning.plan import Place, Plan, Step, Storage
from autograd_lite.compiler.planning.schedule import (
    Edges,
    allows_writing,
    dependencies,
    in_order,
    is_view,
    operands,
    reads_apart,
    root,
    whole,
)
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

LEAF_PLACES = {
    Leaf.Input: Place.Input,
    Leaf.Constant: Place.Constant,
    Leaf.Parameter: Place.Parameter,
    Leaf.Variable: Place.Parameter,
}

PICKS: dict[object, tuple[int, int]] = {
    ops.Aref: (0, 1), ops.ScatterAdd: (2, 1), ops.Accuracy: (0, 1), PickGradient: (1, 2),
    ops.CrossEntropyWithLabels: (0, 1), ops.OneHotLike: (1, 0), ops.OneHot: (0, 0),
    ops.Embedding: (0, 1),
}  # fmt: skip
"""Ops that pick along an axis: which input has the axis, and which is the labels."""


def plan(draft: Draft, *, can_fuse: Callable[[Node], bool]) -> Plan:
    """The order of the steps, and a place for each value; a buffer is free after its last use."""
    edges = in_order_of_running(dependencies(draft))
    units = fused(edges, whole(draft, edges), can_fuse)
    units = [units[i] for i in in_order(units, edges)]
    life = _Life(draft, units)
    steps = tuple(Step(unit, life.stored(unit)) for unit in units)
    storage, arena_bytes, bound_bytes = _storage(draft, units, life)
    return Plan(
        graph=draft.graph,
        inputs=draft.inputs,
        leaves=draft.leaves,
        outputs=draft.outputs,
        updates=draft.updates,
        steps=steps,
        storage=storage,
        arena_bytes=arena_bytes,
        bound_bytes=bound_bytes,
        labels=labels_of(draft),
        origin=draft.origin,
    )


def in_order_of_running(edges: Edges) -> Edges:
    """The same with every kernel after those that have to run before it."""
    nodes = list(edges)
    order = in_order([(node,) for node in nodes], edges)
    return {nodes[i]: edges[nodes[i]] for i in order}


class _Life:
    """When each value is written and when it is read for the last time, counted in steps."""

    def __init__(self, draft: Draft, units: Sequence[Unit]) -> None:
        self.step = {node: i for i, unit in enumerate(units) for node in unit}
        self.last = dict(self.step)
        self.read_by: dict[Node, set[int]] = {node: set() for node in self.step}
        for node, i in self.step.items():
            for x in operands(node):
                if x in self.last:
                    self.last[x] = max(self.last[x], i)
                    self.read_by[x].add(i)
        self.kept = set(draft.results)
        self._last_uses: dict[int, list[Node]] = {}
        for x, last in self.last.items():
            if last > self.step[x] and x not in self.kept:
                self._last_uses.setdefault(last, []).append(x)

    def stored(self, unit: Unit) -> Unit:
        """The nodes of a unit that somebody outside of it reads."""
        return tuple(x for x in unit if self.is_stored(x))

    def is_stored(self, node: Node) -> bool:
        """Whether a step that comes later, or the caller, reads the value."""
        return node in self.kept or bool(self.read_by[node] - {self.step[node]})

    def last_used(self, i: int) -> Unit:
        """The values that this step is the last to read."""
        return tuple(self._last_uses.get(i, ()))


def _storage(
    draft: Draft, units: Sequence[Unit], life: _Life
) -> tuple[dict[Node, Storage], int, int]:
    """Each node's place; the bytes of the arena, and the bound on them."""
    found = {x: Storage(LEAF_PLACES[x.op]) for x in draft.graph if isinstance(x.op, Leaf)}
    found |= {x: Storage(Place.Output) for x in draft.outputs}
    found |= {x: Storage(Place.Parameter, of=leaf) for leaf, x in draft.updates.items()}
    reused = _reused_buffers(units, life)
    chains: dict[Node, list[Node]] = {}
    for unit in units:
        for x in unit:
            if x in found:
                continue
            if life.is_stored(x):
                first = reused.get(x, x)
                reused[x] = reused.get(first, first)
                chains.setdefault(reused[x], []).append(x)
            else:
                found[x] = Storage(Place.Register)
    lifetimes = [
        Lifetime(
            size=first.size * first.dtype.itemsize,
            first=life.step[first],
            last=max(life.last[x] for x in chain),
        )
        for first, chain in chains.items()
    ]
    offsets, total = place(lifetimes)
    for offset, chain in zip(offsets, chains.values(), strict=True):
        found |= {x: Storage(Place.Arena, offset) for x in chain}
    found |= {x: Storage(Place.View, of=root(x)) for x in draft.graph if is_view(x)}
    return found, total, liveness_bound(lifetimes)


def _reused_buffers(units: Sequence[Unit], life: _Life) -> dict[Node, Node]:
    """For nodes of elementwise ops the input in whose buffer they are written, at its last use."""
    reused: dict[Node, Node] = {}
    for i, unit in enumerate(units):
        last = {x: position for position, node in enumerate(unit) for x in operands(node)}
        apart = {x for node in unit if reads_apart(node) for x in operands(node)}
        free = [x for x in life.last_used(i) if x not in apart]
        free.sort(key=lambda x: x.serial)
        for position, node in enumerate(unit):
            if free and node not in life.kept and life.is_stored(node):
                fits = (x for x in free if last[x] <= position and allows_writing(node, x))
                reused[node] = found = next(fits, node)
                free = [x for x in free if x is not found]
    return reused


def labels_of(draft: Draft) -> Mapping[str, int]:
    """The feeds that pick elements, each with the number that its elements have to stay below."""
    bounds: dict[Node, int] = {}
    for node in draft.graph:
        if node.op in PICKS:
            rows, labels = (node.inputs[i] for i in PICKS[op_of(node)])
            axis = 0 if node.op is ops.Embedding else node.params.get("axis", -1)
            count = node.params.get("depth") or rows.shape[axis]
            bounds[root(labels)] = min(count, bounds.get(root(labels), count))
    return {name: bounds[x] for name, x in draft.inputs.items() if x in bounds}
