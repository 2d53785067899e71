"""A node: one operation that was called, or a leaf; and `fill`, the one place that fills a node.

Order is everything here. `serial` counts appends, so inputs always come before the nodes that use
them, and backward is "newest first": no recursion, no search, no cycle. `_stamp` counts
evaluations: a node younger than its inputs is up to date, and one that is not is refused.
"""

from __future__ import annotations

import enum
import sys
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import numpy as np

from autograd_lite.core.context import checked_name, context, tick
from autograd_lite.core.contract import NO_PARAMS, BaseOp, Params
from autograd_lite.core.shapes import Shape, Spec, Symbol, spec_of
from autograd_lite.errors import DTypeError, GraphError, describe_place, is_ours

if TYPE_CHECKING:
    from types import CodeType, FrameType
    from weakref import ReferenceType


AnyNode = TypeVar("AnyNode", bound="BaseNode")

new = object.__new__
_users_code: CodeType | None = None  # the last that called: most often it calls again


class Leaf(enum.Enum):
    """What a node without inputs is; stands where other nodes have their op."""

    Variable = "a differentiable value, made by Node(value)"
    Parameter = "a value that training changes"
    Input = "a value fed to each forward run"
    Constant = "a value that stays"


ASSIGNABLE = (Leaf.Variable, Leaf.Parameter)


class Details(NamedTuple):
    """What few of a million nodes have: the others share `NO_DETAILS`."""

    others: tuple[Any, ...] = ()  # the inputs after the second
    scope: str = ""  # the dotted part of the model it was appended in, "" at top level
    name: str | None = None
    spec: Any = None  # what is declared of a node that has no value yet


NO_DETAILS = Details()


def detail(field: str) -> Any:
    """The attribute of a node that is kept among its details."""
    return property(
        attrgetter(f"_details.{field}"),
        lambda node, x: setattr(node, "_details", node._details._replace(**{field: x})),
    )


class BaseNode(Symbol):
    """What the engine knows of a node; `frontend.node.Node` adds operators."""

    __slots__ = (
        *("__weakref__", "_code", "_details", "_first", "_graph", "_offset", "_second", "_stamp"),
        *("_value", "grad", "op", "params", "requires_grad", "serial"),
    )

    op: type[BaseOp] | Leaf
    params: Params
    requires_grad: bool
    grad: Any
    serial: int
    _value: Any
    _stamp: int
    _details: Details
    name: str | None = detail("name")
    scope: str = detail("scope")
    _others: tuple[Any, ...] = detail("others")
    _spec: Any = detail("spec")
    _graph: ReferenceType[Any] | None
    _code: CodeType  # with _offset, where the user's code was
    _offset: int
    # The inputs, in fields: tuples would be as many objects more for the garbage collector to walk.
    _first: Any
    _second: Any

    @property
    def inputs(self) -> tuple[Self, ...]:
        """The nodes this one was computed from; none for a leaf."""
        first, second = self._first, self._second
        if second is not None:
            return (first, second, *self._others)
        return () if first is None else (first,)

    @property
    def value(self) -> Any:
        """The value: a Python float, or a NumPy array that cannot be written to."""
        return self._value

    @property
    def shape(self) -> Shape:
        """The lengths of the axes."""
        value = self._value
        return value.shape if type(value) is np.ndarray else self.spec.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype; float64 for a Python float."""
        value = self._value
        return value.dtype if type(value) is np.ndarray else self.spec.dtype

    @property
    def spec(self) -> Spec:
        """Shape and dtype: those of the value, or as declared while there is none."""
        return self._spec if self._value is None else spec_of(self._value)

    @property
    def graph(self) -> Any:
        """The graph this node was appended to, if there is one and it is still alive, else None."""
        return None if self._graph is None else self._graph()

    @property
    def place(self) -> str:
        """Where the node was appended: the user's file, line and function."""
        return describe_place(self._code, self._offset)

    def label(self) -> str:
        """How errors call this node: its op, and its name or its number in the graph."""
        if self.name:
            return f"{self.op.name} '{self.name}'"
        graph = self.graph
        return self.op.name if graph is None else f"{self.op.name} %{graph.index(self)}"

    def _need_value(self) -> Any:
        if self._value is None:
            raise GraphError(
                self.label(),
                expected="a value",
                came="a node that depends on inputs and has not been computed",
                suggestion="run Graph.forward with a feed for each input first",
            )
        return self._value


def fill(  # noqa: PLR0917 - by position: it is called a million times
    node: AnyNode,
    op: type[BaseOp] | Leaf,
    first: Any,
    second: Any,
    value: Any,
    requires_grad: bool,
    frame: FrameType,
) -> AnyNode:
    """Set all fields of a new node: those given, and the others to what most nodes have there.

    Its place is that of the user's code: in `frame`, or in what called it.
    """
    global _users_code  # noqa: PLW0603
    code = frame.f_code
    if code is not _users_code and (first is None or code is not first._code):
        while code is not _users_code and is_ours(code.co_filename) and frame.f_back is not None:
            frame = frame.f_back
            code = frame.f_code
        _users_code = code
    node.op, node._first, node._second = op, first, second
    node._value, node.requires_grad, node._graph = value, requires_grad, None
    node.params, node._details, node.grad = NO_PARAMS, NO_DETAILS, None
    node._code, node._offset = code, frame.f_lasti
    node.serial = node._stamp = tick()
    return node


def make_leaf(
    kind: type[AnyNode], leaf: Leaf, value: Any, name: str | None = None, **options: Any
) -> AnyNode:
    """A leaf of a class of nodes, as `fill_leaf` makes it."""
    return fill_leaf(new(kind), leaf, value, name, **options)


def fill_leaf(
    node: AnyNode,
    leaf: Leaf,
    value: Any,
    name: str | None,
    *,
    requires_grad: bool = False,
    spec: Spec | None = None,
) -> AnyNode:
    """Make a new node this leaf; DTypeError if it cannot have the gradient that it requires.

    One that is made inside a graph is listed there.
    """
    around, is_constant = context.get(), leaf is Leaf.Constant
    scope = "" if is_constant else around.scope
    fill(node, leaf, None, None, value, requires_grad, sys._getframe(1))
    if spec or scope or name is not None:
        node._details = Details((), scope, name and checked_name(name), spec)
    if requires_grad and type(value) is not float and node.dtype.kind != "f":
        raise DTypeError(
            node.label(),
            expected="floating-point values, to be differentiated",
            came=str(node.spec),
            suggestion="write 2.0 instead of 2, convert with astype, or use constant(…)",
        )
    if around.graph is not None and not is_constant:
        around.graph.record_leaf(node)
    return node
