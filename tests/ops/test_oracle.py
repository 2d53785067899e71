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


linalg = SimpleNamespace(
    cholesky=anp.linalg.cholesky,
    det=anp.linalg.det,
    eigh=lambda x: SimpleNamespace(eigenvalues=anp.linalg.eigh(x)[0]),
    inv=anp.linalg.inv,
    pinv=anp.linalg.pinv,
    slogdet=lambda x: SimpleNamespace(logabsdet=anp.linalg.slogdet(x)[1]),
    solve=anp.linalg.solve,
    svdvals=lambda x: anp.linalg.svd(x, full_matrices=False)[1],
    trace=anp.trace,
    vector_norm=anp.linalg.norm,
)


ORACLE = SimpleNamespace(
    abs=anp.abs,
    acosh=anp.arccosh,
    aref=aref,
    concat=anp.concatenate,
    einsum=anp.einsum,
    asin=anp.arcsin,
    acos=anp.arccos,
    asinh=anp.arcsinh,
    atan=anp.arctan,
    atan2=anp.arctan2,
    atanh=anp.arctanh,
    clip=anp.clip,
    cos=anp.cos,
    cosh=anp.cosh,
    cumulative_sum=anp.cumsum,
    diff=anp.diff,
    exp=anp.exp,
    flip=lambda x, *, axis: x[::-1],  # HIPS has no gradient of flip
    linalg=linalg,
    expm1=anp.expm1,
    log=anp.log,
    log10=anp.log10,
    log1p=anp.log1p,
    log2=anp.log2,
    logaddexp=anp.logaddexp,
    logsumexp=logsumexp,
    matmul=anp.matmul,
    matrix_transpose=lambda x: anp.swapaxes(x, -1, -2),
    max=anp.max,
    maximum=anp.maximum,
    mean=anp.mean,
    min=anp.min,
    minimum=anp.minimum,
    permute_dims=anp.transpose,
    prod=anp.prod,
    reciprocal=anp.reciprocal,
    relu=lambda x: anp.maximum(x, 0.0),
    reshape=anp.reshape,
    sigmoid=lambda x: 1 / (1 + anp.exp(-x)),
    sin=anp.sin,
    sinh=anp.sinh,
    softmax=softmax,
    sqrt=anp.sqrt,
    square=anp.square,
    std=lambda x, axis=None, correction=0: anp.std(x, axis=axis, ddof=correction),
    sum=anp.sum,
    tan=anp.tan,
    roll=anp.roll,
    split=anp.split,
    stack=anp.stack,
    tanh=anp.tanh,
    tensordot=lambda x, y, *, axes: anp.tensordot(x, y, axes),
    tile=anp.tile,
    tril=anp.tril,
    var=lambda x, axis=None, correction=0: anp.var(x, axis=axis, ddof=correction),
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


def covariance(xp, x):
    """A matrix that is positive definite, so all of linear algebra has something to say."""
    return xp.matmul(x, xp.matrix_transpose(x)) + 0.5 * np.eye(3)


def gaussian(xp, x, y):
    """The logarithm of a normal density, by solve and slogdet."""
    sigma = covariance(xp, x)
    return xp.sum(y * xp.linalg.solve(sigma, y)) + xp.linalg.slogdet(sigma).logabsdet


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
    "circle": (
        lambda xp, x, y: xp.sum(xp.sin(x) * xp.cos(y) + xp.tan(x / 2) * xp.atan2(x, y * y + 1)),
        (3, 4),
        (4,),
    ),
    "hyperbola": (lambda xp, x, y: xp.sum(xp.sinh(x) / xp.cosh(x * y)), (3, 1), (4,)),
    "angles": (
        lambda xp, x: xp.sum(xp.asin(x / 2) * xp.acos(x / 3) * xp.atan(x) + xp.atanh(x / 4)),
        (3, 4),
    ),
    "areas": (lambda xp, x: xp.sum(xp.asinh(x) * xp.acosh(x * x + 2)), (3, 4)),
    "logarithms": (
        lambda xp, x: xp.sum(xp.log2(x * x + 1) * xp.log10(xp.square(x) + 2) * xp.expm1(x)),
        (3, 4),
    ),
    "logaddexp": (lambda xp, x, y: xp.sum(xp.logaddexp(x, y) * xp.reciprocal(y)), (3, 1), (4,)),
    "remainder": (lambda xp, x, y: xp.sum((x % 0.7) * y + y * y % (x * x + 1)), (3, 4), (4,)),
    "clip": (lambda xp, x: xp.sum(xp.clip(x * x, 0.3, 1.2) * x), (3, 4)),
    "min": (lambda xp, x: xp.sum(xp.min(x * x, axis=1) * xp.min(x)), (3, 4)),
    "prod": (lambda xp, x, y: xp.sum(xp.prod(x, axis=0) * y) + xp.prod(y), (3, 4), (4,)),
    "variance": (
        lambda xp, x: xp.sum(xp.var(x, axis=1, correction=1) * xp.std(x, axis=1)) + xp.var(x),
        (3, 4),
    ),
    "sums so far": (
        lambda xp, x, y: xp.sum(xp.tanh(xp.cumulative_sum(x * x, axis=0)) * y),
        (3, 4),
        (4,),
    ),
    "differences": (lambda xp, x: xp.sum(xp.diff(x * x, axis=0, n=2) * xp.diff(x)[0, 0]), (4, 3)),
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
    "joined": (
        lambda xp, x, y: xp.sum(xp.concat([x, xp.stack([y, y * x[0]])], axis=0) ** 3),
        (2, 3),
        (3,),
    ),
    "cut": (lambda xp, x: xp.sum(xp.split(x, [1, 3])[1] ** 3 * xp.split(x, 2)[0]), (4, 3)),
    "moved": (
        lambda xp, x: xp.sum(xp.roll(x, 1, axis=0) * xp.flip(x, axis=0) * xp.tril(x)),
        (3, 3),
    ),
    "tiled": (lambda xp, x, y: xp.sum(xp.tile(x, (2, 1)) ** 2 * y), (2, 3), (4, 3)),
    "einsum": (
        lambda xp, x, y, z: xp.sum(xp.tanh(xp.einsum("ij,jk,kl->li", x, y, z))),
        (2, 3),
        (3, 4),
        (4, 2),
    ),
    "einsum of stacks": (
        lambda xp, x, y: xp.sum(xp.tanh(xp.einsum("...ij,...kj->...ik", x, y))),
        (2, 3, 4),
        (2, 2, 4),
    ),
    "tensordot": (
        lambda xp, x, y: xp.sum(xp.tanh(xp.tensordot(x, y, axes=((1, 0), (0, 2))))),
        (2, 3, 4),
        (3, 4, 2),
    ),
    "inverse and determinant": (
        lambda xp, x: xp.sum(xp.linalg.inv(covariance(xp, x))) * xp.linalg.det(covariance(xp, x)),
        (3, 3),
    ),
    "gaussian": (gaussian, (3, 4), (3,)),
    "cholesky": (
        lambda xp, x: xp.sum(xp.tanh(xp.linalg.cholesky(covariance(xp, x)))),
        (3, 4),
    ),
    "eigenvalues": (
        lambda xp, x: xp.sum(xp.exp(xp.linalg.eigh(covariance(xp, x)).eigenvalues / 4)),
        (3, 4),
    ),
    "singular values": (lambda xp, x: xp.sum(xp.exp(xp.linalg.svdvals(x))), (3, 4)),
    "pseudo-inverse": (lambda xp, x: xp.sum(xp.linalg.pinv(x) ** 2), (4, 2)),
    "vector norm": (lambda xp, x: xp.linalg.vector_norm(x) ** 3, (4,)),
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
