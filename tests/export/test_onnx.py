"""ONNX files give what the interpreter gives, run by onnxruntime: ops, gradients, training steps."""

import sys

import numpy as np
import pytest
from compiled import Classifier, assert_same, interpreted, samples
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPS, SAMPLES
from test_compile_equal import converted, recorded

import autograd_lite as ag
from autograd_lite import datasets, nn
from autograd_lite.cli import main
from autograd_lite.errors import AutogradError, ConfigError

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
from autograd_lite.export.onnx.model import model_of  # noqa: E402 - where the library is

runtime.set_default_logger_severity(4)
few = settings(max_examples=max(1, settings.default.max_examples // 15), deadline=None)

NO_OPERATOR = {
    "Cholesky", "Cofactor", "EigH", "Inv", "MatrixRank", "PInv", "QR", "SVD", "SlogDet", "Solve",
    "Dropout", "NextAfter",
}  # fmt: skip
"""Ops that ONNX has no operators for: LAPACK's, NumPy's own random bits, a float's neighbours."""

NOT_IN_FLOAT64 = NO_OPERATOR | {
    "Acos", "Asin", "Atan", "Atan2", "Conv2d", "Conv2dAdjoint", "Conv2dKernel", "Det",
}  # fmt: skip
"""Ops whose operators onnxruntime runs in float32 alone."""

STEEPER = {"Det"}
"""Ops of which only the gradient needs an operator that is not there."""


def session_of(program, **options):
    """The program, as onnxruntime reads its file."""
    data = model_of(program._request, **options).SerializeToString()
    return runtime.InferenceSession(data, providers=["CPUExecutionProvider"])


def run(program, feeds, **options):
    """The outputs of a program, by onnxruntime."""
    session = session_of(program, **options)
    names = [x.name for x in session.get_inputs()]
    return session.run(None, {name: feeds[name] for name in names})


def check(name, dtype, data):
    case = converted(data.draw(SAMPLES[name].cases), dtype)
    try:
        graph, outputs = recorded(OPS[name], case)
        feeds = {f"x{i}": x for i, x in enumerate(case.inputs)}
        expected = interpreted(graph, outputs, feeds)
    except AutogradError:
        return
    for wanted, values in ((outputs[:1], expected[:1]), (outputs, expected)):
        program = ag.compile(graph, wanted, executor="numpy", steps=1)
        if name in NO_OPERATOR or (len(wanted) > 1 and name in STEEPER):
            with pytest.raises(ConfigError, match="expected ops that ONNX has"):
                run(program, feeds)
            return
        found = run(program, feeds)
        for node, a, b in zip(wanted, found, values, strict=True):
            assert_same(a, b, f"{node.label()} of {name}{case.params} {case.inputs}")


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(data=st.data())
def test_every_op_and_its_gradients_in_float32(name, data):
    check(name, "float32", data)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - NOT_IN_FLOAT64))
@few
@given(data=st.data())
def test_every_op_and_its_gradients_in_float64(name, data):
    check(name, "float64", data)


def test_most_ops_are_there():
    assert len(set(SAMPLES) - NO_OPERATOR) >= 150
    assert len(set(SAMPLES) - NOT_IN_FLOAT64) >= 135


# Networks


@pytest.mark.parametrize("rows", [1, 4, 7])
def test_a_classifier_takes_batches_of_any_length(rows):
    network, (x, y) = Classifier(batch=4), samples(rows)
    probabilities = network.graph["p"]
    program = ag.compile(network.graph, [probabilities, network.loss, *network.grads])
    found = run(program, {"x": x, "y": y}, batch="x")
    expected = interpreted(
        network.graph, [probabilities, network.loss, *network.grads], {"x": x, "y": y}
    )
    for a, b in zip(found, expected, strict=True):
        assert_same(a, b)


def test_400_training_steps_in_a_file_are_those_of_the_interpreter():
    network, (x, y) = Classifier(batch=4, momentum=0.9, lr=0.1), samples(400)
    session = session_of(network.compile(outputs=[network.loss]), batch="x")
    names = [out.name for out in session.get_outputs()]
    leaves = [x for x in session.get_inputs() if x.name not in {"x", "y"}]
    state = {leaf.name: np.zeros(leaf.shape, "f") for leaf in leaves}  # the velocities
    state |= {w.name: w.value.copy() for w in network.weights}
    for step in range(400):
        rows = slice(step % 100 * 4, step % 100 * 4 + 4)
        results = session.run(None, {"x": x[rows], "y": y[rows], **state})
        loss, _ = network.step(x=x[rows], y=y[rows])
        np.testing.assert_allclose(results[0], loss, rtol=0, atol=1e-6)
        new = zip(names[1:], results[1:], strict=True)
        state = {name.removesuffix("_new"): value for name, value in new}
    for w in network.weights:
        np.testing.assert_allclose(state[w.name], w.value, rtol=1e-6, atol=1e-6)


def test_a_trained_network_sees_the_same_digits(tmp_path):
    (images, labels), (test_images, test_labels) = datasets.mnist()
    model = nn.MLP([784, 16, 10], "relu", init="he", seed=0)
    nn.fit(model, nn.as_features(images[:1000]), labels[:1000], batch_size=20, epochs=2, lr=0.1)
    path = nn.save_model(model, tmp_path / "digits.safetensors")
    assert main(["export", str(path), "--onnx", str(tmp_path / "digits.onnx")]) == 0
    features, truth = nn.as_features(test_images[:2000]), test_labels[:2000]
    session = runtime.InferenceSession(tmp_path / "digits.onnx")
    (found,) = session.run(None, {"x": features})
    accuracy, _ = nn.evaluate(model, features, truth)
    assert np.mean(found.argmax(-1) == truth) == accuracy > 0.7


def test_a_convolutional_network_and_its_gradients():
    random = np.random.default_rng(0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 1, 8, 8))
        y = ag.input(name="y", shape=(2,), dtype="int64")
        shapes = {"kernels": (4, 1, 3, 3), "deeper": (6, 4, 3, 3), "W": (24, 3)}
        weights = [
            ag.parameter(random.normal(size=shape).astype("f") / 3, name=name)
            for name, shape in shapes.items()
        ]
        seen = ag.max_pool2d(ag.relu(ag.conv2d(x, weights[0], padding=1)), 2)
        seen = ag.relu(ag.conv2d(seen, weights[1], stride=2, padding=1))
        scores = ag.reshape(seen, (-1, 24)) @ weights[2]
        loss = ag.mean(ag.cross_entropy_with_logits(scores, y)).named("loss")
        grads = ag.gradients(loss, weights)
    feeds = {"x": random.normal(size=(2, 1, 8, 8)).astype("f"), "y": np.array([2, 0])}
    found = run(ag.compile(graph, [loss, *grads]), feeds)
    for a, b in zip(found, interpreted(graph, [loss, *grads], feeds), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.parametrize("stride", [1, 2, (3, 2)])
@pytest.mark.parametrize("padding", [0, 1, (2, 3)])
def test_what_windows_leave_over_is_left_over(stride, padding):
    """Convolutions and pools of all lengths, with their gradients, in one file."""
    random = np.random.default_rng(0)
    with ag.Graph() as graph:
        w = ag.parameter(random.normal(size=(2, 2, 3, 3)).astype("f"))
        outputs = []
        for length in range(4, 8):
            x = ag.parameter(random.normal(size=(1, 2, length, length + 1)).astype("f"))
            conv = ag.conv2d(x, w, stride=stride, padding=padding)
            pool = ag.max_pool2d(x, 4, stride=stride, padding=min(2, int(np.min(padding))))
            outputs += [conv, *ag.gradients(ag.sum(conv * conv), (x, w))]
            outputs += [pool, ag.gradients(ag.sum(pool * pool), x)]
    found = run(ag.compile(graph, outputs), {})
    for a, b in zip(found, interpreted(graph, outputs, {}), strict=True):
        assert_same(a, b)


def test_names_dtypes_and_places_are_in_the_file(tmp_path):
    network = Classifier(batch=4)
    program = ag.compile(network.graph, {"chances": network.graph["p"]})
    model = onnx.load(program.to_onnx(tmp_path / "classifier.onnx", batch="x"))
    assert [x.name for x in model.graph.input] == ["x"]
    assert [x.name for x in model.graph.output] == ["chances"]
    assert {x.name for x in model.graph.initializer} >= {"W1", "b1", "W2", "b2"}
    assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"
    assert model.producer_name == "autograd_lite"
    assert "1 outputs of a recorded graph" in model.doc_string
    assert "compiled.py" in model.graph.node[0].doc_string


def test_names_that_are_taken_get_an_ending():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,))
        w, v = (ag.parameter(np.ones(2, "f"), name="w") for _ in range(2))
        y = (x * w + v).named("x")
    session = session_of(ag.compile(graph, [y, y]))
    assert [out.name for out in session.get_outputs()] == ["x_out", "x_out_out"]
    assert session.run(None, {"x": np.ones(2, "f")})[0].tolist() == [2.0, 2.0]


PICKS = {
    "an index array": lambda x, i: x[i],
    "two of them": lambda x, i: x[i, i],
    "behind a slice": lambda x, i: x[:, i],
    "apart": lambda x, i: x[i, :, i],
    "beside a new axis": lambda x, i: x[None, i],
    "beside an integer": lambda x, i: x[0, i],
    "backwards": lambda x, i: x[::-1, 1:3],
    "the last": lambda x, i: x[..., -1],
}


@pytest.mark.parametrize("name", PICKS)
def test_subscripts(name):
    random = np.random.default_rng(0)
    feeds = {"x": random.normal(size=(3, 4, 5)), "i": np.array([[0, 2], [-1, 1]])}
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3, 4, 5), dtype="float64", requires_grad=True)
        i = ag.input(name="i", shape=(2, 2), dtype="int64")
        y = PICKS[name](x, i)
        outputs = [y, ag.gradients(ag.sum(y * y), x)]
    found = run(ag.compile(graph, outputs), feeds)
    for a, b in zip(found, interpreted(graph, outputs, feeds), strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("pick", [ag.embedding, lambda table, words: table[words]])
def test_a_table_of_embeddings_takes_any_number_of_words(pick):
    random = np.random.default_rng(0)
    with ag.Graph() as graph:
        words = ag.input(name="words", shape=(4, 3), dtype="int64")
        table = ag.parameter(random.normal(size=(6, 2)).astype("f"), name="table")
        loss = ag.sum(pick(table, words) ** 2)
        outputs = [loss, ag.gradients(loss, table)]
    program = ag.compile(graph, outputs)
    for rows in (1, 9):
        feeds = {"words": random.integers(0, 6, (rows, 3))}
        found = run(program, feeds, batch="words")
        for a, b in zip(found, interpreted(graph, outputs, feeds), strict=True):
            assert_same(a, b)


# What a batch of any length goes through, along its own axis, forward and backward.
ROWS = {
    "variance": lambda x: ag.var(x, axis=0, correction=1),
    "deviation": ag.std,
    "normalised": lambda x: (x - ag.mean(x, axis=0)) / ag.sqrt(ag.var(x, axis=0) + 1e-5),
    "some": lambda x: x[1:],
    "but the last": lambda x: x[:-1],
    "last": lambda x: x[-1],
    "every second": lambda x: x[::2],
    "turned": lambda x: ag.flip(x, axis=0),
    "differences": lambda x: ag.diff(x, axis=0),
    "joined": lambda x: ag.concat([x, x * 2.0], axis=0),
    "framed": lambda x: ag.pad(x, ((0, 0), (1, 2))),
}
IMAGES = {
    "mean of windows": lambda x: ag.avg_pool2d(x, 2),
    "overlapping": lambda x: ag.avg_pool2d(x, 3, stride=2),
    "largest of windows": lambda x: ag.max_pool2d(x, 3, stride=2, padding=1),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", [*ROWS, *IMAGES])
def test_batches_of_any_length(name, dtype):
    function, shape = (ROWS | IMAGES)[name], (3,) if name in ROWS else (2, 5, 5)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, *shape), dtype=dtype, requires_grad=True)
        y = function(x)
        outputs = [y, ag.gradients(ag.sum(y * y), x)]
    program = ag.compile(graph, outputs)
    for rows in (2, 7):
        feeds = {"x": np.random.default_rng(rows).normal(size=(rows, *shape)).astype(dtype)}
        found = run(program, feeds, batch="x")
        for a, b in zip(found, interpreted(graph, outputs, feeds), strict=True):
            assert_same(a, b, name)


# Refusals


def test_an_op_that_onnx_lacks_is_named_with_its_line():
    with ag.Graph() as graph:
        y = ag.linalg.inv(ag.input(name="x", shape=(2, 2), dtype="float64"))
    with pytest.raises(ConfigError, match=r"Inv %1: expected ops that ONNX has[^~]*test_onnx.py"):
        ag.compile(graph, y).to_onnx("nowhere.onnx")


def test_what_is_written_for_one_length_is_named():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, 2), dtype="float32")
        y = ag.roll(x, 1, axis=0)
    with pytest.raises(ConfigError, match=r"a batch of any length goes through\n  came:  Roll %1"):
        ag.compile(graph, y).to_onnx("nowhere.onnx", batch="x")


def test_a_batch_is_an_input_with_axes():
    network = Classifier()
    for batch in ("z", "y"):
        with pytest.raises(ConfigError, match="batch to be one of the inputs with axes: x, y"):
            network.compile().to_onnx("nowhere.onnx", batch=batch)


def test_without_the_library_it_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "autograd_lite.export.onnx.model")
    monkeypatch.delitem(sys.modules, "autograd_lite.export.onnx.emitter")
    with pytest.raises(
        ConfigError, match=r'expected the library onnx[^~]*pip install "autograd-lite\[onnx\]"'
    ):
        Classifier().compile().to_onnx("nowhere.onnx")


def test_names_of_users_are_not_those_of_the_writer():
    with ag.Graph() as graph:
        v, c = (ag.input(name=name, shape=(2,)) for name in ("v0", "v2"))
        y = (v * 3.0 + c).named("v1")
    found = run(ag.compile(graph, y), {"v0": np.ones(2, "f"), "v2": np.ones(2, "f")})
    assert found[0].tolist() == [4.0, 4.0]
