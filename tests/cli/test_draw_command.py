"""`autograd-lite draw`: from a file's name to a picture."""

import sys
from argparse import ArgumentParser
from pathlib import Path

import pytest

from autograd_lite import draw
from autograd_lite.cli.draw import add_draw, load_graph
from autograd_lite.errors import ConfigError

SOURCE = """
import neighbour
import autograd_lite as ag

with ag.Graph() as graph:
    y = ag.Node(neighbour.START, name="x").exp()

def build():
    return y

def product(x, w, n):
    return (x * w) ** n

program = ag.compile(graph, y)
alone = ag.Node(1.0)
number = 3
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "neighbour.py").write_text("START = 2.0\n")
    (tmp_path / "model.py").write_text(SOURCE)
    yield str(tmp_path / "model.py")
    sys.modules.pop("neighbour", None)


def drawn(*words):
    parser = ArgumentParser()
    add_draw(parser)
    options = parser.parse_args(words)
    assert options.run(options) == 0
    return Path(options.out).read_text()


@pytest.mark.parametrize("colons", ["::", ":"])
@pytest.mark.parametrize("name", ["graph", "y", "build", "program"])
def test_a_graph_a_node_a_function_or_a_program(source, name, colons):
    before = list(sys.path)
    ops = [node.op.name for node in load_graph(f"{source}{colons}{name}", [])]
    assert ops == ["Variable", "Exp"]
    assert sys.path == before


def test_a_leaf_alone(source):
    assert [node.value for node in load_graph(f"{source}::alone", [])] == [1.0]


def test_a_function_is_called_with_what_is_written(source, tmp_path):
    words = [
        f"{source}::product",
        "--args",
        "2.5",
        "[1.0, 2.0]",
        "3",
        "-o",
        str(tmp_path / "g.mmd"),
    ]
    text = drawn(*words)
    assert [name in text for name in ("<i>x</i>", "<i>w</i>", "Pow")] == [True] * 3
    with pytest.raises(draw.DrawError, match="--args: expected numbers, or lists of numbers"):
        drawn(f"{source}::product", "--args", "two")
    with pytest.raises(draw.DrawError, match="draw product: expected an example for each argument"):
        drawn(f"{source}::product")


@pytest.mark.parametrize("more", [[], ["--all"], ["--depth", "1", "--edges", "both"]])
def test_the_picture_is_written(source, tmp_path, more):
    assert "Exp" in drawn(f"{source}::graph", "-o", str(tmp_path / "g.mmd"), *more)


def test_what_is_not_there(source):
    with pytest.raises(draw.DrawError, match=r"as in model\.py::graph") as caught:
        load_graph("model.py", [])
    assert caught.value.came == "no name"
    with pytest.raises(ConfigError, match=r"nowhere\.py: expected a Python file"):
        load_graph("nowhere.py::graph", [])
    with pytest.raises(draw.DrawError, match=r"one of: ag, alone, build, graph"):
        load_graph(f"{source}::grpah", [])


def test_what_cannot_be_drawn(source):
    with pytest.raises(draw.DrawError, match="a Graph, a Node, a Program, or a function"):
        load_graph(f"{source}::number", [])
