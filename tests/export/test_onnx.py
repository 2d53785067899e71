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


def run(program, feeds, **options):
    """The outputs of a program, by onnxruntime."""
    model = model_of(program._request, **options)
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
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


def test_a_training_step_in_a_file_trains():
    network, (x, y) = Classifier(batch=4, momentum=0.9), samples(40)
    weights = {w.name: w.value.copy() for w in network.weights}
    program = network.compile("numpy", outputs=[network.loss])
    model = model_of(program._request, "x")
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [out.name for out in session.get_outputs()]
    state = {name: np.zeros(shape, "f") for name, shape in _leaves(session, weights)}
    state |= weights
    losses = []
    for first in range(0, 40, 4):
        feeds = {"x": x[first : first + 4], "y": y[first : first + 4]}
        results = dict(zip(names, session.run(None, feeds | state), strict=True))
        losses.append(results.pop("loss"))
        state = {name.removesuffix("_new"): value for name, value in results.items()}
    (expected,) = program.scan({"x": x, "y": y}, batch_size=4)
    np.testing.assert_allclose(losses, expected, rtol=1e-6)
    for w in network.weights:
        assert_same(state[w.name], w.value)


def _leaves(session, weights):
    return [(x.name, x.shape) for x in session.get_inputs() if x.name not in {*weights, "x", "y"}]


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
    session = runtime.InferenceSession(
        model_of(ag.compile(graph, [y, y])._request).SerializeToString()
    )
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


# Refusals


def test_an_op_that_onnx_lacks_is_named_with_its_line():
    with ag.Graph() as graph:
        y = ag.linalg.inv(ag.input(name="x", shape=(2, 2), dtype="float64"))
    with pytest.raises(ConfigError, match=r"Inv %1: expected ops that ONNX has[^~]*test_onnx.py"):
        ag.compile(graph, y).to_onnx("nowhere.onnx")


def test_what_is_written_for_one_length_is_named():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, 2), dtype="float32")
        y = ag.argsort(x, axis=0)
    with pytest.raises(
        ConfigError, match=r"a batch of any length goes through\n  came:  ArgSort %1"
    ):
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
