"""0 · ∞: what was not selected stays 0, at every order; what merely became 0 gives what IEEE gives.

By `backward`, by `gradients` on numbers, recorded and fed again, and compiled.
"""

import numpy as np
import pytest

import autograd_lite as ag

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy tells of each infinity

INF = np.inf
ROWS = np.array([[True], [False]])
X = np.array([-1.0, 0.0, 4.0])

# name → function of an array, the array, and the right gradient of the sum
SELECTED = {
    "where": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), X, [0, 0, 0.25]),
    "where the other": (lambda x: ag.where(x <= 0, 1.0, ag.log(x)), X, [0, 0, 0.25]),
    "chain": (lambda x: ag.where(x > 0, ag.exp(ag.sqrt(x) * 2.0), 0.0), X, [0, 0, np.exp(4) / 2]),
    "power": (lambda x: ag.where(x > 0, x**1.5, 0.0), X, [0, 0, 3.0]),
    "maximum": (lambda x: ag.maximum(ag.where(x > 0, ag.sqrt(x), -1.0), -0.5), X, [0, 0, 0.25]),
    "clip": (lambda x: ag.clip(ag.log(ag.abs(x)), 0.0, 9.0), [0.0, 2.0], [0, 0.5]),
    "relu": (lambda x: ag.relu(ag.log(x)), [0.0, 2.0], [0, 0.5]),
    "max": (lambda x: ag.max(ag.log(x)), [0.0, 2.0], [0, 0.5]),
    "max of rows": (lambda x: ag.max(ag.log(x), axis=1), [[0.0, 2.0], [4, 0]], [[0, 0.5], [0.25, 0]]),
    "index": (lambda x: ag.log(x)[1], [0.0, 2.0], [0, 0.5]),
    "slice": (lambda x: ag.log(x)[1:], [0.0, 2.0], [0, 0.5]),
    "take": (lambda x: ag.take(ag.log(x), np.array([1, 1])), [0.0, 2.0], [0, 1.0]),
    "along an axis": (
        lambda x: ag.take_along_axis(ag.log(x), np.array([[1]]), axis=1), [[0.0, 2.0]], [[0, 0.5]],
    ),
    "sort": (lambda x: ag.sort(ag.sqrt(x))[1:], [4.0, 0.0], [0.25, 0]),
    "triangle": (lambda x: ag.tril(ag.log(x)), [[1.0, 0.0], [2.0, 4.0]], [[1, 0], [0.5, 0.25]]),
    "diagonal": (lambda x: ag.diagonal(ag.log(x)), [[1.0, 0.0], [0, 4.0]], [[1, 0], [0, 0.25]]),
    "split": (lambda x: ag.split(ag.log(x), 2)[1], [0.0, 2.0], [0, 0.5]),
    "of a padded one": (lambda x: ag.pad(ag.log(x), 1)[2:], [0.0, 2.0], [0, 0.5]),
    "running": (lambda x: ag.cumulative_sum(ag.log(x))[0], [0.5, 0.0], [2, 0]),
    "variance": (lambda x: ag.var(x, axis=1)[0], [[3.0, 4.0], [INF, 1]], [[-0.5, 0.5], [0, 0]]),
    "product": (lambda x: ag.prod(x, axis=1)[0], [[3.0, 4.0], [INF, 0]], [[4, 3], [0, 0]]),
    "softmax": (lambda x: ag.where(ROWS, ag.softmax(x), 0.0) * np.array([1.0, 3.0]),
                [[0.0, 0.0], [-INF, -INF]], [[-0.5, 0.5], [0, 0]]),
    "logsumexp": (lambda x: ag.where(ROWS[:, 0], ag.logsumexp(x, axis=1), 0.0),
                  [[0.0, 0.0], [-INF, -INF]], [[0.5, 0.5], [0, 0]]),
    "kept axis": (lambda x: ag.where(ROWS, ag.logsumexp(x, axis=1, keepdims=True), 0.0),
                  [[0.0, 0.0], [-INF, -INF]], [[0.5, 0.5], [0, 0]]),
    "whole": (lambda x: ag.where(np.array(False), ag.logsumexp(x), ag.sum(x)), [-INF, -INF], [1, 1]),
    "means": (lambda x: ag.where(ROWS[:, 0], ag.mean(ag.log(x), axis=1), 0.0),
              [[1.0, 2.0], [0.0, 0.0]], [[0.5, 0.25], [0, 0]]),
    "broadcast": (lambda x: ag.where(ROWS, ag.log(x), 0.0), [0.5, 2.0], [2, 0.5]),
    "dead after alive": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0) + x, X, [1, 1, 1.25]),
    "a scalar": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), -1.0, 0.0),
    "a scalar, after a product": (lambda x: ag.relu(ag.log(x) - 3.0) * x, 0.0, 0.0),
}  # fmt: skip

# the slope on the way is infinite, and nothing was selected away: NaN, or the right slope
BECAME = {
    "overflow": (lambda x: ag.log(1.0 + ag.exp(x)), 800.0),
    "selected": (lambda x: ag.where(x > 0, ag.log(1.0 + ag.exp(x)), 0.0), 800.0),
    "beside a dead one": (lambda x: ag.where(x > 0, ag.log(1.0 + ag.exp(x)), 0.0), [800.0, -1.0]),
    "a product with zero": (lambda x: 0.0 * ag.sqrt(x), 0.0),
    "an array of them": (lambda x: ag.relu(ag.log(1.0 + ag.exp(x))), [800.0, 900.0]),
}


def readings(f, x):
    """The gradient of the sum of f, in six ways."""
    x = np.array(x, float)
    leaf = ag.Node(x.item() if x.ndim == 0 else x)
    total = ag.sum(f(leaf))
    total.backward()
    yield leaf.grad
    yield ag.grad(lambda x: ag.sum(f(x)))(x)
    yield ag.gradients(total, leaf).value
    with ag.Graph() as g:
        fed = ag.input(name="x", shape=x.shape, dtype="float64", requires_grad=True)
        loss = ag.sum(f(fed))
        slope = ag.gradients(loss, fed)
    g.forward(x=x)
    g.backward(loss)
    yield fed.grad
    yield slope.value
    for executor in ("numpy", "native"):
        yield ag.compile(g, slope, executor=executor)(x=x)


@pytest.mark.parametrize(("f", "x", "expected"), SELECTED.values(), ids=SELECTED)
def test_what_was_not_selected_stays_zero(f, x, expected):
    for found in readings(f, x):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(("f", "x", "_"), SELECTED.values(), ids=SELECTED)
def test_at_order_two_and_three_as_well(f, x, _):
    x = np.array(x, float)

    def slope(x):
        return ag.grad(lambda x: ag.sum(f(x)))(x)

    def bend(x):
        return ag.sum(ag.grad(lambda x: ag.sum(slope(x)))(x))

    for derived in (ag.hessian(lambda x: ag.sum(f(x))), ag.grad(bend)):
        assert np.isfinite(derived(x)).all()
    node = ag.Node(x)
    second = ag.gradients(ag.sum(ag.gradients(ag.sum(f(node)), node)), node)
    assert np.isfinite(second.value).all()


def test_the_second_derivative_is_right_where_it_was_selected():
    for f, bend in ((ag.sqrt, -1 / 32), (ag.log, -1 / 16), (lambda x: x**1.5, 0.375)):
        total = lambda x, f=f: ag.sum(ag.where(x > 0, f(x), 0.0))  # noqa: E731
        np.testing.assert_allclose(ag.hessian(total)(X), np.diag([0.0, 0.0, bend]))


@pytest.mark.parametrize(("f", "x"), BECAME.values(), ids=BECAME)
def test_what_merely_became_zero_is_no_silent_zero(f, x):
    for found in readings(f, x):
        first = np.ravel(found)[0]
        assert np.isnan(first) or first == 1.0


def test_the_rest_of_a_graph_is_not_touched():
    """An infinity that is right, beside a NaN that was a 0 · ∞."""
    x = ag.Node(np.array([0.0, 0.0, 4.0]))
    chosen = ag.where(np.array([False, True, True]), ag.sqrt(x), 0.0)
    chosen.sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, INF, 0.25])


def test_long_chains_need_no_recursion():
    x = ag.Node(np.array([-1.0, 4.0]))
    y = ag.sqrt(x)
    for _ in range(3000):
        y = ag.relu(y)
    y = ag.where(x > 0, y, 0.0)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.25])
    np.testing.assert_array_equal(ag.gradients(y.sum(), x).value, [0.0, 0.25])


def test_ways_that_meet_share_their_mask():
    def f(x):
        root = ag.sqrt(x)
        return ag.sum(ag.where(x > 0, root - ag.mean(root), 0.0))

    bend = ag.grad(lambda x: ag.sum(ag.grad(f)(x)))(X)
    np.testing.assert_allclose(bend, [np.nan, INF, 2 / 3 * -1 / 32])  # of -1 the mean has no root


def test_behind_several_outputs_the_way_is_ieee():
    class Pair(ag.Op):
        """X twice."""

        outputs = ("a", "b")

        def forward(xp, x):
            return x, x

        def vjp_x(xp, grad, out, x):
            return grad[0] + grad[1]

    x = ag.Node(np.array([0.0, 4.0]))
    a, _ = Pair(ag.sqrt(x))
    ag.where(x > 0, a, 0.0).sum().backward()
    assert np.isnan(x.grad[0])
    assert x.grad[1] == 0.25
    del ag.ops.OPS["Pair"]
