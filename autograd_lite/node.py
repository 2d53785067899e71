"""A node: one operation that was called, or a leaf; and `append`, by which nodes come to be.

Order is everything here. `serial` counts appends, so inputs always come before the nodes that use
them, and backward is "newest first": no recursion, no search, no cycle. `_stamp` counts
evaluations: a node younger than its inputs is up to date, and one that is not is refused.
"""

from __future__ import annotations

import sys
from math import prod
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType

import numpy as np

from autograd_lite.errors import GraphError, describe_place
from autograd_lite.fields import fill_leaf, fill_operation
from autograd_lite.floats import append_to_float, is_lone_float
from autograd_lite.operators import Operators
from autograd_lite.ops.op import NO_PARAMS, Op, Params
from autograd_lite.ops.shapes import (
    Shape,
    Spec,
    is_python_number,
    partner_dtype,
    spec_of,
)
from autograd_lite.recording import Leaf, surroundings, tick
from autograd_lite.sweep import backward
from autograd_lite.values import fitting, frozen, own_copy

if TYPE_CHECKING:
    from types import CodeType

    from numpy.typing import ArrayLike

    from autograd_lite.graph import Graph

ASSIGNABLE = (Leaf.Variable, Leaf.Parameter)


def append(op: type[Op], operands: tuple[Any, ...], params: Params = NO_PARAMS) -> Node:
    """Append one operation: to the active graph, to its inputs' graph, or to none.

    The value is computed at once if all inputs have one; otherwise its shape and dtype are
    inferred, so that a mistake is reported at the line that makes it.
    """
    if op.elementwise and len(operands) == 1 and not params and is_lone_float(operands[0]):
        return append_to_float(op, operands[0], sys._getframe(2))  # type: ignore[no-any-return]
    around = surroundings.get()
    mode = around.mode
    if mode is not None:
        operands = tuple([mode.operand(x) if type(x) is Node else x for x in operands])
    inputs = as_nodes(op, operands)
    owner = _owner(inputs) if around.graph is None else around.graph
    values = [x._value for x in inputs]
    if any([value is None for value in values]):  # noqa: C419 - a generator takes thrice as long
        _refuse_homeless(op, owner)
        value, spec = None, op.infer([x.spec for x in inputs], params)
        differentiable = spec.dtype.kind == "f"
    else:
        value, spec = frozen(op.compute(values, params)), None
        differentiable = type(value) is float or spec_of(value).dtype.kind == "f"
    required = differentiable and _needs_gradient(op, inputs)
    first, second, *others = (*inputs, None) if len(inputs) == 1 else inputs
    node: Node = fill_operation(
        object.__new__(Node), op, first, second, value, required, sys._getframe(2)
    )
    node._others, node.params, node._spec = tuple(others), params, spec
    if owner is not None:
        owner.record(node)
    if mode is not None:
        mode.appended(node)
    return node


def _owner(inputs: tuple[Node, ...]) -> Graph | None:
    """The graph to append to where none is active: that of the first input that has one."""
    return next((x.graph for x in inputs if x.graph is not None), None)


def _needs_gradient(op: type[Op], inputs: tuple[Node, ...]) -> bool:
    edges = op.edges(inputs) if op.blocks_gradient else zip(inputs, inputs, strict=True)
    return any([x.requires_grad for x, _ in edges])  # noqa: C419


class Node(Operators):
    """A differentiable value: a scalar or an array that remembers how it was computed.

    `value` is there at once, or after `Graph.forward` if it depends on an input. A Python number
    stays a Python float; an array is copied, so changing yours later changes nothing here.
    `grad` has the shape and dtype of `value` and is filled by `backward`.

    >>> a = Node(2.0, name="a")
    >>> b = Node(-3.0, name="b")
    >>> c = a * b + a.exp()
    >>> c.backward()
    >>> a.grad == b.value + c.value - a.value * b.value
    True

    Raises DTypeError for values that are not real numbers, or not floating where a gradient is
    required.
    """

    __slots__ = (
        "__weakref__", "_code", "_first", "_graph", "_offset", "_others", "_second", "_spec",
        "_stamp", "_value", "grad", "name", "op", "params", "requires_grad", "scope",
        "serial",
    )  # fmt: skip

    op: type[Op] | Leaf
    params: Params
    name: str | None
    scope: str  # the dotted part of the model it was appended in, "" at top level
    requires_grad: bool
    grad: Any
    serial: int
    _value: Any
    _stamp: int
    _spec: Any  # what is declared of a node that has no value yet
    _graph: ReferenceType[Graph] | None
    _code: CodeType  # with _offset, where the user's code was
    _offset: int
    # The inputs, in fields: a tuple for each node would be a second object for the garbage
    # collector to walk, which doubles the cost of a node where there are a million of them.
    _first: Node | None
    _second: Node | None
    _others: tuple[Node, ...]

    def __init__(
        self, value: ArrayLike, *, name: str | None = None, requires_grad: bool = True
    ) -> None:
        value = float(value) if type(value) is int else value
        fill_leaf(self, Leaf.Variable, own_copy(value), name, requires_grad=requires_grad)

    # What a node knows of itself

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The nodes this one was computed from; none for a leaf."""
        first, second = self._first, self._second
        if second is not None:
            return (first, second, *self._others)  # type: ignore[arg-type]
        return () if first is None else (first,)

    @property
    def value(self) -> Any:
        """The value: a Python float, or a NumPy array that cannot be written to.

        Assigning replaces it, in the same shape and dtype; only leaves can be assigned.
        """
        return self._value

    @value.setter
    def value(self, value: ArrayLike) -> None:
        if type(value) is type(self._value) is float and self.op in ASSIGNABLE:
            self._value, self._stamp = value, tick()
        else:
            self.assign(value)

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        return self.spec.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype; float64 for a Python float."""
        return self.spec.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.spec.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return prod(self.spec.shape)

    @property
    def spec(self) -> Spec:
        """Shape and dtype: those of the value, or as declared while there is none."""
        return self._spec if self._value is None else spec_of(self._value)

    @property
    def graph(self) -> Graph | None:
        """The graph this node was appended to, if there is one and it is still alive."""
        return None if self._graph is None else self._graph()

    @property
    def place(self) -> str:
        """Where the node was appended: the user's file, line and function."""
        return describe_place(self._code, self._offset)

    def named(self, name: str) -> Node:
        """The same node, with a name to find it by: `h = sigmoid(z).named("h")`.

        >>> Node(1.0).named("one").name
        'one'
        """
        self.name = name
        return self

    def label(self) -> str:
        """How errors call this node: its op, and its name or its number in the graph."""
        if self.name:
            return f"{self.op.name} '{self.name}'"
        graph = self.graph
        return self.op.name if graph is None else f"{self.op.name} %{graph.index(self)}"

    # What can be done with it

    def assign(self, value: ArrayLike, *, copy: bool = True) -> None:
        """Replace a leaf's value by one of the same shape and dtype.

        With `copy=False` an array is handed over instead of copied: leave it alone afterwards.
        Everything computed from the old value is refused by `backward` until it is computed
        again. Raises GraphError for any other node, ShapeError for another shape and
        DTypeError for a dtype that does not convert.
        """
        if self.op not in ASSIGNABLE:
            raise GraphError(
                self.label(),
                expected="a variable or parameter to assign to",
                came=f"an assignment to a node made by {self.op.name}",
                suggestion="assign to its leaves, or feed inputs to Graph.forward",
            )
        self._value = fitting(value, self.spec, self.label(), copy=copy)
        self._stamp = tick()

    def backward(self, cotangent: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Fill `grad` of every node on the way from here to the leaves, newest first.

        `cotangent` is the gradient of what you really want with respect to this node: 1 for a
        scalar, to be given for an array. `accumulate=True` adds to the gradients that are there.
        Raises GradientError or StaleError, and then no gradient has changed.
        """
        backward(self, cotangent, accumulate=accumulate)

    def append_op(
        self, op: type[Op], operands: tuple[Any, ...], params: Params = NO_PARAMS
    ) -> Node:
        """What an Op class calls when one of its inputs is a node."""
        return append(op, operands, params)

    def _need_value(self) -> Any:
        if self._value is None:
            raise GraphError(
                self.label(),
                expected="a value",
                came="a node that depends on inputs and has not been computed",
                suggestion="run Graph.forward with a feed for each input first",
            )
        return self._value

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        if self._value is None or self.size > 16:
            return f"Node({self.op.name}: {self.spec}{name})"
        return f"Node({self._value!r}{name})"


def as_nodes(op: type[Op], operands: tuple[Any, ...]) -> tuple[Node, ...]:
    """The operands as nodes; a bare number becomes a constant with the dtype of its partners."""
    return tuple([x if type(x) is Node else _constant_beside(op, x, operands) for x in operands])


def _constant_beside(op: type[Op], value: Any, operands: tuple[Any, ...]) -> Node:
    """A constant operand; beside Python floats it is one too, beside arrays it has their dtype."""
    if not (op.elementwise and is_python_number(value)):
        return _constant(own_copy(value))
    partners = [x for x in operands if not is_python_number(x)]
    kinds = {type(x._value) if type(x) is Node else type(x) for x in partners}
    if kinds <= {float, bool} and (float in kinds or type(value) is float):
        return _constant(float(value))
    dtypes = [spec_of(x).dtype for x in partners]
    return _constant(frozen(np.array(value, partner_dtype(value, dtypes))))


def _constant(value: Any) -> Node:
    return fill_leaf(object.__new__(Node), Leaf.Constant, value, None, requires_grad=False)


def _refuse_homeless(op: type[Op], owner: Graph | None) -> None:
    if owner is None:
        raise GraphError(
            op.name,
            expected="a graph to append to, because an input has no value yet",
            came="no graph",
            suggestion="build the expression inside `with Graph() as g:`",
        )
