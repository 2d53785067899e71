"""Derivatives along directions against those by way of the gradient as graph, for every op."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numeric import spread
from samples import OPS, SAMPLES

import autograd_lite as ag
from autograd_lite.autodiff import directions
from autograd_lite.autodiff.duals import DUALS, Dual
from autograd_lite.autodiff.forward import can_be_pushed
from autograd_lite.core.sweep import ancestors

few = settings(max_examples=max(1, settings.default.max_examples // 5))


def by_graph(monkeypatch):
    monkeypatch.setattr(directions, "can_be_pushed", lambda _: False)


def assert_close(found, expected):
    for a, b in zip(found, expected, strict=True):
        assert np.shape(a) == np.shape(b)
        assert np.asarray(a).dtype == np.asarray(b).dtype
        size = np.max(np.abs(b), initial=1.0)
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * size)


def derivatives(f, inputs, tangents):
    """Everything that is found along directions, as a flat list."""
    where = range(len(inputs))
    hessian = ag.hessian(lambda *x: ag.sum(f(*x) ** 2), where)(*inputs)
    along = ag.hvp(lambda x: ag.sum(f(*x) ** 2), inputs, tangents)
    _, change = ag.jvp(f, inputs, tangents)
    tall = ag.jacobian(lambda *x: ag.stack([f(*x)] * 9), where)(*inputs)
    return [part for row in hessian for part in row] + [*along, change, *tall]


@pytest.mark.parametrize("name", [n for n in SAMPLES if any(OPS[n].vjps)])
@few
@given(data=st.data(), seed=st.integers(0, 2**16))
def test_directions_agree_with_graphs(name, data, seed):
    op = OPS[name]
    inputs, params = data.draw(SAMPLES[name].cases)
    # Inputs without a rule move as well: a `like`, of which only the shape matters, is none.
    wrt = [i for i, x in enumerate(inputs) if np.asarray(x).dtype.kind == "f"]

    def f(*moving):
        own = dict(zip(wrt, moving, strict=True))
        return op(*(own.get(i, x) for i, x in enumerate(inputs)), **params)

    moving = tuple(inputs[i] for i in wrt)
    tangents = tuple(spread(seed, *(x.shape for x in moving)))
    with np.errstate(all="ignore"), pytest.MonkeyPatch.context() as patch:
        found = derivatives(f, moving, tangents)
        by_graph(patch)
        assert_close(found, derivatives(f, moving, tangents))


def network(x, w, v):
    return ag.sum(ag.tanh(ag.tanh(x @ w) @ v) ** 2 * x[..., :1])


SHAPES = {
    "a vector": ((3,), (3, 4), (4, 2)),
    "a batch": ((5, 3), (3, 4), (4, 1)),
    "a stack": ((2, 5, 3), (3, 4), (2, 4, 1)),
    "vectors": ((5, 3), (3,), ()),
}


@pytest.mark.parametrize("name", SHAPES)
def test_products_in_which_all_factors_move(name, monkeypatch):
    x, w, v = spread(0, *SHAPES[name])
    f = network if w.ndim > 1 else lambda x, w, v: ag.sum(ag.exp(x @ w * v) * (w @ w))
    found = ag.hessian(f, (0, 1, 2))(x, w, v)
    by_graph(monkeypatch)
    expected = ag.hessian(f, (0, 1, 2))(x, w, v)
    for row, other in zip(found, expected, strict=True):
        assert_close(row, other)


def test_what_there_is_a_way_for():
    x = ag.Node([1.0, 2.0])

    def is_pushed(y):
        return can_be_pushed(ancestors(y))

    assert is_pushed(ag.sum(ag.exp(x) * x[0]))
    assert is_pushed(ag.exp(ag.pad(x, 1)) + ag.max(ag.constant([1.0, 3.0])))
    assert not is_pushed(ag.max(x))
    assert not is_pushed(ag.pad(x, 1, constant_values=2.0))

    class Own(ag.Elementwise):
        def forward(xp, x):
            return xp.exp(x)

        def vjp_x(xp, grad, out, x):
            return grad * ag.exp(x)  # of the library, whatever xp is

    assert not is_pushed(Own(x))
    assert ag.hessian(lambda x: ag.sum(Own(x)))(np.zeros(2)).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_numbers_stay_numbers():
    assert ag.hvp(lambda x: x * x * x, 2.0, 1.0) == 12.0
    assert isinstance(ag.hvp(lambda x: x * x * x, 2.0, 1.0), float)
    assert isinstance(ag.jvp(lambda x: x * x, (2.0,), (1.0,))[1], float)
    assert ag.jvp(lambda x: ag.sign(x) + 1.0, (2.0,), (1.0,)) == (2.0, 0.0)
    assert ag.hessian(lambda x, y: x * y, (0, 1))(2.0, 3.0)[0][1].tolist() == 1.0


def test_a_direction_is_rolled_in_row_major_order():
    x = np.arange(6.0).reshape(2, 3)
    change = ag.jvp(lambda x: ag.roll(x, 1), (x,), (x,))[1]
    np.testing.assert_array_equal(change, np.roll(x, 1))


def test_an_op_without_a_call_for_a_stack(monkeypatch):
    x = spread(0, (2, 3, 2))[0]

    def f(x):
        return ag.sum(ag.exp(x[[0, 1], :, [1, 1]]) ** 2)

    found = ag.hessian(f)(x)
    by_graph(monkeypatch)
    assert_close([found], [ag.hessian(f)(x)])


def test_what_moves_without_a_slope():
    x = np.array([2.0, -3.0])
    hessian = ag.hessian(lambda x: ag.sum(ag.copysign(ag.Node(np.ones(2)), x) * x * x))(x)
    assert hessian.tolist() == [[2.0, 0.0], [0.0, -2.0]]


def test_nothing_to_move():
    assert ag.hessian(ag.sum)(np.zeros(0)).shape == (0, 0)
    assert ag.jacobian(ag.exp)(np.zeros(0)).shape == (0, 0)
    assert ag.hvp(lambda t: ag.sum(t[1]) * 2.0, ((), np.ones(2)), ((), np.ones(2))) == (
        (),
        pytest.approx(np.zeros(2)),
    )


def test_a_nan_is_looked_at_backwards():
    """0 · ∞ behind an op that selects is 0, which only the sweep for it knows."""

    def f(x):
        return ag.sqrt(ag.where(x > 0, x, 0.0))

    x = np.array([4.0, 0.0])
    with np.errstate(invalid="ignore"):
        assert ag.jvp(f, (x,), (np.ones(2),))[1].tolist() == [0.25, 0.0]
    assert ag.jacobian(lambda x: ag.stack([f(x), f(x)]))(x)[1].tolist() == [[0.25, 0.0], [0.0, 0.0]]
    assert ag.hessian(lambda x: ag.sum(f(x)))(x).tolist() == [[-1 / 32, 0.0], [0.0, 0.0]]
    assert ag.hvp(lambda x: ag.sum(f(x)), x, np.ones(2)).tolist() == [-1 / 32, 0.0]


def test_a_value_with_tangents_is_an_operand():
    x = Dual(np.array([2.0]), np.array([[1.0], [3.0]]))
    for found, slope in {
        "x + 1": (x + 1.0, 1.0), "1 + x": (1.0 + x, 1.0), "x - 1": (x - 1.0, 1.0),
        "1 - x": (1.0 - x, -1.0), "2 / x": (2.0 / x, -0.5), "x / 2": (x / 2.0, 0.5),
        "x · x": (x * x, 4.0), "-x": (-x, -1.0), "log": (DUALS.log1p(x), 1 / 3),
        "array": (np.array([3.0]) * x, 3.0),
    }.values():  # fmt: skip
        np.testing.assert_allclose(found.tangent, [[slope], [3 * slope]])
    comparisons = x < 3.0, x <= 2.0, x > 1.0, x >= 2.0, x == 2.0, x != 1.0
    assert all(np.all(found) for found in comparisons)
    assert (x // 2.0).tolist() == [1.0]
    assert (4.0 // x).tolist() == [2.0]
    assert not hasattr(DUALS, "sum")


def test_a_change_has_the_dtype_of_what_changes():
    x, y = np.ones(2, "float32"), np.ones(2)
    for function in (ag.copysign, ag.multiply, ag.maximum):
        value, tangent = ag.jvp(function, (x, y), (x, y))
        assert value.dtype == tangent.dtype == "float64"
