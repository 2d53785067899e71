"""Rows of ops that work element by element."""

from functools import partial

import numpy as np

from autograd_lite.export.onnx.emitter import NOT_IN_FLOAT64, ROWS, Emitter, row
from autograd_lite.frontend.node import Node


def _one_operator(kind: str, e: Emitter, node: Node) -> str:
    return e.op(kind, *e.operands(node))


def _of_common_dtype(kind: str, e: Emitter, node: Node) -> str:
    return e.op(kind, *e.operands(node, _common(node)))


def _of_booleans(kind: str, e: Emitter, node: Node) -> str:
    return e.op(kind, *e.operands(node, np.bool_))


def _of_bits(kinds: tuple[str, str], e: Emitter, node: Node) -> str:
    return e.op(kinds[node.dtype == bool], *e.operands(node))


SAME = (
    "Abs", "Acos", "Acosh", "Add", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Div",
    "Exp", "Floor", "Log", "MatMul", "Mul", "Neg", "Pow", "Reciprocal", "Round", "Sigmoid", "Sign",
    "Sin", "Sinh", "Sqrt", "Sub", "Tan", "Tanh",
)  # fmt: skip
"""Ops that have the name of their operator."""
OTHER = {
    "ReLU": "Relu", "Maximum": "Max", "Minimum": "Min", "VDot": "MatMul", "Alias": "Identity",
    "Positive": "Identity", "StopGradient": "Identity",
}  # fmt: skip
COMPARISONS = {
    "Equal": "Equal", "Less": "Less", "LessEqual": "LessOrEqual", "Greater": "Greater",
    "GreaterEqual": "GreaterOrEqual",
}  # fmt: skip
LOGIC = {"LogicalAnd": "And", "LogicalOr": "Or", "LogicalXor": "Xor", "LogicalNot": "Not"}
BITS = {
    "BitwiseAnd": ("BitwiseAnd", "And"), "BitwiseOr": ("BitwiseOr", "Or"),
    "BitwiseXor": ("BitwiseXor", "Xor"), "BitwiseInvert": ("BitwiseNot", "Not"),
}  # fmt: skip

ROWS.update({name: partial(_one_operator, name) for name in SAME})
NOT_IN_FLOAT64.update(("Acosh", "Asinh", "Atanh", "Cosh", "Sinh", "Tan"))  # see formulas
ROWS.update({name: partial(_one_operator, kind) for name, kind in OTHER.items()})
ROWS.update({name: partial(_of_common_dtype, kind) for name, kind in COMPARISONS.items()})
ROWS.update({name: partial(_of_booleans, kind) for name, kind in LOGIC.items()})
ROWS.update({name: partial(_of_bits, kinds) for name, kinds in BITS.items()})
for _name, _kind in {"Erf": "Erf", "Softplus": "Softplus"}.items():
    row(_name, float64=False)(partial(_one_operator, _kind))


def _common(node: Node) -> np.dtype[np.generic]:
    return np.result_type(*(x.dtype for x in node.inputs))


def _floating(e: Emitter, x: Node) -> str:
    return e.cast(e.names[x], x.dtype, x.dtype if x.dtype.kind == "f" else np.float32)


@row("NotEqual")
def not_equal(e: Emitter, node: Node) -> str:
    """Not Equal."""
    return e.op("Not", e.op("Equal", *e.operands(node, _common(node))))


@row("IsNaN", "IsInf")
def is_kind(e: Emitter, node: Node) -> str:
    """For floats alone; what is none becomes one."""
    return e.op(node.op.name, _floating(e, node.inputs[0]))


@row("IsFinite")
def is_finite(e: Emitter, node: Node) -> str:
    """Neither NaN nor infinite."""
    name = _floating(e, node.inputs[0])
    return e.op("Not", e.op("Or", e.op("IsNaN", name), e.op("IsInf", name)))


@row("Where")
def where(e: Emitter, node: Node) -> str:
    """With a condition of booleans."""
    condition, *_ = node.inputs
    _, x, y = e.operands(node)
    return e.op("Where", e.cast(e.names[condition], condition.dtype, np.bool_), x, y)


@row("Clip")
def clip(e: Emitter, node: Node) -> str:
    """Its bounds are inputs like x."""
    x, low, high = e.operands(node)
    return e.op("Min", e.op("Max", x, low), high)


@row("Square")
def square(e: Emitter, node: Node) -> str:
    """A product."""
    (x,) = e.operands(node)
    return e.op("Mul", x, x)


@row("Remainder")
def remainder(e: Emitter, node: Node) -> str:
    """With the sign of y."""
    x, y = e.operands(node)
    if node.dtype.kind in "iu":
        return e.op("Mod", x, y)
    rest = e.op("Mod", x, y, fmod=1)
    wrong = e.op(
        "Less", e.op("Mul", e.op("Sign", rest), e.op("Sign", y)), e.constant(0, node.dtype)
    )
    return e.op("Where", wrong, e.op("Add", rest, y), rest)


@row("FloorDivide")
def floor_divide(e: Emitter, node: Node) -> str:
    """Of integers without what is left over."""
    x, y = e.operands(node)
    if node.dtype.kind in "iu":
        return e.op("Div", e.op("Sub", x, e.op("Mod", x, y)), y)
    return e.op("Floor", e.op("Div", x, y))


@row("Trunc")
def trunc(e: Emitter, node: Node) -> str:
    """The sign times the floor of the size."""
    (x,) = e.operands(node)
    return e.op("Mul", e.op("Sign", x), e.op("Floor", e.op("Abs", x)))


@row("Expm1")
def expm1(e: Emitter, node: Node) -> str:
    """(eˣ + 1) tanh(x/2) near 0, where eˣ - 1 would lose its digits."""
    (x,) = e.operands(node)
    one, half = e.constant(1, node.dtype), e.constant(0.5, node.dtype)
    power = e.op("Exp", x)
    near = e.op("Mul", e.op("Add", power, one), e.op("Tanh", e.op("Mul", x, half)))
    is_near = e.op("Less", e.op("Abs", x), one)
    return e.op("Where", is_near, near, e.op("Sub", power, one))


@row("Log1p")
def log1p(e: Emitter, node: Node) -> str:
    """The natural logarithm of 1 + x."""
    (x,) = e.operands(node)
    return _log1p(e, x, node.dtype)


def _log1p(e: Emitter, x: str, dtype: np.dtype[np.generic]) -> str:
    """ln u · x / (u - 1) with u = 1 + x as it is rounded; x itself where u is 1, ∞ where x is."""
    one = e.constant(1, dtype)
    u = e.op("Add", x, one)
    step = e.op("Sub", u, one)
    is_one = e.op("Equal", step, e.constant(0, dtype))
    ratio = e.op("Div", x, e.op("Where", is_one, one, step))
    near = e.op("Where", is_one, x, e.op("Mul", e.op("Log", u), ratio))
    return e.op("Where", e.op("IsInf", x), e.op("Log", u), near)


@row("Log2", "Log10")
def log_of_base(e: Emitter, node: Node) -> str:
    """The natural logarithm over that of the base."""
    base = np.log({"Log2": 2, "Log10": 10}[node.op.name])
    return e.op("Div", e.op("Log", *e.operands(node)), e.constant(base, node.dtype))


@row("LogAddExp")
def log_add_exp(e: Emitter, node: Node) -> str:
    """The larger one plus log1p of e to minus the gap; without a gap where both are infinite."""
    x, y = e.operands(node)
    gap = e.op("Where", e.op("Equal", x, y), e.constant(0, node.dtype), e.op("Sub", x, y))
    rest = _log1p(e, e.op("Exp", e.op("Neg", e.op("Abs", gap))), node.dtype)
    return e.op("Add", e.op("Max", x, y), rest)


@row("Hypot")
def hypot(e: Emitter, node: Node) -> str:
    """The longer side times √(1 + ratio²), which does not overflow."""
    x, y = (e.op("Abs", name) for name in e.operands(node))
    long, short, one = e.op("Max", x, y), e.op("Min", x, y), e.constant(1, node.dtype)
    trivial = e.op("Or", e.op("Equal", long, e.constant(0, node.dtype)), e.op("IsInf", long))
    ratio = e.op("Div", short, e.op("Where", trivial, one, long))
    root = e.op("Sqrt", e.op("Add", e.op("Mul", ratio, ratio), one))
    return e.op("Where", trivial, long, e.op("Mul", long, root))


def _has_minus(e: Emitter, x: str, dtype: np.dtype[np.generic]) -> str:
    """Whether the sign is minus; -0.0 shows it by its reciprocal."""
    zero = e.constant(0, dtype)
    return e.op("Or", e.op("Less", x, zero), e.op("Less", e.op("Reciprocal", x), zero))


@row("SignBit")
def sign_bit(e: Emitter, node: Node) -> str:
    """Whether the sign is minus."""
    (x,) = node.inputs
    return _has_minus(e, e.names[x], x.dtype)


@row("CopySign")
def copy_sign(e: Emitter, node: Node) -> str:
    """The size of x with the sign of y."""
    x, y = e.operands(node)
    size = e.op("Abs", x)
    return e.op("Where", _has_minus(e, y, node.dtype), e.op("Neg", size), size)


@row("Atan2")
def atan2(e: Emitter, node: Node) -> str:
    """The angle by atan(y/x), turned by π to the side of y where x is not positive."""
    y, x = e.operands(node)
    zero, one, pi = (e.constant(value, node.dtype) for value in (0, 1, np.pi))
    minus = _has_minus(e, y, node.dtype)
    side = e.op("Where", minus, e.op("Neg", pi), pi)
    at_zero = e.op("And", e.op("Equal", x, zero), e.op("Equal", y, zero))
    signed = e.op("Where", minus, e.op("Neg", zero), zero)
    angle = e.op(
        "Where", at_zero, signed, e.op("Atan", e.op("Div", y, e.op("Where", at_zero, one, x)))
    )
    return e.op("Where", _has_minus(e, x, node.dtype), e.op("Add", angle, side), angle)


@row("BitwiseLeftShift", "BitwiseRightShift")
def shift(e: Emitter, node: Node) -> str:
    """A product with, or a quotient by, a power of two."""
    x, y = e.operands(node, np.int64)
    power = e.op("Pow", e.constant(2, np.int64), y)
    if node.op.name == "BitwiseLeftShift":
        return e.cast(e.op("Mul", x, power), np.int64, node.dtype)
    rest = e.op("Mod", x, power)
    return e.cast(e.op("Div", e.op("Sub", x, rest), power), np.int64, node.dtype)


@row("LeakyReLU", float64=False)
def leaky_relu(e: Emitter, node: Node) -> str:
    """With the slope below 0."""
    return e.op("LeakyRelu", *e.operands(node), alpha=float(node.params["slope"]))


@row("ELU", float64=False)
def elu(e: Emitter, node: Node) -> str:
    """With the scale below 0."""
    return e.op("Elu", *e.operands(node), alpha=float(node.params["alpha"]))


@row("GELU", float64=False)
def gelu(e: Emitter, node: Node) -> str:
    """By erf, or by tanh."""
    return e.op("Gelu", *e.operands(node), approximate=node.params["approximate"])


@row("Cast")
def cast(e: Emitter, node: Node) -> str:
    """Another dtype."""
    (x,) = node.inputs
    return e.cast(e.names[x], x.dtype, node.dtype)
