"""Narrow dtypes: float16 ends at 65,504, integers wrap around, booleans neither add nor subtract."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import linalg, ops
from autograd_lite import numpy as anp

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


EVERY_SEVENTH = np.arange(0, 2**16, 7, dtype="uint16").view("float16")
EVERY_SEVENTH = EVERY_SEVENTH[np.isfinite(EVERY_SEVENTH)]
OF_ONE = [op for op in ops.OPS.values() if op.elementwise and [*map(callable, op.vjps)] == [True]]


@pytest.mark.parametrize("op", OF_ONE, ids=lambda op: op.name)
def test_numbers_of_float16_have_their_value_and_slope(op):
    found, exact = (_value_and_slope(op, EVERY_SEVENTH.astype(kind)) for kind in ("f2", "f8"))
    for ours, right in zip(found, exact, strict=True):
        fits = abs(right) < 60_000
        np.testing.assert_allclose(ours[fits], right[fits], rtol=1e-2, atol=2e-3)


def _value_and_slope(op, numbers):
    x = ag.Node(numbers)
    with np.errstate(all="ignore"):
        out = op(x)
        out.backward(np.ones_like(numbers))
    return out.value, x.grad


# Functions whose results are floats compute in floats: on integers they give what they do on floats

NUMBERS = {
    "bool": [True, False, True, True],
    "int8": [100, -100, 127, -128],
    "uint8": [200, 255, 0, 3],
    "int64": [4, -9, 2, 7],
    "uint64": [4, 9, 2, 7],
}
WHOLE = {
    "mean": ag.mean,
    "mean of many": lambda x: ag.mean(ag.repeat(x, 100)),
    "var": ag.var,
    "var of many": lambda x: ag.var(ag.repeat(x, 100)),
    "corrected var": lambda x: ag.var(x, correction=0.5),
    "std": ag.std,
    "softmax": ag.softmax,
    "log_softmax": ag.log_softmax,
    "logsumexp": ag.logsumexp,
    "cross entropy": lambda x: ag.cross_entropy_with_logits(x, 0),
    "layer_norm": ag.layer_norm,
    "batch_norm": lambda x: ag.batch_norm(ag.reshape(x, (2, 2))),
    "vector_norm": linalg.vector_norm,
    "pinv": lambda x: linalg.pinv(ag.reshape(x, (1, 4))),
    "erf": ag.erf,
    "erfc": ag.erfc,
    "gelu": ag.gelu,
    "silu": ag.silu,
    "mean of windows": lambda x: ag.avg_pool2d(_image(x), 2, padding=1),
    "largest of windows": lambda x: ag.max_pool2d(_image(x), 2, padding=1),
    "average": lambda x: anp.average(x, weights=[1.0, 0.0, 2.0, 3.0]),
    "average by small numbers": lambda x: anp.average(x, weights=np.int8([100, 100, 0, 0])),
    "gradient": anp.gradient,
    "linspace": lambda x: anp.linspace(x, x[::-1], 4),
    "trapezoid": lambda x: anp.trapezoid(x, x),
    "cbrt": anp.cbrt,
    "median": anp.median,
    "quantile": lambda x: anp.quantile(x, 0.3),
    "clip": lambda x: anp.clip(x, 0.5, 2.5),
}


@pytest.mark.parametrize("dtype", NUMBERS)
@pytest.mark.parametrize("function", WHOLE.values(), ids=WHOLE)
def test_whole_numbers_are_as_good_as_floats(function, dtype):
    """On a node, as graph and compiled."""
    x = np.array(NUMBERS[dtype], dtype)
    expected = function(ag.constant(x.astype("float64"))).value
    for found in (function(ag.constant(x)).value, ag.jit(function, executor="numpy")(x)):
        np.testing.assert_allclose(np.asarray(found, "float64"), expected, rtol=1e-12, atol=1e-300)


def _image(x):
    return ag.reshape(x, (1, 1, 2, 2))
