"""The command line: what it prints, writes, refuses, and how it ends."""

from __future__ import annotations

import json
import re
import runpy
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file
from small_digits import write_digits

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.cli import main
from autograd_lite.datasets import load_idx, mnist

EPOCH = r"Epoch {}: train loss = \d\.\d{{4}}, accy = [01]\.\d{{4}}, \[\d+\.\d{{3}} secs\]"
TEST = r"Test accuracy = [01]\.\d{4}, Loss = \d\.\d{4}"
PLAIN = ["--executor", "interpreted"]  # quick where there is little to do
APPENDED = ["VDot", "Add", "Sigmoid", "VDot", "Add", "SoftMax", "Aref", "Log", "Mul", "Accuracy"]


@pytest.fixture
def data(tmp_path: Path) -> str:
    """A folder with four IDX files: 20 training and 10 test images of 2 × 3 pixels, 3 classes."""
    return write_digits(tmp_path / "digits")


@pytest.fixture
def command(data: str) -> list[str]:
    return [
        "train",
        "--data",
        data,
        "--sizes",
        "6",
        "4",
        "3",
        "--epochs",
        "2",
        "--lr",
        "0.1",
        *PLAIN,
    ]


def test_train_prints_the_graph_the_epochs_and_the_result(command, capsys):
    assert main(command) == 0
    shown = capsys.readouterr()
    *lines, first, second, last = shown.out.splitlines()[:-5]
    assert lines == [f"Append <{op}> to the computational graph" for op in APPENDED]
    assert re.fullmatch(EPOCH.format(0), first)
    assert re.fullmatch(EPOCH.format(1), second)
    assert re.fullmatch(TEST, last)
    assert "Epoch 1" in shown.err
    table = [line.split() for line in shown.out.splitlines()[-5:]]
    assert [row[0] for row in table] == ["result", "train", "train", "test", "test"]
    assert [row[-1] for row in table] == ["reference", "0.0706", "0.9807", "0.1137", "0.9648"]


@pytest.mark.parametrize(
    ("options", "sizes"),
    [
        ([], [1, 1000]),
        (["--executor", "numpy"], [1, 1000]),
        (["--executor", "numpy", "--batch-size", "4"], [4, 1000]),
        (["--batch-size", "1000"], [1000, 1000]),
    ],
)
def test_a_run_records_its_model_once_for_training_and_once_for_evaluation(
    command, options, sizes, tmp_path, monkeypatch
):
    recorded, call = [], nn.MLP.__call__

    def count(model, x):
        recorded.append(x.shape[0] if x.ndim == 2 else 1)
        return call(model, x)

    monkeypatch.setattr(nn.MLP, "__call__", count)
    picture = str(tmp_path / "graph.svg")
    assert main([*command, *options, "--draw", picture, "--out", str(tmp_path / "run")]) == 0
    assert recorded == sizes


def test_a_drawn_graph_is_the_model_alone_whatever_runs_it(command, tmp_path):
    texts = []
    for executor in ("interpreted", "numpy"):
        path = tmp_path / f"{executor}.mmd"
        assert main([*command, "--executor", executor, "--draw", str(path)]) == 0
        texts.append(path.read_text())
    counts = [[text.count(op) for op in ("VDot", "Aref", "Sub", "MatMul")] for text in texts]
    assert counts[0] == counts[1]


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
    history = nn.fit(
        model, images[:8], labels[:8], batch_size=4, epochs=2, lr=0.1, validation=test,
        shuffle=False, executor="interpreted",
    )  # fmt: skip
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
    assert main(["train", "--samples", "200", "--epochs", "1", "--lr", "0.1", *PLAIN]) == 0
    accuracy = float(re.search(r"Test accuracy = (\S+),", capsys.readouterr().out)[1])
    assert accuracy > 0.5


def test_the_module_is_the_command(command, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["autograd-lite", *command])
    with pytest.raises(SystemExit) as ending:
        runpy.run_module("autograd_lite", run_name="__main__")
    assert ending.value.code == 0
    assert "Test accuracy" in capsys.readouterr().out


# Files


FILES = {"history.json", "weights.safetensors", "checkpoint.safetensors", "graph.dot", "graph.svg"}


def test_files_of_a_run(command, tmp_path, capsys):
    out = tmp_path / "a" / "b"
    assert main([*command, "--out", str(out)]) == 0
    assert f"Weights written to {out / 'weights.safetensors'}\n" in capsys.readouterr().out
    assert {path.name for path in out.iterdir()} == FILES | {"curves.png"}
    assert not json.loads((out / "history.json").read_text())["interrupted"]


def test_without_matplotlib_there_are_no_curves(command, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES


def test_a_run_is_resumed_where_it_ended(command, tmp_path):
    whole, resumed = str(tmp_path / "whole"), str(tmp_path / "resumed")
    assert main([*command, "--out", whole]) == 0
    assert main([*command, "--out", resumed, "--epochs", "1"]) == 0
    assert main([*command, "--out", resumed, "--resume"]) == 0
    one, other = (load_file(f"{folder}/weights.safetensors") for folder in (whole, resumed))
    np.testing.assert_equal(one, other)


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


# What is refused


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sizes", "5", "3"], r"--sizes: expected 6 \(pixels\) first and at least 3 \(classes\)"),
        (["--sizes", "6", "2"], r"came:  6 2\n(.|\n)*try:   --sizes 6 128 3"),
        (["--sizes", "6"], r"sizes: expected a list of at least two sizes, .*\n  came:  \[6\]"),
        (["--sizes", "6", "0", "3"], "sizes: expected a whole number of at least 1\n  came:  0"),
        (["--activation", "step"], "activation: expected one of sigmoid, relu, tanh, leaky_relu"),
        (["--lr", "nan"], "lr: expected a finite number above 0"),
        (["--batch-size", "0"], "batch_size: expected a whole number of at least 1"),
        (["--epochs", "-1"], "epochs: expected a whole number of at least 0\n  came:  -1"),
        (["--samples", "0"], "--samples: expected a whole number of at least 1\n  came:  0"),
        (["--seed", "-1"], "seed: expected a whole number of at least 0"),
        (["--executor", "magic"], "executor: expected one of auto, interpreted, numpy, native"),
        (["--resume"], "--resume: expected --out FOLDER"),
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


@pytest.mark.parametrize(
    "words",
    [
        ["fly"],
        ["train", "--epochs", "many"],
        ["train", "fly"],
        ["train", "logits", "--network", "10"],
        ["train", "logits", "--network", "10:fly"],
    ],
)
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
    assert (history["epochs"], history["interrupted"]) == ([], True)
    (images, labels), _ = load(command[2])
    model = nn.MLP([6, 4, 3])
    nn.fit(model, images[:1], labels[:1], epochs=1, lr=0.1)
    written = load_file(tmp_path / "weights.safetensors")
    np.testing.assert_equal(written["layers.0.W"], model.layers[0].W.value)


def test_ctrl_c_outside_of_training_ends_without_a_traceback(capsys, monkeypatch):
    monkeypatch.setattr("autograd_lite.datasets.mnist", lambda: signal.raise_signal(signal.SIGINT))
    assert main(["train"]) == 130
    assert capsys.readouterr().err == "Interrupted\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_runs_of_a_preset(data, capsys, monkeypatch, number, code):
    step = nn.Momentum.step

    def interrupted(self: nn.Momentum) -> None:
        signal.raise_signal(number)
        step(self)

    monkeypatch.setattr(nn.Momentum, "step", interrupted)
    assert main(["train", "momentum", "--data", data, "--epochs", "1", *PLAIN]) == code
    shown = capsys.readouterr().out
    assert "momentum 0.9:" in shown
    assert "momentum 0.99" not in shown
    assert "reference" not in shown


# Presets

NETWORKS = ["--network", "3:linear", "--network", "4:relu", "3:linear"]


@pytest.mark.parametrize(
    ("preset", "options", "rows", "folders"),
    [
        ("graph", ["--sizes", "6", "4", "3"], ["train loss", "test accuracy"], [""]),
        ("logistic", ["--penalty", "0.1"], ["test accuracy"], [""]),
        ("fnn", ["--hidden", "5", "--batch-size", "4"], ["test loss  +\\S+ +a curve"], [""]),
        ("momentum", ["--hidden", "5"], ["momentum 0.9 .*momentum 0.99", "accuracy, validation"], ["momentum-0.9", "momentum-0.99"]),
        ("weight-decay", ["--hidden", "5"], ["test accuracy .* 0.9774"], [""]),
        ("logits", NETWORKS, ["0.4741  0.4388 -0.4388  -0.4388 0.4388", "4 relu · 3 linear, test accuracy"], ["3-linear", "4-relu-3-linear"]),
    ],
)  # fmt: skip
def test_a_preset_trains_prints_and_writes(  # noqa: PLR0917 - rows of a table
    preset, options, rows, folders, data, tmp_path, capsys
):
    picture, curves, out = tmp_path / "net.svg", tmp_path / "curves.svg", tmp_path / "run"
    written = ["--draw", str(picture), "--plot", str(curves), "--out", str(out)]
    words = ["train", preset, "--data", data, "--epochs", "2", *options, *written, *PLAIN]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert len(re.findall("Test accuracy = ", shown)) == len(folders)
    for row in rows:
        assert re.search(row, shown), row
    assert shown.splitlines()[-1].count("  ") >= 1
    for folder in folders:
        own = picture.with_stem(f"net-{folder}" if folder else "net")
        assert "<svg" in own.read_text()
    assert "<svg" in curves.read_text()
    assert (out / "curves.png").exists()
    for folder in folders:
        assert {path.name for path in (out / folder).iterdir()} >= FILES
        assert main(["evaluate", str(out / folder / "weights.safetensors"), "--data", data]) == 0
    evaluated = capsys.readouterr().out.splitlines()
    assert evaluated == [line for line in shown.splitlines() if line.startswith("Test accuracy")]


def test_schedules_and_limits_reach_the_training(command, data, capsys, tmp_path):
    out = str(tmp_path / "run")
    asked = [
        "--schedule",
        "step:1:0.5",
        "--warm-up",
        "0.5",
        "--clip-norm",
        "0.3",
        "--clip-value",
        "0.1",
    ]
    assert main([*command, *asked, "--out", out]) == 0
    (images, labels), _ = load(data)
    model = nn.MLP([6, 4, 3])
    schedule = nn.schedules.warm_up(nn.schedules.step(1, 0.5), epochs=0.5)
    sgd = nn.SGD(model.parameters(), 0.1, clip_norm=0.3, clip_value=0.1)
    nn.Trainer(
        model, sgd, batch_size=1, epochs=2, shuffle=False, schedule=schedule, executor="interpreted"
    ).fit(images, labels)
    written = load_file(tmp_path / "run" / "weights.safetensors")
    np.testing.assert_equal(written, {name: x.value for name, x in model.named_parameters()})


def test_a_preset_without_epochs_has_no_table(command, capsys):
    assert main([*command, "--epochs", "0"]) == 0
    assert "reference" not in capsys.readouterr().out


def test_help_of_train_lists_the_presets(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("graph", "weight-decay", "logits"))


# Weights in use


@pytest.fixture
def weights(command, tmp_path, capsys) -> str:
    """The path of weights of a short run."""
    assert main([*command, "--out", str(tmp_path / "run"), "--quiet"]) == 0
    capsys.readouterr()
    return str(tmp_path / "run" / "weights.safetensors")


def test_evaluate_draws_what_it_found(weights, data, tmp_path, capsys):
    assert main(["evaluate", weights, "--data", data, "--out", str(tmp_path / "found")]) == 0
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()[1:]]
    assert names == ["confusion.png", "mistakes.png", "weights.png"]
    for name in names:
        assert (tmp_path / "found" / name).read_bytes().startswith(b"\x89PNG")


def test_a_run_is_named_by_its_folder(weights, data, capsys):
    for path in (weights, str(Path(weights).parent)):
        assert main(["evaluate", path, "--data", data]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert main(["evaluate", str(Path(weights).parent.parent), "--data", data]) == 2
    error = capsys.readouterr().err
    assert "expected the folder of one run\n  came:  a folder of the runs run\n" in error


def test_evaluate_refuses_other_digits(weights, capsys):
    assert main(["evaluate", weights]) == 2
    assert "Linear(6, 4): expected 6 features" in capsys.readouterr().err


def test_predict_says_which_digit_it_is(tmp_path, capsys):
    (images, _), (test, labels) = mnist()
    model = nn.MLP([784, 10])
    images, truth = nn.as_features(images[:2000]), mnist()[0][1][:2000]
    nn.fit(model, images, truth, batch_size=20, epochs=3, lr=0.1, executor="interpreted")
    path, found = str(nn.save_model(model, tmp_path / "w.safetensors")), []
    for digit in test[:10]:
        Image.fromarray(255 - digit).resize((280, 280)).save(tmp_path / "digit.png")
        assert main(["predict", str(tmp_path / "digit.png"), "--weights", path]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert len(shown) == 28 + 10 + 1
        found.append(int(re.match(r"This is (?:probably |perhaps )?a (\d)", shown[-1])[1]))
        shares = [float(line.split()[1]) for line in shown[28:38]]
        assert abs(sum(shares) - 1) < 1e-3
        assert shares.index(max(shares)) == found[-1]
    assert (labels[:10] == found).sum() >= 8


def test_several_pictures_have_a_line_each_also_those_that_are_none(tmp_path, capsys):
    nn.save_model(nn.MLP([784, 10]), tmp_path / "weights.safetensors")
    one, other = str(tmp_path / "one.png"), str(tmp_path / "two.png")
    Image.fromarray(mnist()[1][0][0]).save(one)
    words = ["predict", one, other, one, "--weights", str(tmp_path)]
    assert main(words) == 2
    shown = capsys.readouterr()
    assert re.fullmatch(rf"({re.escape(one)}: This is [^\n]*\.\n){{2}}", shown.out)
    assert f"{other}: expected a picture of a digit" in shown.err
    assert f"at:    autograd-lite predict {other}\n" in shown.err


def test_predict_says_how_to_get_weights(tmp_path, capsys):
    assert main(["predict", "digit.png"]) == 2
    assert "autograd-lite train --out run, then --weights run/w" in capsys.readouterr().err


def test_predict_needs_weights_for_28_by_28_pixels(weights, tmp_path, capsys):
    Image.fromarray(np.eye(28, dtype="uint8") * 255).save(tmp_path / "digit.png")
    assert main(["predict", str(tmp_path / "digit.png"), "--weights", weights]) == 2
    assert "expected 6 features" in capsys.readouterr().err
