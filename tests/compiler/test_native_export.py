"""A program that stands alone: built with `cc`, it predicts what the graph computes."""

import subprocess

import native_plans
import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.compiler.executors.native.export import export_c
from autograd_lite.compiler.pipeline import make_plan
from autograd_lite.errors import ConfigError

quick_compiling = native_plans.quick_compiling


def build(folder):
    """The program, built as its main.c says."""
    command = [*toolchain.find_compiler().command, "-Wall", "-Werror", "-Wno-unknown-pragmas"]
    files = ["-o", "predict", "main.c", "predict.c", "-lm"]
    run = subprocess.run(
        [*command, *files], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def predict(folder, text, weights="weights.bin"):
    return subprocess.run(
        ["./predict", weights], cwd=folder, input=text, capture_output=True, text=True, check=False
    )


def network():
    rng = np.random.default_rng(0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 6))
        y = ag.input(name="y", shape=(2,), dtype="int64")
        w, b = ag.parameter(rng.normal(size=(6, 4)).astype("f")), ag.parameter(np.zeros(4, "f"))
        table = ag.constant(rng.normal(size=(4, 3)).astype("f"))
        p = ag.softmax((ag.sigmoid(x @ w + b)) @ table)
        outputs = [p, ag.aref(p, y), ag.max(p, axis=-1) > 0.4]
    return graph, outputs


def test_exported_and_built(tmp_path):
    graph, outputs = network()
    folder = export_c(make_plan(outputs, {}, {"x": (2, 6), "y": (2,)}), tmp_path / "program")
    assert sorted(path.name for path in folder.iterdir()) == [
        "main.c",
        "predict.c",
        "predict.h",
        "weights.bin",
    ]
    build(folder)
    x, y = (
        np.random.default_rng(1).normal(size=(3, 2, 6)).astype("f"),
        np.array([[0, 2], [1, 1], [2, 0]]),
    )
    lines = [
        f"{' '.join(map(repr, a.ravel().tolist()))}\n{' '.join(map(str, b))}"
        for a, b in zip(x, y, strict=True)
    ]
    run = predict(folder, "\n".join(lines))
    assert (run.returncode, run.stderr) == (0, "")
    printed = [np.array(line.split(), float) for line in run.stdout.splitlines()]
    assert len(printed) == 9
    for i in range(3):
        graph.forward(x=x[i], y=y[i])
        for node, actual in zip(outputs, printed[3 * i : 3 * i + 3], strict=True):
            np.testing.assert_allclose(actual, node.value.ravel(), rtol=1e-6)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    _, outputs = network()
    folder = export_c(
        make_plan(outputs, {}, {"x": (2, 6), "y": (2,)}), tmp_path_factory.mktemp("program")
    )
    build(folder)
    weights = (folder / "weights.bin").read_bytes()
    (folder / "short.bin").write_bytes(weights[:-1])
    (folder / "long.bin").write_bytes(weights + b"0")
    return folder


@pytest.mark.parametrize(
    ("text", "weights", "told"),
    [
        ("", "no such file", "name the file of the weights"),
        ("", "main.c", "the file of the weights is damaged"),
        ("", "short.bin", "the file of the weights is damaged"),
        ("", "long.bin", "the file of the weights is damaged"),
        ("1 2 three", "weights.bin", "an input that is no number"),
        ("0 " * 12 + "0 3", "weights.bin", "a label is out of range"),
    ],
)
def test_what_the_program_refuses(program, text, weights, told):
    run = predict(program, text, weights)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", f"predict: {told}\n")


def test_no_weights_and_no_inputs(tmp_path):
    with ag.Graph():
        x = ag.input(name="x", shape=(3,), dtype="float64")
        y = x * 2.0
    build(export_c(make_plan([y], {}, {"x": (3,)}), tmp_path))
    assert predict(tmp_path, "1 nan -inf").stdout == "2 nan -inf\n"


def test_what_cannot_be_exported(tmp_path):
    with ag.Graph():
        w = ag.parameter(np.eye(2))
        root, changed = ag.linalg.cholesky(w), w + 1.0
    with pytest.raises(ConfigError, match=r"came:  (\w+, )*Cholesky"):
        export_c(make_plan([root], {}, {}), tmp_path)
    with pytest.raises(ConfigError, match="updates of 1 leaves"):
        export_c(make_plan([], {w: changed}, {}), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_program_exports_its_outputs_with_the_weights_of_now(tmp_path):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        y = ag.input(name="y", shape=(), dtype="float64")
        w = ag.parameter([1.0, 2.0], name="w")
        score = ag.vdot(x, w).named("score")
        loss = (score - y) * (score - y)
        dw = ag.gradients(loss, w)
    program = ag.compile(graph, score, {w: w - 0.1 * dw}, executor="numpy")
    program(x=[1.0, 1.0], y=0.0)
    folder = program.export_c(tmp_path / "predictor")
    build(folder)
    printed = predict(folder, "3 -1").stdout
    assert float(printed.split()[-1]) == pytest.approx(3 * w.value[0] - w.value[1])


def test_a_file_is_no_folder(tmp_path):
    with ag.Graph() as graph:
        y = ag.exp(ag.input(name="x", shape=(2,)))
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(ConfigError, match="taken: expected a place that can be written to"):
        graph.compile(y).export_c(taken)


def test_kernels_for_two_types_of_numbers(tmp_path):
    """What does not depend on the type is there once, and what is not used is no warning."""
    images = [ag.constant(np.ones((1, 1, 4, 4), kind)) for kind in ("float32", "float64")]
    with ag.Graph():
        shown = [
            ag.conv2d(ag.parameter(x.value), ag.parameter(x.value[..., :2, :2])) for x in images
        ]
        outputs = [y @ ag.permute_dims(y, (0, 1, 3, 2)) for y in shown]
    folder = export_c(make_plan(outputs, {}, {}), tmp_path / "program")
    command = [*toolchain.find_compiler().command, "-Wall", "-Werror", "-Wno-unknown-pragmas"]
    run = subprocess.run(
        [*command, "-fsyntax-only", folder / "predict.c"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
