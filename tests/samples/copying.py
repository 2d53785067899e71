"""One row for each op of `ops/copying.py`."""

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag
from samples.common import NUMBERS, Case, reals, row, shapes


@st.composite
def paddings(draw):
    """One width for all, a pair for all, or a pair for each axis."""
    x = draw(shapes().flatmap(reals))
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    pairs = st.lists(pair, min_size=x.ndim, max_size=x.ndim).map(tuple)
    width = draw(st.integers(0, 2) | pair | pairs if x.ndim else st.just(1))
    return Case((x,), {"width": width, "value": draw(st.sampled_from([0.0, 2.0]))})


@st.composite
def frames(draw):
    """Frames of an array's own elements, so of arrays that have some."""
    (x,), params = draw(paddings().filter(lambda case: case.inputs[0].size))
    mode = draw(st.sampled_from(["edge", "reflect", "symmetric", "wrap"]))
    return Case((x,), {"width": params["width"], "mode": mode})


@st.composite
def tilings(draw):
    x = draw(shapes().flatmap(reals))
    count = st.integers(0, 3)
    return Case((x,), {"repetitions": draw(count | st.lists(count, max_size=4).map(tuple))})


@st.composite
def repetitions(draw):
    """One count for all, or one for each element of the axis."""
    x = draw(shapes(min_dims=1).flatmap(reals))
    axis, count = draw(st.integers(-x.ndim, x.ndim - 1)), st.integers(0, 3)
    length = x.shape[axis]
    counts = st.lists(count, min_size=length, max_size=length).map(tuple)
    return Case((x,), {"repeats": draw(count | counts), "axis": axis})


@st.composite
def adjoints(draw, cases, function):
    """An array like what the function makes of another one, and that one."""
    (like,), params = draw(cases)
    return Case((draw(reals(function(like, **params).shape)), like), params)


def transposed(function):
    """The adjoint of a linear function: its matrix the other way round."""

    def reference(x, like, **params):
        columns = [function(unit.reshape(like.shape), **params) for unit in np.eye(like.size)]
        matrix = np.array([np.ravel(column) for column in columns]).reshape(like.size, x.size)
        return (matrix @ np.ravel(x)).reshape(like.shape).astype(x.dtype)

    return reference


def pad(x, *, width, value):
    return np.pad(x, width, constant_values=value)


def public_pad(x, *, width, value):
    return ag.pad(x, width, constant_values=value)


def mirror_pad(x, *, width, mode):
    return np.pad(x, width, mode)


def public_tile(x, *, repetitions):
    return ag.tile(x, repetitions)


def public_repeat(x, *, repeats, axis):
    return ag.repeat(x, repeats, axis=axis)


def tiled_rows(inputs, *, repetitions):
    """The first axis stays the first one, and is not empty, unless axes are put before it."""
    (x,) = inputs
    filled = x.size and 0 not in np.ravel(repetitions)
    return (0,) if x.ndim and filled and len(np.ravel(repetitions)) <= x.ndim else ()


def repeated_rows(inputs, *, repeats, axis):
    """One count for all; several are for one length."""
    (x,) = inputs
    return (0,) if x.size and repeats != 0 and (np.ndim(repeats) == 0 or axis % x.ndim) else ()


def tile(x, *, repetitions):
    return np.tile(x, repetitions)


LIKE = "the first axis of the one depends on the other"

SAMPLES = {
    "MirrorPad": row(frames(), mirror_pad, dtypes=NUMBERS),
    "Pad": row(paddings(), pad, public_pad, dtypes=NUMBERS),
    "Repeat": row(repetitions(), np.repeat, public_repeat, batch=repeated_rows, dtypes=NUMBERS),
    "SumMirrored": row(adjoints(frames(), mirror_pad), transposed(mirror_pad), batch=LIKE),
    "SumRepeats": row(adjoints(repetitions(), np.repeat), transposed(np.repeat), batch=LIKE),
    "SumTiles": row(adjoints(tilings(), tile), transposed(tile), batch=LIKE),
    "Tile": row(tilings(), tile, public_tile, batch=tiled_rows, dtypes=NUMBERS),
}
