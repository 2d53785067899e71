"""What can be done with a node: Python's operators, NumPy's functions, and methods to chain.

Each of them is simply "append": the operations themselves are in `autograd_lite.ops`.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_lite import ops
from autograd_lite.core.append import append
from autograd_lite.core.contract import BaseOp
from autograd_lite.core.eager import binary, unary
from autograd_lite.core.node import AnyNode
from autograd_lite.core.shapes import NUMBERS, Shape
from autograd_lite.errors import AutogradError, GraphError, OpCallError, ShapeError
from autograd_lite.frontend.protocols import ArrayProtocols
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.functions.joining import unstack
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.shaping import real_dtype


def always(op: type[BaseOp], *, swapped: bool = False) -> Callable[[AnyNode, Any], AnyNode]:
    """The operator that appends `op(self, other)` for whatever values, or `op(other, self)`."""
    if swapped:
        return lambda self, other: append(op, (other, self))
    return lambda self, other: append(op, (self, other))


def method_of(op: type[BaseOp]) -> Callable[[AnyNode], AnyNode]:
    """The method that appends `op(self)`; its name and documentation are those of the op."""
    method: Any = unary(op)
    method.__name__, method.__doc__ = op.name.lower(), op.__doc__
    method.__qualname__ = f"Node.{method.__name__}"
    return method


_to_the_power = binary(ops.Pow)


def _power(x: AnyNode, y: Any, modulo: Any = None) -> AnyNode:
    """`x ** y`; a square of floats is a product, the simplest and most exact way to it."""
    if modulo is not None:
        raise OpCallError(
            "pow",
            expected="a base and an exponent",
            came="a modulus, too",
            suggestion="write pow(x, y) % modulus",
        )
    if type(y) in NUMBERS and y == 2 and (type(x._value) is float or x.dtype.kind == "f"):
        return ops.Square.eager(x)
    return _to_the_power(x, y)


class Operators(ArrayProtocols):
    """The operators and methods of a node, which says how to append and what it is called."""

    __slots__ = ()

    # Conversions

    def __bool__(self) -> bool:
        try:
            return bool(self._need_value())
        except ValueError as problem:
            if isinstance(problem, AutogradError):
                raise
            raise ShapeError(
                self.label(),
                expected="one element, to decide on",
                came=str(self.spec),
                suggestion="write ag.any(…), ag.all(…), or ag.where(condition, x, y)",
            ) from None

    def __len__(self) -> int:
        if not self.shape:
            raise OpCallError(
                self.label(),
                expected="a node with an axis to go along",
                came="a scalar",
                suggestion="write float(node) for the number, or reshape((1,)) for a vector",
            )
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        len(self)
        return iter(unstack(self))

    def __setitem__(self, key: Any, value: Any) -> None:
        raise GraphError(
            self.label(),
            expected="an expression",
            came="an assignment to elements, which cannot be differentiated",
            suggestion="write where(mask, new, node), or assign a whole new value to a leaf",
        )

    # Operators: each is simply "append"

    def _append(self, op: type[BaseOp], *others: Any, **params: Any) -> Self:
        return op.eager(self, *others, params=params)

    __hash__ = object.__hash__

    __add__ = binary(ops.Add)
    __radd__ = binary(ops.Add, swapped=True)
    __sub__ = binary(ops.Sub)
    __rsub__ = binary(ops.Sub, swapped=True)
    __mul__ = binary(ops.Mul)
    __rmul__ = binary(ops.Mul, swapped=True)
    __truediv__ = binary(ops.Div)
    __rtruediv__ = binary(ops.Div, swapped=True)
    __mod__ = binary(ops.Remainder)
    __rmod__ = binary(ops.Remainder, swapped=True)

    def __divmod__(self, other: Any) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Self, Self]:
        return other // self, other % self

    __floordiv__ = binary(ops.FloorDivide)
    __rfloordiv__ = binary(ops.FloorDivide, swapped=True)
    __pow__ = _power
    __rpow__ = binary(ops.Pow, swapped=True)

    __matmul__ = binary(ops.MatMul)
    __rmatmul__ = binary(ops.MatMul, swapped=True)

    __neg__ = unary(ops.Neg)

    def __pos__(self) -> Self:
        return self

    __abs__ = unary(ops.Abs)

    if TYPE_CHECKING:  # else they would be those of `object`, which give booleans

        def __eq__(self, other: object) -> Self: ...  # type: ignore[override]
        def __ne__(self, other: object) -> Self: ...  # type: ignore[override]

    else:
        __eq__ = binary(ops.Equal)
        __ne__ = binary(ops.NotEqual)

    __lt__ = binary(ops.Less)
    __le__ = binary(ops.LessEqual)
    __gt__ = binary(ops.Greater)
    __ge__ = binary(ops.GreaterEqual)
    __and__ = always(ops.BitwiseAnd)
    __rand__ = always(ops.BitwiseAnd, swapped=True)
    __or__ = always(ops.BitwiseOr)
    __ror__ = always(ops.BitwiseOr, swapped=True)
    __xor__ = always(ops.BitwiseXor)
    __rxor__ = always(ops.BitwiseXor, swapped=True)
    __lshift__ = always(ops.BitwiseLeftShift)
    __rlshift__ = always(ops.BitwiseLeftShift, swapped=True)
    __rshift__ = always(ops.BitwiseRightShift)
    __rrshift__ = always(ops.BitwiseRightShift, swapped=True)

    def __invert__(self) -> Self:
        return self._append(ops.BitwiseInvert)

    def __round__(self, decimals: int = 0) -> Self:
        return np.round(self, decimals)  # type: ignore[call-overload]

    def __getitem__(self, key: Any) -> Self:
        static, indices = split_key(key)
        return ops.GetItem.eager(self, *indices, params={"key": static})  # a call less

    # The same operations as methods, to be chained

    exp = method_of(ops.Exp)
    log = method_of(ops.Log)
    log1p = method_of(ops.Log1p)
    sqrt = method_of(ops.Sqrt)
    tanh = method_of(ops.Tanh)
    sigmoid = method_of(ops.Sigmoid)
    relu = method_of(ops.ReLU)

    @checks_call
    def sum(self, axis: int | Shape | None = None, *, keepdims: bool = False) -> Self:
        """The sum over axes; over all of them by default."""
        return self._append(ops.Sum, axis=axis, keepdims=keepdims)

    @checks_call
    def mean(self, axis: int | Shape | None = None, *, keepdims: bool = False) -> Self:
        """The mean over axes; over all of them by default."""
        return self._append(ops.Mean, axis=axis, keepdims=keepdims)

    @checks_call
    def max(self, axis: int | Shape | None = None, *, keepdims: bool = False) -> Self:
        """The largest element over axes; over all of them by default."""
        return self._append(ops.Max, axis=axis, keepdims=keepdims)

    @checks_call
    def min(self, axis: int | Shape | None = None, *, keepdims: bool = False) -> Self:
        """The smallest element over axes; over all of them by default."""
        return self._append(ops.Min, axis=axis, keepdims=keepdims)

    @checks_call
    def prod(self, axis: int | Shape | None = None, *, keepdims: bool = False) -> Self:
        """The product over axes; over all of them by default."""
        return self._append(ops.Prod, axis=axis, keepdims=keepdims)

    @checks_call
    def reshape(self, *shape: Any) -> Self:
        """The same elements under another shape, given as lengths or one tuple; one may be -1."""
        return self._append(ops.Reshape, shape=shape[0] if len(shape) == 1 else shape)

    @checks_call
    def astype(self, dtype: Any) -> Self:
        """Converted to another dtype."""
        return self._append(ops.Cast, dtype=real_dtype(dtype, "astype").name)

    @property
    def T(self) -> Self:  # noqa: N802 - the name of NumPy and the array API
        """The axes in reverse order."""
        return self._append(ops.PermuteDims, axes=tuple(reversed(range(self.ndim))))

    @property
    def mT(self) -> Self:  # noqa: N802 - the name of the array API
        """The last two axes exchanged."""
        return self._append(ops.MatrixTranspose)
