"""Products of vectors and matrices under the names BLAS has for them, without transposed copies."""

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import BatchedGemm, Dot, Gemm, Gemv, Outer
from autograd_lite.compiler.passes.transposes import lying
from autograd_lite.core.shapes import Spec, normalize_axes
from autograd_lite.frontend.node import Node

MATMULS: tuple[object, ...] = (ops.MatMul, ops.VDot)


def products(draft: Draft) -> Draft:
    """MatMul and VDot become Dot, Gemv, Gemm or Outer, or BatchedGemm for stacks of matrices.

    A transposed operand is read as it lies, a matrix of one row or column is a vector, and rows
    of a whole stack that meet one matrix are the rows of one product. So is a sum over the stack,
    such as the gradient of that matrix.
    """
    users, needed = draft.users(), set(draft.results)

    def is_summed(x: Node) -> bool:
        return x.op in MATMULS and _suits(x) and len(users[x]) == 1 and x not in needed

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        if node.op in MATMULS and _suits(node):
            return _product(build, node, *build.inputs(node))
        if node.op in MATMULS and _is_of_nothing(node):
            zero = build.constant(np.zeros((), node.dtype), build.old.origin[node])
            return build.make(ops.BroadcastTo, zero, at=node, shape=node.shape)
        if node.op is ops.Sum and is_summed(node.inputs[0]):
            return _summed(build, node, node.inputs[0])
        return None

    return rewritten(draft, rewrite)


def _suits(node: Node) -> bool:
    """Whether BLAS could have it: not empty, and of one dtype."""
    x, y = node.inputs
    same = x.dtype == y.dtype == node.dtype  # also in the order of bytes
    return same and x.dtype.kind == "f" and 0 not in (*x.shape, *y.shape)


def _is_of_nothing(node: Node) -> bool:
    """Whether it is a product of floats in which an axis is empty: sums of nothing."""
    x, y = node.inputs
    return x.dtype == y.dtype and x.dtype.kind == "f" and 0 in (*x.shape, *y.shape)


def _product(build: Rebuild, node: Node, x: Node, y: Node) -> Node:
    """The product, whatever the ranks."""
    if max(x.ndim, y.ndim) <= 2:
        return build.reshape(_of_matrices(build, node, x, y), node.shape, node)
    x = build.reshape(x, (1, x.size), node) if x.ndim == 1 else x
    y = build.reshape(y, (y.size, 1), node) if y.ndim == 1 else y
    y = _without_stack(build, node, y)
    if y.ndim == 2 and _lies_in_order(x):
        rows = build.reshape(x, (x.size // x.shape[-1], x.shape[-1]), node)
        return build.reshape(_of_matrices(build, node, rows, y), node.shape, node)
    (base_x, axes_x), (base_y, axes_y) = lying(x), lying(y)
    shape = (*node.shape[: max(x.ndim, y.ndim) - 2], x.shape[-2], y.shape[-1])
    params = {"axes_x": axes_x, "axes_y": axes_y, "axes_out": tuple(range(len(shape)))}
    spec = Spec(shape, x.dtype)
    product = build.record(BatchedGemm, (base_x, base_y), params, spec, build.old.origin[node])
    return build.reshape(product, node.shape, node)


def _without_stack(build: Rebuild, node: Node, y: Node) -> Node:
    """A stack of one matrix as the matrix, transposed if it is."""
    base, axes = lying(y)
    lead = y.ndim - 2
    if lead == 0 or any(n != 1 for n in y.shape[:-2]) or axes[:lead] != tuple(range(lead)):
        return y
    matrix = build.reshape(base, base.shape[-2:], node)
    return matrix if axes[-1] == lead + 1 else build.make(ops.MatrixTranspose, matrix, at=node)


def _lies_in_order(x: Node) -> bool:
    return lying(x)[1] == tuple(range(x.ndim))


def _summed(build: Rebuild, node: Node, product: Node) -> Node | None:
    """Σ xᵀ y over a stack as one product whose inner length is the whole stack's."""
    x, y = build.inputs(product)
    lead = x.ndim - 2
    stack = tuple(range(lead))
    over = normalize_axes(node.params["axis"], product.ndim)
    if not lead or x.shape[:-2] != y.shape[:-2] or sorted(over) != list(stack):
        return None
    base, axes = lying(x)
    if axes != (*stack, lead + 1, lead) or not _lies_in_order(y):
        return None
    rows = build.reshape(base, (base.size // base.shape[-1], base.shape[-1]), node)
    columns = build.reshape(y, (y.size // y.shape[-1], y.shape[-1]), node)
    x = build.make(ops.MatrixTranspose, rows, at=node)
    return build.reshape(_of_matrices(build, node, x, columns), node.shape, node)


def _of_matrices(build: Rebuild, node: Node, x: Node, y: Node) -> Node:
    """The product, with whatever rank; x is seen as rows and y as columns."""
    rows = 1 if x.ndim == 1 else x.shape[0]
    columns = 1 if y.ndim == 1 else y.shape[1]
    inner = x.shape[-1]
    if rows == columns == 1:
        return build.make(Dot, _vector(build, node, x), _vector(build, node, y), at=node)
    if inner == 1:
        return build.make(Outer, _vector(build, node, x), _vector(build, node, y), at=node)
    if rows == 1:
        a, flipped = _as_it_lies(y)
        return build.make(Gemv, a, _vector(build, node, x), at=node, transpose=not flipped)
    if columns == 1:
        a, flipped = _as_it_lies(x)
        return build.make(Gemv, a, _vector(build, node, y), at=node, transpose=flipped)
    (x, transpose_x), (y, transpose_y) = _as_it_lies(x), _as_it_lies(y)
    flags = {"transpose_x": transpose_x, "transpose_y": transpose_y}
    return build.record(Gemm, (x, y), flags, Spec((rows, columns), x.dtype), build.old.origin[node])


def _as_it_lies(x: Node) -> tuple[Node, bool]:
    """The matrix that x is the transpose of, if it is one, and whether it is."""
    base, axes = lying(x)
    return base, axes == (1, 0)


def _vector(build: Rebuild, node: Node, x: Node) -> Node:
    """A matrix of one row or column as the vector that it is in memory."""
    return build.reshape(_as_it_lies(x)[0] if x.ndim == 2 else x, (x.size,), node)
