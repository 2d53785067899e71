"""A node: one operation that was called, or a leaf; and `append`, by which nodes come to be.

Order is everything here. `serial` counts appends, so inputs always come before the nodes that use
them, and backward is "newest first": no recursion, no search, no cycle. `_stamp` counts
evaluations: a node younger than its inputs is up to date, and one that is not is refused.
"""

from __future__ import annotations

import enum
import sys
from contextvars import ContextVar
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import ReferenceType

import numpy as np

from autograd_lite import ops
from autograd_lite.errors import (
    PACKAGE,
    DTypeError,
    GraphError,
    ShapeError,
    describe_place,
    user_code,
)
from autograd_lite.ops import scalars
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.op import NO_PARAMS, Op, Params
from autograd_lite.ops.shapes import Shape, Spec, is_python_number, partner_dtype, spec_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from numpy.typing import ArrayLike

    from autograd_lite.graph import Graph

clock = count(1)  # hands out serials and stamps
active_graph: ContextVar[Graph | None] = ContextVar("active_graph", default=None)


class Leaf(enum.Enum):
    """What a node without inputs is; stands where other nodes have their op."""

    Variable = "a differentiable value, made by Node(value)"
    Parameter = "a value that training changes"
    Input = "a value fed to each forward run"
    Constant = "a value that stays"


class Node:
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
        "__weakref__",
        "_code",
        "_first",
        "_graph",
        "_offset",
        "_others",
        "_second",
        "_spec",
        "_stamp",
        "_value",
        "grad",
        "name",
        "op",
        "params",
        "requires_grad",
        "serial",
    )

    op: type[Op] | Leaf
    params: Params
    name: str | None
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
        replace(self, fitting(value, self.spec, self.label(), copy=copy))

    def backward(self, cotangent: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Fill `grad` of every node on the way from here to the leaves, newest first.

        `cotangent` is the gradient of what you really want with respect to this node: 1 for a
        scalar, to be given for an array. `accumulate=True` adds to the gradients that are there.
        Raises GradientError or StaleError, and then no gradient has changed.
        """
        from autograd_lite.graph import backward  # noqa: PLC0415 - Graph knows Node, not vice versa

        backward(self, cotangent, accumulate=accumulate)

    def append_op(self, op: type[Op], operands: tuple[Any, ...], params: Params) -> Node:
        """What an Op class calls when one of its inputs is a node."""
        return append(op, operands, params)

    def item(self) -> Any:
        """The only entry, as a Python number."""
        return np.asarray(self._need_value()).item()

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

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self._need_value())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar node has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        raise GraphError(
            self.label(),
            expected="a function that records what it does",
            came="NumPy asking for a bare array, which would lose the gradient",
            suggestion="use the function of this name in autograd_lite, or node.value on purpose",
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> Node:
        op = next((op for op in ops.OPS.values() if op.ufunc is ufunc), None)
        if method != "__call__" or params or op is None:
            raise GraphError(
                f"np.{ufunc.__name__}",
                expected="a plain call of a ufunc that has a derivative rule",
                came=f"method {method!r} with options {sorted(params)}",
                suggestion="use the functions of autograd_lite, or node.value on purpose",
            )
        return append(op, inputs)

    def __setitem__(self, key: Any, value: Any) -> None:
        raise GraphError(
            self.label(),
            expected="an expression",
            came="an assignment to entries, which cannot be differentiated",
            suggestion="write where(mask, new, node), or assign a whole new value to a leaf",
        )

    # Operators: each is simply "append"

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Node:
        return append_binary(ops.Add, self, other)

    def __radd__(self, other: Any) -> Node:
        return append_binary(ops.Add, other, self)

    def __sub__(self, other: Any) -> Node:
        return append_binary(ops.Sub, self, other)

    def __rsub__(self, other: Any) -> Node:
        return append_binary(ops.Sub, other, self)

    def __mul__(self, other: Any) -> Node:
        return append_binary(ops.Mul, self, other)

    def __rmul__(self, other: Any) -> Node:
        return append_binary(ops.Mul, other, self)

    def __truediv__(self, other: Any) -> Node:
        return append_binary(ops.Div, self, other)

    def __rtruediv__(self, other: Any) -> Node:
        return append_binary(ops.Div, other, self)

    def __pow__(self, other: Any) -> Node:
        return append_binary(ops.Pow, self, other)

    def __rpow__(self, other: Any) -> Node:
        return append_binary(ops.Pow, other, self)

    def __matmul__(self, other: Any) -> Node:
        return append(ops.MatMul, (self, other))

    def __rmatmul__(self, other: Any) -> Node:
        return append(ops.MatMul, (other, self))

    def __neg__(self) -> Node:
        return append(ops.Neg, (self,))

    def __pos__(self) -> Node:
        return self

    def __abs__(self) -> Node:
        return append(ops.Abs, (self,))

    def __eq__(self, other: object) -> Node:  # type: ignore[override]
        return append(ops.Equal, (self, other))

    def __ne__(self, other: object) -> Node:  # type: ignore[override]
        return append(ops.NotEqual, (self, other))

    def __lt__(self, other: Any) -> Node:
        return append(ops.Less, (self, other))

    def __le__(self, other: Any) -> Node:
        return append(ops.LessEqual, (self, other))

    def __gt__(self, other: Any) -> Node:
        return append(ops.Greater, (self, other))

    def __ge__(self, other: Any) -> Node:
        return append(ops.GreaterEqual, (self, other))

    def __getitem__(self, key: Any) -> Node:
        static, indices = split_key(key)
        return append(ops.GetItem, (self, *indices), {"key": static})

    # The same operations as methods, to be chained

    def exp(self) -> Node:
        """`eˣ`, entry by entry."""
        return append(ops.Exp, (self,))

    def log(self) -> Node:
        """The natural logarithm, entry by entry."""
        return append(ops.Log, (self,))

    def log1p(self) -> Node:
        """`ln(1 + x)`, entry by entry."""
        return append(ops.Log1p, (self,))

    def sqrt(self) -> Node:
        """The square root, entry by entry."""
        return append(ops.Sqrt, (self,))

    def tanh(self) -> Node:
        """The hyperbolic tangent, entry by entry."""
        return append(ops.Tanh, (self,))

    def sigmoid(self) -> Node:
        """`1/(1 + e⁻ˣ)`, entry by entry."""
        return append(ops.Sigmoid, (self,))

    def relu(self) -> Node:
        """`max(x, 0)`, entry by entry."""
        return append(ops.ReLU, (self,))

    def sum(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The sum over axes; over all of them by default."""
        return append(ops.Sum, (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The mean over axes; over all of them by default."""
        return append(ops.Mean, (self,), {"axis": axis, "keepdims": keepdims})

    def max(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The largest entry over axes; over all of them by default."""
        return append(ops.Max, (self,), {"axis": axis, "keepdims": keepdims})

    def reshape(self, *shape: int) -> Node:
        """The same entries under another shape; one length may be -1."""
        return append(ops.Reshape, (self,), {"shape": shape})

    def astype(self, dtype: Any) -> Node:
        """Converted to another dtype."""
        return append(ops.Cast, (self,), {"dtype": np.dtype(dtype).name})

    @property
    def T(self) -> Node:  # noqa: N802 - the name of NumPy and the array API
        """The axes in reverse order."""
        return append(ops.PermuteDims, (self,), {"axes": tuple(reversed(range(self.ndim)))})

    @property
    def mT(self) -> Node:  # noqa: N802 - the name of the array API
        """The last two axes exchanged."""
        return append(ops.MatrixTranspose, (self,))


_new = Node.__new__


def append(op: type[Op], operands: tuple[Any, ...], params: Params = NO_PARAMS) -> Node:
    """Append one operation: to the active graph, to its inputs' graph, or to none.

    The value is computed at once if all inputs have one; otherwise its shape and dtype are
    inferred, so that a mistake is reported at the line that makes it.
    """
    inputs = as_nodes(op, operands)
    owner = active_graph.get() or next(filter(None, (x.graph for x in inputs)), None)
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


def append_binary(op: type[Op], x: Any, y: Any) -> Node:
    """Append `x op y`: the same as `append`, with a short way for floats outside of any graph.

    Expressions of a million scalars come this way, so it leaves out what it can.
    """
    if type(y) is float and type(x) is Node and type(x._value) is float and y:
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
    node = _new(Node)
    node.op, node.params, node._first, node._second, node._others = op, NO_PARAMS, first, second, ()
    node._value, node._spec, node.requires_grad = value, None, requires_grad
    node.name = node.grad = node._graph = None
    node.serial = node._stamp = next(clock)
    frame = sys._getframe(3)  # past the operator or function and its append
    code = frame.f_code
    while code.co_filename.startswith(PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
        code = frame.f_code
    node._code, node._offset = code, frame.f_lasti
    return node


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
    if all(type(x) is Node and type(x._value) is float for x in partners):
        return _constant(float(value))
    dtypes = [spec_of(x).dtype for x in partners]
    return _constant(frozen(np.array(value, partner_dtype(value, dtypes))))


def _constant(value: Any) -> Node:
    return fill_leaf(_new(Node), Leaf.Constant, value, None, requires_grad=False)


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


def own_copy(value: Any) -> Any:
    """A value of our own: Python floats as they are, anything else as a read-only array copy."""
    if type(value) is float:
        return value
    array = np.array(value)
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            "Node",
            expected="real numbers",
            came=f"{array.dtype} ({type(value).__name__})",
            suggestion="convert the data to a real array first",
        )
    return frozen(array)


def frozen(value: Any) -> Any:
    """The value, protected from being written to: a gradient may need it as it is now."""
    if type(value) is np.ndarray:
        value.setflags(write=False)
    return value


def fitting(value: Any, spec: Spec, label: str, *, copy: bool) -> Any:
    """The value as one of the given shape and dtype, or an error that says what does not fit."""
    if spec.shape == () and type(value) in (int, float) and spec.dtype == np.float64:
        return float(value)
    array = np.asarray(value)
    if array.shape != spec.shape:
        raise ShapeError(
            label,
            expected=str(spec),
            came=str(spec_of(array)),
            suggestion="give a value of the same shape, or make a new leaf",
        )
    if not np.can_cast(array.dtype, spec.dtype, "same_kind"):
        raise DTypeError(
            label,
            expected=str(spec),
            came=str(spec_of(array)),
            suggestion=f"convert it with astype('{spec.dtype}')",
        )
    return frozen(np.array(array, spec.dtype) if copy else np.asarray(array, spec.dtype))


def replace(node: Node, value: Any) -> None:
    """Give a node another value, which makes everything computed from the old one stale."""
    node._value = value
    node._stamp = next(clock)
