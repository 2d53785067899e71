"""Training over devices, and networks written for other programs, at the command line and below."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.cli import main
from autograd_lite.errors import ConfigError, OpCallError
from autograd_lite.serialize.files import write


@pytest.fixture
def weights(tmp_path):
    return nn.save_model(nn.MLP([9, 4, 3]), tmp_path / "weights.safetensors")


# With the libraries


def test_a_network_is_written_for_others(weights, tmp_path, capsys):
    onnx, jax = pytest.importorskip("onnx"), pytest.importorskip("jax")
    files = tmp_path / "net.onnx", tmp_path / "net.stablehlo"
    assert (
        main(["export", str(weights), "--onnx", str(files[0]), "--stablehlo", str(files[1])]) == 0
    )
    assert capsys.readouterr().out.split() == [*map(str, files)]
    assert main(["export", str(weights), "--onnx", str(files[0])]) == 0
    (out,) = onnx.load(files[0]).graph.output
    assert [d.dim_param or d.dim_value for d in out.type.tensor_type.shape.dim] == ["batch", 3]
    images = np.random.default_rng(0).random((5, 9), np.float32)
    found = jax.export.deserialize(bytearray(files[1].read_bytes())).call(x=images)
    expected = nn.predict(nn.load_model(weights), images)
    np.testing.assert_allclose(found["probabilities"], expected, rtol=1e-5)


def test_training_by_jax_is_training_by_numpy(capsys):
    pytest.importorskip("jax")
    words = [
        "train",
        "weight-decay",
        "--samples",
        "96",
        "--batch-size",
        "32",
        "--epochs",
        "1",
        "--quiet",
    ]
    told = []
    for more in (
        ["--executor", "numpy"],
        ["--executor", "jax"],
        ["--executor", "jax", "--devices", "1"],
    ):
        assert main([*words, *more]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] == told[2]


def test_more_devices_than_there_are(capsys):
    jax = pytest.importorskip("jax")
    count = len(jax.devices())
    words = ["train", "--samples", "4", "--executor", "jax", "--devices", str(count + 1)]
    assert main(words) == 2
    assert f"--devices: expected up to {count} devices" in capsys.readouterr().err


# Without them


def test_nothing_to_write(weights, capsys):
    assert main(["export", str(weights)]) == 2
    assert "give --onnx FILE or --stablehlo FILE" in capsys.readouterr().err


MISSING = {
    "onnx": (["export", "WEIGHTS", "--onnx", "net.onnx"], "expected the library onnx"),
    "jax": (["export", "WEIGHTS", "--stablehlo", "net"], "expected the library jax"),
    "devices": (["train", "--samples", "4", "--devices", "1"], "--devices: expected JAX"),
    "executor": (
        ["train", "--samples", "4", "--executor", "jax"],
        'expected JAX, for executor="jax"',
    ),
}


@pytest.mark.parametrize("name", MISSING)
def test_a_library_that_is_not_there(name, weights, capsys, monkeypatch):
    for library in ("jax", "onnx"):
        monkeypatch.setitem(sys.modules, library, None)
    for module in list(sys.modules):
        if module.startswith(("autograd_lite.export.", "autograd_lite.compiler.executors.jax.")):
            monkeypatch.delitem(sys.modules, module)
    words, message = MISSING[name]
    assert main([str(weights) if word == "WEIGHTS" else word for word in words]) == 2
    told = capsys.readouterr().err
    assert message in told
    assert "pip install" in told


def test_a_mesh_that_cannot_share_the_batches():
    mesh = SimpleNamespace(axis_names=("data",), shape={"data": 4})
    for batch_size, count in ((6, 12), (4, 6)):
        trainer = nn.Trainer(nn.MLP([2, 2]), batch_size=batch_size, executor="jax", mesh=mesh)
        with pytest.raises(ConfigError, match="mesh: expected batches that devices share evenly"):
            trainer.fit(np.zeros((count, 2), "f"), np.zeros(count, int))


def test_an_option_that_a_trainer_does_not_have():
    with pytest.raises(OpCallError, match="unexpected keyword argument 'nesh'(.|\n)*write mesh=…"):
        nn.Trainer(nn.MLP([2, 2]), nesh=None)


@pytest.mark.parametrize("rank", [0, 1])
def test_of_joined_processes_the_first_one_writes(rank, tmp_path, monkeypatch):
    distributed = SimpleNamespace(is_initialized=lambda: True)
    jax = SimpleNamespace(distributed=distributed, process_index=lambda: rank)
    monkeypatch.setitem(sys.modules, "jax", jax)
    assert write(tmp_path / "file", b"data") == tmp_path / "file"
    assert (tmp_path / "file").exists() == (rank == 0)


def test_neither_jax_nor_onnx_is_loaded_before_it_is_asked_for():
    code = (
        "import sys, json, autograd_lite as ag\n"
        "with ag.Graph() as g: y = ag.input(name='x', shape=()) * 2.0\n"
        "ag.compile(g, y, executor='numpy')(x=1.0)\n"
        "print(json.dumps([name for name in ('jax', 'onnx') if name in sys.modules]))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout) == []
    assert ag.compile
