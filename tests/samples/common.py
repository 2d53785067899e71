"""What the rows of the table are made of: values, shapes, cases, and what a row says.

Floats are drawn from two interleaved grids, odd multiples of 1/8 and multiples of 1/4 without 0,
so that values stay 1/8 away from zero and from the other operand, and hence from every kink, tie
and pole: finite differences may step `margin / 4` in any direction. What happens at those points
themselves is told by `AWKWARD` in test_ops.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

import autograd_lite as ag

FLOATS = ("float64", "float32")
NUMBERS = (*FLOATS, "int64")


class Case(NamedTuple):
    """One call of an op: arrays by position and parameters by keyword."""

    inputs: tuple[np.ndarray, ...]
    params: dict[str, Any] = {}  # noqa: RUF012 - never written to


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How to test one op."""

    cases: st.SearchStrategy[Case]
    reference: Callable[..., Any]  # the same computation in plain NumPy
    function: Callable[..., Any] | None = None  # the public lower-case function, if there is one
    dtypes: tuple[str, ...] = FLOATS  # what the float inputs are converted to
    margin: float = 1 / 8  # distance of the drawn values from any kink, tie or pole
    batch: Callable[..., tuple[int, ...]] | str  # inputs whose axis 0 is the batch, or why none
    shared: st.SearchStrategy[Case] | None = None  # one array for all inputs, unless (3, 3) will do


def as_float(x):
    return np.asarray(x, np.float64)  # arithmetic turns 0-d arrays into NumPy scalars


def arrays_of(values):
    """Arrays of these values, the first of them the simplest.

    An array is one draw of bytes: Hypothesis takes a hundred times as long for each element alone.
    """
    values = np.asarray(values)

    @cache
    def arrays(shape):
        return bytes_for(shape).map(lambda drawn: values[drawn % len(values)].reshape(shape))

    return arrays


@cache
def bytes_for(shape):
    """A byte for each element."""
    size = prod(shape)
    return st.binary(min_size=size, max_size=size).map(lambda drawn: np.frombuffer(drawn, np.uint8))


def odd(low=-23, high=23):
    """Odd multiples of 1/8 between low/8 and high/8: never 0, spaced by 1/4."""
    return arrays_of(sorted(np.arange(low, high + 1, 2) / 8, key=abs))


@cache
def distinct(shape):
    """Odd multiples of 1/8, each at most once."""

    def array(drawn):
        left = sorted(np.arange(-79, 80, 2) / 8, key=abs)
        return np.array([left.pop(k % len(left)) for k in drawn], np.float64).reshape(shape)

    return bytes_for(shape).map(array)


even = arrays_of(sorted([k / 4 for k in range(-12, 13) if k], key=abs))
"""Multiples of 1/4 from -3 to 3 without 0: at least 1/8 away from `odd`."""

factors = arrays_of(sorted(np.arange(-3, 4) / 2, key=abs))
"""Multiples of 1/2 from -3/2 to 3/2, 0 included."""

few = arrays_of([0.0, -1.0, 1.0])
"""-1, 0 and 1, so that ties are frequent."""

flags = arrays_of([False, True])


@cache
def labels(shape, count):
    places = arrays_of(np.arange(count))(shape)
    return st.tuples(places, st.sampled_from(["int64", "uint8"])).map(
        lambda both: both[0].astype(both[1])
    )


reals = odd()
positive = odd(3, 25)
above_minus_one = odd(-5, 23)


RANKS = (1, 2, 3, 2, 3, 0)
LENGTHS = (2, 3, 1, 4, 2, 3, 0)
FILLED = (2, 3, 1, 4)


@cache
def shapes(min_dims=0, *, last=LENGTHS):
    """Up to three axes of length 0 to 4; Hypothesis' own shapes are mostly a single element."""
    ranks = [n for n in RANKS if n >= min_dims]
    axes = [[LENGTHS] * (rank - 1) + [last] * (rank > 0) for rank in ranks]
    return st.sampled_from([st.sampled_from(list(product(*each))) for each in axes]).flatmap(
        lambda shapes: shapes
    )


@st.composite
def axes(draw, ndim):
    """None, one axis or several, counted from either end."""
    kind = draw(st.sampled_from(["all", "one", "several"] if ndim else ["all", "several"]))
    if kind == "all":
        return None
    ends = [draw(st.sampled_from([a, a - ndim])) for a in range(ndim)]
    if kind == "one":
        return draw(st.sampled_from(ends))
    return tuple(draw(st.lists(st.sampled_from(ends), unique=True))) if ends else ()


@cache
def shrunk(shape):
    """A shape that broadcasts to `shape`: the same, or leading axes missing, others of length 1."""
    less = [
        lengths
        for start in range(len(shape) + 1)
        for lengths in product(*([n, 1] for n in shape[start:]))
    ]
    return st.sampled_from([shape] * len(less) + less)


@st.composite
def elementwise(draw, *elements):
    shape = draw(shapes())
    return Case(tuple(draw(values(draw(shrunk(shape)))) for values in elements))


@st.composite
def reductions(draw, values=reals):
    x = draw(shapes().flatmap(values))
    return Case((x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())})


def reduces_elements(case):
    """Whether no result is reduced from nothing, which has no maximum and no mean."""
    axis, lengths = case.params["axis"], np.array(case.inputs[-1].shape, int)
    return np.all(lengths if axis is None else lengths[np.array(axis, int)])


@st.composite
def rows(draw, *, shared=(False, True)):
    """Rows of scores with a label each, or one label for all rows of a leading axis."""
    a = draw(shapes(min_dims=1, last=FILLED).flatmap(reals))
    start = 1 if a.ndim > 2 and draw(st.sampled_from(shared)) else 0
    return a, draw(labels(a.shape[start:-1], a.shape[-1]))


@st.composite
def broadcasts(draw):
    shape = draw(shapes())
    return Case((draw(reals(draw(shrunk(shape)))),), {"shape": shape})


def collect(x, places, shape):
    """Zeros of that shape, with each x added at its place in row-major order."""
    total = np.bincount(np.ravel(places), weights=np.ravel(x), minlength=int(np.prod(shape)))
    return total.reshape(shape).astype(x.dtype)


def broadcast_rows(inputs, **params):
    """The inputs of full rank and full length."""
    shape = np.broadcast_shapes(*(x.shape for x in inputs))
    full = [x.ndim == len(shape) > 0 and x.shape[0] == shape[0] for x in inputs]
    return tuple(np.flatnonzero(full))


def first_input(inputs, **params):
    return (0,) if inputs[0].ndim else ()


def every_input(inputs, **params):
    return tuple(range(len(inputs))) if inputs[0].ndim else ()


def scored_rows(inputs):
    """The rows, and their labels unless one row of labels serves all."""
    a, index = inputs
    if a.ndim == 1:
        return ()
    return (0, 1) if index.ndim == a.ndim - 1 else (0,)


def pinned_eigh(values, vectors):
    return values, vectors * directions(vectors)


def pinned_svd(u, s, vh):
    signs = directions(u)
    return u * signs, s, vh * ag.matrix_transpose(signs)


def directions(vectors):
    """1 for a column that points to one side, -1 for one that points to the other.

    LAPACK's choice jumps from one matrix to the next, where differences would not be derivatives.
    """
    weights = 1 / (np.e + np.arange(vectors.shape[-2]))
    side = ag.sum(vectors * weights[:, None].astype(vectors.dtype), axis=-2, keepdims=True)
    return ag.astype(ag.sign(side), vectors.dtype)


PINNED = {"EigH": pinned_eigh, "SVD": pinned_svd}


class JoinedOutputs:
    """An op with several outputs as if it had one: all of their elements in a row."""

    def __init__(self, op):
        self.op = op

    def __call__(self, *inputs, **params):
        outputs = self.op(*inputs, **params)
        return joined(PINNED[self.name](*outputs) if self.name in PINNED else outputs)

    def __getattr__(self, name):
        return getattr(self.op, name)


def joined(arrays):
    return ag.concat([ag.reshape(x, (-1,)) for x in arrays])


def with_one_output(op):
    return JoinedOutputs(op) if op.outputs else op


def row(cases, reference, function=None, *, batch=first_input, **changes):
    return Sample(cases=cases, reference=reference, function=function, batch=batch, **changes)


def each_element(reference, function, *elements, **changes):
    cases = elementwise(*elements)
    return Sample(
        cases=cases, reference=reference, function=function, batch=broadcast_rows, **changes
    )
