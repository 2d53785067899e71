"""The table of primitives beside elementwise ones: how each is written in C, and when it can be.

A node without a row runs through NumPy between two native regions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from autograd_lite import ops
from autograd_lite.compiler import lowered
from autograd_lite.compiler.executors.native import moving, picking, products
from autograd_lite.compiler.executors.native.c_types import is_known
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.expressions import can_express
from autograd_lite.compiler.executors.native.folds import can_fold
from autograd_lite.compiler.executors.native.loops import write_loop
from autograd_lite.compiler.planning.plan import Step
from autograd_lite.frontend.node import Node


class NativeRow(NamedTuple):
    """How an op is written, and for which nodes."""

    can: Callable[[Node], bool]
    write: Callable[[Code, Node], None]


VIEW = NativeRow(lambda _: True, moving.write_view)
ROWS: Mapping[object, NativeRow] = {
    lowered.Dot: NativeRow(products.are_real, products.write_dot),
    lowered.Gemv: NativeRow(products.are_real, products.write_gemv),
    lowered.Gemm: NativeRow(products.are_real, products.write_gemm),
    lowered.Outer: NativeRow(products.are_real, products.write_outer),
    lowered.RankOneUpdate: NativeRow(products.are_real, products.write_rank_one_update),
    lowered.GemmUpdate: NativeRow(products.are_real, products.write_gemm_update),
    lowered.PickGradient: NativeRow(picking.can_pick_gradient, picking.write_pick_gradient),
    ops.MatMul: NativeRow(products.can_multiply_stacks, products.write_matmul),
    ops.VDot: NativeRow(products.can_multiply_stacks, products.write_matmul),
    ops.Aref: NativeRow(picking.can_aref, picking.write_aref),
    ops.ScatterAdd: NativeRow(picking.can_scatter, picking.write_scatter),
    ops.Accuracy: NativeRow(picking.can_judge, picking.write_accuracy),
    ops.GetItem: NativeRow(moving.can_index, moving.write_get_item),
    ops.IndexAdd: NativeRow(moving.can_index, moving.write_index_add),
    ops.BroadcastTo: VIEW,
    ops.PermuteDims: VIEW,
    ops.MatrixTranspose: VIEW,
    ops.Reshape: VIEW,
    ops.ExpandDims: VIEW,
    ops.Squeeze: VIEW,
    ops.SplitLike: VIEW,
    ops.Stack: NativeRow(moving.can_join, moving.write_stack),
    ops.Concat: NativeRow(moving.can_join, moving.write_concat),
}


def can_write(step: Step) -> bool:
    """Whether all of a step has rows."""
    if _is_loop(step):
        return True
    row = ROWS.get(step.nodes[0].op) if len(step.nodes) == 1 else None
    (node,) = step.nodes[:1]
    known = all(is_known(x.dtype) for x in (node, *node.inputs))
    return row is not None and known and row.can(node)


def write_step(code: Code, step: Step) -> None:
    """The step in C."""
    if _is_loop(step):
        write_loop(code, step)
        return
    (node,) = step.nodes
    code.comment(node)
    ROWS[node.op].write(code, node)


def _is_loop(step: Step) -> bool:
    return all(can_fold(x) or can_express(x) for x in step.nodes)
