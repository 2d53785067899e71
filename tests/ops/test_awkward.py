"""Awkward points: kinks, borders of a domain, NaN, and nothing at all; what is agreed on there."""

from math import inf, log, nan, pi

import numpy as np
import pytest
from samples import FLOATS

import autograd_lite as ag
from autograd_lite.errors import GradientError, SingularError

ONE_ENTRY = {
    # At a kink the derivative is the mean of both sides, except for ReLU, where it is 0.
    "|0|": (ag.abs, [0.0], 0.0, [0.0]),
    "|-0|": (ag.abs, [-0.0], 0.0, [0.0]),
    "|-inf|": (ag.abs, [-inf], inf, [-1.0]),
    "relu(0)": (ag.relu, [0.0], 0.0, [0.0]),
    "relu(-inf)": (ag.relu, [-inf], 0.0, [0.0]),
    "relu(inf)": (ag.relu, [inf], inf, [1.0]),
    "max(1, 1)": (ag.maximum, [1.0, 1.0], 1.0, [0.5, 0.5]),
    "max(inf, inf)": (ag.maximum, [inf, inf], inf, [0.5, 0.5]),
    "max(-inf, inf)": (ag.maximum, [-inf, inf], inf, [0.0, 1.0]),
    "min(1, 1)": (ag.minimum, [1.0, 1.0], 1.0, [0.5, 0.5]),
    "min(-inf, inf)": (ag.minimum, [-inf, inf], -inf, [1.0, 0.0]),
    "hypot(0, 0)": (ag.hypot, [0.0, 0.0], 0.0, [0.0, 0.0]),
    "hypot(0, -2)": (ag.hypot, [0.0, -2.0], 2.0, [0.0, -1.0]),
    "copysign(0, -1)": (lambda x: ag.copysign(x, -1.0), [0.0], -0.0, [0.0]),
    "copysign(-2, -1)": (lambda x: ag.copysign(x, -1.0), [-2.0], -2.0, [1.0]),
    # At an end of the interval the element itself counts; where the ends cross, the upper one does.
    "clip(0, 0, 1)": (ag.clip, [0.0, 0.0, 1.0], 0.0, [1.0, 0.0, 0.0]),
    "clip(1, 0, 1)": (ag.clip, [1.0, 0.0, 1.0], 1.0, [1.0, 0.0, 0.0]),
    "clip(-1, 0, 1)": (ag.clip, [-1.0, 0.0, 1.0], 0.0, [0.0, 1.0, 0.0]),
    "clip(2, 0, 1)": (ag.clip, [2.0, 0.0, 1.0], 1.0, [0.0, 0.0, 1.0]),
    "clip(-1, 1, 0)": (ag.clip, [-1.0, 1.0, 0.0], 0.0, [0.0, 0.0, 1.0]),
    "clip(0, 0, 0)": (ag.clip, [0.0, 0.0, 0.0], 0.0, [0.0, 0.0, 1.0]),
    "clip(-inf) with one end": (lambda x: ag.clip(x, max=1.0), [-inf], -inf, [1.0]),
    # At a jump the slope is the one of both sides, not that of the jump.
    "6 mod 3": (ag.remainder, [6.0, 3.0], 0.0, [1.0, -2.0]),
    "-7 mod 3": (ag.remainder, [-7.0, 3.0], 2.0, [1.0, 3.0]),
    "7 mod inf": (ag.remainder, [7.0, inf], 7.0, [1.0, 0.0]),
    "atan2(0, -1)": (ag.atan2, [0.0, -1.0], pi, [-1.0, 0.0]),
    "atan2(0, 0)": (ag.atan2, [0.0, 0.0], 0.0, [nan, nan]),
    # Saturated: flat, not inf · 0.
    "sigmoid(-800)": (ag.sigmoid, [-800.0], 0.0, [0.0]),
    "sigmoid(800)": (ag.sigmoid, [800.0], 1.0, [0.0]),
    "sigmoid(-inf)": (ag.sigmoid, [-inf], 0.0, [0.0]),
    "sigmoid(inf)": (ag.sigmoid, [inf], 1.0, [0.0]),
    "tanh(-800)": (ag.tanh, [-800.0], -1.0, [0.0]),
    "tanh(inf)": (ag.tanh, [inf], 1.0, [0.0]),
    "exp(-inf)": (ag.exp, [-inf], 0.0, [0.0]),
    "exp(1000)": (ag.exp, [1000.0], inf, [inf]),
    "expm1(-800)": (ag.expm1, [-800.0], -1.0, [0.0]),
    "sinh(1000)": (ag.sinh, [1000.0], inf, [inf]),
    "cosh(-1000)": (ag.cosh, [-1000.0], inf, [-inf]),
    "logaddexp(±1e4)": (ag.logaddexp, [1e4, -1e4], 1e4, [1.0, 0.0]),
    "logaddexp(0, 0)": (ag.logaddexp, [0.0, 0.0], log(2.0), [0.5, 0.5]),
    "logaddexp(0, -inf)": (ag.logaddexp, [0.0, -inf], 0.0, [1.0, 0.0]),
    "logaddexp(-inf, -inf)": (ag.logaddexp, [-inf, -inf], -inf, [0.0, 0.0]),
    # At the border of the domain the derivative is the limit from inside.
    "log(0)": (ag.log, [0.0], -inf, [inf]),
    "log(inf)": (ag.log, [inf], inf, [0.0]),
    "log1p(-1)": (ag.log1p, [-1.0], -inf, [inf]),
    "log1p(1e-20)": (ag.log1p, [1e-20], 1e-20, [1.0]),
    "sqrt(0)": (ag.sqrt, [0.0], 0.0, [inf]),
    "sqrt(-1)": (ag.sqrt, [-1.0], nan, [nan]),
    "log2(0)": (ag.log2, [0.0], -inf, [inf]),
    "log10(0)": (ag.log10, [0.0], -inf, [inf]),
    "cbrt(0)": (np.cbrt, [0.0], 0.0, [inf]),
    "cbrt(-0)": (np.cbrt, [-0.0], -0.0, [inf]),
    "cbrt(-8)": (np.cbrt, [-8.0], -2.0, [1 / 12]),
    "asin(1)": (ag.asin, [1.0], pi / 2, [inf]),
    "acos(-1)": (ag.acos, [-1.0], pi, [-inf]),
    "acosh(1)": (ag.acosh, [1.0], 0.0, [inf]),
    "atanh(1)": (ag.atanh, [1.0], inf, [inf]),
    "asin(2)": (ag.asin, [2.0], nan, [nan]),
    "reciprocal(0)": (ag.reciprocal, [0.0], inf, [-inf]),
    "1/0": (ag.divide, [1.0, 0.0], inf, [inf, -inf]),
    "1/inf": (ag.divide, [1.0, inf], 0.0, [0.0, 0.0]),
    # Powers: x⁰ is 1 for every x, and 0ʸ has no slope in y before it falls from infinity.
    "0**0": (ag.pow, [0.0, 0.0], 1.0, [0.0, 0.0]),
    "0**1": (ag.pow, [0.0, 1.0], 0.0, [1.0, 0.0]),
    "0**2": (ag.pow, [0.0, 2.0], 0.0, [0.0, 0.0]),
    "0**0.5": (ag.pow, [0.0, 0.5], 0.0, [inf, 0.0]),
    "0**-1": (ag.pow, [0.0, -1.0], inf, [-inf, -inf]),
    "2**0": (ag.pow, [2.0, 0.0], 1.0, [0.0, log(2.0)]),
    "inf**0": (ag.pow, [inf, 0.0], 1.0, [0.0, inf]),
    "(-2)**2": (ag.pow, [-2.0, 2.0], 4.0, [-4.0, nan]),
    "(-2)**0.5": (ag.pow, [-2.0, 0.5], nan, [nan, nan]),
    # What is not selected does not matter.
    "where(yes, 1, nan)": (lambda x, y: ag.where(x > 0, x, y), [1.0, nan], 1.0, [1.0, 0.0]),
    "where(no, inf, 1)": (lambda x, y: ag.where(x < 0, x, y), [inf, 1.0], 1.0, [0.0, 1.0]),
    "where(no, log(-1), 0)": (lambda x: ag.where(x > 0, ag.log(x), 0.0), [-1.0], 0.0, [0.0]),
    # NaN comes through.
    "|nan|": (ag.abs, [nan], nan, None),
    "relu(nan)": (ag.relu, [nan], nan, None),
    "max(nan, 1)": (ag.maximum, [nan, 1.0], nan, None),
    "max(1, nan)": (ag.maximum, [1.0, nan], nan, None),
    "min(nan, 1)": (ag.minimum, [nan, 1.0], nan, None),
    "min(1, nan)": (ag.minimum, [1.0, nan], nan, None),
    "clip(nan, 0, 1)": (ag.clip, [nan, 0.0, 1.0], nan, None),
    "hypot(nan, 0)": (ag.hypot, [nan, 0.0], nan, [nan, nan]),
    "sigmoid(nan)": (ag.sigmoid, [nan], nan, [nan]),
    "tanh(nan)": (ag.tanh, [nan], nan, [nan]),
}  # fmt: skip

KINDS = {"float": float, "float64": lambda x: np.full((1,), x), "float32": np.float32}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "value", "grads"), ONE_ENTRY.values(), ids=ONE_ENTRY)
def test_awkward_point(kind, function, point, value, grads):
    check_point(function, [KINDS[kind](x) for x in point], value, grads)


ROWS = {
    "softmax ±1e4": (ag.softmax, [1e4, -1e4], [1.0, 0.0], [0.0, 0.0]),
    "softmax of a masked element": (ag.softmax, [0.0, -inf], [1.0, 0.0], [0.0, 0.0]),
    "softmax of a masked row": (ag.softmax, [-inf, -inf], [nan, nan], [0.0, 0.0]),
    "logsumexp ±1e4": (ag.logsumexp, [1e4, -1e4], 1e4, [1.0, 0.0]),
    "logsumexp of a masked element": (ag.logsumexp, [0.0, -inf], 0.0, [1.0, 0.0]),
    "logsumexp of a masked row": (ag.logsumexp, [-inf, -inf], -inf, [0.0, 0.0]),
    "logsumexp with inf": (ag.logsumexp, [inf, 0.0], inf, [1.0, 0.0]),
    "logsumexp with nan": (ag.logsumexp, [nan, 0.0], nan, [nan, nan]),
    "log of a probability that is 0": (
        lambda x: ag.aref(ag.log(ag.softmax(x, axis=0)[None]), 0)[0],
        [0.0, -1e4],
        0.0,
        [0.0, 0.0],
    ),
    "tie of max": (ag.max, [2.0, 2.0, 1.0], 2.0, [0.5, 0.5, 0.0]),
    "tie of max at -inf": (ag.max, [-inf, -inf], -inf, [0.5, 0.5]),
    "tie of min": (ag.min, [1.0, 2.0, 1.0], 1.0, [0.5, 0.0, 0.5]),
    "min with nan": (ag.min, [nan, 1.0], nan, None),
    "max with nan": (ag.max, [nan, 1.0], nan, None),
    # A product is not divided by its factors.
    "product with a zero": (ag.prod, [2.0, 0.0, 3.0], 0.0, [0.0, 6.0, 0.0]),
    "product with zeros": (ag.prod, [2.0, 0.0, 0.0], 0.0, [0.0, 0.0, 0.0]),
    "products so far with a zero": (
        ag.cumulative_prod,  # the cotangents are 1, 2, 3
        [2.0, 0.0, 3.0],
        [2.0, 0.0, 0.0],
        [1.0, 2.0 * (2.0 + 3.0 * 3.0), 0.0],
    ),
    # Equal elements are the least spread there is, a kink of the standard deviation.
    "std of equal elements": (ag.std, [2.0, 2.0, 2.0], 0.0, [0.0, 0.0, 0.0]),
    "std of one entry": (ag.std, [2.0], 0.0, [0.0]),
    "var of equal elements": (ag.var, [2.0, 2.0, 2.0], 0.0, [0.0, 0.0, 0.0]),
    "corrected var of one entry": (lambda x: ag.var(x, correction=1), [2.0], nan, [nan]),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("function", "row", "value", "grad"), ROWS.values(), ids=ROWS)
def test_awkward_row(dtype, function, row, value, grad):
    check_point(function, [np.array(row, dtype)], value, grad and [grad])


LEAKS = {
    "log(0)": (lambda x: ag.where(x > 0, ag.log(x), 0.0), [0.0], 0.0),
    "log1p(-1)": (lambda x: ag.where(x > -1, ag.log1p(x), 0.0), [-1.0], 0.0),
    "sqrt(0)": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), [0.0], 0.0),
    "sqrt(-1)": (lambda x: ag.where(x > 0, ag.sqrt(x), 0.0), [-1.0], 0.0),
    "1/0": (lambda x: ag.where(x > 0, 1 / x, 0.0), [0.0], 0.0),
    "0 log 0": (lambda x: ag.where(x > 0, x * ag.log(x), 0.0), [0.0], 0.0),
    "(-1)**0.5": (lambda x: ag.where(x > 0, x**0.5, 0.0), [-1.0], 0.0),
    "0 ** -1": (lambda x: ag.where(x > 0, x**-1.0, 0.0), [0.0], 0.0),
    "asin(2)": (lambda x: ag.where(x < 1, ag.asin(x), 0.0), [2.0], 0.0),
    "acosh(1)": (lambda x: ag.where(x > 1, ag.acosh(x), 0.0), [1.0], 0.0),
    "atan2(0, 0)": (lambda x: ag.where(x > 0, ag.atan2(x, x), 0.0), [0.0], 0.0),
    "clipped log(0)": (lambda x: ag.clip(ag.log(x), -9.0, 9.0), [0.0], 0.0),
    "exp(1000)": (lambda x: ag.where(x < 100, ag.exp(x), x), [1000.0], 1.0),
    "relu(log(0))": (lambda x: ag.relu(ag.log(x)), [0.0], 0.0),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "grad"), LEAKS.values(), ids=LEAKS)
def test_no_nan_leaks_from_what_is_not_selected(kind, function, point, grad):
    x = [KINDS[kind](element) for element in point]
    check_point(function, x, None, [grad])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("function", "point", "grad"), LEAKS.values(), ids=LEAKS)
def test_no_nan_leaks_into_second_order(kind, function, point, grad):
    x = ag.Node(KINDS[kind](*point))
    with np.errstate(all="ignore"):
        slope = ag.gradients(function(x), x, cotangent=np.ones(x.shape))
        slope.backward(np.ones(x.shape))
    assert_close(slope.value, grad)
    assert_close(x.grad, 0.0)


ACCIDENTS = {
    "log at 1": (lambda x: ag.where(x > 0, ag.log(x), 0.0) ** 2, 1.0, 2.0),
    "exact fit": (lambda x: (ag.relu(3 * x) - 6) ** 2, 2.0, 18.0),
    "of a maximum": (lambda x: (ag.maximum(x * x, x) - 4) ** 2, 2.0, 32.0),
    "of a pick": (lambda x: (ag.reshape(x * x, (-1,))[0] - 4) ** 2, 2.0, 32.0),
}


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize(("function", "point", "second"), ACCIDENTS.values(), ids=ACCIDENTS)
def test_slope_counts_where_the_cotangent_happens_to_be_zero(kind, function, point, second):
    # At the minimum of a squared error every cotangent is 0, but the second derivative is not.
    x = ag.Node(KINDS[kind](point))
    slope = ag.gradients(ag.sum(function(x)), x)
    assert_close(slope.value, 0.0)
    slope.backward(np.ones(x.shape))
    assert_close(x.grad, second)


def check_point(function, point, value, grads):
    """Compare, unless they are None, the value, and the numeric and the symbolic gradients."""
    nodes = [ag.Node(x) for x in point]
    with np.errstate(all="ignore"):
        out = function(*nodes)
        cotangent = np.arange(1.0, 1.0 + out.size).reshape(out.shape)
        out.backward(cotangent)
        symbolic = ag.gradients(out, nodes, cotangent=cotangent)
    if value is not None:
        assert_close(out.value, value)
    if grads:
        for node, again, grad in zip(nodes, symbolic, grads, strict=True):
            assert_close(node.grad, grad)
            assert_close(again.value, grad)


def assert_close(actual, expected):
    rtol = 1e-6 if np.asarray(actual).dtype == np.float32 else 1e-15
    np.testing.assert_allclose(np.ravel(actual), np.ravel(expected), rtol=rtol)


def test_mixed_derivative_of_a_zeroth_power():
    # d²(xʸ)/dx dy = 1/x at y = 0, although d(xʸ)/dx is 0 for every x there.
    x, y = ag.Node(2.0), ag.Node(0.0)
    dx, dy = ag.gradients(x**y, [x, y])
    assert ag.gradients(dx, y).value == ag.gradients(dy, x).value == 0.5


# Nothing at all

NOTHING = {
    "sum": (ag.sum, 0.0),
    "prod": (ag.prod, 1.0),
    "mean": (ag.mean, nan),
    "var": (ag.var, nan),
    "std": (ag.std, nan),
    "cumulative sum": (ag.cumulative_sum, []),
    "cumulative sum, begun": (lambda x: ag.cumulative_sum(x, include_initial=True), [0.0]),
    "cumulative product": (ag.cumulative_prod, []),
    "cumulative product, begun": (lambda x: ag.cumulative_prod(x, include_initial=True), [1.0]),
    "differences": (ag.diff, []),
    "sine": (ag.sin, []),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("function", "value"), NOTHING.values(), ids=NOTHING)
def test_over_nothing(dtype, function, value):
    x = ag.Node(np.empty(0, dtype))
    check_point(function, [x.value], value, [[]])
    with np.errstate(all="ignore"):
        out = function(x)
    assert out.dtype == dtype


@pytest.mark.parametrize("function", [ag.sum, ag.prod, ag.mean, ag.var], ids=lambda f: f.__name__)
def test_second_order_over_nothing(function):
    x, cotangent = ag.Node(np.empty(0)), ag.Node(1.0)
    with np.errstate(all="ignore"):
        slope = ag.gradients(function(x), x, cotangent=cotangent)
        ag.sum(slope).backward()
    assert cotangent.grad == 0.0
    assert x.grad is None or x.grad.shape == (0,)


NO_ENTRIES = {
    "all": (ag.all, True),
    "any": (ag.any, False),
    "count_nonzero": (ag.count_nonzero, 0),
}


@pytest.mark.parametrize(("function", "value"), NO_ENTRIES.values(), ids=NO_ENTRIES)
def test_answer_over_nothing(function, value):
    assert function(ag.Node(np.empty(0))).value == value


# Whole numbers, and dtypes: what NumPy does

WHOLE = {
    "remainder": (ag.remainder, np.remainder, [7, -7, 7], [3, 3, -3]),
    "floor_divide": (ag.floor_divide, np.floor_divide, [7, -7, 7], [3, 3, -3]),
    "pow": (ag.pow, np.power, [2, -3, 0], [3, 2, 0]),
    "square": (ag.square, np.square, [-3, 2]),
    "clip": (ag.clip, np.clip, [-3, 2, 9], 0, 5),
    "clip from above": (
        lambda x: ag.clip(x, max=5),
        lambda x: np.clip(x, None, 5),
        [-(2**63), 9, 2**63 - 1],
    ),
    "clip from below": (
        lambda x: ag.clip(x, min=5),
        lambda x: np.clip(x, 5, None),
        [-(2**63), 9, 2**63 - 1],
    ),
    "prod": (ag.prod, np.prod, [2, 3, 4]),
    "cumulative_sum": (ag.cumulative_sum, np.cumsum, [2, 3, 4]),
    "diff": (ag.diff, np.diff, [2, 5, 4]),
    "mean": (ag.mean, np.mean, [2, 5]),
    "sum of floats": (
        lambda x: ag.sum(x, dtype="float32"),
        lambda x: np.sum(x, dtype="float32"),
        [2, 5],
    ),
    "product of floats": (
        lambda x: ag.prod(x, dtype="float32"),
        lambda x: np.prod(x, dtype="float32"),
        [2, 5],
    ),
    "sums so far of floats": (
        lambda x: ag.cumulative_sum(x, dtype="float32"),
        lambda x: np.cumsum(x, dtype="float32"),
        [2, 5],
    ),
}


@pytest.mark.parametrize(("function", "numpys", "inputs"), [(f, g, xs) for f, g, *xs in WHOLE.values()], ids=WHOLE)  # fmt: skip
def test_whole_numbers(function, numpys, inputs):
    arrays = [np.asarray(x) if isinstance(x, list) else x for x in inputs]
    expected = np.asarray(numpys(*arrays))
    nodes = [ag.constant(x) if isinstance(x, np.ndarray) else x for x in arrays]
    out = function(*nodes)
    np.testing.assert_array_equal(out.value, expected)
    assert out.dtype == expected.dtype


PAIRS = [
    ("float32", "float64"), ("float32", "int64"), ("float32", "int8"), ("int8", "int64"),
    ("uint8", "int8"), ("bool", "float32"), ("float32", 2), ("float32", 2.0), ("int8", 2),
]  # fmt: skip
BINARY = {
    "add": (ag.add, np.add),
    "divide": (ag.divide, np.divide),
    "hypot": (ag.hypot, np.hypot),
    "maximum": (ag.maximum, np.maximum),
    "remainder": (ag.remainder, np.remainder),
    "where": (lambda x, y: ag.where([True], x, y), lambda x, y: np.where([True], x, y)),
}


def ones(kind):
    return kind if isinstance(kind, int | float) else np.ones(1, kind)


@pytest.mark.parametrize("kinds", PAIRS, ids=str)
@pytest.mark.parametrize(("function", "numpys"), BINARY.values(), ids=BINARY)
def test_mixed_dtypes(function, numpys, kinds):
    x, y = map(ones, kinds)
    expected = numpys(x, y)
    node = ag.constant(x)
    for out in (function(x, y), function(node, y).value):
        assert out.dtype == expected.dtype
        np.testing.assert_array_equal(out, expected)


# No gradient, said clearly

BARRIERS = {
    "floor": (lambda x: ag.sum(ag.floor(x) * 2.0), "Floor has none"),
    "sign": (lambda x: ag.sum(ag.sign(x)), "Sign has none"),
    "argmax": (lambda x: ag.astype(ag.argmax(x), "float64"), "ArgMax has none"),
    "comparison": (lambda x: ag.sum(ag.where(x > 0, 1.0, ag.round(x))), "Greater, Round have none"),
}


@pytest.mark.parametrize(("function", "reason"), BARRIERS.values(), ids=BARRIERS)
def test_what_stops_a_gradient_is_named(function, reason):
    x = ag.Node([1.5, -2.5])
    out = function(x)
    with pytest.raises(GradientError, match=rf"through which no gradient flows: {reason}"):
        out.backward()
    assert ag.gradients(out, x).value.tolist() == [0.0, 0.0]  # it is piecewise constant
    assert ag.grad(function)(np.array([1.5, -2.5])).tolist() == [0.0, 0.0]


# LAPACK looks for the singular values of some matrices with infinities for ever

ENDLESS = [
    [inf, -0.5, 1.125, -0.75],
    [1.0, 0.375, 1.5, -1.125],
    [1.0, -0.25, -1.5, 0.25],
    [0.75, -0.75, -0.875, -1.25],
]
DECOMPOSED = {
    "svd": lambda x: ag.linalg.svd(x).S,
    "complete svd": lambda x: ag.linalg.svd(np.vstack([x, x])).S,
    "pinv": ag.linalg.pinv,
    "rank": ag.linalg.matrix_rank,
    "norm": lambda x: ag.linalg.matrix_norm(x, ord=2),
    "gradient of det": lambda x: ag.grad(ag.linalg.det)(np.asarray(x)),
}


@pytest.mark.parametrize("function", DECOMPOSED.values(), ids=DECOMPOSED)
def test_infinities_have_no_singular_values(function):
    with np.errstate(all="ignore"), pytest.raises((SingularError, np.linalg.LinAlgError)):
        function(np.array(ENDLESS))


@pytest.mark.parametrize("axis", [0, -1])
def test_squeeze_of_a_single_number_is_that_number(axis):
    x = ag.Node(np.array(2.0))
    ag.squeeze(x, axis=axis).backward()
    assert x.grad == 1.0


@pytest.mark.parametrize("function", [ag.erf, ag.erfc])
def test_many_elements_are_what_few_are(function):
    x = np.linspace(-6.0, 6.0, 601)
    np.testing.assert_allclose(function(x), [function(part) for part in x], rtol=4e-15)
    np.testing.assert_allclose(function(np.arange(3)), function(np.arange(3.0)), rtol=4e-15)
