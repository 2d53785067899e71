"""Which plans can fail in the middle of a step, so that what they change has to be saved before."""

from __future__ import annotations

from autograd_lite import ops
from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.lowered import Lowered, PickGradient
from autograd_lite.compiler.planning.fusion import is_fusible
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.core.op import Op
from autograd_lite.frontend.node import Node

SAFE = frozenset(
    {
        ops.BroadcastTo, ops.GetItem, ops.IndexAdd, ops.MatMul, ops.MatrixTranspose, ops.Max,
        ops.PermuteDims, ops.Stack, ops.Sum, ops.VDot,
    }
)  # fmt: skip
PICKS: dict[type[Op], tuple[int, int]] = {
    ops.Aref: (0, 1), ops.ScatterAdd: (2, 1), ops.Accuracy: (0, 1), PickGradient: (1, 2),
}  # fmt: skip
"""Ops that pick an entry of each row: which input is the rows, and which the labels."""


def can_fail(plan: Plan) -> bool:
    """Whether a step of the plan runs an op that may refuse the values it meets."""
    checked = {plan.inputs[name] for name in plan.labels}
    return any(_can_fail(node, checked) for step in plan.steps for node in step.nodes)


def _can_fail(node: Node, checked: set[Node]) -> bool:
    if node.op in PICKS:
        _, labels = PICKS[op_of(node)]
        return root(node.inputs[labels]) not in checked
    if node.op in (ops.GetItem, ops.IndexAdd):
        return len(node.inputs) > 1 + (node.op is ops.IndexAdd)
    is_known = node.op in SAFE or is_fusible(node.op) or issubclass(op_of(node), Lowered)
    return not is_known
