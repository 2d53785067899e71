"""One row for each op of `ops/network.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    FILLED,
    Case,
    folds_entries,
    reals,
    reductions,
    row,
    rows,
    scored_rows,
    shapes,
)


@st.composite
def softmaxes(draw):
    x = draw(shapes(min_dims=1, last=FILLED).flatmap(reals))
    filled = [a for a in range(-x.ndim, x.ndim) if x.shape[a]]
    return Case((x,), {"axis": draw(st.sampled_from(filled))})


def hit_rate(scores, labels):
    hits = np.equal(scores.argmax(-1), labels)
    return scores.dtype.type(np.count_nonzero(hits) / hits.size)


def softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def logsumexp(x, axis, keepdims):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


SAMPLES = {
    "Accuracy": row(
        rows(shared=(False,)).filter(lambda case: case[1].size).map(Case),
        hit_rate,
        ag.accuracy,
        batch=scored_rows,
    ),
    "LogSumExp": row(reductions().filter(folds_entries), logsumexp, ag.logsumexp),
    "SoftMax": row(softmaxes(), softmax, ag.softmax),
}
