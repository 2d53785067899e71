"""The table of elementwise primitives: what an element of the result is, as an expression in C.

A new elementwise op has a line here, by its ufunc or, without one, by itself; loops, tapes and
exported programs all read it. An op without a row runs through NumPy.

`{0}`, `{1}`, … are the elements of the inputs, in the dtypes in which NumPy would compute; `{t}` is
the type of the first (`exp_{t}` is a function of ours, in prelude.h), and `{f}` the end of the
names of C's own functions for that type.
"""

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
    np.floor_divide: "floor_divide_{t}({0}, {1})",
    np.remainder: "remainder_{t}({0}, {1})",
    np.logaddexp: "log_add_exp_{t}({0}, {1})",
    np.nextafter: "nextafter{f}({0}, {1})",
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
    np.left_shift: "(uint64_t){1} < 8 * sizeof({t}) ? {0} << {1} : 0",
    np.right_shift: "(uint64_t){1} < 8 * sizeof({t}) ? {0} >> {1} : {0} < 0 ? -1 : 0",
}
BOOLEANS: Mapping[np.ufunc, str] = {
    np.bitwise_and: "{0} & {1}",
    np.bitwise_or: "{0} | {1}",
    np.bitwise_xor: "{0} ^ {1}",
    np.invert: "!{0}",
}
LOGIC: Mapping[np.ufunc, str] = {
    np.logical_and: "({0} != 0) & ({1} != 0)",
    np.logical_or: "({0} != 0) | ({1} != 0)",
    np.logical_xor: "({0} != 0) != ({1} != 0)",
    np.logical_not: "{0} == 0",
}
ANY_KIND = {**COMPARISONS, **LOGIC}
BY_KIND: Mapping[str, Mapping[np.ufunc, str]] = {
    "f": {**REALS, **ANY_KIND},
    "i": {**WHOLE, **ANY_KIND},
    "u": {**WHOLE, **ANY_KIND},
    "b": {**BOOLEANS, **ANY_KIND},
}
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


def on_doubles(op: Any, operands: Sequence[str]) -> str | None:
    """The expression of an op for operands that are doubles; None where it has none."""
    if not op.elementwise or op.defaults or not has_row(op):
        return None
    double = np.dtype(np.float64)
    dtypes = _ufunc_dtypes(op, [double] * len(operands)) if op.ufunc else [double] * len(operands)
    form = NO_UFUNC.get(op) or _by_ufunc(op, dtypes)
    names = [_converted(x, double, dtype) for x, dtype in zip(operands, dtypes, strict=False)]
    return None if form is None else form.format(*names, t="double", f="")


def can_express(node: Node) -> bool:
    """Whether an element of the node is an expression of elements of its inputs."""
    if isinstance(node.op, Leaf) or not all(is_known(x.dtype) for x in (node, *node.inputs)):
        return False
    return _template(node) is not None


def expression(node: Node, elements: Sequence[str]) -> str:
    """An element of the node, given the names of the elements of its inputs."""
    dtypes = _computed_in(node)
    operands = [
        _converted(element, x.dtype, dtype)
        for element, x, dtype in zip(elements, node.inputs, dtypes, strict=True)
    ]
    words = {"t": c_type(dtypes[-1]), "f": "f" if dtypes[-1].itemsize == 4 else ""}
    if "scale" in node.params:
        words["scale"] = literal(node.params["scale"], node.dtype)
    return str(_template(node)).format(*operands, **words)


def _template(node: Node) -> str | None:
    op: Any = node.op
    if op in NO_UFUNC:
        return NO_UFUNC[op] if _fits_directly(node) else None
    if not op.elementwise or op.ufunc is None or node.params:
        return None
    dtypes = _computed_in(node)
    if not dtypes or _resolved(op, [x.dtype for x in node.inputs])[-1] != node.dtype:
        return None  # as for round, which leaves integers as they are
    return _by_ufunc(op, dtypes)


def _by_ufunc(op: Any, dtypes: Sequence[DType]) -> str | None:
    """The row of the op's ufunc for the dtypes in which NumPy computes."""
    kinds = {dtype.kind if is_known(dtype) else "" for dtype in dtypes}
    return BY_KIND.get(kinds.pop(), {}).get(op.ufunc) if len(kinds) == 1 else None


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
    return _ufunc_dtypes(node.op, [x.dtype for x in node.inputs])


def _ufunc_dtypes(op: Any, dtypes: Sequence[DType]) -> list[DType]:
    """The dtypes to which the op's ufunc converts its operands; none if it refuses them."""
    return _resolved(op, dtypes)[: op.ufunc.nin]


def _resolved(op: Any, dtypes: Sequence[DType]) -> list[DType]:
    try:
        return list(op.ufunc.resolve_dtypes((*dtypes, *[None] * op.ufunc.nout)))
    except TypeError:
        return []


def _converted(element: str, dtype: DType, wanted: DType) -> str:
    element = f"({element})" if element.startswith("-") else element
    if dtype == wanted:
        return element
    return f"({element} != 0)" if wanted.kind == "b" else f"({c_type(wanted)}){element}"
