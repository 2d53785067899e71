"""One row for each op of `ops/reduction.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    NUMBERS,
    Case,
    axes,
    broadcasts,
    collect,
    distinct,
    factors,
    first_input,
    reals,
    reduces_elements,
    reductions,
    row,
    shapes,
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


def reduced(x, axis):
    """How many elements become one."""
    return int(np.prod(np.array(x.shape, int)[... if axis is None else np.array(axis, int)]))


@st.composite
def deviations(draw, values, *, corrections, least=1):
    """Reductions of at least so many elements, with a correction that leaves some of them."""
    enough = reductions(values).filter(lambda case: reduced(case[0][0], case[1]["axis"]) >= least)
    (x,), params = draw(enough)
    smaller = [c for c in corrections if c < reduced(x, params["axis"])]
    return Case((x,), {**params, "correction": draw(st.sampled_from(smaller))})


@st.composite
def products(draw):
    """Few factors, as high powers are rough, some of them 0."""
    x = draw(shapes().map(lambda shape: tuple(min(n, 3) for n in shape[:2])).flatmap(factors))
    return Case((x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())})


def variance(function):
    def reference(x, axis, correction, keepdims):
        return function(x, axis=axis, ddof=correction, keepdims=keepdims)

    return reference


def count_like(like, axis, correction):
    return np.asarray(reduced(like, axis) - correction, like.dtype)


def counted(case):
    return Case(case.inputs, {k: v for k, v in case.params.items() if k != "keepdims"})


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
    reduced = range(like.ndim) if axis is None else np.ravel(axis) % like.ndim
    return (1,) if 0 in reduced else (0, 1)


def summed_rows(inputs):
    x, like = inputs
    if not x.ndim:
        return ()
    return (0, 1) if like.ndim == x.ndim and like.shape[0] == x.shape[0] else (0,)


def spread_batch(inputs, *, axis, correction, keepdims):
    """The only row of a batch of one has no variance that is corrected by 1."""
    return () if correction == 1 else first_input(inputs)


CORRECTIONS = (0, 1, -0.5)

SAMPLES = {
    "Max": row(reductions(distinct).filter(reduces_elements), np.max, ag.max, dtypes=NUMBERS),
    "Min": row(reductions(distinct).filter(reduces_elements), np.min, ag.min, dtypes=NUMBERS),
    "Mean": row(reductions().filter(reduces_elements), np.mean, ag.mean),
    "Prod": row(products(), np.prod, ag.prod, dtypes=NUMBERS),
    "Std": row(
        deviations(distinct, corrections=CORRECTIONS, least=2),
        variance(np.std),
        ag.std,
        batch=spread_batch,
    ),
    "Var": row(
        deviations(reals, corrections=CORRECTIONS), variance(np.var), ag.var, batch=spread_batch
    ),
    "CountLike": row(
        deviations(reals, corrections=(0, 1)).map(counted), count_like, batch=first_input
    ),
    "Sum": row(reductions(), np.sum, ag.sum, dtypes=NUMBERS),
    "BroadcastLike": row(spreads(), broadcast_like, batch=spread_rows),
    "SpreadLike": row(spreads().filter(reduces_elements), spread_like, batch=spread_rows),
    "SumLike": row(sums_like(), sum_like, batch=summed_rows),
}
