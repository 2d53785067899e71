"""A node: one operation that was called, or a leaf; and `append`, by which nodes come to be.

Order is everything here. `serial` counts appends, so inputs always come before the nodes that use
them, and backward is "newest first": no recursion, no search, no cycle. `_stamp` counts
evaluations: a node younger than its inputs is up to date, and one that is not is refused.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType

import numpy as np

from autograd_lite.errors import PACKAGE, DTypeError, GraphError, describe_place, user_code
from autograd_lite.operators import Operators
from autograd_lite.ops import scalars
from autograd_lite.ops.op import NO_PARAMS, Op, Params
from autograd_lite.ops.shapes import (
    Shape,
    Spec,
    is_python_number,
    partner_dtype,
    spec_of,
)
from autograd_lite.recording import Leaf, active_graph, active_scope, clock
from autograd_lite.sweep import backward
from autograd_lite.values import fitting, frozen, own_copy

if TYPE_CHECKING:
    from types import CodeType

    from numpy.typing import ArrayLike

    from autograd_lite.graph import Graph


def append(op: type[Op], operands: tuple[Any, ...], params: Params = NO_PARAMS) -> Node:
    """Append one operation: to the active graph, to its inputs' graph, or to none.

    The value is computed at once if all inputs have one; otherwise its shape and dtype are
    inferred, so that a mistake is reported at the line that makes it.
    """
    inputs = as_nodes(op, operands)
    owner = _owner(inputs)
    if any(x._value is None for x in inputs):
        _refuse_homeless(op, owner)
        value, spec = None, op.infer([x.spec for x in inputs], params)
    else:
        value, spec = frozen(op.compute([x._value for x in inputs], params)), None
    differentiable = (spec or spec_of(value)).dtype.kind == "f"
    required = differentiable and any(x.requires_grad for x, _ in op.edges(inputs))
    first, second, *others = (*inputs, None) if len(inputs) == 1 else inputs
    node = _recorded(op, first, second, value, required)
    node._others, node.params, node._spec = tuple(others), params, spec
    if owner is not None:
        owner.record(node)
    return node


def _owner(inputs: tuple[Node, ...]) -> Graph | None:
    """The graph to append to: the active one, else that of the first input that has one."""
    graphs = (active_graph.get(), *(x.graph for x in inputs))
    return next((graph for graph in graphs if graph is not None), None)


def append_binary(op: type[Op], x: Any, y: Any) -> Node:
    """Append `x op y`: the same as `append`, with a short way for floats outside of any graph.

    Expressions of a million scalars come this way, so it leaves out what it can.
    """
    if type(y) is float and y and type(x) is Node and type(x._value) is float:
        y = _float_constant(y)
    if (
        type(x) is type(y) is Node
        and type(x._value) is type(y._value) is float
        and x._graph is None
        and y._graph is None
        and active_graph.get() is None
    ):
        try:
            value = op.forward(scalars, x._value, y._value)
        except (ArithmeticError, ValueError):
            value = op.compute((x._value, y._value), NO_PARAMS)
        return _recorded(op, x, y, value, x.requires_grad or y.requires_grad)
    return append(op, (x, y))


def _recorded(
    op: type[Op], first: Node, second: Node | None, value: Any, requires_grad: bool
) -> Node:
    """A node with the fields that every operation has, and the place of the user's code."""
    node = object.__new__(Node)
    node.op, node.params, node._first, node._second, node._others = op, NO_PARAMS, first, second, ()
    node._value, node._spec, node.requires_grad = value, None, requires_grad
    node.name = node.grad = node._graph = None
    node.scope = active_scope.get()
    node.serial = node._stamp = next(clock)
    frame = sys._getframe(3)  # past the operator or function, and its append
    code = frame.f_code
    while code.co_filename.startswith(PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
        code = frame.f_code
    node._code, node._offset = code, frame.f_lasti
    return node


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
        return int(np.prod(self.spec.shape))

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
        if self.op not in (Leaf.Variable, Leaf.Parameter):
            raise GraphError(
                self.label(),
                expected="a variable or parameter to assign to",
                came=f"an assignment to a node made by {self.op.name}",
                suggestion="assign to its leaves, or feed inputs to Graph.forward",
            )
        self._value = fitting(value, self.spec, self.label(), copy=copy)
        self._stamp = next(clock)

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

    append_binary = staticmethod(append_binary)

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


def fill_leaf(
    node: Node,
    kind: Leaf,
    value: Any,
    name: str | None,
    *,
    requires_grad: bool,
    spec: Spec | None = None,
) -> Node:
    """Set the fields of a leaf; a leaf made inside a graph is listed there."""
    node.op, node.params = kind, NO_PARAMS
    node._first, node._second, node._others = None, None, ()
    node._value, node._spec, node._graph = value, spec, None
    node.name, node.requires_grad, node.grad = name, requires_grad, None
    node.scope = active_scope.get() if kind is not Leaf.Constant else ""
    node._code, node._offset = user_code()
    if requires_grad and node.dtype.kind != "f":
        raise DTypeError(
            node.label(),
            expected="floating-point values, to be differentiated",
            came=str(node.spec),
            suggestion="write 2.0 instead of 2, convert with astype, or use constant(…)",
        )
    node.serial = node._stamp = next(clock)
    graph = active_graph.get()
    if graph is not None and kind is not Leaf.Constant:
        graph.record_leaf(node)
    return node


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


# The factors and offsets of scalar expressions come back again and again, and never change. Zero
# is left out because 0.0 and -0.0 are equal as keys.
_float_constant = lru_cache(maxsize=1024)(_constant)


def _refuse_homeless(op: type[Op], owner: Graph | None) -> None:
    if owner is None:
        raise GraphError(
            op.name,
            expected="a graph to append to, because an input has no value yet",
            came="no graph",
            suggestion="build the expression inside `with Graph() as g:`",
        )
