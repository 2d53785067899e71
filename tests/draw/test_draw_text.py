"""The text forms: what they say, that they are the same each time, and that nothing escapes."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw, nn
from autograd_lite.draw.dot import quoted
from autograd_lite.draw.mermaid import safe
from autograd_lite.draw.picture import flows, picture_of
from autograd_lite.draw.scopes import scopes_of
from autograd_lite.errors import GraphError, printable

HOW = "collapse=False draws them all, an .html file opens them one by one"
GOLDEN = Path(__file__).parent / "golden"
NASTY = {
    "quotes": "\"double\" 'single' `back`",
    "backslash": "back\\slash \\N \\n",
    "script": "</text></script><script>alert(1)</script>",
    "newlines": "two\nlines\r\n\ttab",
    "emoji": "🎉 👩\u200d🚀 ∂",
    "entities": "&lt; &amp; &#60; #quot; #60;",
    "control": "\x00\x1b[31m \u202e rtl \ud800",
    "mermaid": "end]|; %% {x} -->",
}


def diamond():
    """Two ways from x to y, with numbers that are exact everywhere."""
    with ag.Graph() as graph:
        x = ag.Node(2.0, name="x")
        w = ag.parameter(np.array([[1.0, -2.0], [0.5, 4.0]]), name="layer.W")
        y = ((x * x) + (x * 3.0)).named("y")
        z = (w * y).sum().named("z")
    graph.backward(z)
    return graph


def blocks(count, *, scope="layers"):
    """A chain of equal blocks, each with a weight and a bias of its own."""
    with ag.Graph() as graph:
        h = ag.input(name="x", shape=(2,), dtype="float64")
        for i in range(count):
            w = ag.parameter(np.eye(2), name=f"{scope}.{i}.W")
            b = ag.parameter(np.zeros(2), name=f"{scope}.{i}.b")
            h = ag.vdot(h, w) + b
        h.named("out")
    return graph


def chain(count):
    with ag.Graph() as graph:
        h = ag.Node(1.0)
        for _ in range(count - 1):
            h = h.tanh()
    return graph


@pytest.mark.parametrize("form", ["dot", "mmd", "json"])
def test_golden(form):
    graph = diamond()
    text = {
        "dot": lambda: draw.to_dot(graph, edges="both", highlight={graph["y"]: "amber"}),
        "mmd": lambda: draw.to_mermaid(graph, edges="both", highlight=[graph["y"]]),
        "json": lambda: draw.to_json(graph),
    }[form]()
    path = GOLDEN / f"diamond.{form}"
    if "UPDATE_GOLDEN" in os.environ:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("write", [draw.to_dot, draw.to_mermaid, draw.to_json])
def test_the_same_graph_gives_the_same_text(write):
    assert write(diamond()) == write(diamond())


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY.keys())
def test_names_are_escaped(name):
    with ag.Graph() as graph:
        ag.Node(1.0, name=name).exp().named("y")
    dot, mermaid = draw.to_dot(graph), draw.to_mermaid(graph)
    for text in (dot, mermaid, draw.to_svg(graph, timeout=0)):
        assert "<script" not in text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text)
        text.encode()  # no lone surrogates
    assert sum(line.lstrip().startswith("n0 [") for line in dot.splitlines()) == 1
    labels = re.findall(r'n\d+\["(.*)"\]:::', mermaid)
    assert len(labels) == 2
    assert not any(c in label for label in labels for c in '"`\\{}|')
    assert draw.from_json(draw.to_json(graph)).nodes[0].name == name


@pytest.mark.parametrize(
    ("text", "dot", "mermaid"),
    [
        ('say "hi"', '"say &quot;hi&quot;"', "say #34;hi#34;"),
        ("a\\N", '"a\\\\N"', "a#92;N"),
        ("<b>", '"&lt;b&gt;"', "#60;b#62;"),
        ("&lt;", '"&amp;lt;"', "#38;lt#59;"),
        ("two\nlines", '"two\\nlines"', "two#92;nlines"),
        ("🎉", '"🎉"', "🎉"),
        ("#1; `x`", '"#1; `x`"', "#35;1#59; #96;x#96;"),
    ],
)
def test_escape_table(text, dot, mermaid):
    assert quoted(text) == dot
    assert safe(text) == mermaid


def test_printable_keeps_emoji_and_shows_what_is_invisible():
    assert printable("👩\u200d🚀\u202e\x00") == "👩\u200d🚀\\u202e\\x00"


def test_a_node_shows_op_name_spec_value_and_gradient():
    dot = draw.to_dot(diamond())
    for shown in ("Parameter", "layer.W", "float64[2, 2]", "value", "[1, -2]", "grad", "[10, 10]"):
        assert shown in dot
    assert "needs no gradient" in draw.to_dot(graph_without_gradient())


def test_values_and_grads_can_be_left_out():
    bare = draw.to_mermaid(diamond(), values=False, grads=False)
    assert "value" not in bare
    assert "grad" not in bare
    assert "[1, -2]" not in bare


def test_not_finite_numbers_are_red_and_counted():
    with ag.Graph() as graph:
        ag.constant([np.nan, np.inf, 1.0, 3.0] * 2) * 1.0
        ag.constant([np.nan] * 8) * 1.0
        ag.constant(np.nan) * 1.0
        ag.Node(float("inf")).tanh()
        ag.constant(np.zeros((0, 2))) * 1.0
    cards = [box.card for box in picture_of(graph).boxes]
    assert [str(row) for row in cards[0].rows] == [
        "value min 1, mean 2, max 3",
        "2 NaN, 2 Inf",
        "NaN begins here",
    ]
    assert "#cf222e" in draw.to_dot(graph)
    assert "⚠ 2 NaN, 2 Inf" in draw.to_mermaid(graph)
    assert "value empty" in draw.to_mermaid(graph)


def graph_without_gradient():
    with ag.Graph() as graph:
        ag.input(name="x", shape=())
    return graph


def test_what_needs_no_gradient_is_grey():
    cards = {box.card.heading: box.card for box in picture_of(diamond()).boxes}
    assert picture_of(graph_without_gradient()).boxes[0].card.frame == "grey"
    assert cards["Variable"].frame == "variable"
    assert cards["Parameter"].frame == "parameter"
    assert cards["Mul"].frame == "op"


def test_edges():
    graph = diamond()
    forward = picture_of(graph).arrows
    assert not any(arrow.is_backward for arrow in forward)
    assert [a.label for a in forward if a.label] == ["×2"]  # noqa: RUF001 - times
    backward = {(a.user, a.input): a.label for a in picture_of(graph, edges="backward").arrows}
    key = {node.name: f"n{i}" for i, node in enumerate(graph) if node.name}
    assert len(picture_of(graph, edges="both").arrows) == len(forward) + len(backward)
    # z = sum(W)·y·… : what each user hands to x is 3.5 · (2x and 3), numbers with their signs
    assert sorted(v for (_, x), v in backward.items() if x == key["x"]) == ["10.5", "14"]
    assert not any(x == key.get("three") for _, x in backward)
    assert draw.to_mermaid(graph, edges="both").count("-.->") == len(backward)


def test_gradients_that_cannot_be_told_have_no_norm():
    graph = diamond()
    x = graph["x"]
    user = graph.nodes[graph.index(x) + 1 :]
    product = next(node for node in user if x in node.inputs and node.op.name == "Mul")
    assert flows(product)[x] == pytest.approx(14.0)
    x.value = 5.0
    assert flows(product) == {x: None}
    fresh = ag.Node(1.0)
    assert flows(fresh * 2.0) == {fresh: None}
    assert flows(ag.constant(1.0) * 2.0) == flows(fresh) == {}


def test_wrong_options():
    graph = diamond()
    with pytest.raises(draw.DrawError, match='edges: expected "forward", "backward", "both"'):
        draw.to_dot(graph, edges="up")
    with pytest.raises(draw.DrawError, match='direction: expected "down", "right"'):
        draw.to_dot(graph, direction="left")
    for depth in (-1, 1.5, "one"):
        with pytest.raises(draw.DrawError, match="depth: expected a number of levels"):
            draw.to_dot(graph, depth=depth)
    with pytest.raises(draw.DrawError, match="highlight of Variable 'x': expected one of red"):
        draw.to_dot(graph, highlight={graph["x"]: "pink"})
    with pytest.raises(GraphError, match="a node of this graph"):
        draw.to_dot(graph, highlight=[ag.Node(1.0)])
    with pytest.raises(draw.DrawError, match="one of the graph's scopes: layer\n"):
        draw.to_dot(graph, collapse=["encoder"])
    with pytest.raises(draw.DrawError, match="there are none"):
        draw.to_dot(chain(2), collapse="encoder")


def labels(graph, **options):
    boxes = picture_of(graph, **options).boxes
    return [box.card.heading for box in boxes if box.card.kind == "group"]


def test_repeated_blocks_are_one_box():
    graph = blocks(3)
    assert labels(graph) == []
    assert labels(graph, collapse=True) == ["layers"]
    assert labels(graph, depth=0) == ["layers"]
    assert labels(graph, depth=1) == ["layers.0 … layers.2 ×3"]  # noqa: RUF001 - times
    assert labels(graph, depth=2) == []
    picture = picture_of(graph, depth=1)
    assert picture.notes == [f"12 nodes are folded into 1 box; {HOW}."]
    group = next(box.card for box in picture.boxes if box.card.kind == "group")
    assert [str(row) for row in group.rows] == ["nodes 12", "parameters 18"]
    assert group.spec == "3 VDot, 3 Add"
    assert [(a.input, a.user) for a in picture.arrows] == [("n0", "g1")]


def test_blocks_with_something_between_them_stay_apart():
    with ag.Graph() as graph:
        h = ag.Node(np.ones(2))
        for i in range(2):
            h = (h * ag.parameter(np.ones(2), name=f"b.{i}.w")).tanh().named(f"act.t{i}")
    assert labels(graph, depth=1) == ["b.0", "b.1"]
    both_ways = picture_of(graph, depth=0, edges="both")
    assert {(a.input, a.user) for a in both_ways.arrows} >= {("g0", "g3"), ("g3", "g0")}
    assert "<svg" in draw.to_svg(graph, depth=0, timeout=0)


def test_a_scope_of_weights_alone():
    with ag.Graph() as graph:
        ag.parameter(np.ones(3), name="frozen.w")
    group = picture_of(graph, collapse=True).boxes[0].card
    assert group.spec == ""
    assert "frozen" in draw.to_svg(graph, collapse=True, timeout=0)
    assert "frozen" in draw.to_dot(graph, collapse=True)
    assert "frozen" in draw.to_mermaid(graph, collapse=True)


def test_chosen_scopes_are_folded():
    graph = blocks(3)
    assert labels(graph, collapse=["layers.1"]) == ["layers.1"]
    assert labels(graph, collapse="layers.1") == ["layers.1"]
    assert labels(graph, collapse=["layers", "layers.2"]) == ["layers"]
    marked = picture_of(graph, collapse=["layers"], highlight={graph["out"]: "red"})
    assert [box.card.frame for box in marked.boxes] == ["grey", "red"]


def test_large_graphs_fold_their_scopes():
    graph = blocks(100)
    assert labels(graph) == ["layers.0 … layers.99 ×100"]  # noqa: RUF001 - times
    assert labels(graph, collapse=False) == []
    assert "400 nodes are folded into 1 box" in draw.to_dot(graph)
    assert "400 nodes are folded into 1 box" in draw.to_mermaid(graph)


def test_large_graphs_without_scopes_leave_out_their_middle():
    picture = picture_of(chain(1000))
    assert len(picture.boxes) == 41
    assert [b.card.heading for b in picture.boxes if b.card.kind == "group"] == [
        "… 960 nodes left out …"
    ]
    assert "960 nodes" in picture.notes[0]


def test_the_middle_of_many_scopes_is_left_out():
    with ag.Graph() as graph:
        for i in range(320):
            ag.parameter(np.ones(i % 7 + 1), name=f"s{i}.w") * 2.0
    groups = labels(graph)
    assert len(groups) > 30
    assert any("left out" in label for label in groups)


def test_a_bad_number_inside_a_group_is_told():
    graph = blocks(2)
    with np.errstate(all="ignore"):
        graph.forward(x=[np.nan, 1.0])
    group = picture_of(graph, collapse=True).boxes[1].card
    assert group.frame == "group"
    assert "NaN or Inf in 4 nodes" in str(group.rows[-1])


def test_scopes_are_clusters():
    graph = blocks(2, scope="net.layers")
    dot = draw.to_dot(graph)
    assert dot.count("subgraph") == 2
    assert dot.count("{") == dot.count("}")
    assert draw.to_mermaid(graph).count("  end") == 2
    deep = ag.Graph()
    with deep:
        ag.Node(1.0, name=".".join("x" * 400)).exp()
    assert draw.to_dot(deep).count("subgraph") == 1


def test_what_lies_between_is_in_the_scope_around():
    with ag.Graph() as graph:
        x = ag.Node(np.ones(2), name="x")
        h = x * ag.parameter(np.ones(2), name="net.0.w")
        h = h.tanh() * 2.0
        h = (h + ag.parameter(np.ones(2), name="net.1.norm.b")).exp()
        (h * ag.parameter(np.ones(2), name="net.1.w")).sum()
    found = {
        f"{n.op.name} {n.name}": ".".join(s)
        for n, s in zip(graph, scopes_of(graph.nodes), strict=True)
    }
    assert found["Variable x"] == ""
    assert found["Tanh None"] == "net"
    assert found["Constant None"] == "net"
    assert found["Exp None"] == "net.1"
    assert found["Sum None"] == ""
    assert draw.to_dot(graph).count("subgraph") == 4


def test_graphviz_object(monkeypatch):
    graphviz = pytest.importorskip("graphviz", reason="the graphviz package is not installed")
    made = draw.to_graphviz(diamond(), edges="both")
    assert isinstance(made, graphviz.Digraph)
    body = draw.to_dot(diamond(), edges="both").split("\n", 1)[1]
    assert body in made.source


def test_graphviz_object_by_a_stand_in(monkeypatch, tmp_path):
    (tmp_path / "graphviz.py").write_text(
        "class Digraph:\n    def __init__(self, name, body):\n        self.body = body\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "graphviz", raising=False)
    assert "".join(diamond().to_graphviz().body) in draw.to_dot(diamond())
    monkeypatch.setitem(__import__("sys").modules, "graphviz", None)
    with pytest.raises(draw.EngineError, match="to_graphviz: expected the Python package graphviz"):
        draw.to_graphviz(diamond())


def test_json_is_json():
    file = json.loads(draw.to_json(diamond()))
    assert [node["op"] for node in file["nodes"]][:2] == ["Variable", "Parameter"]


def test_scopes_that_are_told_are_kept_and_repeated_blocks_fold_into_one():
    model = nn.MLP([4] * 15, "relu")
    recording = nn.record(model, (4,))
    assert recording.graph["layers.3.W"].scope == ""
    assert {node.scope for node in recording.graph} == {"", *(f"layers.{i}" for i in range(14))}
    text = draw.to_dot(recording.graph, depth=1)
    assert "layers.0 … layers.12 ×13" in text  # noqa: RUF001 - "times" is meant
    again = ag.Graph.from_json(recording.graph.to_json())
    assert [node.scope for node in again] == [node.scope for node in recording.graph]


def test_scopes_nest():
    with ag.Graph() as graph, ag.scope("block"):
        x = ag.Node(2.0)
        with ag.scope("inner"):
            x.exp()
    assert [node.scope for node in graph] == ["block", "block.inner"]
