"""Ops that compare elements and have no gradient."""

import numpy as np

from autograd_lite.core.op import Array, Xp
from autograd_lite.ops.logic import Logic

__all__ = [
    "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual",
]  # fmt: skip


class ElementwiseComparison(Logic, abstract=True):
    """A comparison of two numbers; no gradient flows through the boolean."""

    vjp_y = None


class Equal(ElementwiseComparison):
    """`x == y`; no gradient."""

    formula = "x = y"
    ufunc = np.equal

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x == y


class NotEqual(ElementwiseComparison):
    """`x != y`; no gradient."""

    formula = "x ≠ y"
    ufunc = np.not_equal

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x != y


class Less(ElementwiseComparison):
    """`x < y`; no gradient."""

    formula = "x < y"
    ufunc = np.less

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x < y


class LessEqual(ElementwiseComparison):
    """`x <= y`; no gradient."""

    formula = "x ≤ y"
    ufunc = np.less_equal

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x <= y


class Greater(ElementwiseComparison):
    """`x > y`; no gradient."""

    formula = "x > y"
    ufunc = np.greater

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x > y


class GreaterEqual(ElementwiseComparison):
    """`x >= y`; no gradient."""

    formula = "x ≥ y"
    ufunc = np.greater_equal

    def forward(xp: Xp, x: Array, y: Array) -> Array:
        return x >= y
