"""HIPS autograd as oracle: both libraries must agree on the gradients of whole compositions.

Each composition is written once, in the vocabulary the two have in common.
"""

from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lite as ag

hips = pytest.importorskip("autograd", reason="HIPS autograd is the oracle")
anp = pytest.importorskip("autograd.numpy")


def aref(a, labels):
    return a[np.arange(len(labels)), labels]


def softmax(x, axis=-1):
    weight = anp.exp(x - anp.max(x, axis=axis, keepdims=True))
    return weight / anp.sum(weight, axis=axis, keepdims=True)


def logsumexp(x, axis=None):
    return anp.log(anp.sum(anp.exp(x), axis=axis))


ORACLE = SimpleNamespace(
    abs=anp.abs,
    aref=aref,
    exp=anp.exp,
    log=anp.log,
    log1p=anp.log1p,
    logsumexp=logsumexp,
    matmul=anp.matmul,
    matrix_transpose=lambda x: anp.swapaxes(x, -1, -2),
    max=anp.max,
    maximum=anp.maximum,
    mean=anp.mean,
    minimum=anp.minimum,
    permute_dims=anp.transpose,
    relu=lambda x: anp.maximum(x, 0.0),
    reshape=anp.reshape,
    sigmoid=lambda x: 1 / (1 + anp.exp(-x)),
    softmax=softmax,
    sqrt=anp.sqrt,
    sum=anp.sum,
    tanh=anp.tanh,
    vdot=anp.matmul,
    where=anp.where,
)

LABELS = np.array([2, 0, 1, 0, 2])


def two_layers(xp, x, *layers):
    w1, b1, w2, b2 = layers
    h = xp.tanh(xp.vdot(x, w1) + b1)
    return -xp.mean(xp.log(xp.aref(xp.softmax(xp.vdot(h, w2) + b2), LABELS)))


def layer_norm(xp, x, gain, shift):
    centred = x - xp.mean(x, axis=-1, keepdims=True)
    spread = xp.sqrt(xp.mean(centred * centred, axis=-1, keepdims=True) + 1e-3)
    return xp.sum(xp.sigmoid(centred / spread * gain + shift))


def attention(xp, q, k, v):
    weights = xp.softmax(xp.matmul(q, xp.matrix_transpose(k)) / 2.0, axis=-1)
    return xp.sum(xp.tanh(xp.matmul(weights, v)))


def diamonds(xp, x):
    for _ in range(6):
        x = xp.tanh(x * x + x)  # each step uses the last one three times
    return xp.sum(x)


def product(xp, x, y):
    return xp.sum(xp.tanh(xp.matmul(x, y)))


COMPOSITIONS = {
    "polynomial": (lambda xp, x, y: xp.sum(x**3 * y - x / (y * y + 1)), (3, 1), (4,)),
    "powers": (lambda xp, x, y: xp.sum(xp.abs(x) ** y + 2.0**x), (2, 3), (3,)),
    "softplus": (lambda xp, x: xp.mean(xp.log1p(xp.exp(x)) * xp.sigmoid(x)), (2, 3)),
    "logsumexp": (lambda xp, x: xp.sum(xp.logsumexp(x, axis=-1) ** 2), (3, 4)),
    "softmax": (lambda xp, x, y: xp.sum(xp.softmax(x, axis=0) * y), (3, 4), (4,)),
    "cross-entropy": (
        lambda xp, x: -xp.mean(xp.log(xp.aref(xp.softmax(x), LABELS))),
        (5, 3),
    ),
    "cross-entropy by logsumexp": (
        lambda xp, x: xp.mean(xp.logsumexp(x, axis=-1) - xp.aref(x, LABELS)),
        (5, 3),
    ),
    "two layers": (two_layers, (5, 3), (3, 4), (4,), (4, 3), (3,)),
    "layer norm": (layer_norm, (3, 4), (4,), (4,)),
    "attention": (attention, (2, 3, 4), (2, 5, 4), (2, 5, 2)),
    "diamonds": (diamonds, (3,)),
    "where": (lambda xp, x, y: xp.sum(xp.where(x > y, x * x, xp.exp(y) * x)), (3, 4), (4,)),
    "maximum and minimum": (
        lambda xp, x, y: xp.sum(xp.maximum(x, y) * xp.minimum(x, y) * y),
        (3, 4),
        (3, 1),
    ),
    "max": (lambda xp, x: xp.sum(xp.max(x * x, axis=0) * xp.max(x)), (3, 4)),
    "relu": (lambda xp, x, w: xp.sum(xp.relu(xp.vdot(x, w)) ** 2), (5, 3), (3, 4)),
    "norm": (lambda xp, x: xp.sqrt(xp.sum(x * x)), (4,)),
    "shapes": (
        lambda xp, x: xp.sum(xp.permute_dims(xp.reshape(x * x, (4, 3, 2)), (2, 0, 1))[1] * x[0]),
        (2, 4, 3),
    ),
    "slices": (lambda xp, x: xp.sum(x[1:, ::-1] * x[:-1] ** 2), (4, 3)),
    "picked twice": (lambda xp, x: xp.sum(xp.exp(x[np.array([0, 2, 0])]) * x[1]), (3, 2)),
    "vector · vector": (product, (3,), (3,)),
    "vector · matrix": (product, (3,), (3, 2)),
    "matrix · vector": (product, (4, 3), (3,)),
    "matrix · matrix": (product, (4, 3), (3, 2)),
    "stack · vector": (product, (2, 4, 3), (3,)),
    "stack · matrix": (product, (2, 4, 3), (3, 2)),
    "vector · stack": (product, (3,), (2, 3, 4)),
    "matrix · stack": (product, (4, 3), (2, 3, 2)),
    "stack · stack of one": (product, (2, 4, 3), (1, 3, 2)),
}
each_composition = pytest.mark.parametrize(
    ("f", "shapes"),
    [(f, shapes) for f, *shapes in COMPOSITIONS.values()],
    ids=COMPOSITIONS,
)


def draw(shapes, seed):
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1.5, 1.5, shape) for shape in shapes]


def assert_equal(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=1e-12)


@each_composition
def test_first_order(f, shapes):
    values = draw(shapes, seed=1)
    expected = hips.grad(lambda values: f(ORACLE, *values))(values)
    nodes = [ag.Node(x) for x in values]
    out = f(ag, *nodes)
    assert_equal(out.value, f(ORACLE, *values))
    out.backward()
    for node, symbolic, grad in zip(nodes, ag.gradients(out, nodes), expected, strict=True):
        assert_equal(node.grad, grad)
        assert_equal(symbolic.value, grad)


@each_composition
def test_second_order(f, shapes):
    """The Hessian times a direction."""
    values, directions = draw(shapes, seed=2), draw(shapes, seed=3)
    first = hips.grad(lambda values: f(ORACLE, *values))

    def along(values):
        return sum(anp.sum(g * v) for g, v in zip(first(values), directions, strict=True))

    expected = hips.grad(along)(values)
    nodes = [ag.Node(x) for x in values]
    firsts = ag.gradients(f(ag, *nodes), nodes)
    slope = sum(ag.sum(g * v) for g, v in zip(firsts, directions, strict=True))
    slope.backward()
    for node, symbolic, grad in zip(nodes, ag.gradients(slope, nodes), expected, strict=True):
        assert_equal(node.grad, grad)
        assert_equal(symbolic.value, grad)
