"""One row for each op of `ops/network.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    FILLED,
    Case,
    distinct,
    labels,
    reals,
    reduces_elements,
    reductions,
    row,
    shapes,
)


@st.composite
def standards(draw):
    """Elements that differ, along axes that hold some."""
    (x,), params = draw(reductions(distinct).filter(reduces_elements))
    return Case((x,), {"axis": params["axis"], "eps": draw(st.sampled_from([0.1, 0.5]))})


def standardize(x, axis, eps):
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, keepdims=True) + x.dtype.type(eps))


@st.composite
def drops(draw):
    seed = np.array(draw(st.integers(0, 2**40)))
    return Case(
        (draw(shapes().flatmap(reals)), seed), {"rate": draw(st.sampled_from([0, 0.25, 0.5]))}
    )


def dropped(x, seed, rate):
    draws = np.random.Generator(np.random.Philox(key=int(seed))).random(x.shape, dtype=np.float32)
    return x * (draws >= rate) / x.dtype.type(1 - rate)


@st.composite
def lookups(draw):
    table = draw(shapes(min_dims=1).filter(lambda shape: shape[0]).flatmap(reals))
    return Case((table, draw(labels(draw(shapes(last=FILLED)), len(table)))))


def index_rows(inputs):
    return (1,) if inputs[1].ndim else ()


SAMPLES = {
    "Dropout": row(drops(), dropped),
    "Embedding": row(lookups(), lambda table, index: table[index], ag.embedding, batch=index_rows),
    "Standardize": row(standards(), standardize),
}
