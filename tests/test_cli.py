"""The command line: what it prints, writes, refuses, and how it ends."""

from __future__ import annotations

import json
import re
import runpy
import signal
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.cli import main
from autograd_lite.datasets import load_idx
from autograd_lite.errors import ConfigError

EPOCH = r"Epoch {}: train loss = \d\.\d{{4}}, accy = [01]\.\d{{4}}, \[\d+\.\d{{3}} secs\]"
TEST = r"Test accuracy = [01]\.\d{4}, Loss = \d\.\d{4}"
APPENDED = ["VDot", "Add", "Sigmoid", "VDot", "Add", "SoftMax", "Aref", "Log", "Mul", "Accuracy"]


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A folder with four IDX files: 20 training and 10 test images of 2 × 3 pixels, 3 classes."""
    folder, random = tmp_path / "digits", np.random.default_rng(0)
    folder.mkdir()
    for name, count in (("train", 20), ("t10k", 10)):
        labels = np.arange(count, dtype="uint8") % 3
        images = random.integers(0, 100, (count, 2, 3), "uint8")
        images[np.arange(count), 0, labels] = 255
        for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            (folder / f"{name}-{kind}-ubyte").write_bytes(header + array.tobytes())
    return str(folder)


@pytest.fixture
def command(data: str) -> list[str]:
    return ["train", "--data", data, "--sizes", "6", "4", "3", "--epochs", "2", "--lr", "0.1"]


def test_train_prints_the_graph_the_epochs_and_the_result(command, capsys):
    assert main(command) == 0
    shown = capsys.readouterr()
    *lines, first, second, last = shown.out.splitlines()
    assert lines == [f"Append <{op}> to the computational graph" for op in APPENDED]
    assert re.fullmatch(EPOCH.format(0), first)
    assert re.fullmatch(EPOCH.format(1), second)
    assert re.fullmatch(TEST, last)
    assert "Epoch 1" in shown.err


def test_quiet_prints_the_last_line_alone(command, capsys, tmp_path):
    assert main([*command, "--quiet", "--out", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr()
    assert re.fullmatch(TEST + "\n", shown.out)
    assert shown.err == ""


def test_options_reach_the_training(command, data, capsys, tmp_path):
    options = ["--samples", "8", "--batch-size", "4", "--activation", "tanh", "--seed", "5"]
    assert main([*command, *options, "--out", str(tmp_path)]) == 0
    assert "Append <Tanh>" in capsys.readouterr().out
    (images, labels), test = load(data)
    model = nn.MLP([6, 4, 3], "tanh", seed=5)
    history = nn.fit(model, images[:8], labels[:8], batch_size=4, epochs=2, lr=0.1, validation=test)
    written = load_file(tmp_path / "weights.safetensors")
    named = {name: node.value for name, node in model.named_parameters()}
    np.testing.assert_equal(written, named)
    epochs = json.loads((tmp_path / "history.json").read_text())["epochs"]
    for epoch, expected in zip(epochs, history.to_dict()["epochs"], strict=True):
        assert epoch | {"seconds": 0} == expected | {"seconds": 0}


def load(folder: str):
    (images, labels), (test_images, test_labels) = load_idx(folder)
    return (nn.as_features(images), labels), (nn.as_features(test_images), test_labels)


def test_the_bundled_digits_are_learned(capsys):
    assert main(["train", "--samples", "200", "--epochs", "1", "--lr", "0.1"]) == 0
    accuracy = float(re.search(r"Test accuracy = (\S+),", capsys.readouterr().out)[1])
    assert accuracy > 0.5


def test_the_module_is_the_command(command, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["autograd-lite", *command])
    with pytest.raises(SystemExit) as ending:
        runpy.run_module("autograd_lite", run_name="__main__")
    assert ending.value.code == 0
    assert "Test accuracy" in capsys.readouterr().out


# Files


def test_files_of_a_run(command, tmp_path, capsys):
    out = tmp_path / "a" / "b"
    assert main([*command, "--out", str(out)]) == 0
    assert f"Weights written to {out / 'weights.safetensors'}\n" in capsys.readouterr().out
    names = {path.name for path in out.iterdir()}
    assert names - {"graph.dot", "graph.svg"} == {"history.json", "weights.safetensors"}
    assert not json.loads((out / "history.json").read_text())["interrupted"]


def test_without_safetensors_the_weights_are_an_npz(command, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    assert main([*command, "--out", str(tmp_path)]) == 0
    line = f"Weights written to {tmp_path / 'weights.npz'} (safetensors is not installed)"
    assert line in capsys.readouterr().out
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as weights:
        assert weights["layers.0.W"].shape == (6, 4)
        assert sorted(weights) == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]


def test_the_graph_is_drawn_with_values_and_gradients(command, tmp_path):
    assert main([*command, "--out", str(tmp_path)]) == 0
    found = {path.name: path.read_text() for path in tmp_path.glob("graph.*")}
    assert sorted(found) == ["graph.dot", "graph.svg"]
    for text in found.values():
        assert all(word in text for word in ("VDot", "SoftMax", "layers.1.W", "grad"))


def test_a_picture_alone(command, tmp_path):
    picture = tmp_path / "net.mmd"
    assert main([*command, "--draw", str(picture)]) == 0
    assert picture.read_text().startswith("flowchart TD")
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".mmd") == ["net.mmd"]


def test_draw_a_graph_of_a_python_file(tmp_path, capsys):
    source = tmp_path / "model.py"
    source.write_text(
        "import autograd_lite as ag\nwith ag.Graph() as g:\n    y = ag.Node(2.0).exp()\n"
    )
    picture = str(tmp_path / "model.svg")
    assert main(["draw", f"{source}:y", "-o", picture]) == 0
    assert capsys.readouterr().out.strip() == picture
    assert "Exp" in Path(picture).read_text()
    assert main(["draw", f"{source}:z"]) == 2
    assert "expected a name that" in capsys.readouterr().err


CHECKED = """
import autograd_lite as ag


def loss():
    x = ag.Node(0.5, name="x")
    return ag.tanh(x) * x


class Wrong(ag.Elementwise):
    def forward(xp, x):
        return x * x

    def vjp_x(xp, grad, out, x):
        return grad * x


def wrong():
    return Wrong(ag.Node(2.0))
"""


def test_check_the_derivatives_of_a_python_file(tmp_path, capsys):
    source = tmp_path / "ops.py"
    source.write_text(CHECKED)
    picture = tmp_path / "loss.svg"
    try:
        assert main(["check", f"{source}::loss", "--order", "2", "--draw", str(picture)]) == 0
        assert "Tanh" in picture.read_text()
        assert main(["check", f"{source}::wrong"]) == 1
        assert "Wrong" in capsys.readouterr().out
        assert main(["check", f"{source}::nothing"]) == 2
    finally:
        ag.ops.OPS.pop("Wrong", None)


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    nn.save_history(nn.History(), tmp_path)
    before = (tmp_path / "history.json").read_text()

    def fail(path: Path, data: bytes) -> None:
        with path.open("wb") as file:
            file.write(data[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    message = (
        r"history.json: expected a place that can be written to\n"
        r"  came:  \[Errno 28\] No space left on device"
    )
    with pytest.raises(ConfigError, match=message):
        nn.save_history(nn.History(interrupted=True), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["history.json"]
    assert (tmp_path / "history.json").read_text() == before


def test_paths_of_what_was_saved_are_returned(tmp_path):
    assert nn.save_history(nn.History(), str(tmp_path)) == tmp_path / "history.json"
    model = nn.MLP([2, 2])
    assert nn.save_weights(model, tmp_path) == tmp_path / "weights.safetensors"


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sizes", "5", "3"], r"--sizes: expected 6 \(pixels\) first and at least 3 \(classes\)"),
        (["--sizes", "6", "2"], r"came:  6 2\n(.|\n)*try:   --sizes 6 128 3"),
        (["--sizes", "6"], r"sizes: expected at least two sizes, .*\n  came:  \[6\]"),
        (["--sizes", "6", "0", "3"], "sizes: expected a whole number of at least 1\n  came:  0"),
        (["--activation", "step"], "activation: expected one of sigmoid, relu, tanh, linear"),
        (["--lr", "nan"], "lr: expected a finite number above 0"),
        (["--batch-size", "0"], "batch_size: expected a whole number of at least 1"),
        (["--epochs", "-1"], "epochs: expected a whole number of at least 0\n  came:  -1"),
        (["--samples", "0"], "--samples: expected a whole number of at least 1\n  came:  0"),
        (["--seed", "-1"], "seed: expected a whole number of at least 0"),
        (["--data", "nowhere"], "nowhere: expected a readable folder"),
        (["--lr", "1e30"], "expected finite values"),
    ],
)
def test_mistakes_are_told_without_a_traceback(command, capsys, options, message):
    assert main([*command, *options]) == 2
    error = capsys.readouterr().err
    assert re.search(message, error)
    assert f"at:    autograd-lite train --data {command[2]} " in error
    assert "Traceback" not in error


def test_a_folder_that_cannot_be_made_is_refused_before_training(command, data, capsys):
    out = f"{data}/train-labels-idx1-ubyte/run"
    assert main([*command, "--out", out]) == 2
    shown = capsys.readouterr()
    assert f"{out}: expected a place that can be written to\n  came:  " in shown.err
    assert "Epoch" not in shown.out


@pytest.mark.parametrize("words", [[], ["fly"], ["train", "--epochs", "many"]])
def test_argparse_refuses_the_rest(words, capsys):
    with pytest.raises(SystemExit) as ending:
        main(words)
    assert ending.value.code == 2
    assert "usage: autograd-lite" in capsys.readouterr().err


# Ctrl-C


def test_ctrl_c_keeps_what_was_trained(command, capsys, tmp_path, monkeypatch):
    step = nn.SGD.step

    def interrupted(self: nn.SGD) -> None:
        monkeypatch.setattr(nn.SGD, "step", step)
        signal.raise_signal(signal.SIGINT)
        step(self)

    monkeypatch.setattr(nn.SGD, "step", interrupted)
    assert main([*command, "--out", str(tmp_path)]) == 130
    shown = capsys.readouterr()
    assert "Interrupted: what was trained is kept" in shown.err
    assert re.fullmatch(TEST, shown.out.splitlines()[-1])
    history = json.loads((tmp_path / "history.json").read_text())
    assert history == {"epochs": [], "interrupted": True}
    (images, labels), _ = load(command[2])
    model = nn.MLP([6, 4, 3])
    nn.fit(model, images[:1], labels[:1], epochs=1, lr=0.1)
    written = load_file(tmp_path / "weights.safetensors")
    np.testing.assert_equal(written["layers.0.W"], model.layers[0].W.value)


def test_ctrl_c_outside_of_training_ends_without_a_traceback(capsys, monkeypatch):
    monkeypatch.setattr("autograd_lite.datasets.mnist", lambda: signal.raise_signal(signal.SIGINT))
    assert main(["train"]) == 130
    assert capsys.readouterr().err == "Interrupted\n"
