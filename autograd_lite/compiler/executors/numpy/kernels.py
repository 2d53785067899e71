"""Kernels: how each op is written down, with its result going where it belongs.

Rows stand beside their code, here, in `products` and in `selecting`. Ops that have none are calls
of their ufunc, or of their own forward rule.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler import lowered
from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.executors.blas import logistic
from autograd_lite.compiler.executors.numpy import products, selecting, windows  # noqa: F401 - rows
from autograd_lite.compiler.executors.numpy.source import ROWS, StepSource, row
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.errors import ShapeError
from autograd_lite.frontend.node import Node

FEW = 512  # elements up to which SciPy's sigmoid, one by one, is quicker than four vector functions
NARROW = 32  # columns of a matrix that is sooner turned than reduced row by row
SHORT = 128  # elements up to which a reduction's own machinery takes longer than its work


def has_kernel(op: Any) -> bool:
    """Whether NumPy computes the op in one call, or there is a row for it."""
    return op in ROWS or (op.elementwise and op.ufunc is not None)


def can_fuse(node: Node) -> bool:
    """Whether a node can be in a loop over tiles."""
    return not isinstance(node.op, Leaf) and node.op.elementwise and has_kernel(node.op)


def emit_kernel(source: StepSource, node: Node) -> None:
    """Write down one op; one without a row runs through its own forward rule."""
    op: Any = node.op
    if op in ROWS and ROWS[op](source, node) is not False:
        return
    if is_ufunc(node):
        arguments = ", ".join(source.operand(x) for x in node.inputs)
        source.emit(f"{source.function(op.ufunc)}({arguments}, {_out(op)}{source.array(node)})")
        return
    emit_call(source, node)


def is_ufunc(node: Node) -> bool:
    """Whether NumPy's function of the op's name gives the dtype that the op does."""
    op: Any = node.op
    if not op.elementwise or op.ufunc is None or node.params:
        return False
    resolved = op.ufunc.resolve_dtypes((*(x.dtype for x in node.inputs), None))
    return bool(resolved[-1] == node.dtype)


def _out(op: Any) -> str:
    """These two deprecate a result by position."""
    return "out=" if op.ufunc in (np.maximum, np.minimum) else ""


def emit_call(source: StepSource, node: Node) -> None:
    """Compute by the op itself, with all of its checks, and copy the result to its place."""
    op, params, shape = op_of(node), node.params, node.shape

    def call(out: np.ndarray[Any, Any], *values: Any) -> None:
        result = np.asarray(op.compute(values, params))
        if result.shape != shape:
            raise ShapeError(
                op.name,
                expected=f"a result shaped {list(shape)}, as was inferred before there were values",
                came=f"one shaped {list(result.shape)}",
                suggestion="let shapes depend on shapes alone, or do not compile this graph",
            )
        np.copyto(out, result, casting="unsafe")

    arguments = ", ".join(source.array(x) for x in (node, *node.inputs))
    source.emit(f"{source.bind(call, 'call')}({arguments})")


@row(lowered.Copy, ops.BroadcastTo)
def _copy(source: StepSource, node: Node) -> None:
    _copied(source, node, source.array(node.inputs[0]))


def _copied(source: StepSource, node: Node, value: str) -> None:
    source.emit(f"{source.function(np.copyto)}({source.array(node)}, {value})")


@row(ops.Cast)
def _cast(source: StepSource, node: Node) -> None:
    out, x = source.array(node), source.array(node.inputs[0])
    source.emit(f"{source.function(np.copyto)}({out}, {x}, 'unsafe')")


@row(ops.ReLU)
def _relu(source: StepSource, node: Node) -> None:
    zero = source.bind(np.zeros((), node.dtype))
    x, out = source.array(node.inputs[0]), source.array(node)
    source.emit(f"{source.function(np.maximum)}({x}, {zero}, out={out})")


@row(ops.Sigmoid)
def _sigmoid(source: StepSource, node: Node) -> None:
    x, out = source.array(node.inputs[0]), source.array(node)
    if node.inputs[0].dtype != node.dtype:  # narrow integers would be computed as narrow floats
        source.emit(f"{source.function(np.copyto)}({out}, {x})")
        x = out
    expit = logistic() if node.size <= FEW else None
    if expit is not None:
        source.emit(f"{source.function(expit)}({x}, {out})")
        return
    one = source.bind(np.ones((), node.dtype))
    source.emit(f"{source.function(np.negative)}({x}, {out})")
    source.emit(f"{source.function(np.exp)}({out}, {out})")
    source.emit(f"{source.function(np.add)}({out}, {one}, {out})")
    source.emit(f"{source.function(np.reciprocal)}({out}, {out})")


@row(ops.Sum)
def _sum(source: StepSource, node: Node) -> None:
    count = short_rows(node)
    if count:
        shape = (node.size, count)[node.size == 1 :]
        out = source.view(node, shape[:-1])
        source.emit(f"{source.view(node.inputs[0], shape)}.dot({ones(source, node)}, {out})")
        return
    _reduction(source, node, np.add.reduce, "total")


def short_rows(node: Node) -> int:
    """The length of the short rows that a sum adds up, each as a product with ones; else 0."""
    (x,) = node.inputs
    axes, count = normalize_axes(node.params["axis"], x.ndim), x.size // max(node.size, 1)
    are_last = sorted(axes) == list(range(x.ndim - len(axes), x.ndim))
    fits = are_last and x.dtype == node.dtype and x.dtype.char in "fd"
    return count if fits and 0 < count <= SHORT else 0


def ones(source: StepSource, node: Node) -> str:
    """As many ones as a sum has summands."""
    return source.bind(np.ones(node.inputs[0].size // node.size, node.dtype))


@row(ops.Max)
def _max(source: StepSource, node: Node) -> bool | None:
    (x,) = node.inputs
    if 0 in x.shape:
        return False
    if x.ndim == node.size == 1 and x.size <= SHORT:
        name = source.array(x)
        source.emit(f"{source.view(node, ())}[()] = {name}[{name}.argmax()]")  # a NaN comes first
        return None
    axes, n = normalize_axes(node.params["axis"], x.ndim), x.shape[-1] if x.ndim else 1
    if axes == (x.ndim - 1,) and n <= NARROW < node.size:  # column by column: NumPy's rows are slow
        source.env["largest"] = np.maximum.reduce
        columns = f"{source.view(x, (node.size, n))}.T.copy()"
        source.emit(f"largest({columns}, 0, None, {source.view(node, (node.size,))})")
        return None
    _reduction(source, node, np.maximum.reduce, "largest")
    return None


def _reduction(source: StepSource, node: Node, reduce: Any, name: str) -> None:
    (x,) = node.inputs
    axes = normalize_axes(node.params["axis"], x.ndim)
    kept = tuple(n for a, n in enumerate(x.shape) if a not in axes)
    axis = axes[0] if len(axes) == 1 else axes
    source.env[name] = reduce
    source.emit(f"{name}({source.array(x)}, {axis!r}, None, {source.view(node, kept)})")


@row(ops.MatrixTranspose, ops.PermuteDims)
def _transposed(source: StepSource, node: Node) -> None:
    axes = node.params.get("axes", (*range(node.ndim - 2), node.ndim - 1, node.ndim - 2))
    x = node.inputs[0]
    view = source.derived(x, lambda a: a.transpose(axes), f"{{}}.transpose({axes!r})")
    _copied(source, node, view)


@row(ops.Aref)
def _pick(source: StepSource, node: Node) -> bool | None:
    """The element of each row that its label names, for labels that are checked."""
    rows, index = node.inputs
    label = source.integer(index)
    if rows.ndim == 1 and label is not None:
        source.emit(f"{source.array(node)}[()] = {source.array(rows)}[{label}]")
        return None
    if not _one_label_a_row(source, rows, index):
        return False
    places = _places(source, index, rows)
    flat = source.view(rows, (rows.size,))
    source.emit(f"{flat}.take({places}, None, {source.view(node, (node.size,))}, 'clip')")
    return None


@row(ops.ScatterAdd)
def _scatter(source: StepSource, node: Node) -> bool | None:
    x, index, _ = node.inputs
    label, out = source.integer(index), source.array(node)
    if node.ndim == 1 and label is not None:
        source.emit(f"{out}.fill(0)")
        source.emit(f"{out}[{label}] = {source.array(x)}")
        return None
    if not _one_label_a_row(source, node, index):
        return False
    source.emit(f"{out}.fill(0)")
    places, flat = _places(source, index, node), source.view(node, (node.size,))
    source.emit(f"{flat}[{places}] = {source.view(x, (x.size,))}")
    return None


@row(lowered.PickGradient)
def _pick_gradient(source: StepSource, node: Node) -> bool | None:
    """Grad ⊙ (onehot - p) as -grad ⊙ (p - onehot), which is one call less where grad is -1."""
    grad, p, index = node.inputs
    label = source.integer(index) if p.ndim == 1 else None
    if label is None and not _one_label_a_row(source, p, index):
        return False
    out = source.array(node)
    if out != source.array(p):
        _copied(source, node, source.array(p))
    if label is None:
        label, flat = _places(source, index, p), source.view(node, (node.size,))
    else:
        flat = out
    source.emit(f"{flat}[{label}] -= {source.bind(np.ones((), node.dtype))}")
    multiply = source.function(np.multiply)
    if grad.op is Leaf.Constant and grad.size == 1:
        if grad.item() != -1:
            minus = source.bind(np.array(-grad.item(), node.dtype))
            source.emit(f"{multiply}({out}, {minus}, {out})")
        return None
    column = source.view(grad, (*grad.shape, 1)) if grad.ndim else source.array(grad)
    source.emit(f"{multiply}({out}, {column}, {out})")
    source.emit(f"{source.function(np.negative)}({out}, {out})")
    return None


def _one_label_a_row(source: StepSource, rows: Node, index: Node) -> bool:
    return source.is_checked(index) and index.shape == rows.shape[:-1] and index.ndim > 0


def _places(source: StepSource, index: Node, rows: Node) -> str:
    """The places of the picked elements in the flattened rows."""
    starts = source.bind(np.arange(index.size, dtype=np.intp) * rows.shape[-1])
    places = source.bind(np.empty(index.size, np.intp))
    add, flat = source.function(np.add), source.view(index, (index.size,))
    source.emit(f"{add}({flat}, {starts}, {places}, casting='unsafe')")
    return places


@row(ops.Accuracy)
def _accuracy(source: StepSource, node: Node) -> bool | None:
    scores, labels = node.inputs
    label, out = source.integer(labels), source.array(node)
    if scores.ndim == 1 and label is not None:
        source.emit(f"{out}[()] = {source.array(scores)}.argmax() == {label}")
        return None
    if not source.is_checked(labels) or labels.shape != scores.shape[:-1] or not labels.size:
        return False
    count = source.function(np.count_nonzero)
    hits = f"{source.array(scores)}.argmax(-1) == {source.array(labels)}"
    source.emit(f"{out}[()] = {count}({hits}) / {labels.size}")
    return None


@row(ops.Stack)
def _stack(source: StepSource, node: Node) -> None:
    arrays = ", ".join(source.array(x) for x in node.inputs)
    source.emit(
        f"{source.function(np.stack)}(({arrays},), {node.params['axis']!r}, {source.array(node)})"
    )


def _is_table(rows: Node, indices: Sequence[Node], key: ops.indexing.Key) -> bool:
    """Whether a key tells places of rows, and nothing else."""
    is_alone = key == (ops.indexing.ArrayIndex(),) and indices[0].dtype.kind in "iu"
    return is_alone and rows.ndim > 1 and rows.size > 0


@row(ops.GetItem)
def _get_item(source: StepSource, node: Node) -> bool | None:
    if _is_table(node.inputs[0], node.inputs[1:], node.params["key"]):
        rows, index = map(source.array, node.inputs)
        source.emit(f"{rows}.take({index}, 0, {source.array(node)})")
        return None
    if len(node.inputs) > 1:
        return False
    key = ops.indexing.join_key(node.params["key"], ())
    key = key if Ellipsis in key else (*key, Ellipsis)  # a view, also of a single element
    name = source.bind(key, "key")
    _copied(source, node, source.derived(node.inputs[0], lambda a: a[key], f"{{}}[{name}]"))
    return None


@row(ops.IndexAdd)
def _index_add(source: StepSource, node: Node) -> None:
    x, _, *indices = node.inputs
    source.emit(f"{source.array(node)}.fill(0)")
    _emit_added(source, node, x, indices, sign="=")


@row(lowered.AddAt)
def _add_at(source: StepSource, node: Node) -> None:
    w, x, *indices = node.inputs
    if source.array(w) != source.array(node):
        _copied(source, node, source.array(w))
    _emit_added(source, node, x, indices, sign="+=")


def _emit_added(
    source: StepSource, node: Node, x: Node, indices: Sequence[Node], sign: str
) -> None:
    """X put, or added, where the key says; where an element is picked twice, it gets both."""
    key, out = node.params["key"], source.array(node)
    if not indices:
        name = source.bind(ops.indexing.join_key(key, ()), "key")
        source.emit(f"{out}[{name}] {sign} {source.array(x)}")
        return
    if _is_table(node, indices, key):
        source.env["add_rows"] = ops.indexing.add_rows
        rows = source.view(node, (node.shape[0], node.size // node.shape[0]))
        source.emit(f"add_rows({rows}, {source.array(indices[0])}, {source.array(x)})")
        return
    place = source.bind(lambda *arrays: ops.indexing.join_key(key, arrays), "place")
    arrays = ", ".join(map(source.array, indices))
    source.env["add_at"] = np.add.at
    source.emit(f"add_at({out}, {place}({arrays}), {source.array(x)})")
