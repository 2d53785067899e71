"""The table of elementwise primitives: what an entry of the result is, as an expression in C.

`{0}`, `{1}`, … are the entries of the inputs, in the dtypes in which NumPy would compute; `{t}` is
the type of the first (`exp_{t}` is a function of ours, in prelude.h), and `{f}` the end of the
names of C's own functions for that type. An op without a row runs through NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type, is_known, literal
from autograd_lite.compiler.lowered import Copy, ScaledAdd
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

DType = np.dtype[Any]

REALS: Mapping[np.ufunc, str] = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.true_divide: "{0} / {1}",
    np.negative: "-{0}",
    np.positive: "{0}",
    np.square: "{0} * {0}",
    np.reciprocal: "1 / {0}",
    np.absolute: "fabs{f}({0})",
    np.sign: "{0} > 0 ? 1 : {0} < 0 ? -1 : {0} == 0 ? 0 : {0}",
    np.maximum: "MAXIMUM({0}, {1})",
    np.minimum: "MINIMUM({0}, {1})",
    np.sqrt: "sqrt{f}({0})",
    np.cbrt: "cbrt{f}({0})",
    np.power: "pow{f}({0}, {1})",
    np.hypot: "hypot{f}({0}, {1})",
    np.exp: "exp_{t}({0})",
    np.exp2: "exp2{f}({0})",
    np.expm1: "expm1{f}({0})",
    np.log: "log_{t}({0})",
    np.log2: "log2{f}({0})",
    np.log10: "log10{f}({0})",
    np.log1p: "log1p_{t}({0})",
    np.sin: "sin{f}({0})",
    np.cos: "cos{f}({0})",
    np.tan: "tan{f}({0})",
    np.arcsin: "asin{f}({0})",
    np.arccos: "acos{f}({0})",
    np.arctan: "atan{f}({0})",
    np.arctan2: "atan2{f}({0}, {1})",
    np.sinh: "sinh{f}({0})",
    np.cosh: "cosh{f}({0})",
    np.tanh: "tanh_{t}({0})",
    np.arcsinh: "asinh{f}({0})",
    np.arccosh: "acosh{f}({0})",
    np.arctanh: "atanh{f}({0})",
    np.floor: "floor{f}({0})",
    np.ceil: "ceil{f}({0})",
    np.trunc: "trunc{f}({0})",
    np.rint: "rint{f}({0})",
    np.copysign: "copysign{f}({0}, {1})",
    np.isnan: "{0} != {0}",
    np.isinf: "fabs{f}({0}) == INFINITY",
    np.isfinite: "fabs{f}({0}) < INFINITY",
    np.signbit: "signbit({0}) != 0",
}
COMPARISONS: Mapping[np.ufunc, str] = {
    np.equal: "{0} == {1}",
    np.not_equal: "{0} != {1}",
    np.less: "{0} < {1}",
    np.less_equal: "{0} <= {1}",
    np.greater: "{0} > {1}",
    np.greater_equal: "{0} >= {1}",
}
WHOLE: Mapping[np.ufunc, str] = {
    np.add: "{0} + {1}",
    np.subtract: "{0} - {1}",
    np.multiply: "{0} * {1}",
    np.negative: "-{0}",
    np.positive: "{0}",
    np.square: "{0} * {0}",
    np.absolute: "{0} < 0 ? -{0} : {0}",
    np.maximum: "MAXIMUM({0}, {1})",
    np.minimum: "MINIMUM({0}, {1})",
    np.bitwise_and: "{0} & {1}",
    np.bitwise_or: "{0} | {1}",
    np.bitwise_xor: "{0} ^ {1}",
    np.invert: "~{0}",
}
YES_OR_NO: Mapping[np.ufunc, str] = {
    np.logical_and: "{0} & {1}",
    np.logical_or: "{0} | {1}",
    np.logical_xor: "{0} != {1}",
    np.logical_not: "!{0}",
}
BY_KIND: Mapping[str, Mapping[np.ufunc, str]] = {
    "f": {**REALS, **COMPARISONS},
    "i": {**WHOLE, **COMPARISONS},
    "u": {**WHOLE, **COMPARISONS},
    "b": {**YES_OR_NO, **COMPARISONS},
}
SMALL_POWERS = {0: "1", 1: "{0}", 2: "{0} * {0}", 3: "{0} * {0} * {0}", -1: "1 / {0}"}
NO_UFUNC: Mapping[Any, str] = {
    ops.Sigmoid: "sigmoid_{t}({0})",
    ops.ReLU: "MAXIMUM({0}, 0)",
    ops.Guard: "({0} != {0}) & ({1} == 0) ? 0 : {0}",
    ops.Where: "{0} ? {1} : {2}",
    ops.Cast: "{0}",
    Copy: "{0}",
    ScaledAdd: "{0} + {scale} * {1}",
}


def has_row(op: Any) -> bool:
    """Whether an op can be an expression, at least for some dtypes."""
    return op in NO_UFUNC or any(op.ufunc in rows for rows in BY_KIND.values())


def can_express(node: Node) -> bool:
    """Whether an entry of the node is an expression of entries of its inputs."""
    if isinstance(node.op, Leaf) or not all(is_known(x.dtype) for x in (node, *node.inputs)):
        return False
    return _template(node) is not None


def expression(node: Node, entries: Sequence[str]) -> str:
    """An entry of the node, given the names of the entries of its inputs."""
    dtypes = _computed_in(node)
    operands = [
        _converted(entry, x.dtype, dtype)
        for entry, x, dtype in zip(entries, node.inputs, dtypes, strict=True)
    ]
    words = {"t": c_type(dtypes[-1]), "f": "f" if dtypes[-1].itemsize == 4 else ""}
    if "scale" in node.params:
        words["scale"] = literal(node.params["scale"], node.dtype)
    return str(_template(node)).format(*operands, **words)


def _template(node: Node) -> str | None:
    if node.op in NO_UFUNC:
        return NO_UFUNC[node.op] if _fits_directly(node) else None
    op: Any = node.op
    ufunc: Any = op.ufunc if op.elementwise and not node.params else None
    dtypes = [] if ufunc is None else _computed_in(node)
    if len({dtype.kind for dtype in dtypes}) != 1:
        return None
    if ufunc is np.power and dtypes[0].kind == "f":
        return SMALL_POWERS.get(_constant(node.inputs[1]), REALS[np.power])
    return BY_KIND.get(dtypes[0].kind, {}).get(ufunc)


def _fits_directly(node: Node) -> bool:
    """Whether the dtypes are such that a row without a ufunc means what NumPy computes."""
    if node.op in (ops.Where, ops.Cast, Copy):
        return True
    return all(x.dtype == node.dtype for x in node.inputs) and node.dtype.kind == "f"


def _computed_in(node: Node) -> list[DType]:
    """The dtype of each input in which NumPy computes."""
    if node.op is ops.Where:
        return [np.dtype(bool), node.dtype, node.dtype]
    if node.op in NO_UFUNC:
        return [node.dtype] * len(node.inputs)
    ufunc: Any = getattr(node.op, "ufunc", None)
    outputs = [None] * ufunc.nout
    return list(ufunc.resolve_dtypes((*(x.dtype for x in node.inputs), *outputs))[: ufunc.nin])


def _converted(entry: str, dtype: DType, wanted: DType) -> str:
    entry = f"({entry})" if entry.startswith("-") else entry
    if dtype == wanted:
        return entry
    return f"({entry} != 0)" if wanted.kind == "b" else f"({c_type(wanted)}){entry}"


def _constant(node: Node) -> Any:
    """The number that a node stands for, None if it is not one."""
    return node._value.item() if node.op is Leaf.Constant and node.size == 1 else None
