"""Modules, initialisers, weights, loss and optimizer; the graph of a network with one hidden layer, checked by hand."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import (
    ConfigError,
    DTypeError,
    GradientError,
    LabelError,
    NonFiniteError,
    ShapeError,
    WeightError,
)
from autograd_lite.nn.checks import function, generator, positive_number, whole_number

OPERATIONS = ["VDot", "Add", "Sigmoid", "VDot", "Add", "SoftMax", "Aref", "Log", "Mul", "Accuracy"]
IMAGE = np.array([0.0, 0.5, 1.0, 0.25], "float32")


def operations(graph: ag.Graph) -> list[str]:
    return [node.op.name for node in graph if node.inputs]


def find(graph: ag.Graph, op: str) -> ag.Node:
    return next(node for node in graph if node.op.name == op)


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def softmax(z: Any) -> Any:
    weight = np.exp(z - z.max())
    return weight / weight.sum()


# Modules


class Scaled(nn.Module):
    """Parameters wherever they may be: in a list, a dictionary, a module, twice, in a circle."""

    def __init__(self) -> None:
        self.title = "no parameter"
        self.scale = ag.parameter(np.ones(2))
        self.parts = [nn.Linear(2, 2), ("text", {"inner": nn.Linear(2, 1)})]
        self.again = self.scale
        self.circle = self
        self.variable = ag.Node(1.0)
        self.computed = self.scale * 2.0

    def __call__(self, x: Any, /) -> ag.Node:
        return x * self.scale


def test_parameters_are_found_by_their_path():
    model = Scaled()
    named = model.named_parameters()
    assert [name for name, _ in named] == [
        "scale", "parts.0.W", "parts.0.b", "parts.1.1.inner.W", "parts.1.1.inner.b",
    ]  # fmt: skip
    assert named[0][1] is model.scale
    assert list(map(id, model.parameters())) == [id(node) for _, node in named]


def test_a_module_says_what_it_computes():
    with pytest.raises(TypeError, match="__call__"):
        type("Silent", (nn.Module,), {})()


def test_parameters_of_an_mlp_carry_their_path_as_name():
    names = ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]
    model = nn.MLP([4, 3, 2])
    assert [name for name, _ in model.named_parameters()] == names
    assert [node.name for node in model.parameters()] == names


@pytest.mark.parametrize("shape", [(4,), (5, 4)])
def test_linear_is_a_product_and_a_sum(shape):
    layer = nn.Linear(4, 3, seed=1)
    layer.b.assign(np.array([1.0, 2.0, 3.0]))
    x = np.random.default_rng(0).random(shape).astype("float32")
    np.testing.assert_allclose(layer(ag.Node(x)).value, x @ layer.W.value + [1, 2, 3], rtol=1e-6)
    assert layer(ag.Node(x)).dtype == "float32"


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("sigmoid", sigmoid),
        ("relu", lambda z: np.maximum(z, 0)),
        ("tanh", np.tanh),
        ("linear", lambda z: z),
        ("identity", lambda z: z),
    ],
)
@pytest.mark.parametrize("sizes", [[4, 2], [4, 3, 2], (4, 5, 3, 2)])
def test_an_mlp_gives_the_scores_before_softmax(sizes, activation, function):
    model = nn.MLP(sizes, activation, dtype="float64", seed=3)
    (*hidden, last), h = model.get_weights(), IMAGE
    for weight, bias in hidden:
        h = function(h @ weight + bias)
    np.testing.assert_allclose(model(IMAGE.astype("float64")).value, h @ last[0] + last[1])


def test_lists_are_welcome_too():
    layer = nn.Linear(2, 1)
    layer.W.assign([[1.0], [2.0]])
    assert layer([[3.0, 4.0]]).value.tolist() == [[11.0]]


def test_modules_show_what_they_are_made_of():
    assert repr(nn.MLP([4, 3, 2], "relu")) == "MLP([4, 3, 2], 'relu')"
    assert repr(nn.MLP([4, 3]).layers) == "[Linear(4, 3)]"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nn.MLP([4, 2], "step"),
            "activation: expected one of sigmoid, relu, tanh, leaky_relu",
        ),
        (lambda: nn.MLP([4, 2], init="zeros"), "init: expected one of xavier, he\n.*'zeros'"),
        (lambda: nn.MLP([4]), r"sizes: expected a list of at least two sizes, .*\n  came:  \[4\]"),
        (lambda: nn.MLP("784"), "sizes: expected a list of at least two sizes"),
        (lambda: nn.MLP(7), "sizes: expected a list of at least two sizes"),
        (lambda: nn.MLP([4, 0]), "sizes: expected a whole number of at least 1\n  came:  0"),
        (lambda: nn.MLP([4, 2.5]), "sizes: expected a whole number of at least 1\n  came:  2.5"),
        (lambda: nn.Linear(0, 2), "n_in: expected a whole number of at least 1"),
        (lambda: nn.Linear(2, "2"), "n_out: expected a whole number of at least 1\n  came:  '2'"),
        (lambda: nn.MLP([4, 2], seed=-1), "seed: expected .* numpy.random.Generator\n  came:  -1"),
        (lambda: nn.MLP([4, 2], seed="a"), "seed: expected a whole number .*\n  came:  'a'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()


def test_another_number_of_features_is_refused_by_the_layer():
    message = (
        r"Linear\(4, 3\): expected 4 features along the last axis\n  came:  float32\[2, 5\]"
        r"(.|\n)*reshape\(len\(images\), -1\)"
    )
    with pytest.raises(ShapeError, match=message):
        nn.MLP([4, 3])(ag.Node(np.ones((2, 5), "float32")))


@pytest.mark.parametrize("value", [np.int8(3), 3, True + 2])
def test_whole_numbers_come_in_many_types(value):
    assert whole_number("n", value, least=3) == 3


@pytest.mark.parametrize("value", [0, -1.0, np.nan, np.inf, "0.1", None, 1j])
def test_only_positive_finite_numbers_are_rates(value):
    with pytest.raises(ConfigError, match="lr: expected a finite number above 0\n  came:  "):
        positive_number("lr", value)


# Initialisers


def test_xavier_weights_are_uniform_up_to_their_limit():
    weight = nn.xavier_uniform(np.random.default_rng(0), 300, 100)
    limit = np.sqrt(6 / 400)
    assert weight.dtype == "float32"
    assert weight.shape == (300, 100)
    assert 0.999 * limit < weight.max() <= limit * (1 + 1e-6)
    np.testing.assert_allclose(weight.var(), 2 / 400, rtol=0.02)


def test_he_weights_are_normal():
    weight = nn.he_normal(np.random.default_rng(0), 300, 100, "float64")
    assert weight.dtype == "float64"
    np.testing.assert_allclose(weight.std(), np.sqrt(2 / 300), rtol=0.02)
    np.testing.assert_allclose((weight**4).mean() / weight.var() ** 2, 3, rtol=0.05)


@pytest.mark.parametrize("init", ["xavier", "he"])
def test_one_seed_determines_all_bits(init):
    first, same, other = (nn.MLP([5, 4, 3], init=init, seed=seed) for seed in (7, 7, 8))
    np.testing.assert_equal(first.get_weights(), same.get_weights())
    assert not np.array_equal(first.layers[0].W.value, other.layers[0].W.value)
    assert first.layers[0].b.value.tolist() == [0, 0, 0, 0]


def test_a_generator_moves_on_while_a_seed_starts_anew():
    random = generator(0)
    assert generator(random) is random
    first, second = nn.Linear(3, 2, seed=random), nn.Linear(3, 2, seed=random)
    assert not np.array_equal(first.W.value, second.W.value)
    assert np.array_equal(first.W.value, nn.Linear(3, 2, seed=0).W.value)


# Weights in and out


def test_weights_go_round_as_copies():
    model, other = nn.MLP([4, 3, 2], seed=0), nn.MLP([4, 3, 2], seed=1)
    pairs = model.get_weights()
    other.set_weights(pairs)
    np.testing.assert_equal(other.get_weights(), pairs)
    pairs[0][0][:] = 9
    np.testing.assert_equal(other.get_weights(), model.get_weights())
    assert [(w.shape, b.shape) for w, b in pairs] == [((4, 3), (3,)), ((3, 2), (2,))]


def test_weights_are_converted_to_the_dtype_of_the_layer():
    model = nn.MLP([2, 2])
    model.set_weights([[[[1, 2], [3, 4]], np.array([0.5, 0.25], "float64")]])
    assert model.layers[0].W.value.tolist() == [[1, 2], [3, 4]]
    assert {node.dtype.name for node in model.parameters()} == {"float32"}


W1, B1, W2, B2 = np.ones((4, 3)), np.ones(3), np.ones((3, 2)), np.ones(2)
LIST = r"set_weights: expected a list of 2 \(weight, bias\) pairs, one for each layer\n  came:  "
W_NEEDED = r"set_weights: layers.1.W: expected float32\[3, 2\]\n  came:  "
B_NEEDED = r"set_weights: layers.1.b: expected float32\[2\]\n  came:  "


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([(W1, B1)], LIST + r"list with \[2\] arrays"),
        ([(W1, B1)] * 3, LIST + r"list with \[2, 2, 2\] arrays"),
        (None, LIST + r"NoneType with \[\] arrays"),
        (5, LIST + r"int with \[\] arrays"),
        ({}, LIST + r"dict with \[\] arrays"),
        ([(W1, B1), (W2.T, B2)], W_NEEDED + r"float64\[2, 3\]"),
        ([(W1, B1), (W2, B1)], B_NEEDED + r"float64\[3\]"),
        ([(W1, B1), (W2 + 0j, B2)], W_NEEDED + r"complex128\[3, 2\]"),
        ([(W1, B1), (W2, ["1", "2"])], B_NEEDED + r"<U1\[2\]"),
        ([(W1, B1), ([[1, 2], [3], [4]], B2)], W_NEEDED + r"object\[\]"),
        ([(W1, B1), (W2, B2, B2)], LIST + r"list with \[2, 3\] arrays"),
        ([(W1, B1), W2], LIST + r"list with \[\] arrays"),
        ([(W1, B1), "Wb"], LIST + r"list with \[\] arrays"),
        ([(W1.T, B1), (W2, B2)], r"layers.0.W: expected float32\[4, 3\]"),
    ],
)
def test_weights_that_do_not_fit_change_nothing(pairs, message):
    model = nn.MLP([4, 3, 2])
    before = model.get_weights()
    with pytest.raises(WeightError, match=message):
        model.set_weights(pairs)
    np.testing.assert_equal(model.get_weights(), before)


# The loss


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [([0.25, 0.75], 0), ([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1]], [1, 0, 0])],
)
def test_cross_entropy_is_the_mean_of_minus_the_logarithms(probabilities, labels):
    p = np.array(probabilities)
    expected = -np.log(np.take_along_axis(p, np.expand_dims(labels, -1), -1)).mean()
    node = ag.Node(p)
    loss = nn.cross_entropy(node, np.array(labels))
    np.testing.assert_allclose([loss.value, nn.cross_entropy(p, labels)], expected)
    loss.backward()
    picked = np.arange(2) == np.expand_dims(labels, -1)
    np.testing.assert_allclose(node.grad, np.where(picked, -1 / p, 0) / np.size(labels))


@pytest.mark.parametrize(("label", "error"), [(2, LabelError), (-1, LabelError), (0.0, DTypeError)])
def test_cross_entropy_refuses_labels(label, error):
    with pytest.raises(error, match="Aref: expected "):
        nn.cross_entropy(ag.Node(np.ones(2)), np.array(label))


# The optimizer


def test_a_step_goes_against_the_gradient():
    w, b = ag.parameter(np.array([1.0, -2.0], "float32")), ag.parameter(0.5)
    (ag.sum(w * w) + b * 3.0).backward()
    nn.SGD([w, b], lr=0.25).step()
    assert w.value.tolist() == [0.5, -1.0]
    assert w.dtype == "float32"
    assert b.value == -0.25
    assert type(b.value) is float


def test_parameters_without_gradient_are_refused_before_any_changes():
    w, unreached = ag.parameter(2.0, name="w"), ag.parameter(3.0, name="unreached")
    (w * w).backward()
    message = "Parameter 'unreached': expected a gradient to step along\n  came:  none"
    with pytest.raises(GradientError, match=message):
        nn.SGD([w, unreached], lr=0.1).step()
    assert (w.value, unreached.value) == (2.0, 3.0)


def test_a_step_to_infinity_is_refused_before_any_parameter_changes():
    w, v = ag.parameter(1.0, name="w"), ag.parameter(np.array([0.0, 2.0], "float32"), name="v")
    (w + ag.sum(ag.sqrt(v))).backward()
    message = (
        "Parameter 'v': expected finite values after the step\n"
        "  came:  NaN or infinity, from values 0 to 2 and gradients 0.353553 to inf"
    )
    with pytest.raises(NonFiniteError, match=message):
        nn.SGD([w, v], lr=0.1).step()
    assert w.value == 1.0
    assert v.value.tolist() == [0.0, 2.0]


def test_an_optimizer_needs_parameters_and_a_rate():
    with pytest.raises(
        ConfigError, match=r"SGD: expected at least one parameter, and none twice\n  came:  \[\]"
    ):
        nn.SGD([], lr=0.1)
    with pytest.raises(ConfigError, match="lr: expected a finite number above 0\n  came:  nan"):
        nn.SGD([ag.parameter(1.0)], lr=np.nan)


# The graph of a network with one hidden layer


def test_the_graph_has_ten_operations(capsys):
    recording = nn.record(nn.MLP([784, 128, 10]), (784,), verbose=True)
    assert operations(recording.graph) == OPERATIONS
    lines = [f"Append <{op}> to the computational graph" for op in OPERATIONS]
    assert capsys.readouterr().out.splitlines() == lines
    assert [str(node.spec) for node in recording.graph.inputs] == ["float32[784]", "int64[]"]
    assert recording.classes == 10
    recording.graph.check()


def test_a_batch_adds_the_mean_and_nothing_is_printed(capsys):
    recording = nn.record(nn.MLP([4, 3, 2], dtype="float64"), (4,), batch_size=5)
    assert operations(recording.graph) == [*OPERATIONS[:-1], "Mean", "Accuracy"]
    assert capsys.readouterr().out == ""
    assert [str(node.spec) for node in recording.graph.inputs] == ["float64[5, 4]", "int64[5]"]


def test_the_nodes_of_a_recording_have_names():
    recording = nn.record(nn.MLP([4, 2]), (4,))
    for name in ("x", "y", "scores", "probabilities", "loss", "accuracy"):
        assert recording.graph[name] is getattr(recording, name)


def test_gradients_are_those_derived_by_hand():
    model = nn.MLP([4, 3, 2], dtype="float64", seed=1)
    recording = nn.record(model, (4,))
    graph = recording.graph
    graph.forward(x=IMAGE, y=1)
    graph.backward(recording.loss)
    (first, last), y = model.layers, np.array([0.0, 1.0])
    h, p = find(graph, "Sigmoid"), recording.probabilities
    z = h.inputs[0]
    d_scores = p.value - y
    d_h = d_scores @ last.W.value.T
    d_z = d_h * h.value * (1 - h.value)
    expected = [
        (p, -y / p.value),
        (recording.scores, d_scores),
        (h, d_h),
        (z, d_z),
        (last.W, np.outer(h.value, d_scores)),
        (last.b, d_scores),
        (first.W, np.outer(IMAGE, d_z)),
        (first.b, d_z),
    ]
    for node, by_hand in expected:
        np.testing.assert_allclose(node.grad, by_hand, rtol=1e-12, atol=1e-15)
    assert recording.x.grad is None


def test_the_gradient_of_softmax_alone_is_the_one_derived_by_hand():
    scores, d = ag.Node(np.array([0.1, -0.4, 1.2])), np.array([0.3, 2.0, -1.0])
    p = ag.softmax(scores)
    p.backward(d)
    np.testing.assert_allclose(scores.grad, d * p.value - p.value * (d * p.value).sum())


def test_steps_equal_plain_numpy():
    model = nn.MLP([4, 3, 2], seed=2)
    (W, b), (V, c) = model.get_weights()
    recording, optimizer = nn.record(model, (4,)), nn.SGD(model.parameters(), lr=0.5)
    random = np.random.default_rng(0)
    for label in (1, 0, 1):
        x = random.random(4).astype("float32")
        recording.graph.forward(recording.loss, x=x, y=label)
        recording.graph.backward(recording.loss)
        optimizer.step()
        h = sigmoid(x @ W + b)
        p = softmax(h @ V + c)
        d_scores = p - np.eye(2, dtype="float32")[label]
        d_z = d_scores @ V.T * h * (1 - h)
        V, c = V - 0.5 * np.outer(h, d_scores), c - 0.5 * d_scores
        W, b = W - 0.5 * np.outer(x, d_z), b - 0.5 * d_z
        np.testing.assert_allclose(recording.loss.value, -np.log(p[label]), rtol=1e-5)
    for (weight, bias), expected in zip(model.get_weights(), [(W, b), (V, c)], strict=True):
        np.testing.assert_allclose(weight, expected[0], rtol=1e-5)
        np.testing.assert_allclose(bias, expected[1], rtol=1e-5, atol=1e-7)


class Returning(nn.Module):
    """A model that answers as it is told."""

    def __init__(self, answer: Any) -> None:
        self.scale = ag.parameter(1.0)
        self.answer = answer

    def __call__(self, x: Any, /) -> ag.Node:
        return self.answer(x)


@pytest.mark.parametrize(
    ("model", "options", "error", "message"),
    [
        (
            Returning(ag.sum),
            {},
            ShapeError,
            r"Sum.*expected scores shaped \[classes\]",
        ),
        (
            Returning(lambda x: ag.sum(x, axis=0)),
            {"batch_size": 3},
            ShapeError,
            r"Sum.* expected scores shaped \[3, classes\]\n  came:  float64\[2\]",
        ),
        (
            Returning(lambda x: ag.reshape(x, (2, 3))),
            {"batch_size": 3},
            ShapeError,
            r"expected scores shaped \[3, classes\]\n  came:  float64\[2, 3\]",
        ),
        (nn.MLP([2, 2]), {"batch_size": 0}, ConfigError, "batch_size: expected a whole number of"),
        (nn.MLP([3, 2]), {}, ShapeError, r"Linear\(3, 2\): expected 3 features"),
        (
            type("Bare", (nn.Module,), {"__call__": lambda self, x: x})(),
            {},
            ConfigError,
            "Bare: expected a model with parameters\n  came:  none",
        ),
    ],
)
def test_models_that_are_no_classifiers_are_refused(model, options, error, message):
    with pytest.raises(error, match=message):
        nn.record(model, (2,), **options)


def test_a_name_given_by_the_model_is_kept():
    recording = nn.record(Returning(lambda x: (x * 2.0).named("logits")), (2,))
    assert recording.scores.name == "logits"


def test_everything_public_has_a_docstring():
    assert [name for name in nn.__all__ if not getattr(nn, name).__doc__] == []
    assert re.search("Glorot", nn.xavier_uniform.__doc__)


def test_a_function_in_c_without_a_signature_is_taken_at_its_word():
    assert function("loss", dict, "of two", arguments=2) is dict
