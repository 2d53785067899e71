"""One row for each op of `ops/joining.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import LENGTHS, NUMBERS, Case, every_input, reals, row, shapes


@st.composite
def stacks(draw):
    shape = draw(shapes())
    count = draw(st.integers(1, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return Case(tuple(draw(reals(shape)) for _ in range(count)), {"axis": axis})


@st.composite
def joints(draw):
    """Arrays that differ in the length of one axis."""
    shape = list(draw(shapes(min_dims=1)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    arrays = []
    for _ in range(draw(st.integers(1, 3))):
        shape[axis] = draw(st.sampled_from(LENGTHS))
        arrays.append(draw(reals(tuple(shape))))
    return Case(tuple(arrays), {"axis": axis})


@st.composite
def splits(draw):
    arrays, params = draw(joints())
    whole = draw(reals(np.concatenate(arrays, **params).shape))
    part = draw(st.integers(0, len(arrays) - 1))
    return Case((whole, *arrays), {**params, "part": part})


@st.composite
def parts(draw):
    (_, *arrays), params = draw(splits())
    return Case((draw(reals(arrays[params["part"]].shape)), *arrays), params)


def stack(*arrays, axis):
    return np.stack(arrays, axis)


def concatenate(*arrays, axis):
    return np.concatenate(arrays, axis)


def public_stack(*arrays, axis):
    return ag.stack(arrays, axis=axis)


def public_concat(*arrays, axis):
    return ag.concat(arrays, axis=axis)


def split_like(x, *arrays, axis, part):
    ends = np.cumsum([a.shape[axis] for a in arrays])
    return np.split(x, ends, axis)[part]


def join_like(x, *arrays, axis, part):
    zeros = [np.zeros_like(a, dtype=x.dtype) for a in arrays]
    return np.concatenate([*zeros[:part], x, *zeros[part + 1 :]], axis)


def joined_rows(inputs, *, axis):
    """All of them; one alone if they are joined along the batch."""
    return (0,) if axis % inputs[0].ndim == 0 else every_input(inputs)


def split_rows(inputs, *, axis, part):
    """All of them, unless they are joined along the batch."""
    return () if axis % inputs[0].ndim == 0 else every_input(inputs)


SAMPLES = {
    "Concat": row(joints(), concatenate, public_concat, batch=joined_rows, dtypes=NUMBERS),
    "JoinLike": row(parts(), join_like, batch=split_rows),
    "SplitLike": row(splits(), split_like, batch=split_rows),
    "Stack": row(stacks(), stack, public_stack, batch=every_input, dtypes=NUMBERS),
}
