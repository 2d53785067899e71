"""A tape: the operations of a graph of scalars in a row, on values that are known by number.

Forward, gradient and update are one list, because all of them are nodes; whoever plays the tape
needs no idea of derivatives. What is computed twice is on it once, and what nobody asks for is
not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import copysign
from typing import Any

from autograd_lite import functions as namespace
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.tape.primitives import BOOLEANS, NAMES, is_identity
from autograd_lite.compiler.executors.tape.shorter import SHORTENED, Operation, Shortener
from autograd_lite.core.node import Leaf
from autograd_lite.core.sweep import ancestors
from autograd_lite.frontend.leaves import input as input_leaf
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops import Cast

Composite = tuple[list[Node], list[Node], Node]  # stand-ins for its inputs, all nodes, the last


@dataclass(frozen=True)
class Tape:
    """What to compute from so many inputs and leaves, which have the first numbers."""

    inputs: int
    leaves: int
    constants: Mapping[int, float]  # number → value
    operations: Mapping[int, Operation]  # number of the result → how it is computed, in order
    outputs: tuple[int, ...]  # neither inputs nor leaves
    updates: Mapping[int, int]  # number of a leaf → its new value, neither an input nor a leaf

    def __len__(self) -> int:
        return len(self.operations)


def record(
    inputs: Sequence[Node],
    leaves: Sequence[Node],
    outputs: Sequence[Node],
    updates: Mapping[Node, Node],
) -> Tape:
    """The tape of a graph that computes the outputs and the new values of leaves.

    Raises ExecutorUnavailable for a node that is not a number, or not computed from numbers.
    """
    recorder = _Recorder([*inputs, *leaves])
    history = ancestors(*outputs, *updates.values())
    recorder.add(history)
    if not BOOLEANS.isdisjoint(name for name, _ in recorder.operations):
        _refuse_sums_of_booleans(history)
    results = tuple([recorder.computed(node) for node in outputs])
    changed = {recorder.numbers[leaf]: recorder.computed(new) for leaf, new in updates.items()}
    constants = {number: value for (value, _), number in recorder.constants.items()}
    operations = _needed(recorder.operations, {*results, *changed.values()})
    return Tape(len(inputs), len(leaves), constants, operations, results, changed)


class _Recorder:
    """A tape in the making."""

    def __init__(self, leaves: Sequence[Node]) -> None:
        for leaf in leaves:
            _refuse_unless(_is_number(leaf), leaf, "not a float64 scalar")
        self.numbers = {leaf: number for number, leaf in enumerate(leaves)}
        self.leaves = self.count = len(leaves)
        self.constants: dict[tuple[float, float], int] = {}  # a value and its sign → number
        self.operations: dict[Operation, int] = {}
        self.shortener = Shortener(self.constants)
        self.composites: dict[Any, Composite] = {}

    def add(self, nodes: Iterable[Node]) -> None:
        """Put what computes the nodes on the tape; they come in append order."""
        numbers = self.numbers
        for node in nodes:
            name = NAMES.get(node.op)  # type: ignore[arg-type]
            if name is not None:
                numbers[node] = self._number_of((name, tuple([numbers[x] for x in node.inputs])))
            elif node not in numbers:
                numbers[node] = self._other(node)

    def computed(self, node: Node) -> int:
        """The number of a result; never an input's or a leaf's, whose value an update changes."""
        number = self.numbers[node]
        return self._number_of(("Copy", (number,))) if number < self.leaves else number

    def _number_of(self, operation: Operation) -> int:
        if operation[0] in SHORTENED:
            found = self.shortener.shortened(operation)
            if isinstance(found, int):
                return found
            operation = found
        number = self.operations.setdefault(operation, self.count)
        if number == self.count:
            self.count += 1
            self.shortener.learn(number, operation)
        return number

    def _other(self, node: Node) -> int:
        """The number of a constant, or of an op that is not one operation."""
        if node.op is Leaf.Constant:
            return self._constant(node)
        _refuse_unless(not isinstance(node.op, Leaf), node, "a leaf that is not the program's")
        if (is_identity(node.op) and node.shape == ()) or (
            node.op is Cast and node.dtype == "float64"
        ):
            return self.numbers[node.inputs[0]]
        return self._composite(node)

    def _constant(self, node: Node) -> int:
        _refuse_unless(_is_number(node, "fb"), node, "not a float64 scalar")
        value = float(node.value)
        number = self.constants.setdefault((value, copysign(1.0, value)), self.count)
        if number == self.count:
            self.count += 1
            self.shortener.learn_constant(number, value)
        return number

    def _composite(self, node: Node) -> int:
        """The result of an op that its forward rule takes apart."""
        key = (node.op, *node.params.values(), *(x.dtype for x in node.inputs))
        if key not in self.composites:
            self.composites[key] = _taken_apart(node)
        stand_ins, nodes, result = self.composites[key]
        outer, operands = self.numbers, [self.numbers[x] for x in node.inputs]
        self.numbers = dict(zip(stand_ins, operands, strict=True))
        self.add(nodes)
        number, self.numbers = self.numbers[result], outer
        return number


def _needed(found: Mapping[Operation, int], needed: set[int]) -> dict[int, Operation]:
    """The operations, in their order, but for those that no result needs."""
    kept = {}
    for operation, number in reversed(list(found.items())):
        if number in needed:
            kept[number] = operation
            needed.update(operation[1])
    return dict(reversed(kept.items()))


def _taken_apart(node: Node) -> Composite:
    """What the forward rule of an elementwise op appends for inputs like the node's."""
    op: Any = node.op
    _refuse_unless(op.elementwise, node, "no operation on single numbers")
    with NodeGraph():
        stand_ins = [
            input_leaf(name=f"x{i}", shape=(), dtype=x.dtype) for i, x in enumerate(node.inputs)
        ]
        try:
            result = op.forward(namespace, *stand_ins, **node.params)
            nodes = ancestors(result)
        except Exception as problem:
            raise ExecutorUnavailable(f"{op.name} cannot be taken apart: {problem}") from problem
    _refuse_unless(all(x.op is not op for x in nodes), node, "an operation that no tape has")
    return stand_ins, nodes, result


def _refuse_sums_of_booleans(nodes: Iterable[Node]) -> None:
    """Arithmetic on booleans alone has rules of its own: true + true is true, and not 2."""
    for node in nodes:
        name = NAMES.get(node.op, "Where")  # type: ignore[arg-type]
        fits = name in BOOLEANS or name == "Where" or node.dtype == "float64"
        _refuse_unless(fits, node, "arithmetic on booleans")


def _is_number(node: Node, kinds: str = "f") -> bool:
    """Whether a node is one float64, or a boolean where that will do."""
    shape, dtype = node.spec
    return shape == () and dtype.kind in kinds and dtype.itemsize in (1, 8)


def _refuse_unless(holds: bool, node: Node, reason: str) -> None:
    if not holds:
        raise ExecutorUnavailable(f"{node.op.name} is {reason}")
