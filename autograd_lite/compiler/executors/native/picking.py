"""Rows for labels: picking the element that a row's label names, and putting elements back there.

Labels are checked where they are used: a step that meets one outside of its row ends, and returns
the number of the node plus one.
"""

from math import prod

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code, number_of
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.compiler.lowered import PickGradient
from autograd_lite.frontend.node import Node


def can_pick(rows: Node, index: Node) -> bool:
    """Whether there is a label for each row, or one for the rows of every leading axis."""
    fits = index.shape == rows.shape[rows.ndim - 1 - index.ndim : -1]
    return rows.ndim > 0 and index.dtype.kind in "iu" and fits


def can_aref(node: Node) -> bool:
    """Whether an Aref has a row."""
    return can_pick(*node.inputs)


@row(ops.Aref, can=can_aref)
def write_aref(code: Code, node: Node) -> None:
    """The element of each row that its label names."""
    rows, index = node.inputs
    with code.block(_each_row(rows)):
        _label(code, node, index, rows)
        code.line(f"{code.array(node)}[r] = {code.array(rows)}[r * {rows.shape[-1]} + label];")


def can_scatter(node: Node) -> bool:
    """Whether a ScatterAdd has a row."""
    x, index, like = node.inputs
    return can_pick(like, index) and x.shape == like.shape[:-1] and x.dtype == node.dtype


@row(ops.ScatterAdd, can=can_scatter)
def write_scatter(code: Code, node: Node) -> None:
    """Zeros, and at each row's label its x."""
    x, index, like = node.inputs
    out = code.array(node)
    code.line(f"memset({out}, 0, {node.size} * sizeof *{out});")
    with code.block(_each_row(like)):
        _label(code, node, index, like)
        value = number_of(x) or f"{code.array(x)}[r]"
        code.line(f"{out}[r * {like.shape[-1]} + label] = {value};")


def can_pick_gradient(node: Node) -> bool:
    """Whether a PickGradient has a row."""
    grad, p, index = node.inputs
    same = grad.dtype == p.dtype == node.dtype
    return same and can_pick(p, index) and grad.size in (1, prod(p.shape[:-1]))


@row(PickGradient, can=can_pick_gradient)
def write_pick_gradient(code: Code, node: Node) -> None:
    """Grad · (onehot(label) - p), row by row."""
    grad, p, index = node.inputs
    n, out, kind = p.shape[-1], code.array(node), c_type(node.dtype)
    with code.block(_each_row(p)):
        _label(code, node, index, p)
        place = "0" if grad.size == 1 else "r"
        code.line(f"const {kind} grad = {number_of(grad) or f'{code.array(grad)}[{place}]'};")
        code.line("#pragma omp simd")
        element = f"r * {n} + j"
        code.line(
            f"for (int64_t j = 0; j < {n}; j++) "
            f"{out}[{element}] = grad * ((j == label) - {code.array(p)}[{element}]);"
        )


def can_judge(node: Node) -> bool:
    """Whether an Accuracy has a row."""
    scores, labels = node.inputs
    real = scores.dtype == node.dtype and node.dtype.kind == "f"
    return real and can_pick(scores, labels) and scores.shape[-1] > 0


@row(ops.Accuracy, can=can_judge)
def write_accuracy(code: Code, node: Node) -> None:
    """The share of rows whose largest element, the first of them, is at the label."""
    scores, labels = node.inputs
    n, name, kind = scores.shape[-1], code.array(scores), c_type(node.dtype)
    count = prod(scores.shape[:-1])
    with code.block():
        code.line("int64_t hits = 0;")
        with code.block(_each_row(scores)):
            _label(code, node, labels, scores)
            code.line(f"const {kind} *row = {name} + r * {n};")
            code.line("int64_t best = 0; /* a NaN counts as the largest */")
            code.line(f"for (int64_t j = 1; j < {n}; j++)")
            code.line("    if (row[best] == row[best] && !(row[j] <= row[best])) best = j;")
            code.line("hits += best == label;")
        code.line(f"*{code.array(node)} = ({kind})hits / {count};")


def _each_row(rows: Node) -> str:
    return f"for (int64_t r = 0; r < {prod(rows.shape[:-1])}; r++)"


def _label(code: Code, node: Node, index: Node, rows: Node) -> None:
    """The label of row r, refused if it is outside; rows of leading axes may share labels."""
    shared = index.size < prod(rows.shape[:-1])
    place = f"r % {index.size}" if shared else "r"
    value = number_of(index) or f"{code.array(index)}[{place}]"
    code.line(f"const uint64_t label = (uint64_t){value};")
    code.line(f"if (label >= {rows.shape[-1]}) return {code.numbers[node] + 1};")
