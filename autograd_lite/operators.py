"""What can be done with a node: Python's operators, NumPy's functions, and methods to chain.

Each of them is simply "append": the operations themselves are in `autograd_lite.ops`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_lite import ops
from autograd_lite.errors import GraphError
from autograd_lite.floats import binary, reflected
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.op import NO_PARAMS, Op, Params
from autograd_lite.ops.shapes import Shape
from autograd_lite.protocols import ArrayProtocols

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_lite.node import Node


class Operators(ArrayProtocols):
    """The operators and methods of a node, which says how to append and what it is called."""

    __slots__ = ()

    if TYPE_CHECKING:  # what Node adds

        @property
        def shape(self) -> Shape: ...
        @property
        def ndim(self) -> int: ...

        def append_op(
            self, op: type[Op], operands: tuple[Any, ...], params: Params = NO_PARAMS
        ) -> Node: ...
        def label(self) -> str: ...
        def _need_value(self) -> Any: ...

    # Conversions

    def item(self) -> Any:
        """The only entry, as a Python number."""
        return np.asarray(self._need_value()).item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def __bool__(self) -> bool:
        return bool(self._need_value())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a scalar node has no length")
        return self.shape[0]

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))

    def __setitem__(self, key: Any, value: Any) -> None:
        raise GraphError(
            self.label(),
            expected="an expression",
            came="an assignment to entries, which cannot be differentiated",
            suggestion="write where(mask, new, node), or assign a whole new value to a leaf",
        )

    # Operators: each is simply "append"

    __hash__ = object.__hash__

    __add__ = binary(ops.Add)
    __radd__ = reflected(ops.Add)
    __sub__ = binary(ops.Sub)
    __rsub__ = reflected(ops.Sub)
    __mul__ = binary(ops.Mul)
    __rmul__ = reflected(ops.Mul)
    __truediv__ = binary(ops.Div)
    __rtruediv__ = reflected(ops.Div)
    __mod__ = binary(ops.Remainder)
    __rmod__ = reflected(ops.Remainder)

    def __floordiv__(self, other: Any) -> Node:
        return self.append_op(ops.FloorDivide, (self, other))

    def __rfloordiv__(self, other: Any) -> Node:
        return self.append_op(ops.FloorDivide, (other, self))

    __pow__ = binary(ops.Pow)
    __rpow__ = reflected(ops.Pow)

    def __matmul__(self, other: Any) -> Node:
        return self.append_op(ops.MatMul, (self, other))

    def __rmatmul__(self, other: Any) -> Node:
        return self.append_op(ops.MatMul, (other, self))

    def __neg__(self) -> Node:
        return self.append_op(ops.Neg, (self,))

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Node:
        return self.append_op(ops.Abs, (self,))

    def __eq__(self, other: object) -> Node:  # type: ignore[override]
        return self.append_op(ops.Equal, (self, other))

    def __ne__(self, other: object) -> Node:  # type: ignore[override]
        return self.append_op(ops.NotEqual, (self, other))

    def __lt__(self, other: Any) -> Node:
        return self.append_op(ops.Less, (self, other))

    def __le__(self, other: Any) -> Node:
        return self.append_op(ops.LessEqual, (self, other))

    def __gt__(self, other: Any) -> Node:
        return self.append_op(ops.Greater, (self, other))

    def __ge__(self, other: Any) -> Node:
        return self.append_op(ops.GreaterEqual, (self, other))

    def __and__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseAnd, (self, other))

    def __rand__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseAnd, (other, self))

    def __or__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseOr, (self, other))

    def __ror__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseOr, (other, self))

    def __xor__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseXor, (self, other))

    def __rxor__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseXor, (other, self))

    def __lshift__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseLeftShift, (self, other))

    def __rlshift__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseLeftShift, (other, self))

    def __rshift__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseRightShift, (self, other))

    def __rrshift__(self, other: Any) -> Node:
        return self.append_op(ops.BitwiseRightShift, (other, self))

    def __invert__(self) -> Node:
        return self.append_op(ops.BitwiseInvert, (self,))

    def __getitem__(self, key: Any) -> Node:
        static, indices = split_key(key)
        return self.append_op(ops.GetItem, (self, *indices), {"key": static})

    # The same operations as methods, to be chained

    def exp(self) -> Node:
        """`eˣ`, entry by entry."""
        return self.append_op(ops.Exp, (self,))

    def log(self) -> Node:
        """The natural logarithm, entry by entry."""
        return self.append_op(ops.Log, (self,))

    def log1p(self) -> Node:
        """`ln(1 + x)`, entry by entry."""
        return self.append_op(ops.Log1p, (self,))

    def sqrt(self) -> Node:
        """The square root, entry by entry."""
        return self.append_op(ops.Sqrt, (self,))

    def tanh(self) -> Node:
        """The hyperbolic tangent, entry by entry."""
        return self.append_op(ops.Tanh, (self,))

    def sigmoid(self) -> Node:
        """`1/(1 + e⁻ˣ)`, entry by entry."""
        return self.append_op(ops.Sigmoid, (self,))

    def relu(self) -> Node:
        """`max(x, 0)`, entry by entry."""
        return self.append_op(ops.ReLU, (self,))

    def sum(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The sum over axes; over all of them by default."""
        return self.append_op(ops.Sum, (self,), {"axis": axis, "keepdims": keepdims})

    def mean(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The mean over axes; over all of them by default."""
        return self.append_op(ops.Mean, (self,), {"axis": axis, "keepdims": keepdims})

    def max(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The largest entry over axes; over all of them by default."""
        return self.append_op(ops.Max, (self,), {"axis": axis, "keepdims": keepdims})

    def min(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The smallest entry over axes; over all of them by default."""
        return self.append_op(ops.Min, (self,), {"axis": axis, "keepdims": keepdims})

    def prod(self, *, axis: int | Shape | None = None, keepdims: bool = False) -> Node:
        """The product over axes; over all of them by default."""
        return self.append_op(ops.Prod, (self,), {"axis": axis, "keepdims": keepdims})

    def reshape(self, *shape: int) -> Node:
        """The same entries under another shape; one length may be -1."""
        return self.append_op(ops.Reshape, (self,), {"shape": shape})

    def astype(self, dtype: Any) -> Node:
        """Converted to another dtype."""
        return self.append_op(ops.Cast, (self,), {"dtype": np.dtype(dtype).name})

    @property
    def T(self) -> Node:  # noqa: N802 - the name of NumPy and the array API
        """The axes in reverse order."""
        return self.append_op(ops.PermuteDims, (self,), {"axes": tuple(reversed(range(self.ndim)))})

    @property
    def mT(self) -> Node:  # noqa: N802 - the name of the array API
        """The last two axes exchanged."""
        return self.append_op(ops.MatrixTranspose, (self,))
