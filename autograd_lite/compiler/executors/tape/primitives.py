"""The operations that a tape is made of: the elementwise ops that are an expression of doubles.

They are C as in a loop, and that C as Python: an op that has a row for loops is on tapes, too. One
without is taken apart into these by its own forward rule.
"""

import re
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.expressions import on_doubles
from autograd_lite.core.op import OPS, Op
from autograd_lite.core.shapes import Spec

OPERANDS = ("a", "b", "c", "d", "e", "f", "g")
DOUBLE = Spec((), np.dtype(np.float64))

SLOPE = "sigmoid_slope_double(a)"  # in loops it is sigmoid(x) * sigmoid(-x)

NAMES: dict[type[Op], str] = {ops.SigmoidSlope: "SigmoidSlope"}
"""The operation that an op is."""

C_EXPRESSIONS: dict[str, str] = {"Copy": "a", "SigmoidSlope": SLOPE}
"""Each operation in C, on the doubles a, b, c."""

for _op in OPS.values():
    _own = _op.__module__.startswith("autograd_lite.ops.")
    _expression = on_doubles(_op, OPERANDS[: len(_op.input_names)]) if _own else None
    if _expression is not None:
        NAMES[_op] = _op.name
        C_EXPRESSIONS[_op.name] = _expression

BOOLEANS = frozenset(
    name for op, name in NAMES.items() if op.infer([DOUBLE] * len(op.input_names), {}).dtype == bool
)
"""The operations that give booleans, 1 or 0 on a tape."""

IDENTITIES: frozenset[type[Op]] = frozenset(
    {ops.BroadcastLike, ops.Max, ops.Mean, ops.Min, ops.Prod, ops.SpreadLike, ops.Sum, ops.SumLike}
)


def is_identity(op: Any) -> bool:
    """Whether the op gives back its first input, where it and the result are single numbers."""
    return op.aliases or op in IDENTITIES


def python_of(expression: str) -> str:
    """A C expression as Python, with `{0}`, `{1}`, … in place of a, b, ….

    >>> python_of("a > 0 ? b : -a")
    '({1} if {0} > 0.0 else -{0})'
    """
    condition, asks, rest = expression.partition(" ? ")
    if asks:
        yes, _, no = rest.partition(" : ")
        return f"({python_of(yes)} if {python_of(condition)} else {python_of(no)})"
    text = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", expression)
    return re.sub(r"\b[abcd]\b", lambda found: f"{{{OPERANDS.index(found[0])}}}", text)


EXPRESSIONS = {name: python_of(text) for name, text in C_EXPRESSIONS.items()}
"""Each operation in Python."""
