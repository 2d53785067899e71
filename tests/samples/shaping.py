"""One row for each op of `ops/shaping.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import (
    NUMBERS,
    Case,
    broadcast_rows,
    broadcasts,
    elementwise,
    reals,
    row,
    shapes,
)


def reshaped(shape):
    """Shapes of as many elements, one length possibly -1."""
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


@st.composite
def fixed_lengths(draw):
    x = draw(shapes().flatmap(reals))
    lengths = [draw(st.sampled_from([n, None, n if n == 1 else -1])) for n in x.shape]
    return Case((x,), {"lengths": tuple(lengths)})


@st.composite
def rolls(draw):
    x = draw(shapes().flatmap(reals))
    shift = st.integers(-4, 4)
    axis = draw(st.none() | several_axes(x.ndim))
    count = len(axis) if isinstance(axis, tuple) else 0
    many = st.lists(shift, min_size=count, max_size=count).map(tuple)
    return Case((x,), {"shift": draw(many if count else shift), "axis": axis})


def several_axes(rank):
    """One axis, or two different ones."""
    ends = [a for n in range(rank) for a in (n, n - rank)]
    two = st.permutations(range(rank)).map(lambda order: tuple(order[:2]))
    return st.sampled_from(ends) | two if ends else st.none()


def public_roll(x, *, shift, axis):
    return ag.roll(x, shift, axis=axis)


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
    "BroadcastWith": row(
        elementwise(reals, reals),
        lambda x, y: np.broadcast_arrays(x, y)[0],
        batch=broadcast_rows,
        dtypes=NUMBERS,
    ),
    "Cast": row(casts(), np.asarray, astype),
    "ExpandDims": row(expansions(), np.expand_dims, ag.expand_dims, dtypes=NUMBERS),
    "MatrixTranspose": row(
        matrices(), lambda x: np.swapaxes(x, -1, -2), ag.matrix_transpose, dtypes=NUMBERS
    ),
    "OfLengths": row(
        fixed_lengths(), lambda x, lengths: x, batch="its length is a parameter", dtypes=NUMBERS
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
    "Roll": row(rolls(), np.roll, public_roll, dtypes=NUMBERS),
    "Squeeze": row(squeezes(), np.squeeze, ag.squeeze, batch=kept_rows, dtypes=NUMBERS),
}
