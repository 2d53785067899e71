"""What rows write with: ONNX operators one after another, and constants that stand once."""

from collections.abc import Callable, Container, Sequence
from itertools import count
from math import prod
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from autograd_lite.compiler.draft import op_of
from autograd_lite.frontend.node import Node

DTYPES = {
    np.dtype(name): getattr(TensorProto, kind)
    for name, kind in {
        "float64": "DOUBLE", "float32": "FLOAT", "float16": "FLOAT16", "bool": "BOOL",
        "int64": "INT64", "int32": "INT32", "int16": "INT16", "int8": "INT8",
        "uint64": "UINT64", "uint32": "UINT32", "uint16": "UINT16", "uint8": "UINT8",
    }.items()
}  # fmt: skip
"""ONNX's number of each dtype that it has."""

Row = Callable[["Emitter", Node], str]

ROWS: dict[str, Row] = {}
"""For the name of an op, what writes it and returns the name of its value."""

NOT_IN_FLOAT64: set[str] = set()
"""Ops whose operator onnxruntime has for float32 alone: for float64 they are taken apart."""


def row(*names: str, float64: bool = True) -> Callable[[Row], Row]:
    """Register the function as the row of the ops of these names."""

    def register(function: Row) -> Row:
        ROWS.update(dict.fromkeys(names, function))
        NOT_IN_FLOAT64.update(() if float64 else names)
        return function

    return register


def has_row(node: Node) -> bool:
    """Whether a row can write the operation in its dtype."""
    name = op_of(node).name
    return name in ROWS and not (name in NOT_IN_FLOAT64 and node.dtype == np.float64)


class Emitter:
    """The operators and constants written so far; `names` tells the value of each node.

    `batch` is the length that stands for a batch of any length, or None; `taken` are names that
    the user has given. A method that is named after an operator writes it, and returns the name of
    the result.
    """

    def __init__(self, batch: int | None, taken: Container[str] = ()) -> None:
        self.batch, self._taken = batch, taken
        self.nodes: list[Any] = []
        self.constants: dict[Any, Any] = {}
        self.names: dict[Node, str] = {}
        self.doing = ""  # the line of the graph that is being written
        self._numbers = count()

    def _name(self) -> str:
        """A name that nobody has."""
        return next(name for n in self._numbers if (name := f"v{n}") not in self._taken)

    def op(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> str:
        """An operator; the name of its last output."""
        names = [self._name() for _ in range(outputs)]
        node = helper.make_node(kind, list(inputs), names, doc_string=self.doing, **attributes)
        self.nodes.append(node)
        return names[-1]

    def constant(self, value: Any, dtype: Any = None) -> str:
        """A constant array."""
        array = np.asarray(value, dtype)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self.constants:
            whole = np.array(array, order="C")
            self.constants[key] = numpy_helper.from_array(whole, self._name())
        return str(self.constants[key].name)

    def integers(self, *values: int) -> str:
        """A constant vector of integers, as shapes and axes are."""
        return self.constant(np.asarray(values, np.int64).reshape(-1))

    def cast(self, name: str, have: Any, want: Any) -> str:
        """The value in another dtype."""
        have, want = np.dtype(have), np.dtype(want)
        return name if have == want else self.op("Cast", name, to=DTYPES[want])

    def operands(self, node: Node, dtype: Any = None) -> list[str]:
        """The inputs in one dtype, by default that of the result."""
        wanted = node.dtype if dtype is None else dtype
        return [self.cast(self.names[x], x.dtype, wanted) for x in node.inputs]

    def whole(self, x: Node) -> str:
        """Integers as ONNX' places want them: int64."""
        return self.cast(self.names[x], x.dtype, np.int64)

    def shape(self, x: Node) -> str:
        """The shape that an array has when it runs."""
        return self.op("Shape", self.names[x])

    def same(self, name: str) -> str:
        """The value under a name of its own."""
        return self.op("Identity", name)

    def reshape(self, name: str, shape: Sequence[int]) -> str:
        """The value in a shape that is known now."""
        return self.op("Reshape", name, self.integers(*shape), allowzero=1)

    def unsqueeze(self, name: str, axes: Sequence[int]) -> str:
        """The value with axes of length 1."""
        return self.op("Unsqueeze", name, self.integers(*axes)) if axes else name

    def squeeze(self, name: str, axes: Sequence[int]) -> str:
        """The value without axes of length 1."""
        return self.op("Squeeze", name, self.integers(*axes)) if axes else name

    def length(self, like: Node, axes: Sequence[int], dtype: Any) -> str:
        """How many elements there are along axes, as a scalar."""
        if self.batch is None:
            return self.constant(prod(like.shape[axis] for axis in axes), dtype)
        lengths = self.op("Gather", self.shape(like), self.integers(*axes))
        return self.cast(self.op("ReduceProd", lengths, keepdims=0), np.int64, dtype)

    def total(self, arrays: Sequence[Node], axis: int) -> str:
        """How long arrays are along an axis, one behind the other, as a vector of one number."""
        if self.batch is None or axis:
            return self.integers(sum(x.shape[axis] for x in arrays))
        lengths = [self.op("Shape", self.names[x], start=0, end=1) for x in arrays]
        return self.op("ReduceSum", self.op("Concat", self.integers(0), *lengths, axis=0))
