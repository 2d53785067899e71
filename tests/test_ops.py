"""Every op, tested through its row in `samples.SAMPLES`, and the conventions at awkward points."""

from itertools import combinations
from math import inf, log, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import (
    backward,
    check_first_order,
    check_second_order,
    check_shared_node,
    leaves,
    moves,
    spread,
)
from samples import FLOATS, SAMPLES, Case
from samples.indexing import subscripts

import autograd_lite as ag
from autograd_lite.errors import DTypeError, GradientError, LabelError, ShapeError
from autograd_lite.ops import OPS
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.shapes import Spec

LIBRARY = {name for name, op in OPS.items() if op.__module__.startswith("autograd_lite.ops.")}

fewer = settings(max_examples=max(1, settings.default.max_examples // 3))


def each(*, where=lambda op: True):
    """Run a test for each op of the table that qualifies."""
    return pytest.mark.parametrize("name", [name for name in SAMPLES if where(OPS[name])])


def has_gradient(op):
    return any(op.vjps)


def mixes_inputs(op):
    many = op.variadic and op.vjps[-1] is not None
    return many or sum(rule is not None for rule in op.vjps) > 1


each_op = each()
each_differentiable = each(where=has_gradient)
each_elementwise = each(where=lambda op: op.elementwise)


def converted(inputs, dtype):
    """The float inputs in another dtype; labels and flags as they are."""
    return tuple(x.astype(dtype) if x.dtype.kind == "f" else x for x in inputs)


def assert_agree(actual, expected):
    """The same shape and dtype, and the same entries up to some roundings."""
    expected = np.asarray(expected)
    assert np.shape(actual) == expected.shape
    assert np.asarray(actual).dtype == expected.dtype
    size = np.max(np.abs(expected), initial=1.0) if expected.dtype.kind == "f" else 0.0
    eps = np.finfo(expected.dtype).eps if expected.dtype.kind == "f" else 0.0
    np.testing.assert_allclose(actual, expected, rtol=64 * eps, atol=64 * eps * size)


def filled(name):
    """Cases without empty arrays, whose values can be repeated to fill any shape."""
    return SAMPLES[name].cases.filter(lambda case: all(x.size for x in case.inputs))


def cotangent_of(op, case, seed):
    value = op(*case.inputs, **case.params)
    (cotangent,) = spread(seed, np.shape(value))
    return np.asarray(cotangent, np.asarray(value).dtype)


seeds = st.integers(0, 2**16)


def test_table_has_a_row_for_every_op():
    assert set(SAMPLES) == LIBRARY


# Values


@each_op
@given(data=st.data())
def test_value_equals_numpys(name, data):
    op, sample = OPS[name], SAMPLES[name]
    inputs, params = data.draw(sample.cases)
    for dtype in sample.dtypes:
        x = converted(inputs, dtype)
        plain = op(*x, **params)
        assert isinstance(plain, np.ndarray | np.generic)
        assert_agree(plain, sample.reference(*x, **params))
        np.testing.assert_array_equal(op(*map(ag.constant, x), **params).value, plain)


@each(where=lambda op: SAMPLES[op.name].function)
@fewer
@given(data=st.data())
def test_function_is_the_op(name, data):
    op, sample = OPS[name], SAMPLES[name]
    inputs, params = data.draw(sample.cases)
    plain = op(*inputs, **params)
    np.testing.assert_array_equal(sample.function(*inputs, **params), plain)
    node = sample.function(*leaves(inputs), **params)
    assert node.op is op
    np.testing.assert_array_equal(node.value, plain)


def read_only(x):
    x = x.copy()
    x.setflags(write=False)
    return x


LAYOUTS = {
    "fortran": lambda x: np.array(x, order="F"),
    "strided": lambda x: np.repeat(x[..., None], 2, axis=-1)[..., 0],
    "reversed": lambda x: np.flip(np.flip(x).copy()),
    "read-only": read_only,
}


@each_op
@fewer
@given(data=st.data(), seed=seeds)
def test_memory_layout_does_not_matter(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    expected = op(*case.inputs, **case.params)
    for layout in LAYOUTS.values():
        inputs = tuple(map(layout, case.inputs))
        assert_agree(op(*inputs, **case.params), expected)
        assert_agree(op(*leaves(inputs), **case.params).value, expected)


@each_elementwise
@fewer
@given(data=st.data())
def test_elementwise_op_takes_any_shape(name, data):
    op, sample = OPS[name], SAMPLES[name]
    case = data.draw(filled(name))
    for shape in [(), (0,), (1,), (2, 0, 3), (3, 2)]:
        inputs = [np.resize(x, shape) for x in case.inputs]
        assert_agree(op(*inputs), sample.reference(*inputs))
        if has_gradient(op):
            _, grads = backward(op, inputs, {}, np.ones(shape))
            assert all(grads[i].shape == shape for i in moves(op, inputs))


def scalar_node(x):
    """A Python float as a node, or the Python bool that comparing two of them gives."""
    return ag.Node(float(x)) if x.dtype.kind == "f" else ag.Node(float(x)) > ag.Node(0.5)


def scalars(data, name):
    """The first entries of a drawn case, as arrays and as nodes of Python numbers."""
    case = data.draw(filled(name))
    inputs = [np.asarray(x.flat[0]) for x in case.inputs]
    return inputs, [scalar_node(x) for x in inputs]


@each_elementwise
@fewer
@given(data=st.data())
def test_python_floats_stay_python_floats(name, data):
    op, (inputs, nodes) = OPS[name], scalars(data, name)
    out, expected = op(*nodes), op(*inputs)
    assert type(out.value) is (bool if expected.dtype == bool else float)
    assert out.value == pytest.approx(expected, rel=1e-15)


@each(where=lambda op: op.elementwise and has_gradient(op))
@fewer
@given(data=st.data())
def test_gradients_of_python_floats_are_python_floats(name, data):
    op, (inputs, nodes) = OPS[name], scalars(data, name)
    wrt = moves(op, inputs)
    out = op(*nodes)
    out.backward()
    symbolic = ag.gradients(out, [nodes[i] for i in wrt])
    _, expected = backward(op, inputs, {}, np.ones(()))
    for i, node in zip(wrt, symbolic, strict=True):
        assert type(nodes[i].grad) is type(node.value) is float
        assert nodes[i].grad == node.value == pytest.approx(expected[i], rel=1e-14)


@each_op
@fewer
@given(data=st.data())
def test_deferred_node_knows_shape_and_dtype(name, data):
    op, sample = OPS[name], SAMPLES[name]
    inputs, params = data.draw(sample.cases)
    for dtype in sample.dtypes:
        x = converted(inputs, dtype)
        with ag.Graph():
            node = op(*declared(x), **params)
        assert node.value is None
        value = np.asarray(op(*x, **params))
        assert node.spec == Spec(value.shape, value.dtype)


def declared(inputs):
    """An input of the active graph for each array."""
    return [
        ag.input(name=f"x{i}", shape=x.shape, dtype=x.dtype, requires_grad=x.dtype.kind == "f")
        for i, x in enumerate(inputs)
    ]


# Gradients


def judged(data, name, cases):
    """An op and a case whose result is float64, so that finite differences are sharp."""
    op = OPS[name]
    sharp = cases.filter(lambda case: op(*case.inputs, **case.params).dtype == np.float64)
    return op, data.draw(sharp), SAMPLES[name].margin / 4


@each_differentiable
@given(data=st.data(), seed=seeds)
def test_first_order(name, data, seed):
    op, case, step = judged(data, name, SAMPLES[name].cases)
    check_first_order(op, case, seed, step)


@each_differentiable
@given(data=st.data(), seed=seeds)
def test_second_order(name, data, seed):
    op, case, step = judged(data, name, SAMPLES[name].cases)
    check_second_order(op, case, seed, step)


@each(where=mixes_inputs)
@given(data=st.data(), seed=seeds)
def test_one_node_as_several_inputs(name, data, seed):
    op, case, step = judged(data, name, filled(name))
    alike = case.inputs if op.variadic else [np.resize(x, (3, 3)) for x in case.inputs]
    check_shared_node(op, Case(alike, case.params), seed, step)


@each_differentiable
@fewer
@given(data=st.data(), seed=seeds)
def test_symbolic_gradient_equals_the_numeric_one(name, data, seed):
    op, drawn = OPS[name], data.draw(SAMPLES[name].cases)
    for dtype in FLOATS:
        case = drawn._replace(inputs=converted(drawn.inputs, dtype))
        cotangent = cotangent_of(op, case, seed)
        _, numeric = backward(op, *case, cotangent)
        nodes, wrt = leaves(case.inputs), moves(op, case.inputs)
        out = op(*nodes, **case.params)
        symbolic = ag.gradients(out, [nodes[i] for i in wrt], cotangent=cotangent)
        for i, node in zip(wrt, symbolic, strict=True):
            assert_agree(node.value, numeric[i])


@each_differentiable
@fewer
@given(data=st.data(), seed=seeds)
def test_dtype_is_kept(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    inputs = converted(case.inputs, "float32")
    case = case._replace(inputs=inputs)
    value, grads = backward(op, *case, cotangent_of(op, case, seed))
    assert value.dtype == case.params.get("dtype", "float32")
    for i in moves(op, inputs):
        assert grads[i].shape == inputs[i].shape
        assert grads[i].dtype == np.float32


def batched(name):
    reason = SAMPLES[name].batch
    marks = [pytest.mark.skip(reason=reason)] if isinstance(reason, str) else []
    return pytest.param(name, marks=marks)


def batch_rows(sample, case):
    """The inputs that carry a batch; none if it is empty, which has no rows to repeat."""
    rows = sample.batch(case.inputs, **case.params)
    return rows if all(len(case.inputs[i]) for i in rows) else ()


@pytest.mark.parametrize("name", [batched(name) for name in SAMPLES])
@fewer
@given(data=st.data(), seed=seeds)
def test_recorded_gradient_follows_the_batch(name, data, seed):
    op, sample = OPS[name], SAMPLES[name]
    inputs, params = data.draw(sample.cases.filter(lambda case: batch_rows(sample, case)))
    rows = batch_rows(sample, Case(inputs, params))
    length = data.draw(st.integers(1, 5))
    grown = [x[np.arange(length) % len(x)] if i in rows else x for i, x in enumerate(inputs)]
    check_feeds(op, params, [inputs, grown], seed)


@each(where=lambda op: op.elementwise and mixes_inputs(op))
@fewer
@given(data=st.data(), seed=seeds)
def test_axis_of_length_one_may_grow(name, data, seed):
    # What is not broadcast when the gradient is recorded may be in the next feed.
    op, case = OPS[name], data.draw(filled(name))
    small = [np.resize(x, (1, 2)) for x in case.inputs]
    grown = [np.resize(small[0], (3, 2)), *small[1:]]
    check_feeds(op, {}, [small, grown, [*small[:-1], np.resize(small[-1], (3, 2))]], seed)


def check_feeds(op, params, feeds, seed):
    """Record value and gradient for the first feed; compare with the eager ones for each."""
    wrt = moves(op, feeds[0])
    with ag.Graph() as g:
        nodes = declared(feeds[0])
        out = op(*nodes, **params)
        cotangent = ag.input(name="cotangent", shape=out.shape, dtype=out.dtype)
        grads = ag.gradients(out, [nodes[i] for i in wrt], cotangent=cotangent) if wrt else []
    for inputs in feeds:
        seeded = cotangent_of(op, Case(inputs, params), seed)
        g.forward(cotangent=seeded, **{f"x{i}": x for i, x in enumerate(inputs)})
        assert_agree(out.value, op(*inputs, **params))
        for i, node in zip(wrt, grads, strict=True):
            assert_agree(node.value, backward(op, inputs, params, seeded)[1][i])


# What rules must not do


@each_op
@fewer
@given(data=st.data(), seed=seeds)
def test_rules_write_nowhere(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    inputs, params = case
    out = np.array(op.forward(np, *inputs, **params))
    arrays = [cotangent_of(op, case, seed), out, *inputs]
    before = [x.copy() for x in arrays]
    for rule in filter(None, op.rules_for(len(inputs))):
        rule(np, *arrays, **params)
    for x, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(x, copy)


@each_differentiable
@fewer
@given(data=st.data(), seed=seeds)
def test_rules_are_linear_in_the_cotangent(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    g, h = cotangent_of(op, case, seed), cotangent_of(op, case, seed + 1)
    grads = [backward(op, *case, seed)[1] for seed in (g, h, 2 * g - 3 * h)]
    for i in moves(op, case.inputs):
        one, other, both = (np.asarray(x[i]) for x in grads)
        size = np.max(np.abs(one) + np.abs(other), initial=1.0)
        eps = np.finfo(op(*case.inputs, **case.params).dtype).eps
        np.testing.assert_allclose(both, 2 * one - 3 * other, rtol=0, atol=64 * eps * size)


@each_differentiable
@fewer
@given(data=st.data(), seed=seeds)
def test_gradients_are_memory_of_their_own(name, data, seed):
    # Reshape at both ends: it passes views on, where a careless sweep would share memory.
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    cotangent = cotangent_of(op, case, seed)
    roots = leaves(case.inputs)
    nodes = [ag.reshape(x, x.shape) if x.requires_grad else x for x in roots]
    out = op(*nodes, **case.params)
    last = ag.reshape(out, out.shape)
    last.backward(cotangent)
    every = [*roots, *nodes, out, last]
    grads = {id(x): x.grad for x in every if isinstance(x.grad, np.ndarray)}
    values = [x.value for x in every if isinstance(x.value, np.ndarray)]
    assert not any(np.shares_memory(a, b) for a, b in combinations(grads.values(), 2))
    assert not any(np.shares_memory(a, b) for a in grads.values() for b in [*values, cotangent])
    assert all(x.grad.flags.writeable for x in roots if id(x) in grads)
    assert not any(x.flags.writeable for x in values)


@each(where=lambda op: not has_gradient(op))
@fewer
@given(data=st.data())
def test_op_without_gradient_refuses_backward(name, data):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    nodes = leaves(case.inputs)
    out = op(*nodes, **case.params)
    assert not out.requires_grad
    with pytest.raises(GradientError, match=rf"^{name}: (.|\n)*through which no gradient flows"):
        out.backward(np.zeros(out.shape))
    with pytest.raises(GradientError, match=rf"gradient of {name} (.|\n)*without gradient lead"):
        ag.gradients(out, nodes[0], cotangent=np.zeros(out.shape))


@each(where=lambda op: has_gradient(op) and None in op.vjps)
@fewer
@given(data=st.data(), seed=seeds)
def test_inputs_without_rule_get_no_gradient(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    _, grads = backward(op, *case, cotangent_of(op, case, seed))
    reached = [i for i, grad in enumerate(grads) if grad is not None]
    assert reached == moves(op, case.inputs)


# Awkward points: what is agreed on there

ONE_ENTRY = {
    # At a kink the derivative is the mean of both sides, except for ReLU, where it is 0.
    "|0|": (ag.abs, [0.0], 0.0, [0.0]),
    "|-0|": (ag.abs, [-0.0], 0.0, [0.0]),
    "|-inf|": (ag.abs, [-inf], inf, [-1.0]),
    "relu(0)": (ag.relu, [0.0], 0.0, [0.0]),
    "relu(-inf)": (ag.relu, [-inf], 0.0, [0.0]),
    "relu(inf)": (ag.relu, [inf], inf, [1.0]),
    "max(1, 1)": (ag.maximum, [1.0, 1.0], 1.0, [0.5, 0.5]),
    "max(inf, inf)": (ag.maximum, [inf, inf], inf, [0.5, 0.5]),
    "max(-inf, inf)": (ag.maximum, [-inf, inf], inf, [0.0, 1.0]),
    "min(1, 1)": (ag.minimum, [1.0, 1.0], 1.0, [0.5, 0.5]),
    "min(-inf, inf)": (ag.minimum, [-inf, inf], -inf, [1.0, 0.0]),
    # Saturated: flat, not inf · 0.
    "sigmoid(-800)": (ag.sigmoid, [-800.0], 0.0, [0.0]),
    "sigmoid(800)": (ag.sigmoid, [800.0], 1.0, [0.0]),
    "sigmoid(-inf)": (ag.sigmoid, [-inf], 0.0, [0.0]),
    "sigmoid(inf)": (ag.sigmoid, [inf], 1.0, [0.0]),
    "tanh(-800)": (ag.tanh, [-800.0], -1.0, [0.0]),
    "tanh(inf)": (ag.tanh, [inf], 1.0, [0.0]),
    "exp(-inf)": (ag.exp, [-inf], 0.0, [0.0]),
    "exp(1000)": (ag.exp, [1000.0], inf, [inf]),
    # At the border of the domain the derivative is the limit from inside.
    "log(0)": (ag.log, [0.0], -inf, [inf]),
    "log(inf)": (ag.log, [inf], inf, [0.0]),
    "log1p(-1)": (ag.log1p, [-1.0], -inf, [inf]),
    "log1p(1e-20)": (ag.log1p, [1e-20], 1e-20, [1.0]),
    "sqrt(0)": (ag.sqrt, [0.0], 0.0, [inf]),
    "sqrt(-1)": (ag.sqrt, [-1.0], nan, [nan]),
    "1/0": (ag.divide, [1.0, 0.0], inf, [inf, -inf]),
    "1/inf": (ag.divide, [1.0, inf], 0.0, [0.0, 0.0]),
    # Powers: x⁰ is 1 for every x, and 0ʸ has no slope in y.
    "0**0": (ag.pow, [0.0, 0.0], 1.0, [0.0, 0.0]),
    "0**1": (ag.pow, [0.0, 1.0], 0.0, [1.0, 0.0]),
    "0**2": (ag.pow, [0.0, 2.0], 0.0, [0.0, 0.0]),
    "0**0.5": (ag.pow, [0.0, 0.5], 0.0, [inf, 0.0]),
    "2**0": (ag.pow, [2.0, 0.0], 1.0, [0.0, log(2.0)]),
    "inf**0": (ag.pow, [inf, 0.0], 1.0, [0.0, inf]),
    "(-2)**2": (ag.pow, [-2.0, 2.0], 4.0, [-4.0, nan]),
    "(-2)**0.5": (ag.pow, [-2.0, 0.5], nan, [nan, nan]),
    # What is not selected does not matter.
    "where(yes, 1, nan)": (lambda x, y: ag.where(x > 0, x, y), [1.0, nan], 1.0, [1.0, 0.0]),
    "where(no, inf, 1)": (lambda x, y: ag.where(x < 0, x, y), [inf, 1.0], 1.0, [0.0, 1.0]),
    "where(no, log(-1), 0)": (lambda x: ag.where(x > 0, ag.log(x), 0.0), [-1.0], 0.0, [0.0]),
    # NaN comes through.
    "|nan|": (ag.abs, [nan], nan, None),
    "relu(nan)": (ag.relu, [nan], nan, None),
    "max(nan, 1)": (ag.maximum, [nan, 1.0], nan, None),
    "max(1, nan)": (ag.maximum, [1.0, nan], nan, None),
    "min(nan, 1)": (ag.minimum, [nan, 1.0], nan, None),
    "min(1, nan)": (ag.minimum, [1.0, nan], nan, None),
    "sigmoid(nan)": (ag.sigmoid, [nan], nan, [nan]),
    "tanh(nan)": (ag.tanh, [nan], nan, [nan]),
}  # fmt: skip

KINDS = {"float": float, "float64": lambda x: np.full((1,), x), "float32": np.float32}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "value", "grads"), ONE_ENTRY.values(), ids=ONE_ENTRY)
def test_awkward_point(kind, function, point, value, grads):
    check_point(function, [KINDS[kind](x) for x in point], value, grads)


ROWS = {
    "softmax ±1e4": (ag.softmax, [1e4, -1e4], [1.0, 0.0], [0.0, 0.0]),
    "softmax of a masked entry": (ag.softmax, [0.0, -inf], [1.0, 0.0], [0.0, 0.0]),
    "softmax of a masked row": (ag.softmax, [-inf, -inf], [nan, nan], [nan, nan]),
    "logsumexp ±1e4": (ag.logsumexp, [1e4, -1e4], 1e4, [1.0, 0.0]),
    "logsumexp of a masked entry": (ag.logsumexp, [0.0, -inf], 0.0, [1.0, 0.0]),
    "logsumexp of a masked row": (ag.logsumexp, [-inf, -inf], -inf, [0.0, 0.0]),
    "logsumexp with inf": (ag.logsumexp, [inf, 0.0], inf, [nan, 0.0]),
    "logsumexp with nan": (ag.logsumexp, [nan, 0.0], nan, [nan, nan]),
    "log of a probability that is 0": (
        lambda x: ag.aref(ag.log(ag.softmax(x, axis=0)[None]), 0)[0],
        [0.0, -1e4],
        0.0,
        [0.0, 0.0],
    ),
    "tie of max": (ag.max, [2.0, 2.0, 1.0], 2.0, [0.5, 0.5, 0.0]),
    "tie of max at -inf": (ag.max, [-inf, -inf], -inf, [0.5, 0.5]),
    "max with nan": (ag.max, [nan, 1.0], nan, None),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("function", "row", "value", "grad"), ROWS.values(), ids=ROWS)
def test_awkward_row(dtype, function, row, value, grad):
    check_point(function, [np.array(row, dtype)], value, grad and [grad])


LEAKS = {
    "log(0)": (lambda x: ag.where(x > 0, ag.log(x), 0.0), [0.0], 0.0),
    "log1p(-1)": (lambda x: ag.where(x > -1, ag.log1p(x), 0.0), [-1.0], 0.0),
    "sqrt(0)": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), [0.0], 0.0),
    "sqrt(-1)": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), [-1.0], 0.0),
    "1/0": (lambda x: ag.where(x > 0, 1 / x, 0.0), [0.0], 0.0),
    "0 log 0": (lambda x: ag.where(x > 0, x * ag.log(x), 0.0), [0.0], 0.0),
    "(-1)**0.5": (lambda x: ag.where(x > 0, x**0.5, 0.0), [-1.0], 0.0),
    "exp(1000)": (lambda x: ag.where(x < 100, ag.exp(x), x), [1000.0], 1.0),
    "relu(log(0))": (lambda x: ag.relu(ag.log(x)), [0.0], 0.0),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "grad"), LEAKS.values(), ids=LEAKS)
def test_no_nan_leaks_from_what_is_not_selected(kind, function, point, grad):
    x = [KINDS[kind](entry) for entry in point]
    check_point(function, x, None, [grad])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "grad"), LEAKS.values(), ids=LEAKS)
def test_no_nan_leaks_into_second_order(kind, function, point, grad):
    x = ag.Node(KINDS[kind](*point))
    with np.errstate(all="ignore"):
        slope = ag.gradients(function(x), x, cotangent=np.ones(x.shape))
        slope.backward(np.ones(x.shape))
    assert_close(slope.value, grad)
    assert_close(x.grad, 0.0)


ACCIDENTS = {
    "log at 1": (lambda x: ag.where(x > 0, ag.log(x), 0.0) ** 2, 1.0, 2.0),
    "exact fit": (lambda x: (ag.relu(3 * x) - 6) ** 2, 2.0, 18.0),
    "of a maximum": (lambda x: (ag.maximum(x * x, x) - 4) ** 2, 2.0, 32.0),
    "of a pick": (lambda x: (ag.reshape(x * x, (-1,))[0] - 4) ** 2, 2.0, 32.0),
}


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize(("function", "point", "second"), ACCIDENTS.values(), ids=ACCIDENTS)
def test_slope_counts_where_the_cotangent_happens_to_be_zero(kind, function, point, second):
    # At the minimum of a squared error every cotangent is 0, but the second derivative is not.
    x = ag.Node(KINDS[kind](point))
    slope = ag.gradients(ag.sum(function(x)), x)
    assert_close(slope.value, 0.0)
    slope.backward(np.ones(x.shape))
    assert_close(x.grad, second)


def check_point(function, point, value, grads):
    """Compare, unless they are None, the value, and the numeric and the symbolic gradients."""
    nodes = [ag.Node(x) for x in point]
    with np.errstate(all="ignore"):
        out = function(*nodes)
        cotangent = np.arange(1.0, 1.0 + out.size).reshape(out.shape)
        out.backward(cotangent)
        symbolic = ag.gradients(out, nodes, cotangent=cotangent)
    if value is not None:
        assert_close(out.value, value)
    if grads:
        for node, again, grad in zip(nodes, symbolic, grads, strict=True):
            assert_close(node.grad, grad)
            assert_close(again.value, grad)


def assert_close(actual, expected):
    rtol = 1e-6 if np.asarray(actual).dtype == np.float32 else 1e-15
    np.testing.assert_allclose(np.ravel(actual), np.ravel(expected), rtol=rtol)


def test_mixed_derivative_of_a_zeroth_power():
    # d²(xʸ)/dx dy = 1/x at y = 0, although d(xʸ)/dx is 0 for every x there.
    x, y = ag.Node(2.0), ag.Node(0.0)
    dx, dy = ag.gradients(x**y, [x, y])
    assert ag.gradients(dx, y).value == ag.gradients(dy, x).value == 0.5


# Subscripts


@given(drawn=subscripts(), seed=seeds)
def test_subscript_picks_what_numpys_does(drawn, seed):
    x, key = drawn
    check_subscript(x, key, seed)


@pytest.mark.parametrize(
    "key",
    [
        [0, 2, 0],  # a list; an entry picked twice gets both gradients
        np.array([True, False, True, True]),
        (np.array([1, 1]), np.array([True, False, True])),
        (np.array([[0], [3]]), slice(None, None, -1)),
        (np.int64(2), ..., None),
        np.array(2),
        (),
    ],
    ids=str,
)
def test_subscript_of_any_kind(key):
    check_subscript(np.arange(12.0).reshape(4, 3), key, seed=1)


def check_subscript(x, key, seed):
    node = ag.Node(x)
    out = node[key]
    np.testing.assert_array_equal(out.value, x[key])
    (cotangent,) = spread(seed, out.shape)
    out.backward(cotangent)
    expected = np.zeros(x.shape)
    np.add.at(expected, key, cotangent)
    assert_agree(node.grad, expected)


def test_subscript_by_a_node():
    x, index = ag.Node(np.arange(4.0)), ag.constant([3, 0])
    np.testing.assert_array_equal(x[index].value, [3.0, 0.0])
    np.testing.assert_array_equal(x[x > 1].value, [2.0, 3.0])
    assert x[ag.constant(2)].value == 2.0


def test_subscript_prints_short():
    key, arrays = split_key((slice(1, None), slice(None, None, 2), np.array([0]), None, -1))
    assert repr(key) == "(1:, ::2, array, None, -1)"
    assert len(arrays) == 1


# Calls that are refused

LABELS = [[1.0, 2.0], [3.0, 4.0]]


def deferred(function, *shapes):
    """A call whose inputs have no values yet."""
    with ag.Graph():
        return function(*declared([np.empty(shape) for shape in shapes]))


REFUSED = {
    "deferred elementwise shapes": (
        lambda: deferred(ag.add, (2,), (3,)),
        ShapeError,
        r"^Add: expected shapes that broadcast together\n  came:  x float64\[2\], y float64\[3\]",
    ),
    "deferred inner lengths": (
        lambda: deferred(ag.matmul, (2,), (3, 4)),
        ShapeError,
        r"^MatMul: expected the last axis of x(.|\n)*x float64\[2\], y float64\[3, 4\]",
    ),
    "deferred scalar product": (
        lambda: deferred(ag.matmul, (2,), ()),
        ShapeError,
        r"^MatMul: (.|\n)*at least one axis on both sides",
    ),
    "deferred axis": (
        lambda: deferred(lambda x: ag.sum(x, axis=1), (2,)),
        ShapeError,
        "^Sum: expected axes that x has",
    ),
    "elementwise shapes": (
        lambda: ag.add(np.ones(2), np.ones(3)),
        ShapeError,
        r"^Add: expected shapes that broadcast together\n  came:  x float64\[2\], y float64\[3\]",
    ),
    "inner lengths": (
        lambda: ag.vdot(np.ones(2), np.ones((3, 4))),
        ShapeError,
        r"^VDot: expected the last axis of x(.|\n)*x float64\[2\], y float64\[3, 4\]",
    ),
    "scalar product": (
        lambda: ag.matmul(2.0, np.ones(2)),
        ShapeError,
        "^MatMul: expected the last axis",
    ),
    "axis": (
        lambda: ag.sum(np.ones(2), axis=1),
        ShapeError,
        r"^Sum: expected axes that x has(.|\n)*axis=1, keepdims=False",
    ),
    "empty maximum": (
        lambda: ag.max(np.ones((2, 0)), axis=1),
        ShapeError,
        "^Max: expected axes that x has, none of them empty",
    ),
    "empty softmax": (lambda: ag.softmax(np.ones((2, 0))), ShapeError, "^SoftMax: "),
    "reshape": (
        lambda: ag.reshape(np.ones(6), (4, -1)),
        ShapeError,
        "^Reshape: expected a shape with as many entries",
    ),
    "squeeze": (
        lambda: ag.squeeze(np.ones((2, 3)), axis=0),
        ShapeError,
        "^Squeeze: expected axes of length 1",
    ),
    "permutation": (
        lambda: ag.permute_dims(np.ones((2, 3)), (0, 0)),
        ShapeError,
        "^PermuteDims: expected each axis of x once",
    ),
    "transposed vector": (
        lambda: ag.matrix_transpose(np.ones(2)),
        ShapeError,
        "^MatrixTranspose: expected at least two axes",
    ),
    "broadcast": (
        lambda: ag.broadcast_to(np.ones(2), (3,)),
        ShapeError,
        "^BroadcastTo: expected a shape that x broadcasts to",
    ),
    "float labels": (
        lambda: ag.aref(LABELS, [0.0, 1.0]),
        DTypeError,
        r"^Aref: expected integer labels\n  came:  index float64\[2\]",
    ),
    "label too large": (
        lambda: ag.aref(LABELS, [0, 2]),
        LabelError,
        r"^Aref: expected labels from 0 to 1\n  came:  labels from 0 to 2",
    ),
    "label below 0": (
        lambda: ag.accuracy(LABELS, [-1, 0]),
        LabelError,
        r"^Accuracy: expected labels from 0 to 1\n  came:  labels from -1 to 0",
    ),
    "number of labels": (
        lambda: ag.accuracy(LABELS, [0, 1, 0]),
        ShapeError,
        "^Accuracy: expected one label for each row",
    ),
    "labels of a scalar": (
        lambda: ag.aref(2.0, 0),
        ShapeError,
        "^Aref: expected one label",
    ),
    "fractional index": (
        lambda: ag.Node([1.0, 2.0])[1.5],
        LabelError,
        r"^GetItem: expected a subscript that fits(.|\n)*came:  1.5",
    ),
    "named index": (lambda: ag.Node([1.0])["a"], LabelError, "^GetItem: (.|\n)*came:  'a'"),
    "index of yes or no": (lambda: ag.Node([1.0, 2.0])[True], LabelError, r"came:  True"),
    "index too large": (
        lambda: ag.Node([1.0])[1],
        LabelError,
        r"^GetItem: expected a subscript that fits(.|\n)*key=\(1,\)",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_call(call, error, message):
    with pytest.raises(error, match=message):
        call()
