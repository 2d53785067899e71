"""Rows for ops that move elements: NumPy says once where from, the loop then walks there.

Views are written out, and what a view would show is put among zeros.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import walk
from autograd_lite.compiler.executors.native.parts import (
    Region,
    everything,
    region,
    seen,
    seen_by,
    untouched,
)
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.frontend.node import Node


def write_move(
    code: Code, node: Node, to: Region, source: Node, of: Region, *, sign: str = "="
) -> None:
    """Copy a region of the source to one of the node, or with `+=`, add it there."""
    moved = walk(to.shape, {"to": to.strides, "of": of.strides})
    indices = [f"i{axis}" for axis in range(len(moved.sizes))]
    for axis, size in enumerate(moved.sizes):
        if axis == len(moved.sizes) - 1:
            code.line("#pragma omp simd")
        code.line(f"for (int64_t i{axis} = 0; i{axis} < {size}; i{axis}++)")
    value = f"{code.array(source)}[{moved.offset('of', indices, of.start)}]"
    code.line(f"{code.array(node)}[{moved.offset('to', indices, to.start)}] {sign} {value};")


@row(ops.BroadcastTo, ops.Diagonal, ops.MatrixTranspose, ops.PermuteDims, ops.SplitLike)
def write_view(code: Code, node: Node) -> None:
    """The elements that a view would show."""
    write_move(code, node, everything(node.shape), node.inputs[0], seen_by(node))


ADJOINTS: dict[object, Any] = {
    ops.DiagonalLike: ops.Diagonal,
    ops.JoinLike: ops.SplitLike,
}


@row(ops.DiagonalLike, ops.JoinLike)
def write_among_zeros(code: Code, node: Node) -> None:
    """Zeros, and x where the op that this is the adjoint of would look."""
    x, *others = node.inputs if node.op is ops.JoinLike else node.inputs[:1]
    code.line(f"memset({code.array(node)}, 0, {node.size} * sizeof *{code.array(node)});")
    to = seen(ADJOINTS[node.op], node.shape, others, node.params)
    write_move(code, node, to, x, everything(to.shape))


# Arrays put together


def can_join(node: Node) -> bool:
    """Whether all arrays have the dtype of the result."""
    return all(x.dtype == node.dtype for x in node.inputs)


@row(ops.Stack, can=can_join)
def write_stack(code: Code, node: Node) -> None:
    """Each array a slice of the result."""
    axis = node.params["axis"] % node.ndim
    _write_slices(code, node, axis, [slice(i, i + 1) for i in range(len(node.inputs))])


@row(ops.Concat, can=can_join)
def write_concat(code: Code, node: Node) -> None:
    """The arrays, one behind the other."""
    axis = node.params["axis"] % node.ndim
    ends = np.cumsum([0, *(x.shape[axis] for x in node.inputs)]).tolist()
    _write_slices(code, node, axis, [slice(*pair) for pair in pairwise(ends)])


def _write_slices(code: Code, node: Node, axis: int, slices: Sequence[slice]) -> None:
    whole = untouched(node.shape)
    for x, part in zip(node.inputs, slices, strict=True):
        to = region(whole[(slice(None),) * axis + (part,)], whole)
        write_move(code, node, to, x, everything(to.shape))
