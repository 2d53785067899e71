"""One row for each op of `ops/shaping.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    NUMBERS,
    Case,
    broadcasts,
    elementwise,
    every_input,
    reals,
    row,
    shapes,
)


def reshaped(shape):
    """Shapes of as many entries, one length possibly -1."""
    size = int(np.prod(shape))
    rows = [(shape[0], size // shape[0]), (-1, size // shape[0])] if shape and size else []
    return st.sampled_from([*rows, shape[::-1], (size,), (-1,), (1, *shape), (-1, 1)])


@st.composite
def reshapes(draw):
    x = draw(shapes().flatmap(reals))
    return Case((x,), {"shape": draw(reshaped(x.shape))})


@st.composite
def reshapes_like(draw):
    (like,), params = draw(reshapes())
    return Case((draw(reals(like.reshape(params["shape"]).shape)), like))


@st.composite
def matrices(draw):
    return Case((draw(shapes(min_dims=2).flatmap(reals)),))


@st.composite
def stacks(draw):
    shape = draw(shapes())
    count = draw(st.integers(1, 3))
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    return Case(tuple(draw(reals(shape)) for _ in range(count)), {"axis": axis})


@st.composite
def casts(draw):
    (x,), _ = draw(elementwise(reals))
    return Case((x,), {"dtype": draw(st.sampled_from(["float64", "float32"]))})


@st.composite
def expansions(draw):
    """One or two new axes, counted in the result from either end."""
    x = draw(shapes().flatmap(reals))
    count = draw(st.sampled_from([1, 2]))
    rank = x.ndim + count
    places = draw(st.permutations(range(rank)))[:count]
    axis = tuple(draw(st.sampled_from([a, a - rank])) for a in places)
    return Case((x,), {"axis": axis if draw(st.booleans()) or count == 2 else axis[0]})


@st.composite
def squeezes(draw):
    (x,), params = draw(expansions())
    return Case((np.expand_dims(x, **params),), params)


@st.composite
def permutations(draw):
    x = draw(shapes().flatmap(reals))
    order = draw(st.permutations(range(x.ndim)))
    return Case((x,), {"axes": tuple(draw(st.sampled_from([a, a - x.ndim])) for a in order)})


def stack(*arrays, axis):
    return np.stack(arrays, axis)


def public_stack(*arrays, axis):
    return ag.stack(arrays, axis=axis)


def reshape_like(x, like):
    return x.reshape(like.shape)


def astype(x, dtype):
    return ag.astype(x, dtype)  # the array API has it positional


def equal_rows(inputs):
    x, like = inputs
    return (0, 1) if x.ndim and x.shape[:1] == like.shape[:1] else ()


def open_rows(inputs, *, shape):
    return (0,) if inputs[0].ndim and shape[:1] == (-1,) else ()


def kept_rows(inputs, *, axis):
    return () if 0 in np.ravel(axis) % inputs[0].ndim else (0,)


SAMPLES = {
    "Alias": row(elementwise(reals), np.asarray, dtypes=NUMBERS),
    "BroadcastTo": row(
        broadcasts(),
        np.broadcast_to,
        ag.broadcast_to,
        batch="the shape is a parameter",
        dtypes=NUMBERS,
    ),
    "Cast": row(casts(), np.asarray, astype),
    "ExpandDims": row(expansions(), np.expand_dims, ag.expand_dims, dtypes=NUMBERS),
    "MatrixTranspose": row(
        matrices(), lambda x: np.swapaxes(x, -1, -2), ag.matrix_transpose, dtypes=NUMBERS
    ),
    "PermuteDims": row(permutations(), np.transpose, ag.permute_dims, dtypes=NUMBERS),
    "Reshape": row(
        reshapes(),
        lambda x, shape: np.reshape(x, shape),  # noqa: PLW0108 - named otherwise before NumPy 2.1
        ag.reshape,
        batch=open_rows,
        dtypes=NUMBERS,
    ),
    "ReshapeLike": row(reshapes_like(), reshape_like, batch=equal_rows),
    "Squeeze": row(squeezes(), np.squeeze, ag.squeeze, batch=kept_rows, dtypes=NUMBERS),
    "Stack": row(stacks(), stack, public_stack, batch=every_input, dtypes=NUMBERS),
}
