"""Sums, products and extremes: how elements are reduced to one, first in a variable of a loop."""

from math import inf
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type, is_known, literal
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import Strides, row_major
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.frontend.node import Node

COMBINE = {
    ops.Sum: "{0} + {1}",
    ops.Prod: "{0} * {1}",
    ops.Max: "MAXIMUM({0}, {1})",
    ops.Min: "MINIMUM({0}, {1})",
}
REDUCED = frozenset(COMBINE)


class LoopReduction:
    """One sum, product or extreme: the names and lines that belong to it.

    A loop reduces to `partial`, a variable of the result's dtype; partial results are reduced to
    `total`, which is a double for real numbers, so that long sums lose no digits.
    """

    def __init__(self, code: Code, node: Node) -> None:
        self.node = node
        (self.operand,) = node.inputs
        number = code.numbers[node]
        self.partial, self.total, self.spoilt = f"s{number}", f"t{number}", f"nan{number}"
        self.type = c_type(node.dtype)
        self.is_real = node.dtype.kind == "f"
        self.wide = "double" if self.is_real else self.type
        self.identity = literal(_identity(node), node.dtype)
        self.is_sum = node.op is ops.Sum
        self.is_in_order = node.op is ops.Prod  # another order would overflow where this does not
        self.may_spoil = self.is_real and not self.is_sum  # NaN, which comparisons overlook

    @property
    def strides(self) -> Strides:
        """The strides of the result in a loop over the operand: 0 along what is reduced."""
        axes = normalize_axes(self.node.params["axis"], self.operand.ndim)
        kept = tuple(1 if a in axes else n for a, n in enumerate(self.operand.shape))
        own = row_major(kept)
        return tuple(0 if a in axes else s for a, s in enumerate(own))

    @property
    def declaration(self) -> str:
        """The variables of an innermost loop."""
        nan = f" int {self.spoilt} = 0;" if self.may_spoil else ""
        return f"{self.type} {self.partial} = {self.identity};{nan}"

    @property
    def clause(self) -> str:
        """What the compiler may reorder."""
        sign = {ops.Sum: "+", ops.Max: "max", ops.Min: "min"}[self.node.op]  # type: ignore[index]
        nan = f" reduction(|:{self.spoilt})" if self.may_spoil else ""
        return f"reduction({sign}:{self.partial}){nan}"

    def take(self, x: str) -> str:
        """Reduce one more element to the partial result."""
        if self.is_sum:
            return f"{self.partial} += {x};"
        sign = ">" if self.node.op is ops.Max else "<"
        nan = f" {self.spoilt} |= {x} != {x};" if self.may_spoil else ""
        return f"{self.partial} = {x} {sign} {self.partial} ? {x} : {self.partial};{nan}"

    def join(self, value: str) -> str:
        """Reduce a partial result to the total."""
        return f"{self.total} = {self.combined(self.total, value)};"

    def combined(self, x: str, y: str) -> str:
        """Two results, reduced to one."""
        if self.may_spoil and y == self.partial:
            y = f"({self.spoilt} ? NAN : {y})"
        return COMBINE[self.node.op].format(x, y)  # type: ignore[index]

    @property
    def result(self) -> str:
        """The total, in the dtype of the result."""
        return f"({self.type}){self.total}"


def _identity(node: Node) -> Any:
    """What changes nothing when it is reduced with anything."""
    if node.op in (ops.Sum, ops.Prod):
        return int(node.op is ops.Prod)
    if node.dtype.kind == "f":
        return -inf if node.op is ops.Max else inf
    limits = np.iinfo(node.dtype)
    return limits.min if node.op is ops.Max else limits.max


def can_reduce(node: Node) -> bool:
    """Whether there is a loop for the reduction: not for booleans, nor for the largest of none."""
    if node.op not in REDUCED or node.dtype.kind not in "fiu":
        return False
    if not (is_known(node.dtype) and is_known(node.inputs[0].dtype)):
        return False
    if node.op in (ops.Sum, ops.Prod):
        return True
    return node.inputs[0].size >= node.size and node.inputs[0].dtype == node.dtype
