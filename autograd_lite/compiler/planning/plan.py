"""A plan: what an executor is told, and all it is told.

A plan is a value. The passes decide what is computed, the planner in which order and where the
results lie; an executor turns the plan into code and adds nothing of its own.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from autograd_lite.compiler.planning.verdict import Steps, verdict
from autograd_lite.frontend.drawable import Shown
from autograd_lite.frontend.node import Node, NodeGraph


class Place(enum.Enum):
    """Where the elements of a value lie while a step runs."""

    Input = "the array that was fed"
    Parameter = "the leaf's own array: a leaf, or (with `of`) its new value, written there"
    Constant = "a read-only array that the plan owns"
    Arena = "the plan's work space, from `offset` on"
    Output = "an array of its own that is handed to the caller: new in `run`, a row in `scan`"
    View = "the elements of another value, in another shape"
    Register = "nowhere: it exists inside of one fused loop only"


@dataclass(frozen=True)
class Storage:
    """The place of one value."""

    place: Place
    offset: int = 0  # bytes into the arena, a multiple of 64
    of: Node | None = None  # what a view looks at; the leaf that a new value is written to


@dataclass(frozen=True)
class Step:
    """One kernel: a single node, or the nodes of one fused elementwise loop.

    A fused loop runs over the elements of one common shape; its nodes are elementwise ops of that
    shape (inputs may broadcast) and, at its end, sums of them over all axes or the last ones.
    """

    nodes: tuple[Node, ...]
    outputs: tuple[Node, ...]  # those of them that are stored

    @property
    def fused(self) -> bool:
        """Whether the step is a loop over several nodes."""
        return len(self.nodes) > 1


@dataclass(frozen=True, repr=False)
class Plan(Shown):
    """Everything about one compiled step, for one set of input shapes and dtypes."""

    graph: NodeGraph  # after all passes; every shape is known
    inputs: Mapping[str, Node]  # name of a feed → its leaf in the graph
    leaves: Mapping[Node, Node]  # leaf in the graph → the user's variable or parameter
    outputs: tuple[Node, ...]  # as asked for, in that order
    updates: Mapping[Node, Node]  # leaf in the graph → the node that is its new value
    steps: tuple[Step, ...]
    storage: Mapping[Node, Storage]
    arena_bytes: int
    bound_bytes: int  # the most that is alive at once: no plan can need less
    labels: Mapping[str, int] = field(default_factory=dict)  # feed → its elements are in [0, n)
    origin: Mapping[Node, Node] = field(default_factory=dict)  # node → the user's it comes from
    executor: str = ""  # which one runs it, and why
    register_bytes: int = 0  # what its loops need beside the arena
    notes: tuple[str, ...] = ()  # what it does that the steps do not say
    through_numpy: frozenset[Node] = frozenset()  # what its executor has no code for

    # Outputs are distinct nodes, each computed by a step into `Place.Output`. Each new value in
    # `updates` is computed by a step into the leaf's own array (`Place.Parameter` with `of`), in
    # an order in which nobody reads the old value any more; where that needs it, the planner has
    # put a `Copy` there. An op that updates its first input in place (`GemmUpdate` …) lies where
    # that input lies. A label feed that is in `labels` needs no check where it picks.

    def __repr__(self) -> str:
        return describe(self)


# In words


def describe(plan: Plan) -> str:
    """Some lines about all of a plan."""
    by = plan.executor or "no executor yet"
    head = f"Plan for {fed(plan.inputs)}: {len(plan.steps)} steps by {by}"
    steps = [line for number, step in enumerate(plan.steps) for line in _step(plan, number, step)]
    judged = Steps([step.nodes for step in plan.steps], plan.graph, plan.through_numpy)
    told = [*_fused(plan), *plan.notes, *_memory(plan), *verdict(judged)]
    return "\n".join([head, *steps, *told])


def fed(inputs: Mapping[str, Node]) -> str:
    """What a plan is fed, in words."""
    return ", ".join(f"{name} {node.spec}" for name, node in inputs.items()) or "no inputs"


def _step(plan: Plan, number: int, step: Step) -> list[str]:
    """A line for each node of a step, with the place of what is stored."""
    lines, stored = [], set(step.outputs)
    for position, node in enumerate(step.nodes):
        mark = f"{number:>4}" if position == 0 else "   +"
        place = f" → {_place(plan, node)}" if node in stored else ""
        lines.append(f"{mark}  {plan.graph._line(node)}{place}")
    return lines


def _place(plan: Plan, node: Node) -> str:
    storage = plan.storage[node]
    if storage.place.name == "Arena":
        return f"{_bytes([node]):,} bytes at {storage.offset:,}"
    if storage.of is not None:
        return f"in place of {storage.of.name or plan.graph._line(storage.of)}"
    return "output"


def _fused(plan: Plan) -> list[str]:
    loops = [step for step in plan.steps if step.fused]
    if not loops:
        return []
    count = sum(len(step.nodes) for step in loops)
    return [f"Fused: {count} operations in {len(loops)} loops"]


def _memory(plan: Plan) -> list[str]:
    """What is kept between steps, and what a step needs."""
    constants = [node for node, x in plan.storage.items() if x.place.name == "Constant"]
    kept = sum(max(node._value.strides, default=0) > 0 or node.size == 1 for node in constants)
    return [
        f"Kept: {_bytes(plan.leaves):,} bytes of {len(plan.leaves)} leaves, {kept} constants",
        f"Work space: {plan.arena_bytes:,} bytes; {plan.bound_bytes:,} are alive at once",
        f"Registers of loops: {plan.register_bytes:,} bytes",
        f"Outputs: {_bytes(plan.outputs):,} bytes",
    ]


def _bytes(nodes: Iterable[Node]) -> int:
    return sum(node.size * node.dtype.itemsize for node in nodes)
