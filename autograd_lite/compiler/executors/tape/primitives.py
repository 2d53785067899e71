"""The operations a tape is made of: which ops they stand for, and what they are in Python.

The same names stand in `tape.c`, each with its C expression. An elementwise op without a row here
is taken apart into these by its own forward rule.
"""

from __future__ import annotations

from autograd_lite import ops
from autograd_lite.core.op import Op

EXPRESSIONS: dict[str, str] = {
    "Copy": "{0}",
    "Neg": "-{0}",
    "Abs": "abs({0})",
    "Exp": "exp({0})",
    "Log": "log({0})",
    "Log1p": "log1p({0})",
    "Sqrt": "sqrt({0})",
    "Tanh": "tanh({0})",
    "Expm1": "expm1({0})",
    "Log2": "log2({0})",
    "Log10": "log10({0})",
    "Sin": "sin({0})",
    "Cos": "cos({0})",
    "Tan": "tan({0})",
    "Asin": "asin({0})",
    "Acos": "acos({0})",
    "Atan": "atan({0})",
    "Sinh": "sinh({0})",
    "Cosh": "cosh({0})",
    "Asinh": "asinh({0})",
    "Acosh": "acosh({0})",
    "Atanh": "atanh({0})",
    "Floor": "copysign(floor({0}), {0})",
    "Ceil": "copysign(ceil({0}), {0})",
    "Trunc": "copysign(trunc({0}), {0})",
    "Round": "copysign(round({0}), {0})",
    "Sign": "1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else {0} + 0.0",
    "SignBit": "copysign(1.0, {0}) < 0.0",
    "IsFinite": "isfinite({0})",
    "IsInf": "isinf({0})",
    "IsNaN": "isnan({0})",
    "LogicalNot": "not {0}",
    "Sigmoid": "sigmoid({0})",
    "ReLU": "{0} if {0} >= 0.0 or {0} != {0} else 0.0",
    "Add": "{0} + {1}",
    "Sub": "{0} - {1}",
    "Mul": "{0} * {1}",
    "Div": "{0} / {1}",
    "Pow": "pow({0}, {1})",
    "FloorDivide": "{0} // {1}",
    "Remainder": "{0} % {1}",
    "Atan2": "atan2({0}, {1})",
    "Hypot": "hypot({0}, {1})",
    "LogAddExp": "log_add_exp({0}, {1})",
    "CopySign": "copysign({0}, {1})",
    "NextAfter": "nextafter({0}, {1})",
    "Maximum": "{0} if {0} >= {1} or {0} != {0} else {1}",
    "Minimum": "{0} if {0} <= {1} or {0} != {0} else {1}",
    "Equal": "{0} == {1}",
    "NotEqual": "{0} != {1}",
    "Less": "{0} < {1}",
    "LessEqual": "{0} <= {1}",
    "Greater": "{0} > {1}",
    "GreaterEqual": "{0} >= {1}",
    "LogicalAnd": "{0} != 0.0 and {1} != 0.0",
    "LogicalOr": "{0} != 0.0 or {1} != 0.0",
    "LogicalXor": "({0} != 0.0) != ({1} != 0.0)",
    "Guard": "{0} if {0} == {0} or {1} != 0.0 else 0.0",
    "Where": "{1} if {0} else {2}",
}
"""Each operation as Python, on floats, with the functions of `math` and of `python_tape`."""

ANSWERS = frozenset(
    {
        "Equal", "Greater", "GreaterEqual", "IsFinite", "IsInf", "IsNaN", "Less", "LessEqual",
        "LogicalAnd", "LogicalNot", "LogicalOr", "LogicalXor", "NotEqual", "SignBit",
    }
)  # fmt: skip
"""The operations that answer yes or no, 1 or 0 on a tape."""

NAMES: dict[type[Op], str] = {getattr(ops, name): name for name in EXPRESSIONS if name != "Copy"}
"""The operation that an op is."""

IDENTITIES: frozenset[type[Op]] = frozenset(
    {
        ops.Alias, ops.BroadcastLike, ops.Max, ops.Mean, ops.Min, ops.Prod, ops.SpreadLike,
        ops.StopGradient, ops.Sum, ops.SumLike,
    }
)  # fmt: skip
"""Ops that give back their first input, where it and the result are single numbers."""
