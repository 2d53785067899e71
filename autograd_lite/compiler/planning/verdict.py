"""The verdict on a plan: where the work of a step is, and what keeps it from being less.

The work is estimated from shapes alone, in nanoseconds of one usual core; shares are what counts.
"""

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any, NamedTuple

from autograd_lite import ops
from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.lowered import InPlace, Product
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops.matrices import OfMatrices

REDUCED = (ops.Sum, ops.Prod, ops.Max, ops.Min)
PRODUCTS = (Product, ops.Conv2d, ops.Conv2dAdjoint, ops.Conv2dKernel)
A_CALL = 3000  # ns that NumPy takes for any step
FUNCTION = 10  # operations that a function such as exp counts for
FAMILIES = {"activation", "exponential", "special", "trigonometry"}  # of such functions
SHOWN = 3  # of the steps, and of the reasons
ADVICE = {
    "products with vectors": "feed batches, so that a matrix is read once for many samples",
    "products of matrices": "these products are what there is to do; float64 takes twice as long",
    "linear algebra": "factorize once, and keep the factor in a leaf where the matrix stays",
    "elementwise loops": "fewer functions such as exp and pow, or float32",
    "moves": "fewer subscripts, joins and transposes between the other steps",
    "NumPy": "mend what runs through NumPy, as the lines above say",
}


class Steps(NamedTuple):
    """What is judged: the nodes of each step, their graph, and those that NumPy runs."""

    steps: Sequence[tuple[Node, ...]]
    graph: NodeGraph
    through_numpy: frozenset[Node]


def verdict(plan: Steps) -> list[str]:
    """Some lines: the share of each kind of work, the longest steps, and what was not fused."""
    work = {node: _work(plan, node) for step in plan.steps for node in step}
    total = sum(work.values())
    if not total:
        return []
    kinds: dict[str, float] = {}
    for node, units in work.items():
        kind = kind_of(plan, node)
        kinds[kind] = kinds.get(kind, 0) + units
    order = sorted(kinds, key=lambda kind: -kinds[kind])
    shares = ", ".join(f"{kind} {kinds[kind] / total:.0%}" for kind in order)
    told = [*_longest(plan, work, total), *_apart(plan), f"To be faster: {ADVICE[order[0]]}"]
    return [f"Work, by estimate: {shares}", *told]


def kind_of(plan: Steps, node: Node) -> str:
    """What a user would call the work of a node."""
    op: Any = node.op
    if node in plan.through_numpy:
        return "NumPy"
    if issubclass(op, PRODUCTS):
        return "products with vectors" if min(_ranks(node)) < 2 else "products of matrices"
    if issubclass(op, OfMatrices):
        return "linear algebra"
    return "elementwise loops" if op.elementwise or op in REDUCED else "moves"


def _factors(node: Node) -> tuple[Node, ...]:
    return node.inputs[-2:] if issubclass(op_of(node), InPlace) else node.inputs[:2]


def _ranks(node: Node) -> list[int]:
    return [x.ndim for x in _factors(node)]


def _work(plan: Steps, node: Node) -> float:
    kind, moved = kind_of(plan, node), sum(x.size for x in (node, *node.inputs))
    if kind == "NumPy":
        return A_CALL + moved
    if kind.startswith("products"):
        x, y = _factors(node)
        return isqrt(x.size * y.size * max(node.size, 1)) / 32 + moved / 8
    if kind == "linear algebra":
        return node.size * node.inputs[0].shape[-1] / 8
    if kind == "moves":
        return moved / 4
    return loop_work(node) / 16


def loop_work(node: Node) -> int:
    """How many operations on single numbers a node of a loop is; 0 for what is in no loop."""
    op: Any = node.op
    if not (op.elementwise or op in REDUCED):
        return 0
    operations = FUNCTION if op_of(node).__module__.rpartition(".")[2] in FAMILIES else 1
    return max(node.size, node.inputs[0].size) * operations


def _longest(plan: Steps, work: dict[Node, float], total: float) -> Iterator[str]:
    """The steps with the most work, if they stand out."""
    steps = {i: sum(work[x] for x in step) / total for i, step in enumerate(plan.steps)}
    found = sorted(steps, key=lambda i: -steps[i])[:SHOWN]
    yield "Most of it: " + ", ".join(f"step {i} {steps[i]:.0%}" for i in found)


def _apart(plan: Steps) -> Iterator[str]:
    """How many loops over the elements of one shape are not one loop, and why."""
    maker = {node: i for i, step in enumerate(plan.steps) for node in step}
    whole, between = dict[Node, None](), dict[tuple[int, int], None]()
    for i, step in enumerate(plan.steps):
        for x in dict.fromkeys(root(x) for node in step for x in node.inputs):
            j = maker.get(x, i)
            if j == i or not (_is_loop(step) and _is_loop(plan.steps[j])):
                continue
            if x.op in REDUCED:
                whole[x] = None
            elif _shape(step) == _shape(plan.steps[j]):
                between[j, i] = None
    if whole:
        names = [plan.graph._line(x).partition(":")[0] for x in whole]
        yield f"Not fused: what reads {_some(names)}, each complete only at the end of its loop"
    if between:
        pairs = [f"{j} with {i}" for j, i in between]
        yield f"Not fused: steps {_some(pairs)}, as other steps have to run between them"


def _some(names: Sequence[str]) -> str:
    """The first names, and how many there are beside them."""
    rest = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + rest


def _is_loop(step: tuple[Node, ...]) -> bool:
    return all(op_of(x).elementwise or x.op in REDUCED for x in step)


def _shape(step: tuple[Node, ...]) -> Sequence[int]:
    first = step[0]
    return first.inputs[0].shape if first.op in REDUCED else first.shape
