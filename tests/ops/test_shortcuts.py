"""A shortcut of a rule gives what the rule gives, over the range of floats, or leaves it to it."""

import numpy as np
import pytest

from autograd_lite import ops
from autograd_lite.core import arrays as xp

INF, NAN = np.inf, np.nan

# scores, and the gradient that arrives at their softmax
VECTORS = {
    "ordinary": ([0.5, -1.0, 2.0], [1.0, 0.0, -3.0]),
    "one": ([3.0], [2.0]),
    "none": ([], []),
    "one that is nearly 1": ([50.0, 0.0, 3.0], [1.0, 2.0, 3.0]),
    "large": ([1e4, 1e4 + 1, -1e4], [1.0, 2.0, 3.0]),
    "one of -∞": ([0.0, -INF, 1.0], [1.0, 2.0, 3.0]),
    "all of -∞": ([-INF, -INF], [1.0, 2.0]),
    "NaN": ([0.0, NAN], [1.0, 2.0]),
    "∞": ([0.0, INF], [1.0, 2.0]),
    "an infinite gradient": ([0.0, 1.0], [INF, 2.0]),
    "an infinite gradient where p is 0": ([0.0, -INF, 1.0], [1.0, INF, 2.0]),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("scores", "grad"), VECTORS.values(), ids=VECTORS)
def test_the_gradient_of_the_softmax_of_a_vector_is_that_of_a_row(scores, grad, dtype):
    x, g = np.array(scores, dtype), np.array(grad, dtype)
    p = np.exp(x - np.max(x, initial=-INF)).astype(dtype)
    p = (p / p.sum()).astype(dtype)
    rule = ops.SoftMax.vjps[0]
    found, row = rule(xp, g, p, x, axis=-1), rule(xp, g[None], p[None], x[None], axis=-1)[0]
    assert found.dtype == dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(found, row, rtol=32 * eps, atol=8 * eps)


@pytest.mark.parametrize("axis", [-1, 0, None, (0,), ()], ids=str)
def test_the_shortcut_of_the_softmax_of_a_vector_looks_at_the_axis(axis):
    x, rule = np.array([0.5, -1.0, 2.0]), ops.SoftMax.vjps[0]
    p = ops.SoftMax(x, axis=axis)
    found, expected = rule(xp, x, p, x, axis=axis), rule.__wrapped__(xp, x, p, x, axis=axis)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


# scores, a label for each row, and the gradient that arrives at its loss
LABELLED = {
    "a vector": ([0.5, -1.0, 2.0], 1, 2.0),
    "rows": ([[0.5, -1.0, 2.0], [3.0, 0.0, -3.0]], [2, 1], [1.0, -0.5]),
    "stacks of rows": ([[[0.5, -1.0], [2.0, 3.0]]], [[1, 1]], [[1.0, 2.0]]),
    "no rows": (np.zeros((0, 3)), np.zeros(0, int), np.zeros(0)),
    "a label that is nearly sure": ([[40.0, 0.0, 3.0], [-40.0, 0.0, 0.0]], [0, 0], [1.0, 1.0]),
    "large": ([[1e4, 1e4 + 1, -1e4]], [0], [3.0]),
    "ties": ([[2.0, 2.0, 2.0], [2.0, 2.0, 0.0]], [1, 2], [1.0, 1.0]),
    "-∞ beside the label": ([[0.0, -INF, 1.0]], [0], [1.0]),
    "-∞ at the label": ([[0.0, -INF, 1.0]], [1], [1.0]),
    "all of -∞": ([[-INF, -INF], [0.0, 1.0]], [0, 0], [1.0, 2.0]),
    "NaN": ([[0.0, NAN], [0.0, 1.0]], [0, 0], [1.0, 2.0]),
    "∞": ([[0.0, INF], [0.0, 1.0]], [0, 1], [1.0, 2.0]),
    "an infinite gradient": ([[0.0, 1.0], [0.0, 1.0]], [0, 1], [INF, 2.0]),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("scores", "labels", "grad"), LABELLED.values(), ids=LABELLED)
def test_losses_at_labels_and_their_gradients_are_those_of_the_rules(scores, labels, grad, dtype):
    z, y, g = np.array(scores, dtype), np.array(labels), np.array(grad, dtype)
    forward, rule = ops.CrossEntropyWithLabels.forward, ops.CrossEntropyWithLabels.vjps[0]
    loss = forward(xp, z, y, axis=-1)
    pairs = [
        (loss, forward.__wrapped__(xp, z, y, axis=-1)),
        (rule(xp, g, loss, z, y, axis=-1), rule.__wrapped__(xp, g, loss, z, y, axis=-1)),
    ]
    eps = np.finfo(dtype).eps
    for found, expected in pairs:
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        np.testing.assert_allclose(found, expected, rtol=16 * eps, atol=np.finfo(dtype).tiny)


def test_labels_along_the_first_axis_are_left_to_the_rule():
    z, y = np.array([[0.5, 2.0], [1.0, -1.0]]), np.array([1, 0])
    loss = ops.CrossEntropyWithLabels.forward
    np.testing.assert_array_equal(loss(xp, z, y, axis=0), loss.__wrapped__(xp, z, y, axis=0))


# All of them, for numbers of all sizes

SCALES = {"float32": (0, 5, 18, 30), "float64": (0, 40, 150, 250)}
LABEL = np.array(2)

RULES = {  # its op, the rule, and the other inputs and the parameters for a vector of six
    "erf": (ops.Erf, "forward", (), {}),
    "erfc": (ops.Erfc, "forward", (), {}),
    "norm": (ops.VectorNorm, "forward", (), {"axis": None, "keepdims": False, "power": 2}),
    "norm, kept": (ops.VectorNorm, "forward", (), {"axis": (0,), "keepdims": True, "power": 2}),
    "slope of norm": (ops.VectorNorm, "vjp_x", (), {"axis": None, "keepdims": False, "power": 2}),
    "slope of prod": (ops.Prod, "vjp_x", (), {"axis": None, "keepdims": False}),
    "softmax": (ops.SoftMax, "forward", (), {"axis": -1}),
    "slope of softmax": (ops.SoftMax, "vjp_x", (), {"axis": -1}),
    "cross entropy": (ops.CrossEntropyWithLabels, "forward", (LABEL,), {"axis": -1}),
    "slope of cross entropy": (ops.CrossEntropyWithLabels, "vjp_logits", (LABEL,), {"axis": -1}),
    "take along": (ops.TakeAlongAxis, "forward", (np.array([3, -1, 3]),), {"axis": 0}),
    "add along": (ops.AddAlongAxis, "forward", (np.arange(6) // 2, np.ones(6)), {"axis": 0}),
    "roll": (ops.Roll, "forward", (), {"shift": 8, "axis": None}),
    "slope of det": (ops.Det, "vjp_x", (), {}),
    "slope of aref": (ops.Aref, "vjp_a", (LABEL,), {}),
    "at labels": (ops.ScatterAdd, "forward", (np.arange(6) % 4, np.ones((6, 4))), {}),
}


def test_every_rule_with_a_shortcut_is_in_the_table():
    rules = {
        (op, name)
        for op in ops.OPS.values()
        for name in ("forward", *(f"vjp_{x}" for x in op.input_names))
        if hasattr(getattr(op, name, None), "shortcut")
    }
    assert rules == {(op, name) for op, name, *_ in RULES.values()}


def values_of(op, name, x, others, params):
    """What the rule is called with, for numbers x."""
    if op is ops.Det:
        x = np.append(x, x[:3] * np.array([1, -2, 3], x.dtype)).reshape(3, 3)
    if name == "forward":
        return (x, *others)
    out = np.asarray(op.forward(xp, x, *others, **params))
    grad = np.arange(1.0, 1 + out.size, dtype=out.dtype).reshape(out.shape)
    return (grad, out, x, *others)


@pytest.mark.parametrize("dtype", SCALES)
@pytest.mark.parametrize(("op", "name", "others", "params"), RULES.values(), ids=RULES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_shortcut_gives_what_the_rule_gives(op, name, others, params, dtype):
    rule = getattr(op, name)
    random, taken = np.random.default_rng(0), 0
    for scale in SCALES[dtype]:
        for spread in (0.0, 1.0):  # all of one size, or of all sizes up to it
            sizes = 10.0 ** (scale * (1 - spread * random.uniform(0, 2, 6)))
            x = (random.normal(size=6) * sizes).astype(dtype)
            values = values_of(op, name, x, others, params)
            found = rule.shortcut(*values, **params)
            if found is not None:
                taken += scale == 0
                expected = rule.__wrapped__(xp, *values, **params)
                largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
                eps = np.finfo(dtype).eps
                np.testing.assert_allclose(found, expected, rtol=300 * eps, atol=eps * largest)
                assert np.asarray(found).dtype == dtype
    assert taken
