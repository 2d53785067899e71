"""Rows for linear algebra: LAPACK's routines, by the addresses that SciPy's Cython code uses.

A matrix for which LAPACK has no result ends the step, as a label outside does; so the graph is run
again node by node, and tells which one it is.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from autograd_lite import ops
from autograd_lite.compiler.executors import blas
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import broadcast_strides, row_major
from autograd_lite.compiler.executors.native.products import are_real
from autograd_lite.compiler.executors.native.rows import ROWS, NativeRow, Write, row
from autograd_lite.compiler.lowered import Cofactors, TriangularSolve
from autograd_lite.frontend.node import Node

LARGEST = 30_000  # rows and columns for which LAPACK's numbers of 32 bits suffice


def can_decompose(node: Node) -> bool:
    """Whether LAPACK is there and counts so far."""
    lengths = (n for x in node.inputs for n in x.shape[-2:])
    return are_real(node) and max(lengths) <= LARGEST and blas.address("potrf_float") != 0


def by_lapack(*found: object) -> Callable[[Write], Write]:
    """Register a function as the row of these ops, where LAPACK is."""

    def register(write: Write) -> Write:
        ROWS.update(dict.fromkeys(found, NativeRow(can_decompose, write, stands_alone=False)))
        return write

    return register


@by_lapack(ops.Cholesky, ops.Det, ops.Inv)
def write_of_squares(code: Code, node: Node) -> None:
    """One result for each matrix of a stack."""
    (x,) = node.inputs
    n, kind = x.shape[-1], c_type(node.dtype)
    with code.block(f"for (int64_t i = 0; i < {prod(x.shape[:-2])}; i++)"):
        a, out = f"{code.array(x)} + i * {n * n}", f"{code.array(node)} + i * {n * n}"
        if node.op is ops.Cholesky:
            _call(code, node, "cholesky", ["potrf"], f"{a}, {out}, {n}")
        elif node.op is ops.Inv:
            _call(code, node, "solve", ["gesv"], f"{a}, NULL, {out}, {n}, {n}, false")
        else:
            code.line(f"{kind} sign, logarithm;")
            _call(code, node, "slogdet", ["getrf"], f"{a}, &sign, &logarithm, {n}")
            code.line(f"{code.array(node)}[i] = sign * exp_{kind}(logarithm);")


@row(Cofactors, can=are_real)
def write_cofactors(code: Code, node: Node) -> None:
    """The cofactors of each matrix of a stack."""
    (x,) = node.inputs
    n, kind = x.shape[-1], c_type(node.dtype)
    code.few_kinds.add(kind)
    places = (f"{code.array(y)} + i * {n * n}" for y in (x, node))
    code.line(f"for (int64_t i = 0; i < {prod(x.shape[:-2])}; i++)")
    code.line(f"    cofactors_{kind}({', '.join(places)}, {n});")


SEVERAL = {
    ops.SlogDet: ("slogdet", ["getrf"]),
    ops.EigH: ("eigh", ["syevd"]),
    ops.QR: ("qr", ["geqrf", "orgqr"]),
    ops.SVD: ("svd", ["gesdd"]),
}


@by_lapack(*SEVERAL)
def write_of_several_results(code: Code, node: Node) -> None:
    """Several results for each matrix of a stack, those of one kind behind those of another."""
    (x,) = node.inputs
    op: Any = node.op
    name, routines = SEVERAL[op.unpacked]
    *stack, n, m = x.shape
    start, places = 0, []
    for part in op.unpacked.infer([x.spec], node.params).parts:
        size = prod(part.shape[len(stack) :])
        places.append(f"{code.array(node)} + {start} + i * {size}")
        start += prod(part.shape)
    lengths = f"{n}, {m}" if name in ("qr", "svd") else str(n)
    with code.block(f"for (int64_t i = 0; i < {prod(stack)}; i++)"):
        a = f"{code.array(x)} + i * {n * m}"
        _call(code, node, name, routines, f"{a}, {', '.join(places)}, {lengths}")


@by_lapack(ops.Solve, TriangularSolve)
def write_solve(code: Code, node: Node) -> None:
    """The solution for each matrix of a stack; a vector is one column."""
    a, b = node.inputs
    n, k = a.shape[-1], b.shape[-1] if b.ndim > 1 else 1
    stack = node.shape[:-2] if b.ndim > 1 else a.shape[:-2]
    places = []
    for x, size in ((a, n * n), (b, n * k), (node, n * k)):
        own = row_major(stack) if x is node else broadcast_strides(x.shape[:-2], stack)
        terms = [f"i{axis} * {s * size}" for axis, s in enumerate(own) if s]
        places.append(" + ".join([code.array(x), *terms]))
    for axis, count in enumerate(stack):
        code.line(f"for (int64_t i{axis} = 0; i{axis} < {count}; i{axis}++)")
    with code.block():
        arguments = f"{', '.join(places)}, {n}, {k}"
        if node.op is ops.Solve:
            _call(code, node, "solve", ["gesv"], f"{arguments}, false")
        else:
            flag = int(node.params["transpose"])
            _call(code, node, "solve_triangle", ["trsm", "gesv"], f"{arguments}, {flag}")


def _call(code: Code, node: Node, name: str, routines: list[str], arguments: str) -> None:
    kind = c_type(node.dtype)
    code.lapack.update(f"{routine}_{kind}" for routine in routines)
    pointers = ", ".join(f"p->{routine}_{kind}" for routine in routines)
    code.line(f"if ({name}_{kind}({pointers}, {arguments}) != 0) return {code.numbers[node] + 1};")
