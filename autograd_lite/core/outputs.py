"""Several outputs of one op: their values, their specs, and the cotangents that arrive at them.

The op's node holds all values in an `OutputTuple`; each output is an `Output` node behind it. Who
looks at the first node as an array sees the elements of all outputs, one after another.
"""

from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd_lite.core.shapes import Spec, spec_of


class TupleSpec(Spec):
    """The specs of several outputs; shape and dtype are those of all elements in one array.

    >>> spec = TupleSpec.of([Spec((2,), np.dtype("float32")), Spec((), np.dtype("int8"))])
    >>> print(spec, spec.shape)
    (float32[2], int8[]) (3,)
    """

    parts: tuple[Spec, ...]

    @classmethod
    def of(cls, parts: Sequence[Spec]) -> "TupleSpec":
        """The spec of outputs with these specs."""
        count = sum(prod(part.shape) for part in parts)
        made = cls((count,), np.result_type(*(part.dtype for part in parts)))
        made.parts = tuple(parts)
        return made

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.parts))})"


class OutputTuple(tuple[Any, ...]):
    """The values of an op with several outputs, or their cotangents."""

    __slots__ = ()
    __array_ufunc__ = None  # no arithmetic: each output has a node for that

    @property
    def spec(self) -> TupleSpec:
        """The specs of all."""
        return TupleSpec.of([*map(spec_of, self)])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """All elements, one output after another."""
        return np.concatenate([np.ravel(value) for value in self]).astype(dtype or self.spec.dtype)


class Arrived(dict[int, tuple[Any, Any]]):
    """What has arrived at some outputs so far: number → the output itself, its cotangent.

    It is handed on inside of one sweep, which keeps no other hold of it, so adding changes it:
    thousands of outputs cost what they have.
    """

    def __add__(self, other: "Arrived") -> "Arrived":
        for index, (out, grad) in other.items():
            before = self.get(index)
            self[index] = (out, grad if before is None else before[1] + grad)
        return self

    def filled(self, outs: Iterable[Any], zeros: Callable[[Any], Any]) -> OutputTuple:
        """The cotangents of all outputs, zeros where none has arrived."""
        return OutputTuple(self[i][1] if i in self else zeros(x) for i, x in enumerate(outs))
