"""Kernels of products: NumPy's `dot`, and SciPy's BLAS for updates in place."""

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler import lowered
from autograd_lite.compiler.executors.blas import routines
from autograd_lite.compiler.executors.numpy.source import StepSource, row
from autograd_lite.compiler.executors.numpy.team import ranges
from autograd_lite.compiler.executors.threads import multiplications
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node

WIDE = 64  # elements of x from which a gemm of inner length 1 is faster than ger


@row(lowered.Dot)
def _dot(source: StepSource, node: Node) -> None:
    x, y = node.inputs
    _emit_dot(source, source.array(x), source.array(y), source.array(node))


@row(lowered.Gemv)
def _gemv(source: StepSource, node: Node) -> None:
    a, x = (source.array(x) for x in node.inputs)
    x, y = (x, a) if node.params["transpose"] else (a, x)  # xᵀ a is quicker than aᵀ x
    _emit_dot(source, x, y, source.array(node))


@row(lowered.Gemm)
def _gemm(source: StepSource, node: Node) -> None:
    x, y = node.inputs
    params = node.params
    left = _maybe_transposed(source, x, flip=params["transpose_x"])
    right = _maybe_transposed(source, y, flip=params["transpose_y"])
    out = source.array(node)
    _emit_rows(source, node, f"{left}{{rows}}.dot({right}, {out}{{rows}})", "[i:j]")


@row(lowered.Outer)
def _outer(source: StepSource, node: Node) -> None:
    x, y = node.inputs
    column, row = source.view(x, (x.size, 1)), source.view(y, (1, y.size))
    _emit_dot(source, column, row, source.array(node))


@row(ops.MatMul, ops.VDot)
def _matmul(source: StepSource, node: Node) -> None:
    arguments = ", ".join(source.array(x) for x in (*node.inputs, node))
    source.emit(f"{source.function(np.matmul)}({arguments})")


@row(lowered.BatchedGemm)
def _batched_gemm(source: StepSource, node: Node) -> None:
    x, y = node.inputs
    axes_out = node.params["axes_out"]
    back = tuple(axes_out.index(a) for a in range(node.ndim))
    orders = ((x, node.params["axes_x"]), (y, node.params["axes_y"]), (node, back))
    arguments = ", ".join(_in_order(source, a, axes) for a, axes in orders)
    source.emit(f"{source.function(np.matmul)}({arguments})")


@row(lowered.RankOneUpdate)
def _rank_one_update(source: StepSource, node: Node) -> None:
    *_, x, y = node.inputs
    _emit_scaling(source, node)
    blas, scale = routines(node.dtype), node.params["scale"]
    if blas is None or scale == 0:
        _emit_update_by_parts(source, node, source.view(x, (x.size, 1)))
        return
    target = source.derived(node, lambda a: a.T, "{}.T")
    if x.size < WIDE:
        ger = source.bind(blas.ger, "ger")
        x_name, y_name = source.array(x), source.array(y)
        source.emit(f"{ger}({scale!r}, {y_name}, {x_name}, 1, 1, {target}, 1, 1, 1)")
        return
    gemm = source.bind(blas.gemm, "gemm")  # which takes a vector for a matrix of one column
    source.emit(f"{gemm}({scale!r}, {source.array(y)}, {source.array(x)}, 1.0, {target}, 0, 1, 1)")


@row(lowered.GemmUpdate)
def _gemm_update(source: StepSource, node: Node) -> None:
    *_, x, _ = node.inputs
    _emit_scaling(source, node)
    blas, params = routines(node.dtype), node.params
    if blas is None or params["scale"] == 0:
        left = _maybe_transposed(source, x, flip=params["transpose_x"])
        _emit_update_by_parts(source, node, left)
        return
    _emit_gemm_update(source, node)


def _emit_scaling(source: StepSource, node: Node) -> None:
    """What an update does with w itself: BLAS would forget what is not finite with beta = 0."""
    kept, out, decays = node.inputs[1], source.array(node), node.params["decays"]
    if decays:
        term = source.temporary(node, node.dtype, "term")
        source.emit(f"{source.function(np.multiply)}({out}, {source.array(kept)}, {term})")
        source.emit(f"{source.function(np.add)}({out}, {term}, {out})")
    elif kept.op is not Leaf.Constant or kept._value != 1:
        source.emit(f"{source.function(np.multiply)}({out}, {source.array(kept)}, {out})")


def _emit_gemm_update(source: StepSource, node: Node) -> None:
    """W plus the scaled product: BLAS computes the transpose of it all."""
    x, y = node.inputs[-2:]
    left = _maybe_transposed(source, y, flip=True)
    right = _maybe_transposed(source, x, flip=True)
    target = source.derived(node, lambda a: a.T, "{}.T")
    flags = f"{int(node.params['transpose_y'])}, {int(node.params['transpose_x'])}"
    gemm, scale = source.bind(routines(node.dtype).gemm, "gemm"), node.params["scale"]
    own = right + ("{own}" if node.params["transpose_x"] else "{rows}")
    call = f"{gemm}({scale!r}, {left}, {own}, 1.0, {target}{{rows}}, {flags}, 1)"
    _emit_rows(source, node, call, "[:, i:j]", own="[i:j]")


def _emit_rows(source: StepSource, node: Node, call: str, rows: str, own: str = "") -> None:
    """A call for all rows of the result, or one for each piece of them."""
    pieces = ranges(node.shape[0], multiplications(node))
    if len(pieces) == 1:
        source.emit(call.format(rows="", own=""))
    else:
        share = source.bind(source.share, "share")
        source.emit(f"{share}(lambda i, j: {call.format(rows=rows, own=own)}, {pieces!r})")


@row(lowered.ScaledAdd)
def _scaled_add(source: StepSource, node: Node) -> None:
    w, x = node.inputs
    scale, out = node.params["scale"], source.array(node)
    blas = routines(node.dtype)
    whole = source.is_whole(node) and node.ndim == 1 == x.ndim and node.size > 0
    if blas is not None and scale != 0 and out == source.array(w) and whole:
        axpy = source.bind(blas.axpy, "axpy")
        source.emit(f"{axpy}({source.array(x)}, {out}, {node.size}, {scale!r})")
        return
    factor = source.bind(np.array(scale, node.dtype))
    term = source.temporary(node, node.dtype, "term")
    source.emit(f"{source.function(np.multiply)}({source.array(x)}, {factor}, {term})")
    source.emit(f"{source.function(np.add)}({source.array(w)}, {term}, {out})")


def _emit_dot(source: StepSource, x: str, y: str, out: str) -> None:
    source.emit(f"{x}.dot({y}, {out})")  # the method: np.dot would look for overriding arrays


def _emit_update_by_parts(source: StepSource, node: Node, left: str) -> None:
    """W + left · (scale · right) without SciPy: the product in memory of its own, then added."""
    *_, y = node.inputs
    product = source.bind(np.empty(node.shape, node.dtype))
    scaled = np.empty(y.shape, y.dtype)
    factor = source.bind(np.array(node.params["scale"], node.dtype))
    multiply = source.function(np.multiply)
    source.emit(f"{multiply}({source.array(y)}, {factor}, {source.bind(scaled)})")
    if node.op is lowered.RankOneUpdate:
        right = source.bind(scaled[None])
    else:
        right = source.bind(scaled.T if node.params["transpose_y"] else scaled)
    _emit_dot(source, left, right, product)
    out = source.array(node)
    source.emit(f"{source.function(np.add)}({out}, {product}, {out})")


def _maybe_transposed(source: StepSource, x: Node, *, flip: bool) -> str:
    return source.derived(x, lambda a: a.T, "{}.T") if flip else source.array(x)


def _in_order(source: StepSource, x: Node, axes: Shape) -> str:
    """The name of a view that has the axes in this order."""
    return source.derived(x, lambda a: a.transpose(axes), f"{{}}.transpose({axes!r})")
