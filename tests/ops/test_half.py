"""float16: its largest number is 65,504, which sums, squares and counts soon exceed."""

import numpy as np
import pytest

import autograd_lite as ag

MANY = np.ones(70_000)
FAR = np.array([300.0, -300.0, 0.0, 1.0])

REDUCTIONS = {
    "mean": (ag.mean, MANY * 100),
    "mean of squares": (lambda x: ag.mean(x * x), MANY),
    "mean over an axis": (lambda x: ag.mean(x, axis=1)[0], np.full((2, 1000), 100.0)),
    "tie of max": (ag.max, MANY),
    "tie of min": (ag.min, MANY),
    "var": (ag.var, np.append(MANY, 300.0)),
    "std of large elements": (ag.std, FAR),
    "softmax": (lambda x: ag.softmax(x)[0], MANY),
    "log_softmax": (lambda x: ag.log_softmax(x)[0], MANY),
    "logsumexp": (ag.logsumexp, MANY),
    "cross entropy": (lambda x: ag.cross_entropy_with_logits(x, 0), MANY),
    "norm": (ag.linalg.vector_norm, MANY),
    "layer_norm of large elements": (lambda x: ag.layer_norm(x)[0], FAR),
}


@pytest.mark.parametrize(("function", "point"), REDUCTIONS.values(), ids=REDUCTIONS)
def test_what_float16_can_hold_is_not_lost_on_the_way(function, point):
    """By backward, as graph and compiled: what float64 gives, in float16."""
    value, grad = ag.value_and_grad(function)(point)
    x = ag.Node(point.astype("float16"))
    result = function(x)
    results = [ag.value_and_grad(function)(x.value), (result.value, ag.gradients(result, x).value)]
    results.append(ag.jit(ag.value_and_grad(function), executor="numpy")(x.value))
    for found in results:
        assert [part.dtype for part in found] == ["float16", "float16"]
        np.testing.assert_allclose(found[0], value, rtol=2e-3)
        np.testing.assert_allclose(found[1], grad, rtol=2e-3, atol=1e-7)


def test_accuracy_of_many_samples():
    scores, labels = np.tile(np.float16([0.0, 1.0]), (len(MANY), 1)), np.ones(len(MANY), int)
    assert ag.accuracy(scores, labels) == 1.0
