"""The functions of networks at awkward points, each with the convention that holds there."""

import math
from math import inf, nan

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.errors import ConfigError, DTypeError, LabelError, ShapeError

DTYPES = ("float64", "float32")

POINTS = {
    # Kinks: the derivative of the side that is not positive.
    "leaky_relu(0)": (ag.leaky_relu, 0.0, 0.0, 0.01),
    "leaky_relu(-inf)": (ag.leaky_relu, -inf, -inf, 0.01),
    "elu(0)": (lambda x: ag.elu(x, alpha=0.5), 0.0, 0.0, 0.5),
    "elu(-800)": (ag.elu, -800.0, -1.0, 0.0),
    "elu(800)": (ag.elu, 800.0, 800.0, 1.0),
    # Saturated: flat or straight, without overflow.
    "softplus(-800)": (ag.softplus, -800.0, 0.0, 0.0),
    "softplus(800)": (ag.softplus, 800.0, 800.0, 1.0),
    "softplus(-inf)": (ag.softplus, -inf, 0.0, 0.0),
    "softplus(inf)": (ag.softplus, inf, inf, 1.0),
    "silu(-800)": (ag.silu, -800.0, 0.0, 0.0),
    "silu(800)": (ag.silu, 800.0, 800.0, 1.0),
    "gelu(-40)": (ag.gelu, -40.0, 0.0, 0.0),
    "gelu(40)": (ag.gelu, 40.0, 40.0, 1.0),
    "tanh gelu(-40)": (lambda x: ag.gelu(x, approximate="tanh"), -40.0, 0.0, 0.0),
    "tanh gelu(40)": (lambda x: ag.gelu(x, approximate="tanh"), 40.0, 40.0, 1.0),
    "erf(inf)": (ag.erf, inf, 1.0, 0.0),
    "erf(-1e30)": (ag.erf, -1e30, -1.0, 0.0),
    "erfc(-inf)": (ag.erfc, -inf, 2.0, 0.0),
    # Minus infinity times 0 stays what it is: no number.
    "silu(-inf)": (ag.silu, -inf, 0.0, 0.0),
    "gelu(-inf)": (ag.gelu, -inf, 0.0, 0.0),
    # NaN comes through.
    **{
        f"{f.__name__}(nan)": (f, nan, nan, None)
        for f in (ag.leaky_relu, ag.elu, ag.softplus, ag.silu, ag.gelu, ag.erf, ag.erfc)
    },
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "x", "value", "slope"), POINTS.values(), ids=POINTS)
def test_awkward_point(dtype, function, x, value, slope):
    check_point(function, np.array([x], dtype), [value], slope if slope is None else [slope])


ROWS = {
    "log_softmax ±1e4": (ag.log_softmax, [1e4, -1e4], [0.0, -2e4], [-2.0, 2.0]),
    "log_softmax of a masked element": (ag.log_softmax, [0.0, -inf], [0.0, -inf], [-2.0, 2.0]),
    # It is x - logsumexp(x), and the slope of that counts as 0 here.
    "log_softmax of a masked row": (ag.log_softmax, [-inf, -inf], [nan, nan], [1.0, 2.0]),
    # The loss of a sure mistake is the distance of the scores, its slope is 1.
    "huge logits, right": (lambda z: ag.cross_entropy_with_logits(z, 0), [1e4, 0.0], 0.0, [0.0, 0.0]),
    "huge logits, wrong": (lambda z: ag.cross_entropy_with_logits(z, 1), [1e4, 0.0], 1e4, [1.0, -1.0]),
    "masked label": (lambda z: ag.cross_entropy_with_logits(z, 1), [0.0, -inf], inf, [1.0, -1.0]),
    "other element masked": (lambda z: ag.cross_entropy_with_logits(z, 0), [0.0, -inf], 0.0, [0.0, 0.0]),
    # A target of 0 counts nothing, even where its probability is 0.
    "target 0 of a masked element": (
        lambda z: ag.cross_entropy_with_logits(z, np.array([1, 0])), [0.0, -inf], 0.0, [0.0, 0.0],
    ),
    "no target at all": (lambda z: ag.cross_entropy_with_logits(z, np.array([0, 0])), [3.0, 1e4], 0.0, [0.0, 0.0]),
    # Elements that are all equal have no direction: 0, with a finite slope.
    "layer_norm of equal elements": (
        lambda x: ag.layer_norm(x, eps=0.25), [5.0, 5.0], [0.0, 0.0], [-1.0, 1.0],
    ),
    "layer_norm of zeros": (lambda x: ag.layer_norm(x, eps=0.25), [0.0, 0.0], [0.0, 0.0], [-1.0, 1.0]),
}  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("function", "row", "value", "grad"), ROWS.values(), ids=ROWS)
def test_awkward_row(dtype, function, row, value, grad):
    check_point(function, np.array(row, dtype), value, grad)


def check_point(function, x, value, grad):
    """Compare value, numeric and symbolic gradient; the cotangent counts 1, 2, …."""
    node = ag.Node(x)
    with np.errstate(all="ignore"):
        out = function(node)
        cotangent = np.arange(1.0, 1.0 + out.size).reshape(out.shape)
        out.backward(cotangent)
        symbolic = ag.gradients(out, node, cotangent=cotangent)
    assert out.dtype == node.grad.dtype == symbolic.dtype == x.dtype
    np.testing.assert_allclose(out.value, value, rtol=1e-6)
    for found in [] if grad is None else [node.grad, symbolic.value]:
        np.testing.assert_allclose(found, grad, rtol=1e-6)


@pytest.mark.parametrize(("function", "exact"), [(ag.erf, math.erf), (ag.erfc, math.erfc)])
def test_error_function_to_fifteen_digits(function, exact):
    x = np.concatenate([np.linspace(-7, 26, 5000), np.geomspace(1e-300, 1, 100)])
    np.testing.assert_allclose(function(x), [exact(float(v)) for v in x], rtol=1e-15)


def test_gelu_keeps_its_digits_far_below_zero():
    assert ag.gelu(-10.0) == pytest.approx(-10 * math.erfc(10 / math.sqrt(2)) / 2, rel=1e-14)
    x = np.linspace(-6, 6, 100)
    np.testing.assert_allclose(ag.gelu(x, approximate="tanh"), ag.gelu(x), atol=5e-4)


# Cross entropy


@pytest.mark.parametrize("axis", [0, 1])
def test_cross_entropy_takes_samples_as_rows_or_columns(axis):
    z = np.array([[0.5, -1.0, 2.0], [0.0, 1.0, 0.0]])
    labels = np.array([2, 0])
    logits = ag.Node(z if axis else z.T)
    by_label = ag.cross_entropy_with_logits(logits, labels, axis=axis)
    targets = ag.one_hot(labels, 3)
    by_target = ag.cross_entropy_with_logits(logits, targets if axis else targets.T, axis=axis)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    np.testing.assert_allclose(by_label.value, -np.log(p[[0, 1], labels]), rtol=1e-14)
    np.testing.assert_allclose(by_target.value, by_label.value, rtol=1e-14)
    for loss in (by_label, by_target):
        loss.mean().backward()
        expected = (p - targets) / 2
        np.testing.assert_allclose(logits.grad, expected if axis else expected.T, atol=1e-15)


def test_cross_entropy_of_integer_targets_and_of_targets_that_learn():
    z, t = ag.Node([0.0, 1.0]), ag.Node([0.25, 0.5])
    loss = ag.cross_entropy_with_logits(z, t)
    loss.backward()
    p = np.exp([0.0, 1.0]) / np.exp([0.0, 1.0]).sum()
    np.testing.assert_allclose(z.grad, 0.75 * p - t.value, rtol=1e-14)
    np.testing.assert_allclose(t.grad, -np.log(p), rtol=1e-14)
    assert ag.cross_entropy_with_logits([0.0, 0.0], np.array([1, 0])) == pytest.approx(math.log(2))


# Dropout


def test_dropout_is_told_by_its_seed_alone():
    x = np.ones((50, 40), "float32")
    dropped = ag.dropout(x, 0.25, seed=3)
    assert dropped.dtype == np.float32
    assert set(dropped.ravel().tolist()) == {0.0, float(np.float32(1 / 0.75))}
    assert 0.2 < np.mean(dropped == 0) < 0.3
    np.testing.assert_array_equal(dropped, ag.dropout(x, 0.25, seed=3))
    assert np.any(dropped != ag.dropout(x, 0.25, seed=4))
    np.testing.assert_array_equal(ag.dropout(x, 0.0, seed=3), x)


def test_dropout_drops_the_same_in_backward():
    x = ag.Node(np.ones(100))
    y = ag.dropout(x, 0.5, np.random.default_rng(1))
    y.backward(np.ones(100))
    np.testing.assert_array_equal(x.grad, y.value)
    np.testing.assert_array_equal(ag.gradients(y, x, cotangent=np.ones(100)).value, y.value)


def test_dropped_infinity_is_zero():
    x = ag.Node(np.full(20, inf))
    assert set(ag.dropout(x, 0.5, seed=0).value.tolist()) == {0.0, inf}


def test_graph_is_fed_a_seed_for_each_run():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(30,), dtype="float64")
        seed = ag.input(name="seed", shape=(), dtype="int64")
        y = ag.dropout(x, 0.5, seed)
    runs = []
    for number in (1, 2, 1):
        g.forward(x=np.ones(30), seed=number)
        runs.append(y.value)
    np.testing.assert_array_equal(runs[0], runs[2])
    assert np.any(runs[0] != runs[1])


def deferred_generator():
    with ag.Graph():
        x = ag.input(name="x", shape=(3,), dtype="float64")
        return ag.dropout(x, 0.5, np.random.default_rng(0))


# Normalization


def test_batch_norm_by_channel_and_by_what_was_averaged():
    rng = np.random.default_rng(2)
    x, gain, shift = rng.normal(2, 3, (4, 3, 5, 5)), rng.normal(size=3), rng.normal(size=3)
    y = ag.batch_norm(x, gain, shift, eps=0.0)
    np.testing.assert_allclose(y.mean((0, 2, 3)), shift, atol=1e-13)
    np.testing.assert_allclose(y.std((0, 2, 3)), np.abs(gain), rtol=1e-13)
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3))
    again = ag.batch_norm(x, gain, shift, mean=mean, variance=variance, eps=0.0)
    np.testing.assert_allclose(again, y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(
        ag.batch_norm(x[:, :, 0, 0], gain), ag.batch_norm(x[:, :, :1, :1], gain)[:, :, 0, 0]
    )


def test_layer_norm_takes_several_axes_gain_and_shift():
    x = np.random.default_rng(3).normal(size=(2, 3, 4))
    y = ag.layer_norm(x, 2.0, 1.0, axis=(1, 2), eps=0.0)
    np.testing.assert_allclose(y.mean((1, 2)), 1.0)
    np.testing.assert_allclose(y.std((1, 2)), 2.0)


# Images


def test_ties_of_a_pooled_window_share_the_gradient():
    x = ag.Node(np.array([[[[2.0, 2.0, 1.0, 3.0]]]]))
    ag.max_pool2d(x, (1, 2)).backward(np.ones((1, 1, 1, 2)))
    np.testing.assert_array_equal(x.grad, [[[[0.5, 0.5, 0.0, 1.0]]]])


def test_padding_has_no_share_in_a_tie():
    x = ag.Node(np.full((1, 1, 2, 2), -inf))
    ag.max_pool2d(x, 2, padding=1).backward(np.ones((1, 1, 2, 2)))
    np.testing.assert_array_equal(x.grad, np.ones((1, 1, 2, 2)))


def test_padding_never_wins_a_maximum_and_counts_in_a_mean():
    x = np.full((1, 1, 2, 2), -4.0)
    np.testing.assert_array_equal(ag.max_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), -4.0))
    np.testing.assert_array_equal(ag.avg_pool2d(x, 2, padding=1), np.full((1, 1, 2, 2), -1.0))


def test_a_recorded_convolution_knows_its_shape_without_computing():
    with ag.Graph():
        x = ag.input(name="x", shape=(100, 3, 1000, 1000))
        y = ag.conv2d(x, np.ones((8, 3, 5, 5), "float32"), stride=5, padding=(0, 2))
    assert y.shape == (100, 8, 200, 200)


IMAGE = np.zeros((1, 4, 3, 3))
Z = np.zeros((2, 3))

REFUSED = {
    "approximate": (lambda: ag.gelu(1.0, approximate="erf"), ConfigError, "^GELU: expected approximate to be 'none' or 'tanh'\n  came:  'erf'"),
    "rate of 1": (lambda: ag.dropout(Z, 1.0, seed=0), ConfigError, r"^Dropout: expected a rate from 0 (.|\n)*came:  rate=1.0"),
    "seed below 0": (lambda: ag.dropout(Z, 0.5, seed=-1), DTypeError, r"^Dropout: expected a seed(.|\n)*came:  seed int64\[\] -1"),
    "broken seed": (lambda: ag.dropout(Z, 0.5, seed=0.5), DTypeError, r"came:  seed float64\[\] 0.5"),
    "seeds": (lambda: ag.dropout(Z, 0.5, seed=[1, 2]), DTypeError, r"came:  seed int64\[2\]\n"),
    "generator, deferred": (deferred_generator, ConfigError, r"^Dropout: expected a seed that each forward run is fed(.|\n)*try:   declare the seed as ag.input"),
    "row too far": (lambda: ag.embedding(Z, [2]), LabelError, "^Embedding: expected row numbers from 0 to 1"),
    "row from behind": (lambda: ag.embedding(Z, [-1]), LabelError, "make a table with more rows"),
    "fractional row": (lambda: ag.embedding(Z, [0.0]), DTypeError, "^Embedding: expected integer row numbers"),
    "one-hot too large": (lambda: ag.one_hot([3], 3), LabelError, "^OneHot: expected labels from 0 to 2"),
    "label": (lambda: ag.cross_entropy_with_logits(Z, [0, 3]), LabelError, "^CrossEntropyWithLabels: expected labels from 0 to 2"),
    "label for all": (lambda: ag.cross_entropy_with_logits(Z, 1), ShapeError, r"expected one label for each sample, shaped \[2\]"),
    "labels of the wrong axis": (lambda: ag.cross_entropy_with_logits(Z, [0, 1], axis=0), ShapeError, r"shaped \[3\]\n  came:  labels int64\[2\] for scores shaped \[2, 3\] along axis 0"),
    "fractional labels": (lambda: ag.cross_entropy_with_logits(Z, [0.0, 1.0]), DTypeError, "expected integer labels"),
    "targets": (lambda: ag.cross_entropy_with_logits(Z, Z[:1]), ShapeError, r"^CrossEntropyWithLogits: (.|\n)*logits float64\[2, 3\], targets float64\[1, 3\]"),
    "axis": (lambda: ag.log_softmax(Z, axis=2), ShapeError, "^LogSoftMax: expected an axis that x has"),
    "normalized axis": (lambda: ag.layer_norm(Z, axis=2), ShapeError, "^Standardize: expected axes that x has"),
    "channels": (lambda: ag.conv2d(IMAGE, np.ones((2, 3, 1, 1))), ShapeError, r"^Conv2d: expected images (.|\n)*\(4 channels, 2 kernels of 3 channels\)"),
    "groups": (lambda: ag.conv2d(IMAGE, np.ones((3, 2, 1, 1)), groups=2), ShapeError, "4 channels, 3 kernels of 2 channels"),
    "kernel too large": (lambda: ag.conv2d(IMAGE, np.ones((1, 4, 4, 4))), ShapeError, r"a window of \(4, 4\) does not fit into \(3, 3\)"),
    "matrix for an image": (lambda: ag.conv2d(Z, Z), ShapeError, "both need 4 axes"),
    "stride": (lambda: ag.conv2d(IMAGE, np.ones((1, 4, 1, 1)), stride=0), ShapeError, "stride has to be an integer of at least 1, or two of them"),
    "three strides": (lambda: ag.max_pool2d(IMAGE, 2, stride=(1, 1, 1)), ShapeError, "^MaxPool2d: (.|\n)*stride has to be"),
    "vector for images": (lambda: ag.avg_pool2d(Z, 2), ShapeError, "2 axes instead of 4"),
    "padding alone": (lambda: ag.max_pool2d(IMAGE, 1, padding=1), ShapeError, "must not show padding alone"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_call(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_recorded_convolution_that_does_not_fit_is_refused():
    with ag.Graph(), pytest.raises(ShapeError, match=r"^Conv2d: (.|\n)*does not fit into"):
        ag.conv2d(ag.input(name="x", shape=(1, 1, 2, 2)), np.ones((1, 1, 3, 3), "float32"))
