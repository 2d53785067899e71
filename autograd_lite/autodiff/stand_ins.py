"""A plain function run once on stand-ins for its arguments, to record what it is made of.

A stand-in has a shape and a dtype and no value, so what the function does can depend on these
alone. Whatever asks for a value is refused, with the line: it would hold for one call only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autograd_lite.autodiff.no_grad import Apart
from autograd_lite.autodiff.trees import leaves_of, map_leaves
from autograd_lite.core.context import Context, context
from autograd_lite.core.node import Leaf, make_leaf
from autograd_lite.core.op import Op
from autograd_lite.core.shapes import PYTHON_NUMBERS, Spec, as_python_number, spec_of
from autograd_lite.core.sweep import ancestors
from autograd_lite.core.values import own_copy
from autograd_lite.errors import GraphError
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.protocols import watched_by
from autograd_lite.ops import Alias, Cast, StopGradient
from autograd_lite.ops.logic import Logic


class NodeKind(NamedTuple):
    """What is known of an argument that is a node."""

    spec: Spec
    requires_grad: bool
    is_float: bool  # its value is a Python float


Kind = Spec | type | NodeKind  # of an argument: an array's spec, or a type of Python number
NUMBERS = {float: np.dtype(np.float64), int: np.dtype(np.int64), bool: np.dtype(np.bool_)}
CONSTANTS = (str, bytes, np.generic, type(None))  # what a function may return beside numbers


@dataclass(frozen=True)
class Traced:
    """The record of a function."""

    graph: NodeGraph
    inputs: tuple[Node, ...]  # the stand-ins for the arguments, in order
    captured: dict[Node, Node]  # node from around the function → its stand-in
    result: Any  # what it returned: nodes, and constants, in its form
    outputs: tuple[Node, ...]  # the nodes among that, and the narrowed ones
    numbers: frozenset[Node]  # the outputs that are Python numbers
    narrowed: tuple[np.dtype[Any], ...]  # what the last outputs, Python integers, have to fit

    def carries_gradient(self) -> bool:
        """Whether an output depends on a node from outside that wants a gradient."""
        known = {x for x in (*self.inputs, *self.captured.values()) if x.requires_grad}
        found = (node for node in self.outputs if node.requires_grad)
        return not known.isdisjoint(ancestors(*found))


def trace(
    name: str,
    graph: NodeGraph,
    arguments: Sequence[tuple[str, Kind]],
    run: Callable[[Sequence[Node]], Any],
) -> Traced:
    """The record of `run`, a function of one stand-in for each argument, in an empty graph.

    Raises GraphError, with the user's line, where the function needs a value or changes one.
    """
    mode = OnStandIns(name, graph)
    alone = Context(graph, mode, "", (graph,))  # nothing around the call has a say
    with Within(context, lambda _: alone), watched_by(mode):
        inputs = tuple(mode.argument(name, kind) for name, kind in arguments)
        try:
            result = map_leaves(mode.returned, run(inputs))
        finally:  # a function that catches a refusal goes on as it would not with values
            if mode.refused is not None:
                raise mode.refused
    returned = [x for x in leaves_of(result) if isinstance(x, Node)]
    outputs = (*returned, *(x for x, _ in mode.narrowed))
    numbers = frozenset(mode.numbers.intersection(outputs))
    narrowed = tuple(dtype for _, dtype in mode.narrowed)
    return Traced(graph, inputs, mode.captured, result, outputs, numbers, narrowed)


class OnStandIns(Apart):
    """Appends to the record, and refuses what would make it wrong for other values."""

    def __init__(self, name: str, graph: NodeGraph) -> None:
        super().__init__()
        self.name, self.graph = name, graph
        self.captured: dict[Node, Node] = {}
        self.weak: set[Node] = set()  # Python numbers, which take the dtype of arrays beside them
        self.floats: set[Node] = set()  # those that nodes have made floats, which do not
        self.narrowed: dict[tuple[Node, np.dtype[Any]], None] = {}  # integers beside such arrays
        self.refused: GraphError | None = None
        self._next: set[Node] | None = None  # to which of both the next node belongs

    @property
    def numbers(self) -> set[Node]:
        """The nodes that stand for Python numbers."""
        return self.weak | self.floats

    def number(self, x: Node) -> Node:
        """A node as one that stands for a Python number."""
        own: Node = Alias(x)
        self.floats.add(own)
        return own

    def argument(self, name: str, kind: Kind) -> Node:
        """The stand-in for an argument."""
        if isinstance(kind, Spec):
            return self._input(name, kind)
        if isinstance(kind, NodeKind):
            node = self._input(name, kind.spec, requires_grad=kind.requires_grad)
            self.floats.update([node] * kind.is_float)
            return node
        node = self._input(name, Spec((), NUMBERS[kind]))
        self.weak.add(node)
        return node

    def exchange(self, x: Node) -> Node:
        """The stand-in for a node from around the function, whose value is read at each call."""
        if x not in self.captured:
            name = str(x.name or x.op.name)
            taken = {node.name for node in self.graph.inputs}
            name = f"{name} {len(taken)}" if name in taken else name
            self.captured[x] = own = self._input(name, x.spec, requires_grad=x.requires_grad)
            if type(x._value) is float:
                self.floats.add(own)
        return self.captured[x]

    def _input(self, name: str, spec: Spec, *, requires_grad: bool = False) -> Node:
        with self.graph:  # another one may be active, or none
            return make_leaf(Node, Leaf.Input, None, name, requires_grad=requires_grad, spec=spec)

    def returned(self, x: Any) -> Any:
        """One of the results: a node, or a constant."""
        if isinstance(x, Node):
            node = self.operand(x)
            return node if node._value is None else node._value
        if isinstance(x, CONSTANTS) or type(x) in PYTHON_NUMBERS:
            return x
        if isinstance(x, np.ndarray):
            return own_copy(x)
        raise GraphError(
            f"jit of {self.name}",
            expected="numbers, arrays, and tuples, lists or dicts of them to be returned",
            came=type(x).__name__,
            suggestion="return what was computed, and make other objects outside",
        )

    # Python numbers

    def operands(self, op: type[Op], operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """Each node from before exchanged; a Python number takes the dtype of arrays beside it."""
        inside = super().operands(op, operands)
        found = self._belongs(op, inside)
        if op.elementwise:
            inside = self._cast(inside) if found is None else _with_floats(inside)
            if found is self.weak and not op.selects and not issubclass(op, Logic):
                inside = _counted(inside)
        self._next = found
        return inside

    def _cast(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        dtypes = [spec_of(x).dtype for x in operands if not self._is_weak(x)]
        return tuple(
            [self._beside(x, dtypes) if self._stands_for_number(x) else x for x in operands]
        )

    def _stands_for_number(self, x: Any) -> bool:
        return isinstance(x, Node) and x in self.weak

    def _beside(self, x: Node, dtypes: list[np.dtype[Any]]) -> Node:
        """A number as one of the dtype that it takes beside arrays of these."""
        kind = next(kind for kind, dtype in NUMBERS.items() if dtype == x.dtype)
        dtype = np.result_type(*dtypes, kind(0))
        if dtype == x.dtype:
            return x
        if kind is int and dtype.kind in "iu":
            self.narrowed[x, dtype] = None
        return Cast(x, dtype=dtype.name)

    def _is_weak(self, x: Any) -> bool:
        return self._stands_for_number(x) or type(as_python_number(x)) in PYTHON_NUMBERS

    def _belongs(self, op: type[Op], operands: tuple[Any, ...]) -> set[Node] | None:
        """Whether the result is a Python number again: `weak`, `floats`, or None for an array."""
        if op.elementwise or op is StopGradient:
            strong = [x for x in operands if not self._is_weak(x)]
            is_float = all(isinstance(x, Node) and self._is_float(x) for x in strong)
            return (self.floats if strong else self.weak) if is_float else None
        like = operands[-1] if op is Alias or op.input_names[-1] == "like" else None
        is_number = isinstance(like, Node) and (like in self.weak or self._is_float(like))
        return self.floats if is_number else None

    def _is_float(self, x: Node) -> bool:
        return x in self.floats or type(x._value) in (float, bool)

    # What is refused

    def appended(self, node: Node) -> None:
        """See that the record has the node."""
        kind, self._next = self._next, None
        if kind is not None and node._value is None and node.dtype in NUMBERS.values():
            kind.add(node)
        if node.graph is not self.graph and isinstance(node.graph, NodeGraph):
            self.changing(node.graph)

    def taking(self, node: Node) -> None:
        """Refuse to give the value of a stand-in, or of what was computed from one."""
        if node._value is None:
            self._refuse(
                "a function that does the same for all values of its arguments",
                f"a branch (if, while, assert) on {node.label()}, {node.spec}, or a value taken "
                "out of it by float, item, np.asarray or an index",
                "write ag.where(condition, a, b) for a branch; name an argument that is a setting "
                "in static_argnames",
            )
        if node.serial < self.since and node.op is not Leaf.Constant:
            self._refuse(
                "nodes from around the function to be used as nodes",
                f"the value of {node.label()} taken out, which would stay as it is now",
                "leave out .value, float() or item()",
            )

    def changing(self, thing: Any) -> None:
        """Refuse a change, which would happen in this call only."""
        if not isinstance(thing, Node) or thing.serial < self.since:
            label = thing.label() if isinstance(thing, Node) else repr(thing)
            self._refuse(
                "a function that changes nothing outside",
                f"a change of {label}, which later calls would not make",
                "return the new value, and change things outside of the function",
            )

    def _refuse(self, expected: str, came: str, suggestion: str) -> NoReturn:
        subject = f"jit of {self.name}"
        self.refused = GraphError(subject, expected=expected, came=came, suggestion=suggestion)
        raise self.refused


def _with_floats(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """A number beside Python floats is one too, as it is outside of a record."""
    if all(spec_of(x).dtype != NUMBERS[float] for x in operands):
        return operands
    return tuple([x if isinstance(x, Node) else constant(float(x)) for x in operands])


def _counted(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Python's booleans as the integers that they are in arithmetic."""
    number = partial(Cast, dtype="int64")
    return tuple(
        [
            x if spec_of(x).dtype != np.bool_ else number(x) if isinstance(x, Node) else int(x)
            for x in operands
        ]
    )
