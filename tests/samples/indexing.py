"""One row for each op of `ops/indexing.py`."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.ops.indexing import join_key, split_key
from samples.common import NUMBERS, Case, collect, reals, row, rows, scored_rows, shapes


@st.composite
def scatters(draw):
    like, index = draw(rows())
    return Case((draw(reals(like.shape[:-1])), index, like))


@st.composite
def subscripts(draw):
    """Integers, slices, newaxis and Ellipsis, or arrays of integers."""
    x = draw(shapes().flatmap(reals))
    basic = hnp.basic_indices(x.shape, allow_newaxis=True)
    arrays = hnp.integer_array_indices(x.shape) if x.size and x.ndim else basic
    return x, draw(basic | arrays)


@st.composite
def picks(draw):
    x, key = draw(subscripts())
    static, indices = split_key(key)
    return Case((x, *indices), {"key": static})


@st.composite
def puts(draw):
    (like, *indices), params = draw(picks())
    picked = like[join_key(params["key"], indices)]
    return Case((draw(reals(picked.shape)), like, *indices), params)


def get_item(x, *indices, key):
    return x[join_key(key, indices)]


def index_add(x, like, *indices, key):
    places = np.arange(like.size).reshape(like.shape)[join_key(key, indices)]
    return collect(x, places, like.shape)


def scatter_add(x, index, like):
    places = pick(np.arange(like.size).reshape(like.shape), index)
    return collect(x, places, like.shape)


def pick(a, index):
    flat = a.reshape(-1, a.shape[-1])
    chosen = np.broadcast_to(index, a.shape[:-1]).ravel()
    return flat[np.arange(len(flat)), chosen].reshape(a.shape[:-1])


def scattered_rows(inputs):
    _, index, like = inputs
    return {(): (), (0,): (0, 2), (0, 1): (0, 1, 2)}[scored_rows((like, index))]


SAMPLES = {
    "Aref": row(rows().map(Case), pick, ag.aref, batch=scored_rows, dtypes=NUMBERS),
    "ScatterAdd": row(scatters(), scatter_add, batch=scattered_rows),
    "GetItem": row(picks(), get_item, batch="a key is drawn for one shape", dtypes=NUMBERS),
    "IndexAdd": row(puts(), index_add, batch="a key is drawn for one shape"),
}
