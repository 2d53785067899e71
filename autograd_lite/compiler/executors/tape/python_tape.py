"""A tape played by Python itself: as generated code, and with care where that meets an infinity."""

import math
import operator
from collections.abc import Callable, Sequence
from itertools import repeat
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.tape.primitives import NAMES
from autograd_lite.compiler.executors.tape.python_source import write_python
from autograd_lite.compiler.executors.tape.tape import Tape
from autograd_lite.core import scalars
from autograd_lite.core.op import NO_PARAMS
from autograd_lite.core.values import Array

OPS = {name: op for op, name in NAMES.items()} | {"Copy": ops.Alias}


class PythonTape:
    """A tape as Python functions, with the list of floats that they work on."""

    def __init__(self, tape: Tape, buffers: Sequence[Array]) -> None:
        self.tape, self.buffers = tape, buffers
        source = write_python(tape)
        self.source, self.length = source.text, source.length
        self.step = _functions(source.text)["step"]
        self.updated = [(leaf, buffers[leaf - tape.inputs]) for leaf in tape.updates]

    def play(self, data: Sequence[Array], order: Array | None, start: int, stop: int) -> Array:
        """The outputs of some steps, one row each, from a column of numbers for each input."""
        chosen = slice(start, stop) if order is None else order[start:stop]
        v = [0.0] * self.length
        count = self.tape.inputs
        v[count : count + len(self.buffers)] = [buffer.item() for buffer in self.buffers]
        columns = [column[chosen].tolist() for column in data]
        rows = np.empty((stop - start, len(self.tape.outputs)))
        steps = zip(*columns, strict=True) if columns else repeat(())
        for i, feeds in zip(range(stop - start), steps):  # noqa: B905 - as many as there are
            v[:count] = feeds
            rows[i] = self._play_one(v)
        for leaf, buffer in self.updated:
            buffer[()] = v[leaf]
        return rows

    def _play_one(self, v: list[Any]) -> list[float]:
        """One step; `v` has its new values only when nothing can fail any more."""
        try:
            results: list[float] = self.step(v)
        except (ArithmeticError, ValueError):  # Python refuses 1/0, where floats have an infinity
            results = play_with_care(self.tape, v)
        return results


def play_with_care(tape: Tape, v: list[Any]) -> list[float]:
    """One step, operation by operation, as the graph is interpreted: infinity and NaN included."""
    values = dict(tape.constants) | dict(enumerate(v[: tape.inputs + tape.leaves]))
    with np.errstate(all="ignore"):
        for number, (name, operands) in tape.operations.items():
            values[number] = float(OPS[name].compute([values[x] for x in operands], NO_PARAMS))
    for leaf, new in tape.updates.items():
        v[leaf] = values[new]
    return [values[number] for number in tape.outputs]


def _functions(source: str) -> dict[str, Any]:
    """The functions that a text defines, which know each other and `math`."""
    known = {**vars(math), **C_FUNCTIONS, "__builtins__": {}}
    for constant in compile(source, "<tape>", "exec").co_consts:
        if isinstance(constant, CodeType):
            known[constant.co_name] = FunctionType(constant, known)
    return known


def sigmoid(x: float) -> float:
    """1/(1 + e⁻ˣ) without an overflow."""
    decay = math.exp(-abs(x))
    return (1.0 if x >= 0.0 else decay) / (1.0 + decay)


def sigmoid_slope(x: float) -> float:
    """σ(x)σ(-x)."""
    decay = math.exp(-abs(x))
    return decay / ((1.0 + decay) * (1.0 + decay))


def log_add_exp(x: float, y: float) -> float:
    """ln(eˣ + eʸ) without an overflow."""
    if x == y:
        return x + math.log(2.0)
    difference = abs(x - y)
    return max(x, y) + math.log1p(math.exp(-difference)) if difference == difference else difference  # noqa: PLR0124


def _whole(function: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding of Python's as C has it: a float, which keeps the sign of a zero."""
    return lambda x: math.copysign(function(x), x)


C_FUNCTIONS: dict[str, Any] = {
    "INFINITY": math.inf,
    "MAXIMUM": scalars.maximum,
    "MINIMUM": scalars.minimum,
    "ceil": _whole(math.ceil),
    "exp_double": math.exp,
    "floor": _whole(math.floor),
    "floor_divide_double": operator.floordiv,
    "log1p_double": math.log1p,
    "log_add_exp_double": log_add_exp,
    "log_double": math.log,
    "remainder_double": operator.mod,
    "rint": _whole(round),
    "sigmoid_double": sigmoid,
    "sigmoid_slope_double": sigmoid_slope,
    "signbit": lambda x: math.copysign(1.0, x) < 0.0,
    "tanh_double": math.tanh,
    "trunc": _whole(math.trunc),
}
"""The functions in the C of an operation that `math` has not, or not with their meaning."""
