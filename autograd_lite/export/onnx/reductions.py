"""Rows of ops that reduce along axes, classify, sort and walk along an axis."""

from functools import partial

import numpy as np

from autograd_lite.core.shapes import normalize_axes
from autograd_lite.export.onnx.emitter import ROWS, Emitter, row
from autograd_lite.frontend.node import Node


def _reduced(e: Emitter, node: Node, kind: str, name: str) -> str:
    axes = normalize_axes(node.params["axis"], node.inputs[0].ndim)
    keep = int(node.params.get("keepdims", False))
    return e.op(kind, name, e.integers(*axes), keepdims=keep) if axes else name


def _reduction(kind: str, e: Emitter, node: Node) -> str:
    return _reduced(e, node, kind, *e.operands(node))


REDUCTIONS = ("Sum", "Prod", "Max", "Min", "Mean", "LogSumExp")
ROWS.update({name: partial(_reduction, f"Reduce{name}") for name in REDUCTIONS})


@row("All", "Any")
def all_any(e: Emitter, node: Node) -> str:
    """The smallest or the largest of zeros and ones."""
    (x,) = e.operands(node, np.bool_)
    kind = {"All": "ReduceMin", "Any": "ReduceMax"}[node.op.name]
    return e.cast(_reduced(e, node, kind, e.cast(x, np.bool_, np.int32)), np.int32, np.bool_)


@row("CountNonzero")
def count_nonzero(e: Emitter, node: Node) -> str:
    """The sum of zeros and ones."""
    (x,) = e.operands(node, np.bool_)
    return _reduced(e, node, "ReduceSum", e.cast(x, np.bool_, np.int64))


@row("ArgMax", "ArgMin")
def arg_extreme(e: Emitter, node: Node) -> str:
    """Along an axis, or among all elements."""
    (x,) = node.inputs
    name, axis, keep = e.names[x], node.params["axis"], node.params["keepdims"]
    if axis is not None:
        return e.op(node.op.name, name, axis=axis, keepdims=int(keep))
    flat = e.op(node.op.name, e.reshape(name, (-1,)), axis=0, keepdims=0)
    return e.reshape(flat, (1,) * x.ndim) if keep else flat


@row("SearchSorted")
def search_sorted(e: Emitter, node: Node) -> str:
    """How many elements are below."""
    x, y = node.inputs
    below = {"left": "Less", "right": "LessOrEqual"}[node.params["side"]]
    first, second = e.operands(node, np.result_type(x.dtype, y.dtype))
    hits = e.op(below, first, e.unsqueeze(second, (y.ndim,)))
    return e.op("ReduceSum", e.cast(hits, np.bool_, np.int64), e.integers(-1), keepdims=0)


@row("ArgSort")
def argsort(e: Emitter, node: Node) -> str:
    """The second output of TopK, of all elements."""
    (x,) = node.inputs
    axis, largest = node.params["axis"], int(node.params["descending"])
    count = e.total([x], axis % x.ndim)
    return e.op("TopK", e.names[x], count, outputs=2, axis=axis, largest=largest, sorted=1)


@row("CumulativeSum")
def cumulative_sum(e: Emitter, node: Node) -> str:
    """With a 0 before the first, or behind the last, where it is asked for."""
    (x,), (name,) = node.inputs, e.operands(node)
    axis, reverse = (node.params["axis"] or 0) % x.ndim, node.params["reverse"]
    total = e.op("CumSum", name, e.constant(axis, np.int64), reverse=int(reverse))
    if not node.params["include_initial"]:
        return total
    zero = e.constant(np.zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :]), node.dtype))
    return e.op("Concat", *([total, zero] if reverse else [zero, total]), axis=axis)


# Classification


@row("SoftMax", "LogSoftMax")
def softmax(e: Emitter, node: Node) -> str:
    """Along an axis."""
    kind = {"SoftMax": "Softmax", "LogSoftMax": "LogSoftmax"}[node.op.name]
    return e.op(kind, *e.operands(node), axis=node.params["axis"])


@row("CrossEntropyWithLabels")
def cross_entropy_with_labels(e: Emitter, node: Node) -> str:
    """Minus the log-softmax at the labels."""
    logits, labels = node.inputs
    axis = node.params["axis"] % logits.ndim
    scores = e.op("LogSoftmax", e.names[logits], axis=axis)
    places = e.unsqueeze(e.whole(labels), (axis,))
    return e.op("Neg", e.squeeze(e.op("GatherElements", scores, places, axis=axis), (axis,)))


@row("OneHot")
def one_hot(e: Emitter, node: Node) -> str:
    """Which number the label is."""
    (index,) = node.inputs
    numbers = e.constant(np.arange(node.params["depth"]))
    hits = e.op("Equal", e.unsqueeze(e.whole(index), (index.ndim,)), numbers)
    return e.cast(hits, np.bool_, node.dtype)


@row("OneHotLike")
def one_hot_like(e: Emitter, node: Node) -> str:
    """Which place of an axis the label is."""
    index, like = node.inputs
    axis = node.params["axis"] % like.ndim
    numbers = np.arange(like.shape[axis]).reshape(-1, *(1,) * (like.ndim - 1 - axis))
    hits = e.op("Equal", e.unsqueeze(e.whole(index), (axis,)), e.constant(numbers))
    return e.cast(hits, np.bool_, node.dtype)


@row("Accuracy")
def accuracy(e: Emitter, node: Node) -> str:
    """The mean of the hits."""
    scores, labels = node.inputs
    best = e.op("ArgMax", e.names[scores], axis=-1, keepdims=0)
    hits = e.cast(e.op("Equal", best, e.whole(labels)), np.bool_, node.dtype)
    return e.op("ReduceMean", hits, keepdims=0) if labels.ndim else hits
