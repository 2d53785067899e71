"""One row for each op of `ops/reduction.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    NUMBERS,
    Case,
    broadcasts,
    collect,
    distinct,
    folds_entries,
    reals,
    reductions,
    row,
)


@st.composite
def spreads(draw):
    """The gradient of a reduction beside what was reduced."""
    (like,), params = draw(reductions())
    return Case((draw(reals(np.sum(like, **params).shape)), like), params)


@st.composite
def sums_like(draw):
    (like,), params = draw(broadcasts())
    return Case((draw(reals(params["shape"])), like))


def sum_like(x, like):
    places = np.broadcast_to(np.arange(like.size).reshape(like.shape), x.shape)
    return collect(x, places, like.shape)


def broadcast_like(x, like, axis, keepdims):
    kept = np.sum(like, axis=axis, keepdims=True).shape
    return np.broadcast_to(x.reshape(kept), like.shape)


def spread_like(x, like, axis, keepdims):
    share = np.sum(like, axis=axis).size / max(like.size, 1)
    return broadcast_like(x * x.dtype.type(share), like, axis, keepdims)


def spread_rows(inputs, *, axis, keepdims):
    like = inputs[1]
    if not like.ndim:
        return ()
    folded = range(like.ndim) if axis is None else np.ravel(axis) % like.ndim
    return (1,) if 0 in folded else (0, 1)


def summed_rows(inputs):
    x, like = inputs
    if not x.ndim:
        return ()
    return (0, 1) if like.ndim == x.ndim and like.shape[0] == x.shape[0] else (0,)


SAMPLES = {
    "Max": row(reductions(distinct).filter(folds_entries), np.max, ag.max, dtypes=NUMBERS),
    "Mean": row(reductions().filter(folds_entries), np.mean, ag.mean),
    "Sum": row(reductions(), np.sum, ag.sum, dtypes=NUMBERS),
    "BroadcastLike": row(spreads(), broadcast_like, batch=spread_rows),
    "SpreadLike": row(spreads().filter(folds_entries), spread_like, batch=spread_rows),
    "SumLike": row(sums_like(), sum_like, batch=summed_rows),
}
