"""Rows for ops that walk along an axis: cumulative sums and products, sorting, searching."""

from math import prod

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node
from autograd_lite.ops.scan import scanned


def around(shape: Shape, axis: int) -> tuple[int, int, int]:
    """How many elements there are before an axis, along it and behind it.

    >>> around((2, 3, 4, 5), 1)
    (2, 3, 20)
    """
    return prod(shape[:axis]), shape[axis], prod(shape[axis + 1 :])


@row(ops.CumulativeSum, ops.CumulativeProd)
def write_cumulative(code: Code, node: Node) -> None:
    """Each element and the result so far, in the order of the axis."""
    (x,) = node.inputs
    axis = scanned(node.params["axis"], x.ndim)
    before, n, behind = around(x.shape, axis)
    sign, identity = ("+", 0) if node.op is ops.CumulativeSum else ("*", 1)
    reverse, initial = node.params["reverse"], node.params["include_initial"]
    step, shift = -1 if reverse else 1, int(initial and not reverse)
    with code.block(f"for (int64_t o = 0; o < {before}; o++)"):
        code.line(f"const {c_type(x.dtype)} *x = {code.array(x)} + o * {n * behind};")
        code.line(f"{c_type(node.dtype)} *out = {code.array(node)} + o * {(n + initial) * behind};")
        if initial:
            place = f"{n if reverse else 0} * {behind} + j"
            code.line(f"for (int64_t j = 0; j < {behind}; j++) out[{place}] = {identity};")
        with code.block(f"for (int64_t k = 0; k < {n}; k++)"):
            code.line(f"const int64_t i = {f'{n - 1} - k' if reverse else 'k'}, to = i + {shift};")
            code.line("#pragma omp simd")
            code.line(
                f"for (int64_t j = 0; j < {behind}; j++) out[to * {behind} + j] = k == 0 "
                f"? x[i * {behind} + j] "
                f": out[(to - {step}) * {behind} + j] {sign} x[i * {behind} + j];"
            )


@row(ops.ArgSort)
def write_argsort(code: Code, node: Node) -> None:
    """The places along an axis in order."""
    (x,) = node.inputs
    before, n, behind = around(x.shape, node.params["axis"] % x.ndim)
    kind = code.ordered_kind(x)
    with code.block():
        code.line(f"void *room = malloc({2 * max(n, 1)} * sizeof(struct placed_{kind}));")
        code.line(f"if (room == NULL) return {code.numbers[node] + 1};")
        code.line(f"for (int64_t o = 0; o < {before}; o++)")
        code.line(f"for (int64_t j = 0; j < {behind}; j++)")
        place = f"o * {n * behind} + j"
        arrays = f"{code.array(x)} + {place}, {code.array(node)} + {place}"
        descending = int(node.params["descending"])
        code.line(f"    sort_places_{kind}({arrays}, {behind}, {n}, {descending}, room);")
        code.line("free(room);")


def can_search(node: Node) -> bool:
    """Whether x and y are compared in the dtype that they have."""
    x, y = node.inputs
    return x.dtype == y.dtype


@row(ops.SearchSorted, can=can_search)
def write_search(code: Code, node: Node) -> None:
    """Where each y belongs among x, by halving."""
    x, y = node.inputs
    call = f"search_{code.ordered_kind(x)}({code.array(x)}, {x.size}, {code.array(y)}[k], "
    right = int(node.params["side"] == "right")
    code.line(f"for (int64_t k = 0; k < {y.size}; k++) {code.array(node)}[k] = {call}{right});")
