"""Worked by hand, then asked of the engine: textbook cases, and derivations of course reports."""

import numpy as np
import pytest

import autograd_lite as ag

RNG = np.random.default_rng(7)


def assert_equal(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-13)


def softmax(z, axis=-1):
    weight = np.exp(z)
    return weight / weight.sum(axis=axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# Rosenbrock's function of n variables: Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def rosenbrock_gradient(x):
    grad = np.zeros_like(x)
    grad[:-1] += -400 * x[:-1] * (x[1:] - x[:-1] ** 2) - 2 * (1 - x[:-1])
    grad[1:] += 200 * (x[1:] - x[:-1] ** 2)
    return grad


def rosenbrock_hessian(x):
    beside = np.diag(-400 * x[:-1], 1)
    diagonal = np.zeros_like(x)
    diagonal[:-1] += 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    diagonal[1:] += 200
    return np.diag(diagonal) + beside + beside.T


@pytest.mark.parametrize("x", [np.ones(5), np.array([-1.2, 1.0]), RNG.normal(size=6)], ids=len)
def test_rosenbrock(x):
    assert_equal(ag.grad(rosenbrock)(x), rosenbrock_gradient(x))
    assert_equal(ag.hessian(rosenbrock)(x), rosenbrock_hessian(x))
    assert_equal(ag.hvp(rosenbrock, x, x), rosenbrock_hessian(x) @ x)


def test_three_levels_of_tanh():
    x = np.linspace(-2, 2, 9)
    t = np.tanh(x)

    def slope(f):
        return ag.grad(lambda x: f(x).sum())

    first = slope(ag.tanh)
    second = slope(first)
    third = slope(second)
    assert_equal(first(x), 1 - t**2)
    assert_equal(second(x), -2 * t * (1 - t**2))
    assert_equal(third(x), (6 * t**2 - 2) * (1 - t**2))


# softmax with cross-entropy, softmax alone, a hidden layer


def test_gradients_on_the_nodes_of_a_graph():
    with ag.Graph() as g:
        x, y = ag.input(name="x", shape=(4,), dtype="float64"), ag.input(name="y", shape=(), dtype="int64")  # fmt: skip
        w1, b1, w2, b2 = (ag.parameter(RNG.normal(size=s)) for s in [(4, 3), 3, (3, 5), 5])
        z = ag.vdot(x, w1) + b1
        h = ag.sigmoid(z)
        scores = ag.vdot(h, w2) + b2
        p = ag.softmax(scores)
        loss = ag.log(ag.aref(p, y)) * -1
    g.forward(x=RNG.normal(size=4), y=2)
    g.backward(loss)
    assert_equal(scores.grad, p.value - np.eye(5)[2])
    assert_equal(scores.grad, p.grad * p.value - p.value * (p.grad @ p.value))
    assert_equal(h.grad, scores.grad @ w2.value.T)
    assert_equal(z.grad, h.grad * h.value * (1 - h.value))
    assert_equal(w2.grad, np.outer(h.value, scores.grad))
    assert_equal(w1.grad, np.outer(x.value, z.grad))
    assert_equal([*b1.grad, *b2.grad], [*z.grad, *scores.grad])


# softmax, logistic regression, cross-entropy


def test_softmax_does_not_see_a_shift():
    z = RNG.normal(size=6)
    assert_equal(ag.softmax(z + 1e3), ag.softmax(z))
    slope = ag.jvp(ag.softmax, (z,), (np.ones(6),))[1]
    assert_equal(slope, np.zeros(6))


def test_sum_of_log_softmax():
    w, c, x = RNG.normal(size=(5, 3)), RNG.normal(size=5), RNG.normal(size=3)

    def objective(w, c):
        return ag.log(ag.softmax(w @ x + c)).sum()

    dz = 1 - 5 * softmax(w @ x + c)
    dw, dc = ag.grad(objective, (0, 1))(w, c)
    assert_equal(dc, dz)
    assert_equal(dw, np.outer(dz, x))


def test_logistic_regression_and_its_update():
    x, y, theta = RNG.normal(size=(8, 3)), np.arange(8) % 2.0, RNG.normal(size=3)
    decay, rate = 0.3, 0.1

    def objective(theta):
        g = ag.sigmoid(x @ theta)
        losses = -y * ag.log(g) - (1 - y) * ag.log(1 - g)
        return losses.mean() + decay / 2 * (theta * theta).sum()

    g = sigmoid(x @ theta)
    grad = ag.grad(objective)(theta)
    assert_equal(grad, x.T @ (g - y) / 8 + decay * theta)
    assert_equal(theta - rate * grad, theta * (1 - rate * decay) - rate / 8 * x.T @ (g - y))
    curvature = x.T @ np.diag(g * (1 - g)) @ x / 8 + decay * np.eye(3)
    assert_equal(ag.hessian(objective)(theta), curvature)


def test_cross_entropy_on_softmax():
    w, b, h, y = RNG.normal(size=(4, 3)), RNG.normal(size=4), RNG.normal(size=3), np.eye(4)[1]

    def objective(w, b):
        return -(y * ag.log(ag.softmax(w @ h + b))).sum()

    dw, db = ag.grad(objective, (0, 1))(w, b)
    assert_equal(db, softmax(w @ h + b) - y)
    assert_equal(dw, np.outer(db, h))


# a hidden layer on a batch, written with matrices


def test_gradients_of_a_batch():
    x, targets = RNG.normal(size=(6, 4)), np.eye(3)[[0, 2, 1, 1, 0, 2]]
    params = [RNG.normal(size=s) for s in [(4, 5), (5,), (5, 3), (3,)]]

    def objective(params):
        w_h, b_h, w_o, b_o = params
        p = ag.softmax(ag.relu(x @ w_h + b_h) @ w_o + b_o)
        return -(targets * ag.log(p)).sum()

    w_h, b_h, w_o, b_o = params
    z = x @ w_h + b_h
    h = z * (z > 0)
    error = softmax(h @ w_o + b_o) - targets
    back = (error @ w_o.T) * (z > 0)
    worked = [x.T @ back, back.sum(0), h.T @ error, error.sum(0)]
    for found, expected in zip(ag.grad(objective)(params), worked, strict=True):
        assert_equal(found, expected)
    wrong = ((error @ w_o.T) * h).sum(0)  # a slip that one report has: relu(z) instead of [z > 0]
    assert np.any(np.abs(wrong - worked[1]) > 0.01)


def test_average_cross_entropy_counts_all_entries():
    z, targets = RNG.normal(size=(6, 3)), np.eye(3)[[0, 2, 1, 1, 0, 2]]
    loss, grad = ag.value_and_grad(lambda z: -ag.mean(targets * ag.log_softmax(z)))(z)
    assert_equal(loss, -np.mean(targets * np.log(softmax(z))))
    assert_equal(grad, (softmax(z) - targets) / 18)


# one score, weight decay


@pytest.mark.parametrize("j", range(4))
def test_slope_of_minus_log_softmax(j):
    z = RNG.normal(size=4)
    assert_equal(ag.grad(lambda z: -ag.log(ag.softmax(z)[j]))(z), softmax(z) - np.eye(4)[j])


def test_weight_decay():
    x, labels, decay = RNG.normal(size=(6, 4)), [0, 2, 1, 1, 0, 2], 0.01
    weights = [RNG.normal(size=(4, 5)), RNG.normal(size=(5, 3))]

    def cost(weights, decay):
        w1, w2 = weights
        p = ag.softmax(ag.relu(x @ w1) @ w2)
        return -ag.mean(ag.log(ag.aref(p, labels))) + decay * ((w1 * w1).sum() + (w2 * w2).sum())

    plain, decayed = (ag.grad(cost)(weights, c) for c in (0.0, decay))
    for w, without, found in zip(weights, plain, decayed, strict=True):
        assert_equal(found, without + 2 * decay * w)


# logits, and two steps by hand


def test_softmax_jacobian():
    z = RNG.normal(size=5)
    p = softmax(z)
    assert_equal(ag.jacobian(ag.softmax)(z), np.diag(p) - np.outer(p, p))


@pytest.mark.parametrize("axis", [0, 1])
def test_mean_loss_has_the_slope_p_minus_y_over_n(axis):
    z, y = RNG.normal(size=(3, 6)), np.eye(3)[:, [0, 2, 1, 1, 0, 2]]
    z, y = (z, y) if axis == 0 else (z.T, y.T)
    loss = ag.value_and_grad(lambda z: ag.cross_entropy_with_logits(z, y, axis=axis).mean())
    value, grad = loss(z)
    p = softmax(z, axis=axis)
    assert_equal(value, -np.sum(y * np.log(p)) / 6)
    assert_equal(grad, (p - y) / 6)


def test_two_steps_by_hand():
    """W = 0, b = 0, X = Y = I, columns are samples, learning rate 1; to four decimals."""
    with ag.Graph() as g:
        w, b = ag.parameter(np.zeros((2, 2))), ag.parameter(np.zeros((2, 1)))
        z = w @ np.eye(2) + b
        p = ag.softmax(z, axis=0)
        loss = ag.cross_entropy_with_logits(z, np.eye(2), axis=0).mean()
    sign = np.array([[1.0, -1.0], [-1.0, 1.0]])
    steps = [(0.5, 0.6931, 0.25, 0.25), (0.6225, 0.4741, 0.1888, 0.4388)]
    for likely, cost, slope, weight in steps:
        g.forward()
        g.backward(loss)
        np.testing.assert_allclose(p.value, np.where(sign > 0, likely, 1 - likely), atol=5e-5)
        assert float(loss) == pytest.approx(cost, abs=5e-5)
        for grad in (z.grad, w.grad):
            np.testing.assert_allclose(grad, -slope * sign, atol=5e-5)
        np.testing.assert_allclose(b.grad, 0, atol=1e-15)
        w.assign(w.value - w.grad)
        b.assign(b.value - b.grad)
        np.testing.assert_allclose(w.value, weight * sign, atol=5e-5)
