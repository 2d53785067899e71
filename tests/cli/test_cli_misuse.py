"""Command lines that make no sense, pipes that close, and streams that are not there."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_digits import write_digits

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.cli import command, draw, main

PLAIN = ["--epochs", "1", "--executor", "interpreted"]


SOURCES = {
    "model": """import autograd_lite as ag
g = 5
graph = ag.Node(1.0).exp()
def power(x): return x ** 2
def fails(x): return 1 / 0
def ends(): raise SystemExit(0)
class Strange:
    def __repr__(self): return self.words
strange = Strange()
""",
    "raises": 'raise ValueError("two\\nlines")',
    "exits": "import sys\nsys.exit(0)",
    "syntax": "def (:",
    "zeros": "\0",
    "imports": "import nothing_of_that_name",
    "deep": "def deep(): return deep()",
    "closes": "import sys, autograd_lite as ag\nsys.stdout.close()\ng = ag.exp(ag.Node(1.0))",
}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with digits, weights, a picture, and files that are none of it."""
    write_digits(tmp_path / "digits")
    nn.save_model(nn.MLP([6, 4, 3]), tmp_path / "weights")
    spoiled = nn.MLP([784, 10])
    spoiled.layers[0].W.assign(np.full((784, 10), np.nan, "float32"))
    nn.save_model(spoiled, tmp_path / "nan")
    picture = Image.new("L", (40, 30), 255)
    picture.paste(0, (10, 5, 15, 25))
    picture.save(tmp_path / "one.png")
    (tmp_path / "text").write_text("no numbers")
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "taken" / "weights.safetensors").mkdir(parents=True)
    for name, text in SOURCES.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


SMALL = "train graph --sizes 6 4 3 --data digits"
LINES = {
    "train --data nowhere": "expected a readable folder",
    "train --data text": "expected a readable folder",
    "train --data a\0b": "path: expected the path of a file or folder",
    f"{SMALL} --draw nowhere/x.svg": "expected a place that can be written to",
    f"{SMALL} --draw folder.svg": "expected a place that can be written to",
    f"{SMALL} --draw x.xyz": "expected a file name that ends in",
    f"{SMALL} --draw x": "expected a file name that ends in",
    f"{SMALL} --plot nowhere/x.png": "expected a place that can be written to",
    f"{SMALL} --plot x.xyz": "expected a file name that ends in",
    f"{SMALL} --out text": "expected a place that can be written to",
    f"{SMALL} --out ": "expected a place that can be written to",
    f"{SMALL} --out taken": "weights.safetensors: expected a place that can be written to",
    f"{SMALL} --draw a.svg --plot a.svg": "--plot: expected another file than --draw",
    "train momentum --data digits --draw y.svg --plot y-momentum-0.9.svg": "another file than --draw",
    "train momentum --data digits --draw ": "expected a place that can be written to",
    f"train momentum --data digits --draw {'x' * 219}.svg": "expected a place that can be written to",
    f"{SMALL} --resume": "--resume: expected --out FOLDER",
    f"{SMALL} --lr 1e300": "lr: expected at most",
    f"{SMALL} --schedule slowly": "--schedule: expected one of constant, cosine, step:EPOCHS:FACTOR",
    f"{SMALL} --schedule step:a": "--schedule: expected one of constant",
    f"{SMALL} --schedule cosine:1:2:3": "--schedule: expected one of constant",
    f"{SMALL} --schedule exponential:0": "--schedule: expected one of constant",
    f"{SMALL} --warm-up -1": "--warm-up: expected a finite number of at least 0",
    f"{SMALL} --clip-norm 0": "--clip-norm: expected a finite number above 0",
    f"{SMALL} --lr inf": "lr: expected a finite number above 0",
    f"{SMALL} --samples 10000000000000000000000 --epochs -1": "epochs: expected a whole number",
    "train graph --data digits --sizes 6 10000000000 3": "sizes: expected sizes whose weights fit",
    "train momentum --data digits --validation nan": "validation: expected a number of at least 0",
    "train momentum --data digits --validation 1": "validation: expected a number of at least 0",
    "train momentum --data digits --validation 0": "validation: expected a share above 0",
    "train momentum --data digits --samples 1": "validation: expected two samples",
    "train momentum --data digits --momentum 1": "momentum: expected a number of at least 0",
    "train momentum --data digits --momentum 0.9 0.90": "train: expected runs that differ",
    "train logits --data digits --network 3:linear --network 3:linear": "runs that differ",
    "train weight-decay --data digits --decay 1e300": "l2: expected at most",
    "train weight-decay --data digits --hidden 0": "sizes: expected a whole number of at least 1",
    "train logistic --data digits --penalty -1": "l2: expected a finite number of at least 0",
    "train logits --data digits --network 99999999999999999999:linear": "sizes: expected sizes whose",
    "evaluate text": "expected a file of weights",
    "evaluate nowhere": "expected a file of weights",
    "evaluate digits": "expected a file of weights",
    "evaluate weights --data digits --out text": "expected a place that can be written to",
    "evaluate /dev/zero": "came:  a pipe or a device",
    "evaluate weights --data digits --out ": "expected a place that can be written to",
    "predict one.png": "--weights: expected the weights of a network",
    "predict text --weights weights": "expected a picture of a digit",
    "predict nowhere --weights weights": "expected a picture of a digit",
    "predict digits --weights weights": "expected a picture of a digit",
    "predict one.png --weights text": "expected a file of weights",
    "predict one.png --weights nan": "nan: expected weights that give finite probabilities",
    "draw nowhere.py:g": "nowhere.py: expected a Python file\n  came:  no such file",
    "draw :g": "expected a Python file\n  came:  a name without .py",
    "draw model.py:power": "at the command line --args 2.0",
    "draw model.py:power --args 2": "write 2.0 instead of 2",
    "draw model.py": "expected a Python file and a name",
    "draw model.py:h": "expected a name that model.py defines",
    "draw model.py:g": "expected a Graph",
    "draw model.py:power --args {}": "--args: expected numbers, or lists of numbers",
    "draw model.py:power --args null": "--args: expected numbers, or lists of numbers",
    'draw model.py:power --args "a"': "--args: expected numbers, or lists of numbers",
    'draw model.py:power --args ["a"]': "--args: expected numbers, or lists of numbers",
    f"draw model.py:power --args {'[' * 20_000}": "--args: expected numbers, or lists of numbers",
    "draw model.py:fails --args 1.0": "came:  ZeroDivisionError: division by zero, at line 5",
    "draw model.py:ends": "came:  SystemExit: 0, at line 6",
    "draw model.py:strange": "came:  AttributeError: 'Strange' object has no attribute 'words'",
    "draw model.py:graph -o a.svg --timeout nan": "timeout: expected a number of seconds",
    "draw model.py:graph -o a.svg --timeout -1": "timeout: expected a number of seconds",
    "draw model.py:graph -o a.svg --depth -1": "depth: expected a number of levels",
    "draw model.py:graph -o a.svg --edges none": "edges: expected",
    "draw raises.py:g": r"came:  ValueError: two\nlines, at line 1",
    "draw exits.py:g": "came:  SystemExit: 0, at line 2",
    "draw syntax.py:g": "came:  SyntaxError: invalid syntax (syntax.py, line 1)",
    "draw zeros.py:g": "came:  SyntaxError: source code",
    "draw imports.py:g": "came:  ModuleNotFoundError: No module named 'nothing_of_that_name'",
    "draw deep.py:deep": "came:  RecursionError: maximum recursion depth exceeded",
    f"draw {'x' * 5000}.py:g": ": expected a Python file",
    "check raises.py": r"came:  ValueError: two\nlines, at line 1",
    "check exits.py": "came:  SystemExit: 0, at line 2",
    "check syntax.py": "came:  SyntaxError",
    "check model.py::strange": "came:  AttributeError",
    f"check {'x' * 5000}.py": ": expected a Python file",
    "check nowhere.py": "no such file",
    "ops Nothing": "expected the name of one of",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_without_sense_is_refused_before_any_work(line, place, capsys):
    words = line.split(" ")
    assert main(words + (PLAIN if words[0] == "train" and "--epochs" not in words else [])) == 2
    shown = capsys.readouterr()
    assert LINES[line] in shown.err
    assert len(shown.err.splitlines()) == 4
    assert "Epoch" not in shown.out


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "train --batch_size 5",
            "train graph: error: unrecognized arguments: --batch_size 5; is --",
        ),
        ("draw model.py g", "autograd-lite draw: error: unrecognized arguments: g\n"),
    ],
)
def test_an_option_that_is_not_there(line, message, capsys):
    with pytest.raises(SystemExit):
        main(line.split(" "))
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(("labels", "message"), [([0, 2**31 - 1], "sizes: "), ([0, -1], "labels")])
def test_labels_that_no_network_can_have(labels, message, tmp_path, capsys):
    for part in ("train", "t10k"):
        images = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2, 2, 2) + bytes(8)
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(images)
        numbers = bytes([0, 0, 12, 1]) + struct.pack(">I2i", 2, *labels)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(numbers)
    assert main(["train", "logistic", "--data", str(tmp_path), *PLAIN]) == 2
    assert message in capsys.readouterr().err


def test_a_function_that_raises_is_a_failure_and_the_others_are_checked(place, capsys):
    (place / "two.py").write_text(
        "import autograd_lite as ag\ndef f(): raise KeyError(5)\ndef g(): return ag.exp(ag.Node(1.0))\n"
    )
    assert main(["check", "two.py"]) == 1
    shown = capsys.readouterr().out
    assert "f: FAILED" in shown
    assert "KeyError: 5, at line 2" in shown
    assert "g: passed" in shown


def test_what_the_library_itself_raises_is_not_taken_for_the_users(place, monkeypatch):
    def fail(_):
        raise RuntimeError("ours")

    monkeypatch.setattr(draw, "graph_of", fail)
    with pytest.raises(RuntimeError, match="ours"):
        main(["draw", "model.py:graph"])


def run(line: str, **options: object) -> subprocess.CompletedProcess[str]:
    text = f"{sys.executable} -m autograd_lite {line}"
    return subprocess.run(text, shell=True, capture_output=True, text=True, check=False, **options)  # noqa: S602


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("ops > /dev/full", 2, "autograd-lite: [Errno 28]"),
        ("draw closes.py:g", 2, "closes.py: expected code that leaves sys.stdout"),
        ("check closes.py", 2, "closes.py: expected code that leaves sys.stdout"),
        ("ops >&-", 0, ""),
        ("ops 2>&- > /dev/null", 0, ""),
        ("evaluate nowhere 2>&-", 2, ""),
        ("evaluate nowhere 2> /dev/full", 2, ""),
    ],
)
def test_streams_that_end(line, code, message):
    found = run(line, executable="/bin/bash")
    assert (found.returncode, found.stderr[: len(message)]) == (code, message)
    assert "Traceback" not in found.stderr + found.stdout


def test_a_reader_that_has_gone_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    found = run(
        "ops 2>&1 >&$WRITER",
        executable="/bin/bash",
        pass_fds=[writer],
        env={**os.environ, "WRITER": str(writer)},
    )
    os.close(writer)
    assert (found.returncode, found.stdout) == (141, "")


def test_a_narrow_encoding_does_not_end_a_command():
    found = run("ops", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (found.returncode, found.stderr) == (0, "")
    assert r"\u" in found.stdout


def test_a_bar_needs_a_stream(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    x, y = np.ones((4, 3), "float32"), np.array([0, 1, 0, 1])
    history = nn.fit(nn.MLP([3, 2]), x, y, epochs=1, progress=True, executor="interpreted")
    assert len(history.epochs) == 1


@pytest.mark.parametrize("problem", [MemoryError(), BrokenPipeError(), OSError(5, "Input/output")])
def test_what_the_system_says_ends_without_a_traceback(problem, monkeypatch, capsys):
    def fail(name: str) -> None:
        raise problem

    monkeypatch.setattr(command, "describe", fail)
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    assert main(["ops", "Add"]) in {2, 141}
    assert "Traceback" not in capsys.readouterr().err


def test_a_command_without_streams_still_ends(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert (main(["ops"]), main(["ops", "Nothing"])) == (0, 2)


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_nothing_asked_for_is_a_wish_for_help(words, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 0
    assert "usage: autograd-lite" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"autograd-lite {ag.__version__}\n"


@pytest.mark.parametrize(
    ("name", "op"),
    [("tanh", "Tanh"), ("ADD", "Add"), ("log_softmax", "LogSoftMax"), ("Exp", "Exp")],
)
def test_an_op_is_found_in_any_spelling(name, op, capsys):
    assert main(["ops", name]) == 0
    assert capsys.readouterr().out.startswith(f"{op}(")


@pytest.mark.parametrize(("name", "near"), [("tnah", "Tanh"), ("sigmiod", "Sigmoid")])
def test_a_name_with_a_letter_wrong_is_told_the_nearest(name, near, capsys):
    assert main(["ops", name]) == 2
    assert f"try:   {near}, for example" in capsys.readouterr().err
