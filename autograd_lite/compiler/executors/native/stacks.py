"""Rows for products of stacked matrices, whose axes lie in any order: `stacks.c`."""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import Strides, row_major, walk
from autograd_lite.compiler.executors.native.products import are_real, pays_to_share
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.compiler.lowered import BatchedGemm
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node

AXES = 4  # of a stack; `stacks_types.h` has as many
MANY = 16  # products, each of which is a piece of work; fewer are cut
WIDE, TALL = 64, 192  # columns and rows of a piece, roughly


class Stacked(NamedTuple):
    """An array of matrices: its name, its shape, and how it lies."""

    name: str
    shape: Shape
    strides: Strides

    @property
    def flipped(self) -> Stacked:
        """Each matrix transposed."""
        return Stacked(self.name, _flipped(self.shape), _flipped(self.strides))

    def along(self, stack: Shape) -> Strides:
        """The steps along the axes of the stack, 0 where matrices are repeated."""
        pairs = zip(self.shape[:-2], self.strides[:-2], strict=True)
        own = tuple(0 if n == 1 else s for n, s in pairs)
        return (0,) * (len(stack) - len(own)) + own


def _flipped(numbers: Shape) -> Shape:
    *stack, down, along = numbers
    return (*stack, along, down)


def can_multiply(node: Node) -> bool:
    """Whether the matrices are of one real dtype, and not in too many stacks of stacks."""
    return are_real(node) and all(x.ndim >= 2 for x in node.inputs) and node.ndim - 2 <= AXES


@row(ops.MatMul, ops.VDot, BatchedGemm, can=can_multiply)
def write_stacks(code: Code, node: Node) -> None:
    """All products of the stack, read and written where they lie."""
    x, y, out = _operands(code, node)
    if out.strides[-1] != 1 != out.shape[-1]:  # columns lie as rows should: (x y)ᵀ is yᵀ xᵀ
        x, y, out = y.flipped, x.flipped, out.flipped
    stack, (n, m), k = out.shape[:-2], out.shape[-2:], x.shape[-1]
    moves = walk(stack, {a: a.along(stack) for a in (x, y, out)})
    count, kind = prod(stack), c_type(node.dtype)
    code.matrix_kinds.add(kind)
    code.stack_kinds.add(kind)
    is_shared = pays_to_share(code, count * n * m * k)
    across, high = (1, 1) if count >= MANY or not is_shared else (-(-m // WIDE), -(-n // TALL))
    names = ", ".join(a.name for a in (x, y, out))
    numbers = (*x.strides[-2:], *y.strides[-2:], out.strides[-2], n, m, k)
    rows = [_row(moves.sizes, 1), *(_row(moves.strides[a], 0) for a in (x, y, out))]
    with code.block():
        first = f"{{{names}, {', '.join(map(str, numbers))}, 1, false}}"
        code.line(f"struct stack_{kind} stack = {{{first}, {', '.join(rows)}, {across}, {high}}};")
        work = f"multiply_stack_piece_{kind}, {count * across * high}, &stack"
        code.has_pieces |= is_shared
        code.line(f"in_threads(p, {work}, false);" if is_shared else f"one_by_one(p, {work});")


def _operands(code: Code, node: Node) -> tuple[Stacked, Stacked, Stacked]:
    arrays = (*node.inputs, node)
    in_order = [tuple(range(a.ndim)) for a in arrays]
    names = ("axes_x", "axes_y", "axes_out")
    axes = [node.params.get(*pair) for pair in zip(names, in_order, strict=True)]
    axes[2] = tuple(map(axes[2].index, in_order[2]))
    x, y, out = (_stacked(code, a, order) for a, order in zip(arrays, axes, strict=True))
    return x, y, out


def _stacked(code: Code, x: Node, axes: Shape) -> Stacked:
    own = row_major(x.shape)
    return Stacked(code.array(x), tuple(x.shape[a] for a in axes), tuple(own[a] for a in axes))


def _row(numbers: Strides, filling: int) -> str:
    """The numbers for all axes of a stack, as C writes them."""
    filled = (filling,) * (AXES - len(numbers)) + numbers
    return f"{{{', '.join(map(str, filled))}}}"
