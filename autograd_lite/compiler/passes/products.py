"""Products of vectors and matrices under the names BLAS has for them, without transposed copies."""

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import Dot, Gemm, Gemv, Outer
from autograd_lite.frontend.node import Node


def products(draft: Draft) -> Draft:
    """MatMul and VDot of at most two axes become Dot, Gemv, Gemm or Outer.

    A transposed operand is read as it lies, and a matrix of one row or column is a vector.
    Products over more axes stay.
    """
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    is_product = node.op in (ops.MatMul, ops.VDot)
    x, y = build.inputs(node) if is_product else (None, None)
    if x is None or y is None or x.dtype != y.dtype or x.dtype.kind != "f":
        return None
    if 0 in (*x.shape, *y.shape):  # sums of nothing
        zero = build.constant(np.zeros((), node.dtype), build.old.origin[node])
        return build.make(ops.BroadcastTo, zero, at=node, shape=node.shape)
    if max(x.ndim, y.ndim) > 2:
        return None
    return build.reshape(_product(build, node, x, y), node.shape, node)


def _product(build: Rebuild, node: Node, x: Node, y: Node) -> Node:
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
    return build.append(Gemm, (x, y), flags, build.old.origin[node])


def _as_it_lies(x: Node) -> tuple[Node, bool]:
    """The matrix that x is the transpose of, if it is one, and whether it is."""
    flips = x.op is ops.MatrixTranspose or (x.op is ops.PermuteDims and _swaps(x))
    return (x.inputs[0], True) if flips else (x, False)


def _swaps(x: Node) -> bool:
    return x.ndim == 2 and x.params["axes"][0] % 2 == 1


def _vector(build: Rebuild, node: Node, x: Node) -> Node:
    """A matrix of one row or column as the vector that it is in memory."""
    return build.reshape(_as_it_lies(x)[0] if x.ndim == 2 else x, (x.size,), node)
