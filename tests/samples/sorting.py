"""One row for each op of `ops/sorting.py`."""

from functools import cache

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import FILLED, NUMBERS, Case, arrays_of, few, reals, row, shapes


@st.composite
def orders(draw):
    x = draw(shapes(min_dims=1).flatmap(few))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return Case((x,), {"axis": axis, "descending": draw(st.booleans())})


@cache
def places_along(length):
    return arrays_of(range(-length, length))


@st.composite
def picks(draw):
    """Places along an axis, from either end; the other axes equal, or 1 for all rows."""
    x = draw(shapes(min_dims=1).flatmap(reals).filter(lambda x: x.size))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape = [draw(st.sampled_from([n, 1])) for n in x.shape]
    shape[axis] = draw(st.sampled_from(FILLED))
    places = places_along(x.shape[axis])(tuple(shape))
    return Case((x, draw(places)), {"axis": axis})


@st.composite
def puts(draw):
    (like, indices), params = draw(picks())
    taken = np.take_along_axis(like, indices, **params)
    return Case((draw(reals(taken.shape)), indices, like), params)


def argsort(x, *, axis, descending):
    size = -x if descending else x
    return np.argsort(size, axis=axis, kind="stable")


def add_along_axis(x, indices, like, *, axis):
    out = np.zeros(like.shape, x.dtype)
    for element in np.ndindex(x.shape):
        wide = np.broadcast_to(indices, x.shape)
        place = list(element)
        place[axis] = wide[element]
        out[tuple(place)] += x[element]
    return out


def sorted_rows(inputs, *, axis, descending):
    return (0,) if axis % inputs[0].ndim else ()


def picked_rows(inputs, *, axis):
    """Those whose first axis is the batch, unless along it is picked."""
    like = inputs[0]
    if axis % like.ndim == 0:
        return ()
    count = max(x.shape[0] for x in inputs)
    return tuple(i for i, x in enumerate(inputs) if x.shape[0] == count)


SAMPLES = {
    "AddAlongAxis": row(puts(), add_along_axis, batch=picked_rows),
    "ArgSort": row(orders(), argsort, ag.argsort, batch=sorted_rows, dtypes=NUMBERS),
    "TakeAlongAxis": row(
        picks(), np.take_along_axis, ag.take_along_axis, batch=picked_rows, dtypes=NUMBERS
    ),
}
