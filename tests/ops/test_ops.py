"""Every op, tested through its row in `samples.SAMPLES`, and what ops refuse."""

from itertools import combinations

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
from samples import FLOATS, OPS, SAMPLES, Case
from samples.indexing import subscripts

import autograd_lite as ag
from autograd_lite.core import arrays as numpy_quickly
from autograd_lite.core.shapes import Spec
from autograd_lite.errors import DTypeError, GradientError, LabelError, OpCallError, ShapeError
from autograd_lite.ops.indexing import split_key

LIBRARY = {
    name for name, op in ag.ops.OPS.items() if op.__module__.startswith("autograd_lite.ops.")
}

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
    """The same shape and dtype, and the same elements up to some roundings."""
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


@each(where=lambda op: "ufunc" in vars(op))
@fewer
@given(data=st.data())
def test_numpys_own_function_appends_the_op(name, data):
    op, (inputs, params) = OPS[name], data.draw(SAMPLES[name].cases)
    node = op.ufunc(*leaves(inputs))
    assert node.op is op
    np.testing.assert_array_equal(node.value, op(*inputs, **params))


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
    if x.dtype.kind == "i":
        return ag.constant(x)
    return ag.Node(float(x)) if x.dtype.kind == "f" else ag.Node(float(x)) > ag.Node(0.5)


def scalars(data, name):
    """The first elements of a drawn case, as arrays and as nodes of Python numbers."""
    case = data.draw(filled(name))
    inputs = [np.asarray(x.flat[0]) for x in case.inputs]
    return inputs, [scalar_node(x) for x in inputs]


@each_elementwise
@fewer
@given(data=st.data())
def test_python_floats_stay_python_floats(name, data):
    op, (inputs, nodes) = OPS[name], scalars(data, name)
    out, expected = op(*nodes), op(*inputs)
    plain = {"b": bool, "f": float, "i": np.int64}
    assert type(out.value) is plain[expected.dtype.kind]
    assert out.value == pytest.approx(expected, rel=1e-15, nan_ok=True)


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
    cases = SAMPLES[name].shared
    op, case, step = judged(data, name, filled(name) if cases is None else cases)
    keep = op.variadic or cases is not None
    alike = case.inputs if keep else [np.resize(x, (3, 3)) for x in case.inputs]
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


@each(where=lambda op: not op.outputs)
@fewer
@given(data=st.data(), seed=seeds)
def test_rules_write_nowhere(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    inputs, params = case
    out = np.array(op.forward(numpy_quickly, *inputs, **params))
    arrays = [cotangent_of(op, case, seed), out, *inputs]
    before = [x.copy() for x in arrays]
    for rule in filter(None, op.rules_for(len(inputs))):
        rule(numpy_quickly, *arrays, **params)
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
    if out.dtype.kind == nodes[0].dtype.kind == "f":
        grad = ag.gradients(out, nodes[0], cotangent=np.zeros(out.shape))
        np.testing.assert_array_equal(grad.value, np.zeros(nodes[0].shape))
    else:
        with pytest.raises(
            GradientError, match=rf"gradient of (or for )?({name}|Constant|Variable)"
        ):
            ag.gradients(out, nodes[0], cotangent=np.zeros(out.shape))


@each(where=lambda op: has_gradient(op) and None in op.vjps)
@fewer
@given(data=st.data(), seed=seeds)
def test_inputs_without_rule_get_no_gradient(name, data, seed):
    op, case = OPS[name], data.draw(SAMPLES[name].cases)
    _, grads = backward(op, *case, cotangent_of(op, case, seed))
    reached = [i for i, grad in enumerate(grads) if grad is not None]
    assert reached == moves(op, case.inputs)


# Subscripts


@given(drawn=subscripts(), seed=seeds)
def test_subscript_picks_what_numpys_does(drawn, seed):
    x, key = drawn
    check_subscript(x, key, seed)


@pytest.mark.parametrize(
    "key",
    [
        [0, 2, 0],  # a list; an element picked twice gets both gradients
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
    "empty minimum": (
        lambda: ag.min(np.ones((2, 0)), axis=1),
        ShapeError,
        "^Min: expected axes that x has, none of them empty",
    ),
    "place in nothing": (
        lambda: ag.argmax(np.ones((2, 0)), axis=1),
        ShapeError,
        "^ArgMax: expected an axis that x has, not empty",
    ),
    "axis of a variance": (
        lambda: ag.var(np.ones(2), axis=1),
        ShapeError,
        r"^Var: expected axes that x has(.|\n)*axis=1, correction=0.0, keepdims=False",
    ),
    "scan without an axis": (
        lambda: ag.cumulative_sum(np.ones((2, 3))),
        ShapeError,
        r"^CumulativeSum: expected an axis that x has, given unless x is a vector(.|\n)*axis=None",
    ),
    "deferred scan of a scalar": (
        lambda: deferred(lambda x: ag.cumulative_prod(x, axis=0), ()),
        ShapeError,
        "^CumulativeProd: expected an axis that x has",
    ),
    "recurrence of other lengths": (
        lambda: OPS["Recurrence"](np.ones(3), np.ones(3), axis=0),
        ShapeError,
        r"^Recurrence: expected a shaped like b(.|\n)*3 factors for 3 terms",
    ),
    "differences of a scalar": (lambda: ag.diff(2.0), ShapeError, "^Diff: expected an axis"),
    "negative number of differences": (
        lambda: ag.diff(np.ones(2), n=-1),
        OpCallError,
        r"^Diff: expected a call like Diff\(x(.|\n)*came:  n=-1",
    ),
    "bits of a float": (
        lambda: ag.bitwise_and(ag.Node(1.0), True),
        DTypeError,
        r"^BitwiseAnd: expected integers or booleans\n  came:  float64\[\], float64\[\]",
    ),
    "deferred bits of floats": (
        lambda: deferred(ag.bitwise_invert, (2,)),
        DTypeError,
        "^BitwiseInvert: expected integers or booleans",
    ),
    "search among rows": (
        lambda: ag.searchsorted(np.ones((2, 2)), 1.0),
        ShapeError,
        "^SearchSorted: expected a sorted vector x",
    ),
    "empty softmax": (lambda: ag.softmax(np.ones((2, 0))), ShapeError, "^SoftMax: "),
    "reshape": (
        lambda: ag.reshape(np.ones(6), (4, -1)),
        ShapeError,
        "^Reshape: expected a shape with as many elements",
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
