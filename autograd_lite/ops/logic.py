"""Ops on booleans, on bits and on kinds of numbers; no gradient flows through their answers."""

from collections.abc import Sequence

import numpy as np

from autograd_lite.core.op import Array, Elementwise, Params, Xp
from autograd_lite.core.shapes import spec_of
from autograd_lite.errors import DTypeError

__all__ = [
    "BitwiseAnd", "BitwiseInvert", "BitwiseLeftShift", "BitwiseOr", "BitwiseRightShift",
    "BitwiseXor", "IsFinite", "IsInf", "IsNaN", "LogicalAnd", "LogicalNot", "LogicalOr",
    "LogicalXor", "SignBit",
]  # fmt: skip


class Logic(Elementwise, abstract=True):
    """An op with a discrete answer; no gradient flows through it."""

    derivative = "none"

    vjp_x = None

    @classmethod
    def compute(cls, values: Sequence[Array], params: Params) -> Array:
        """The forward rule on numbers; Python's booleans stay Python's, as its floats do."""
        result = super().compute(values, params)
        if type(result) is np.bool_ and all(type(value) in (bool, float) for value in values):
            return bool(result)
        return result


class LogicalAnd(Logic):
    """Whether both hold, where every number but 0 counts as true; no gradient."""

    formula = "x and y"
    ufunc = np.logical_and

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.logical_and(x, y)

    vjp_y = None


class LogicalOr(Logic):
    """Whether one of both holds, where every number but 0 counts as true; no gradient."""

    formula = "x or y"
    ufunc = np.logical_or

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.logical_or(x, y)

    vjp_y = None


class LogicalXor(Logic):
    """Whether exactly one of both holds, where every number but 0 counts as true; no gradient."""

    formula = "either x or y"
    ufunc = np.logical_xor

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return xp.logical_xor(x, y)

    vjp_y = None


class LogicalNot(Logic):
    """Whether x is false, or 0; no gradient."""

    formula = "not x"
    ufunc = np.logical_not

    def forward(xp: Xp, x: Array) -> Array:
        return xp.logical_not(x)


class IsFinite(Logic):
    """Whether x is neither infinite nor NaN; no gradient."""

    formula = "|x| < ∞"
    ufunc = np.isfinite

    def forward(xp: Xp, x: Array) -> Array:
        return xp.isfinite(x)


class IsInf(Logic):
    """Whether x is ∞ or -∞; no gradient."""

    formula = "|x| = ∞"
    ufunc = np.isinf

    def forward(xp: Xp, x: Array) -> Array:
        return xp.isinf(x)


class IsNaN(Logic):
    """Whether x is not a number; no gradient."""

    formula = "x is NaN"
    ufunc = np.isnan

    def forward(xp: Xp, x: Array) -> Array:
        return xp.isnan(x)


class SignBit(Logic):
    """Whether the sign of x is minus, as for -0.0, too; no gradient."""

    formula = "the sign of x is minus"
    ufunc = np.signbit

    def forward(xp: Xp, x: Array) -> Array:
        return xp.signbit(x)


class Bitwise(Logic, abstract=True):
    """An op on the bits of integers, or on booleans; no gradient flows."""

    @classmethod
    def compute(cls, values: Sequence[Array], params: Params) -> Array:
        """The forward rule on numbers. Raises DTypeError for floats, which have no bits here."""
        specs = list(map(spec_of, values))
        if any(spec.dtype.kind == "f" for spec in specs):
            raise DTypeError(
                cls.name,
                expected="integers or booleans",
                came=", ".join(map(str, specs)),
                suggestion="compare first, as in (x > 0) & (x < 1), or convert with astype",
            )
        return super().compute(values, params)


class BitwiseAnd(Bitwise):
    """`x & y`, bit by bit; no gradient."""

    formula = "x & y"
    ufunc = np.bitwise_and

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x & y

    vjp_y = None


class BitwiseOr(Bitwise):
    """`x | y`, bit by bit; no gradient."""

    formula = "x | y"
    ufunc = np.bitwise_or

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x | y

    vjp_y = None


class BitwiseXor(Bitwise):
    """`x ^ y`, bit by bit; no gradient."""

    formula = "x ^ y"
    ufunc = np.bitwise_xor

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x ^ y

    vjp_y = None


class BitwiseInvert(Bitwise):
    """`~x`, bit by bit: not x for booleans, and -x - 1 for integers; no gradient."""

    formula = "~x"
    ufunc = np.invert

    def forward(xp: Xp, x: Array) -> Array:
        return ~x


class BitwiseLeftShift(Bitwise):
    """`x << y`, x · 2ʸ for integers; no gradient."""

    formula = "x << y"
    ufunc = np.left_shift

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x << y

    vjp_y = None


class BitwiseRightShift(Bitwise):
    """`x >> y`, ⌊x / 2ʸ⌋ for integers; no gradient."""

    formula = "x >> y"
    ufunc = np.right_shift

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x >> y

    vjp_y = None
