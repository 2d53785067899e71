"""StableHLO is read back by jax.export and gives what the interpreter gives."""

import subprocess
import sys

import numpy as np
import pytest
from compiled import Classifier, assert_same, interpreted, samples

import autograd_lite as ag
from autograd_lite.errors import ConfigError
from autograd_lite.export.names import names_of

jax = pytest.importorskip("jax", reason="JAX is not installed")

ELSEWHERE = """
import sys
import numpy as np
from jax import export
found = export.deserialize(bytearray(open(sys.argv[1], "rb").read())).call(x=np.load(sys.argv[2]))
assert "autograd_lite" not in sys.modules
np.save(sys.argv[2], np.asarray(found["p"]))
"""


def call(path, **given):
    with jax.enable_x64(True):
        found = jax.export.deserialize(bytearray(path.read_bytes())).call(**given)
        return {name: np.asarray(x) for name, x in found.items()}


@pytest.mark.parametrize("rows", [1, 9])
def test_outputs_and_gradients_for_batches_of_any_length(tmp_path, rows):
    network, (x, y) = Classifier(batch=4), samples(rows)
    outputs = {"p": network.graph["p"], "loss": network.loss, "dW1": network.grads[0]}
    path = ag.compile(network.graph, outputs).to_stablehlo(tmp_path / "net", batch="x")
    found = call(path, x=x, y=y)
    for (name, node), value in zip(
        outputs.items(),
        interpreted(network.graph, [*outputs.values()], {"x": x, "y": y}),
        strict=True,
    ):
        assert_same(found[name], value, name)
        assert node is outputs[name]


def test_a_training_step(tmp_path):
    network, (x, y) = Classifier(batch=4), samples(4)
    program = network.compile("numpy", outputs=[network.loss])
    path, weights = (
        program.to_stablehlo(tmp_path / "step"),
        {w.name: w.value.copy() for w in network.weights},
    )
    found = call(path, x=x, y=y, **weights)
    assert_same(found["loss"], program(x=x, y=y)[0])
    for w in network.weights:
        assert_same(found[f"{w.name}_new"], w.value)


def test_it_runs_where_autograd_lite_is_not(tmp_path):
    network, (x, _) = Classifier(batch=4), samples(5)
    path = ag.compile(network.graph, [network.graph["p"]]).to_stablehlo(tmp_path / "net", batch="x")
    np.save(tmp_path / "x.npy", x)
    subprocess.run([sys.executable, "-c", ELSEWHERE, path, tmp_path / "x.npy"], check=True)
    (expected,) = interpreted(network.graph, [network.graph["p"]], {"x": x, "y": np.zeros(5, int)})
    assert_same(np.load(tmp_path / "x.npy"), expected)


def test_leaves_without_names_and_convolutions(tmp_path):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 1, 5, 5), dtype="float32")
        w = ag.parameter(np.ones((1, 1, 3, 3), "f"))
        y = ag.conv2d(x, w)
    path = ag.compile(graph, y, {w: w * 2.0}).to_stablehlo(tmp_path / "net")
    found = call(path, x=np.ones((2, 1, 5, 5), "f"), leaf0=w.value)
    assert_same(found["output0"], np.full((2, 1, 3, 3), 9, "f"))
    assert_same(found["leaf0_new"], w.value * 2)


@pytest.mark.parametrize("batch", ["z", "y"])
def test_a_batch_is_an_input_with_axes(batch):
    with pytest.raises(ConfigError, match="batch to be one of the inputs with axes: x, y"):
        Classifier().compile().to_stablehlo("nowhere", batch=batch)


@pytest.mark.parametrize(
    ("first", "second"), [(None, None), ("w", "w"), ("x", "leaf0"), ("y", "y_new")]
)
def test_leaves_of_any_names_are_told_apart_and_fed(tmp_path, first, second):
    """What is fed counts, not what was recorded; no name stands for two things."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float32")
        w, b = (ag.parameter(np.zeros(2, "f"), name=name) for name in (first, second))
        y = ag.sum(x * w + b).named("y")
    program = ag.compile(graph, y, {w: w + 1.0, b: b * 2.0})
    names = names_of(program._request)
    fed = {names.leaves[w]: np.full(2, 5, "f"), names.leaves[b]: np.full(2, 7, "f")}
    found = call(program.to_stablehlo(tmp_path / "net"), x=np.ones(2, "f"), **fed)
    assert len(found) == 3
    assert found[names.outputs[0]] == 24
    assert found[names.new[w]].tolist() == [6, 6]
    assert found[names.new[b]].tolist() == [14, 14]
