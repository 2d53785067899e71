"""Every op under `vmap`, and pulled by many rows at once, against a loop of single calls."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import leaves, moves, spread
from samples import OPS, SAMPLES

import autograd_lite as ag

few = settings(max_examples=max(1, settings.default.max_examples // 5))
fewest = settings(max_examples=max(1, settings.default.max_examples // 15))
each_op = pytest.mark.parametrize("name", SAMPLES)
each_differentiable = pytest.mark.parametrize("name", [n for n in SAMPLES if any(OPS[n].vjps)])


def varied(x, k):
    """The array a little different for each call: floats are smaller, others change places."""
    if x.dtype.kind == "f":
        return x * (1.0, 0.5, 0.75)[k]
    return np.roll(x, k)


@st.composite
def calls(draw, name, lengths):
    """A stack of calls: the inputs, which of them are mapped, and the parameters."""
    inputs, params = draw(SAMPLES[name].cases)
    flags = st.lists(st.booleans(), min_size=len(inputs), max_size=len(inputs))
    mapped = draw(flags.filter(any) if len(inputs) > 1 else st.just([True]))
    count = draw(st.sampled_from(lengths))
    stacks = [
        np.stack([varied(x, k) for k in range(count)]) if m else x
        for x, m in zip(inputs, mapped, strict=True)
    ]
    return stacks, [0 if m else None for m in mapped], params, count


def one_after_another(f, axes, count):
    def looped(*inputs):
        singles = [
            f(*(x if axis is None else x[k] for x, axis in zip(inputs, axes, strict=True)))
            for k in range(count)
        ]
        return ag.stack(singles)

    return looped


def derivatives(op, f, inputs, seed):
    """The value, its gradients, and their gradients along a direction."""
    nodes, wrt = leaves(inputs), moves(op, inputs)
    out = f(*nodes)
    if not wrt or not out.requires_grad:
        return [out.value]
    cotangent, *weights = spread(seed, out.shape, *(inputs[i].shape for i in wrt))
    start = ag.Node(cotangent)
    firsts = ag.gradients(out, [nodes[i] for i in wrt], cotangent=start)
    total = sum(ag.sum(w * first) for w, first in zip(weights, firsts, strict=True))
    seconds = ag.gradients(total, [start])
    total.backward()
    thirds = [np.zeros(x.shape) if x.grad is None else x.grad for x in nodes]
    return [out.value, *(x.value for x in firsts), seconds[0].value, *thirds]


def assert_close(found, expected, tolerance=1e-9):
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        size = np.max(np.abs(b), initial=1.0, where=np.isfinite(b))
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * size)


@pytest.mark.cover
@each_op
@few
@given(data=st.data(), seed=st.integers(0, 2**16))
def test_a_stack_of_calls_is_a_loop(name, data, seed):
    op = OPS[name]
    inputs, axes, params, count = data.draw(calls(name, [3, 1, 2]))

    def f(*inputs):
        return op(*inputs, **params)

    mapped, looped = ag.vmap(f, axes), one_after_another(f, axes, count)
    with np.errstate(all="ignore"):
        values = mapped(*inputs)
        assert isinstance(values, np.ndarray)
        assert_close([values], [looped(*inputs)])
        tolerance = 1e-6 if params.get("dtype") == "float32" else 1e-9
        assert_close(
            derivatives(op, mapped, inputs, seed), derivatives(op, looped, inputs, seed), tolerance
        )


@each_op
@fewest
@given(data=st.data())
def test_a_stack_of_no_calls(name, data):
    op = OPS[name]
    inputs, axes, params, _ = data.draw(calls(name, [1]))
    none = [x[:0] if axis == 0 else x for x, axis in zip(inputs, axes, strict=True)]

    def f(*inputs):
        return op(*inputs, **params)

    with np.errstate(all="ignore"):
        one, empty = ag.vmap(f, axes)(*inputs), ag.vmap(f, axes)(*none)
    assert empty.shape == (0, *one.shape[1:])
    assert empty.dtype == one.dtype


@each_differentiable
@few
@given(data=st.data())
def test_all_rows_at_once_are_those_of_single_sweeps(name, data):
    op = OPS[name]
    inputs, params = data.draw(SAMPLES[name].cases)
    wrt = moves(op, inputs)

    def f(*moving):
        own = dict(zip(wrt, moving, strict=True))
        return op(*(own.get(i, x) for i, x in enumerate(inputs)), **params)

    moving = [inputs[i] for i in wrt]
    with np.errstate(all="ignore"):
        found = ag.jacobian(f, range(len(wrt)))(*moving)
        value, pull = ag.vjp(f, *moving)
        units = np.eye(np.size(value)).reshape(np.size(value), *np.shape(value))
        rows = [pull(unit) for unit in units]
    for k, x in enumerate(moving):
        expected = np.array([row[k] for row in rows]).reshape(np.shape(value) + x.shape)
        assert_close([found[k]], [expected])
