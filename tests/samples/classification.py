"""One row for each op of `ops/classification.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    FILLED,
    Case,
    even,
    labels,
    reals,
    reduces_elements,
    reductions,
    row,
    rows,
    scored_rows,
    shapes,
)


@st.composite
def along_axis(draw):
    x = draw(shapes(min_dims=1, last=FILLED).flatmap(reals))
    filled = [a for a in range(-x.ndim, x.ndim) if x.shape[a]]
    return Case((x,), {"axis": draw(st.sampled_from(filled))})


@st.composite
def with_targets(draw):
    (logits,), params = draw(along_axis())
    return Case((logits, draw(even(logits.shape))), params)


@st.composite
def alike(draw):
    return Case((x := draw(reals((3, 3))), x), {"axis": draw(st.sampled_from([0, -1]))})


@st.composite
def with_labels(draw):
    (logits,), params = draw(along_axis())
    index = draw(labels(np.max(logits, **params).shape, logits.shape[params["axis"]]))
    return Case((logits, index), params)


@st.composite
def indices(draw):
    depth = draw(st.integers(1, 4))
    return Case((draw(shapes().flatmap(lambda shape: labels(shape, depth))),), {"depth": depth})


def hit_rate(scores, labels):
    hits = np.equal(scores.argmax(-1), labels)
    return scores.dtype.type(np.count_nonzero(hits) / hits.size)


def softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def log_softmax(x, axis):
    return np.log(softmax(x, axis))


def logsumexp(x, axis, keepdims):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def one_hot_like(index, like, axis):
    rows = np.eye(like.shape[axis], dtype=like.dtype)[index]
    return np.moveaxis(rows, -1, axis)


def cross_entropy(logits, targets, axis):
    return -np.sum(targets * log_softmax(logits, axis), axis=axis)


def label_loss(logits, index, axis):
    return cross_entropy(logits, one_hot_like(index, logits, axis), axis)


def every_row(inputs, *, axis):
    """The inputs along whose first axis the samples are, which is not the axis of the scores."""
    rank = inputs[0].ndim
    return tuple(range(len(inputs))) if axis % rank != 0 else ()


def every_row_like(inputs, *, axis):
    return every_row(inputs[::-1], axis=axis)


SAMPLES = {
    "Accuracy": row(
        rows(shared=(False,)).filter(lambda case: case[1].size).map(Case),
        hit_rate,
        ag.accuracy,
        batch=scored_rows,
    ),
    "CrossEntropyWithLabels": row(
        with_labels(), label_loss, ag.cross_entropy_with_logits, batch=every_row
    ),
    "CrossEntropyWithLogits": row(
        with_targets(),
        cross_entropy,
        ag.cross_entropy_with_logits,
        batch=every_row,
        shared=alike(),
    ),
    "LogSoftMax": row(along_axis(), log_softmax, ag.log_softmax),
    "LogSumExp": row(reductions().filter(reduces_elements), logsumexp, ag.logsumexp),
    "OneHot": row(indices(), lambda index, depth: np.eye(depth)[index], ag.one_hot),
    "OneHotLike": row(
        with_labels().map(lambda case: case._replace(inputs=case.inputs[::-1])),
        one_hot_like,
        batch=every_row_like,
    ),
    "SoftMax": row(along_axis(), softmax, ag.softmax),
}
