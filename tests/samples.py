"""What the ops are tested with: one row for each op, from which every per-op test derives.

A new op costs one row of `SAMPLES` and no other line of test code.

Floats are drawn from two interleaved grids, odd multiples of 1/8 and multiples of 1/4 without 0,
so that values stay 1/8 away from zero and from the other operand, and hence from every kink, tie
and pole: finite differences may step `margin / 4` in any direction. What happens at those points
themselves is told by `AWKWARD` in test_ops.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from autograd_lite.ops.indexing import join_key, split_key

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


# Values


def _array(x):
    return np.asarray(x, np.float64)  # arithmetic turns 0-d arrays into NumPy scalars


def odd(low=-23, high=23):
    """Odd multiples of 1/8 between low/8 and high/8: never 0, spaced by 1/4."""
    return lambda shape: hnp.arrays(np.int64, shape, elements=st.integers(low // 2, high // 2)).map(
        lambda k: _array((2 * k + 1) / 8)
    )


def even(shape):
    """Multiples of 1/4 from -3 to 3 without 0: at least 1/8 away from `odd`."""
    return hnp.arrays(np.int64, shape, elements=st.integers(-12, 11)).map(
        lambda k: _array((k + (k >= 0)) / 4)
    )


def distinct(shape):
    """Odd multiples of 1/8, each at most once."""
    steps = st.integers(-40, 39)
    return hnp.arrays(np.int64, shape, elements=steps, unique=True).map(
        lambda k: _array((2 * k + 1) / 8)
    )


def few(shape):
    """-1, 0 and 1, so that ties are frequent."""
    return hnp.arrays(np.int64, shape, elements=st.integers(-1, 1)).map(_array)


def flags(shape):
    return hnp.arrays(np.bool_, shape)


def labels(shape, count):
    kinds = st.sampled_from(["int64", "uint8"])
    return kinds.flatmap(lambda kind: hnp.arrays(kind, shape, elements=st.integers(0, count - 1)))


reals = odd()
positive = odd(3, 25)
above_minus_one = odd(-5, 23)


# Shapes and parameters


RANKS = (1, 2, 3, 2, 3, 0)
LENGTHS = (2, 3, 1, 4, 2, 3, 0)
FILLED = (2, 3, 1, 4)


@st.composite
def shapes(draw, min_dims=0, *, last=LENGTHS):
    """Up to three axes of length 0 to 4; Hypothesis' own shapes are mostly a single entry."""
    rank = draw(st.sampled_from([n for n in RANKS if n >= min_dims]))
    return tuple(draw(st.sampled_from(last if i == 1 else LENGTHS)) for i in range(rank, 0, -1))


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


def reshaped(shape):
    """Shapes of as many entries, one length possibly -1."""
    size = int(np.prod(shape))
    rows = [(shape[0], size // shape[0]), (-1, size // shape[0])] if shape and size else []
    return st.sampled_from([*rows, shape[::-1], (size,), (-1,), (1, *shape), (-1, 1)])


@st.composite
def shrunk(draw, shape):
    """A shape that broadcasts to `shape`: the same, or leading axes missing, others of length 1."""
    if draw(st.booleans()):
        return shape
    rest = shape[draw(st.integers(0, len(shape))) :]
    return tuple(draw(st.sampled_from([n, 1])) for n in rest)


# Cases


@st.composite
def elementwise(draw, *elements):
    shape = draw(shapes())
    return Case(tuple(draw(shrunk(shape).flatmap(values)) for values in elements))


@st.composite
def reductions(draw, values=reals):
    x = draw(shapes().flatmap(values))
    return Case((x,), {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans())})


def folds_entries(case):
    """Whether no result is folded from nothing, which has no maximum and no mean."""
    axis, lengths = case.params["axis"], np.array(case.inputs[-1].shape, int)
    return np.all(lengths if axis is None else lengths[np.array(axis, int)])


@st.composite
def spreads(draw):
    """The gradient of a reduction beside what was reduced."""
    (like,), params = draw(reductions())
    return Case((draw(reals(np.sum(like, **params).shape)), like), params)


@st.composite
def softmaxes(draw):
    x = draw(shapes(min_dims=1, last=FILLED).flatmap(reals))
    filled = [a for a in range(-x.ndim, x.ndim) if x.shape[a]]
    return Case((x,), {"axis": draw(st.sampled_from(filled))})


@st.composite
def products(draw):
    """All pairs of ranks from vector·vector to stacks of matrices."""
    n, k, m, b = (draw(st.sampled_from(LENGTHS)) for _ in range(4))
    left, right = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    stacks = st.sampled_from([b, 1])
    x_shape = ((draw(stacks), n, k), (n, k), (k,))[3 - left]
    y_shape = ((draw(stacks), k, m), (k, m), (k,))[3 - right]
    return Case((draw(reals(x_shape)), draw(even(y_shape))))


@st.composite
def rows(draw, *, shared=(False, True)):
    """Rows of scores with a label each, or one label for all rows of a leading axis."""
    a = draw(shapes(min_dims=1, last=FILLED).flatmap(reals))
    start = 1 if a.ndim > 2 and draw(st.sampled_from(shared)) else 0
    return a, draw(labels(a.shape[start:-1], a.shape[-1]))


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


@st.composite
def reshapes(draw):
    x = draw(shapes().flatmap(reals))
    return Case((x,), {"shape": draw(reshaped(x.shape))})


@st.composite
def reshapes_like(draw):
    (like,), params = draw(reshapes())
    return Case((draw(reals(like.reshape(params["shape"]).shape)), like))


@st.composite
def broadcasts(draw):
    shape = draw(shapes())
    return Case((draw(shrunk(shape).flatmap(reals)),), {"shape": shape})


@st.composite
def sums_like(draw):
    (like,), params = draw(broadcasts())
    return Case((draw(reals(params["shape"])), like))


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


# References that NumPy has no single function for


def get_item(x, *indices, key):
    return x[join_key(key, indices)]


def index_add(x, like, *indices, key):
    places = np.arange(like.size).reshape(like.shape)[join_key(key, indices)]
    return _collect(x, places, like.shape)


def sum_like(x, like):
    places = np.broadcast_to(np.arange(like.size).reshape(like.shape), x.shape)
    return _collect(x, places, like.shape)


def scatter_add(x, index, like):
    places = pick(np.arange(like.size).reshape(like.shape), index)
    return _collect(x, places, like.shape)


def _collect(x, places, shape):
    """Zeros of that shape, with each x added at its place in row-major order."""
    total = np.bincount(np.ravel(places), weights=np.ravel(x), minlength=int(np.prod(shape)))
    return total.reshape(shape).astype(x.dtype)


def pick(a, index):
    flat = a.reshape(-1, a.shape[-1])
    chosen = np.broadcast_to(index, a.shape[:-1]).ravel()
    return flat[np.arange(len(flat)), chosen].reshape(a.shape[:-1])


def hit_rate(scores, labels):
    hits = np.equal(scores.argmax(-1), labels)
    return scores.dtype.type(np.count_nonzero(hits) / hits.size)


def sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2


def softmax(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def logsumexp(x, axis, keepdims):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def broadcast_like(x, like, axis, keepdims):
    kept = np.sum(like, axis=axis, keepdims=True).shape
    return np.broadcast_to(x.reshape(kept), like.shape)


def spread_like(x, like, axis, keepdims):
    share = np.sum(like, axis=axis).size / max(like.size, 1)
    return broadcast_like(x * x.dtype.type(share), like, axis, keepdims)


def stack(*arrays, axis):
    return np.stack(arrays, axis)


def public_stack(*arrays, axis):
    return ag.stack(arrays, axis=axis)


def reshape_like(x, like):
    return x.reshape(like.shape)


def relu(x):
    return x * (x > 0)


def astype(x, dtype):
    return ag.astype(x, dtype)  # the array API has it positional


# Which inputs carry the batch in their axis 0


def broadcast_rows(inputs, **params):
    """The inputs of full rank and full length."""
    shape = np.broadcast_shapes(*(x.shape for x in inputs))
    full = [x.ndim == len(shape) > 0 and x.shape[0] == shape[0] for x in inputs]
    return tuple(np.flatnonzero(full))


def first_input(inputs, **params):
    return (0,) if inputs[0].ndim else ()


def every_input(inputs, **params):
    return tuple(range(len(inputs))) if inputs[0].ndim else ()


def product_rows(inputs, **params):
    """The stacks if there are some, else the rows of a matrix at the left."""
    x, y = inputs
    if max(x.ndim, y.ndim) == 3:
        count = np.matmul(x, y).shape[0]
        return tuple(i for i, z in enumerate(inputs) if z.ndim == 3 and z.shape[0] == count)
    return (0,) if x.ndim == 2 else ()


def scored_rows(inputs):
    """The rows, and their labels unless one row of labels serves all."""
    a, index = inputs
    if a.ndim == 1:
        return ()
    return (0, 1) if index.ndim == a.ndim - 1 else (0,)


def scattered_rows(inputs):
    _, index, like = inputs
    return {(): (), (0,): (0, 2), (0, 1): (0, 1, 2)}[scored_rows((like, index))]


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


def equal_rows(inputs):
    x, like = inputs
    return (0, 1) if x.ndim and x.shape[:1] == like.shape[:1] else ()


def open_rows(inputs, *, shape):
    return (0,) if inputs[0].ndim and shape[:1] == (-1,) else ()


def kept_rows(inputs, *, axis):
    return () if 0 in np.ravel(axis) % inputs[0].ndim else (0,)


# The table


def row(cases, reference, function=None, *, batch=first_input, **changes):
    return Sample(cases=cases, reference=reference, function=function, batch=batch, **changes)


def entrywise(reference, function, *elements, dtypes=FLOATS):
    cases = elementwise(*elements)
    return Sample(
        cases=cases, reference=reference, function=function, dtypes=dtypes, batch=broadcast_rows
    )


def comparison(reference):
    return entrywise(reference, None, few, few, dtypes=NUMBERS)


SAMPLES: dict[str, Sample] = {
    # elementwise
    "Abs": entrywise(np.abs, ag.abs, reals, dtypes=NUMBERS),
    "Add": entrywise(np.add, ag.add, reals, even, dtypes=NUMBERS),
    "Div": entrywise(np.divide, ag.divide, reals, even),
    "Equal": comparison(np.equal),
    "Exp": entrywise(np.exp, ag.exp, reals),
    "Greater": comparison(np.greater),
    "GreaterEqual": comparison(np.greater_equal),
    "Guard": entrywise(
        lambda x, cotangent: np.broadcast_arrays(x, cotangent)[0], None, reals, reals
    ),
    "Less": comparison(np.less),
    "LessEqual": comparison(np.less_equal),
    "Log": entrywise(np.log, ag.log, positive),
    "Log1p": entrywise(np.log1p, ag.log1p, above_minus_one),
    "Maximum": entrywise(np.maximum, ag.maximum, reals, even, dtypes=NUMBERS),
    "Minimum": entrywise(np.minimum, ag.minimum, reals, even, dtypes=NUMBERS),
    "Mul": entrywise(np.multiply, ag.multiply, reals, even, dtypes=NUMBERS),
    "Neg": entrywise(np.negative, ag.negative, reals, dtypes=NUMBERS),
    "NotEqual": comparison(np.not_equal),
    "Pow": entrywise(np.power, ag.pow, positive, even),
    "ReLU": entrywise(relu, ag.relu, reals),
    "Sigmoid": entrywise(sigmoid, ag.sigmoid, reals),
    "Sqrt": entrywise(np.sqrt, ag.sqrt, positive),
    "Sub": entrywise(np.subtract, ag.subtract, reals, even, dtypes=NUMBERS),
    "Tanh": entrywise(np.tanh, ag.tanh, reals),
    "Where": entrywise(np.where, ag.where, flags, reals, even, dtypes=NUMBERS),
    # contraction
    "MatMul": row(products(), np.matmul, ag.matmul, batch=product_rows, dtypes=NUMBERS),
    "VDot": row(products(), np.matmul, ag.vdot, batch=product_rows, dtypes=NUMBERS),
    # reduction
    "Max": row(reductions(distinct).filter(folds_entries), np.max, ag.max, dtypes=NUMBERS),
    "Mean": row(reductions().filter(folds_entries), np.mean, ag.mean),
    "Sum": row(reductions(), np.sum, ag.sum, dtypes=NUMBERS),
    "BroadcastLike": row(spreads(), broadcast_like, batch=spread_rows),
    "SpreadLike": row(spreads().filter(folds_entries), spread_like, batch=spread_rows),
    "SumLike": row(sums_like(), sum_like, batch=summed_rows),
    # network
    "Accuracy": row(
        rows(shared=(False,)).filter(lambda case: case[1].size).map(Case),
        hit_rate,
        ag.accuracy,
        batch=scored_rows,
    ),
    "LogSumExp": row(reductions().filter(folds_entries), logsumexp, ag.logsumexp),
    "SoftMax": row(softmaxes(), softmax, ag.softmax),
    # indexing
    "Aref": row(rows().map(Case), pick, ag.aref, batch=scored_rows, dtypes=NUMBERS),
    "ScatterAdd": row(scatters(), scatter_add, batch=scattered_rows),
    "GetItem": row(picks(), get_item, batch="a key is drawn for one shape", dtypes=NUMBERS),
    "IndexAdd": row(puts(), index_add, batch="a key is drawn for one shape"),
    # shaping
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
