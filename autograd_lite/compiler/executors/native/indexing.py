"""Rows for index arrays: elements are read, or added up, at places that are known when it runs.

A place is checked where it is used: a step that meets one outside ends, and returns the number of
the node plus one.
"""

from itertools import dropwhile
from math import prod

from autograd_lite import ops
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.layout import (
    Strides,
    broadcast_strides,
    row_major,
    walk,
)
from autograd_lite.compiler.executors.native.moving import write_move, write_view
from autograd_lite.compiler.executors.native.parts import everything, seen
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.compiler.lowered import AddAt
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node
from autograd_lite.ops.indexing import ArrayIndex, Slice

WHOLE = Slice(None, None, None)
ADDING = (ops.IndexAdd, AddAt)


def can_index(node: Node) -> bool:
    """Whether there is a row: for no index arrays, or for arrays of one shape side by side.

    Before them may be axes that are taken whole.
    """
    index, rows = _indices(node), _rows(node)
    if not index:
        found = seen(ops.GetItem, rows.shape, (), node.params)
        return found.shape == _picked(node).shape
    arrays = list(dropwhile(WHOLE.__eq__, node.params.get("key", (ArrayIndex(),))))
    alone = all(isinstance(part, ArrayIndex) for part in arrays)
    return alone and len({x.shape for x in index}) == 1 and all(x.dtype.kind in "iu" for x in index)


@row(ops.IndexAdd, can=can_index)
def write_index_add(code: Code, node: Node) -> None:
    """Zeros, with x added at the key."""
    code.line(f"memset({code.array(node)}, 0, {node.size} * sizeof *{code.array(node)});")
    _write_added(code, node)


@row(AddAt, can=can_index)
def write_add_at(code: Code, node: Node) -> None:
    """W, copied unless it lies here already, with x added at the key."""
    w = node.inputs[0]
    if code.pointer(w) != code.pointer(node):
        out = code.array(node)
        code.line(f"memcpy({out}, {code.array(w)}, {node.size} * sizeof *{out});")
    _write_added(code, node)


def _write_added(code: Code, node: Node) -> None:
    if _indices(node):
        _write_indexed(code, node, "{rows}[{at}] += {picked}[{k}];")
        return
    to = seen(ops.GetItem, node.shape, (), node.params)
    write_move(code, node, to, _picked(node), everything(to.shape), sign="+=")


@row(ops.GetItem, ops.Embedding, can=can_index)
def write_get_item(code: Code, node: Node) -> None:
    """The elements that the key names."""
    if not _indices(node):
        write_view(code, node)
        return
    _write_indexed(code, node, "{picked}[{k}] = {rows}[{at}];")


def _indices(node: Node) -> tuple[Node, ...]:
    return node.inputs[2 if node.op in ADDING else 1 :]


def _rows(node: Node) -> Node:
    """What is indexed."""
    return node if node.op in ADDING else node.inputs[0]


def _picked(node: Node) -> Node:
    """What has an element, or a row, for each index."""
    return node.inputs[node.op is AddAt] if node.op in ADDING else node


def _write_indexed(code: Code, node: Node, statement: str) -> None:
    index, rows = _indices(node), _rows(node)
    first = len(node.params["key"]) - len(index) if "key" in node.params else 0
    lengths = rows.shape[first : first + len(index)]
    width = prod(rows.shape[first + len(index) :])
    names = {"rows": code.array(rows), "picked": code.array(_picked(node))}
    at, k = f"(o * {prod(lengths)} + row) * {width} + k", f"(o * {index[0].size} + r) * {width} + k"
    with code.block(f"for (int64_t r = 0; r < {index[0].size}; r++)"):
        code.line("int64_t row = 0;")
        for axis, (x, n) in enumerate(zip(index, lengths, strict=True)):
            _write_place(code, node, f"j{axis}", f"{code.array(x)}[r]", n)
            code.line(f"row = row * {n} + j{axis};")
        code.line(f"for (int64_t o = 0; o < {prod(rows.shape[:first])}; o++)")
        code.line(f"for (int64_t k = 0; k < {width}; k++) {statement.format(at=at, k=k, **names)}")


def _write_place(code: Code, node: Node, name: str, value: str, length: int) -> None:
    """A place along an axis, counted from 0; labels are never counted from the end."""
    code.line(f"int64_t {name} = (int64_t){value};")
    if node.op is not ops.Embedding:
        code.line(f"{name} += {name} < 0 ? {length} : 0; /* -1 is the last one */")
    code.line(f"if ({name} < 0 || {name} >= {length}) return {code.numbers[node] + 1};")


# Places along one axis, row by row


def can_go_along(node: Node) -> bool:
    """Whether the places are integers."""
    return node.inputs[1].dtype.kind in "iu"


@row(ops.TakeAlongAxis, can=can_go_along)
def write_take_along(code: Code, node: Node) -> None:
    """The elements of x at the places along an axis."""
    x = node.inputs[0]
    statement = f"{code.array(node)}[{{k}}] = {code.array(x)}[{{at}}];"
    _write_along(code, node, x, node, statement)


@row(ops.AddAlongAxis, can=can_go_along)
def write_add_along(code: Code, node: Node) -> None:
    """Zeros, with x added at the places along an axis."""
    x = node.inputs[0]
    out = code.array(node)
    code.line(f"memset({out}, 0, {node.size} * sizeof *{out});")
    _write_along(code, node, node, x, f"{out}[{{at}}] += {code.array(x)}[{{k}}];")


def _write_along(code: Code, node: Node, whole: Node, picked: Node, statement: str) -> None:
    """A loop over the picked elements; `whole` is where they are in, and `at` their place there."""
    index = node.inputs[1]
    axis = node.params["axis"] % node.ndim
    strides, step = _without_axis(whole.shape, picked.shape, axis)
    own = {"k": row_major(picked.shape), "at": strides}
    own["index"] = broadcast_strides(index.shape, picked.shape)
    moves = walk(picked.shape, own)
    indices = [f"i{a}" for a in range(len(moves.sizes))]
    for i, size in zip(indices, moves.sizes, strict=True):
        code.line(f"for (int64_t {i} = 0; {i} < {size}; {i}++)")
    with code.block():
        value = f"{code.array(index)}[{moves.offset('index', indices)}]"
        _write_place(code, node, "j", value, whole.shape[axis])
        at = f"{moves.offset('at', indices)} + j * {step}"
        code.line(statement.format(at=at, k=moves.offset("k", indices)))


def _without_axis(shape: Shape, loop: Shape, axis: int) -> tuple[Strides, int]:
    """The strides of an array in a loop that does not move along one axis; its stride there."""
    step = row_major(shape)[axis]
    strides = list(broadcast_strides(shape, loop))
    strides[axis] = 0
    return tuple(strides), step
