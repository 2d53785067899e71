"""`autograd-lite draw`: from a file's name to a picture."""

import sys
from argparse import ArgumentParser

import pytest

from autograd_lite import draw
from autograd_lite.cli.draw import add_options, load_graph, run

SOURCE = """
import neighbour
import autograd_lite as ag

with ag.Graph() as graph:
    y = ag.Node(neighbour.START, name="x").exp()

def build():
    return y

alone = ag.Node(1.0)
number = 3
"""


@pytest.fixture
def source(tmp_path):
    (tmp_path / "neighbour.py").write_text("START = 2.0\n")
    (tmp_path / "model.py").write_text(SOURCE)
    yield str(tmp_path / "model.py")
    sys.modules.pop("neighbour", None)


def options(*words):
    parser = ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize("name", ["graph", "y", "build"])
def test_a_graph_a_node_or_a_function(source, name):
    before = list(sys.path)
    assert [node.op.name for node in load_graph(f"{source}:{name}")] == ["Variable", "Exp"]
    assert sys.path == before


@pytest.mark.parametrize("more", [[], ["--all"], ["--depth", "1", "--edges", "both"]])
def test_the_picture_is_written(source, tmp_path, more):
    path = run(options(f"{source}:graph", "-o", str(tmp_path / "g.mmd"), *more))
    assert "Exp" in path.read_text()


def test_what_is_not_there(source):
    with pytest.raises(draw.DrawError, match=r"as in model\.py:graph") as caught:
        load_graph("model.py")
    assert caught.value.came == "no colon"
    with pytest.raises(draw.DrawError, match=r"no file .nowhere\.py."):
        load_graph("nowhere.py:graph")
    with pytest.raises(draw.DrawError, match=r"one of: graph"):
        load_graph(f"{source}:grpah")


@pytest.mark.parametrize("name", ["alone", "number"])
def test_what_is_no_graph(source, name):
    with pytest.raises(draw.DrawError, match="a Graph, or a Node that was appended to one"):
        load_graph(f"{source}:{name}")
