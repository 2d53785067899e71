"""What can be drawn: anything that has nodes, without having planned for it."""

from html import escape
from typing import NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw


class Pair(NamedTuple):
    w: float
    b: float


def ops(thing, *examples):
    return [node.op.name for node in draw.graph_of(thing, *examples)]


def test_the_first_expression_of_a_newcomer(tmp_path):
    a, b = ag.Node(2.0, name="a"), ag.Node(-3.0, name="b")
    c = a * b + a.exp()
    assert c.render(tmp_path / "c.svg").read_text().startswith("<svg")
    assert "Exp" in c.to_dot()
    assert "Exp" in c.to_mermaid()
    assert c._repr_html_().startswith("<img")
    assert a.grad is None
    assert c.graph is None


def test_a_node_of_a_graph_shows_what_it_was_computed_from():
    with ag.Graph() as graph:
        h = ag.Node(2.0).exp()
        h.tanh()
    assert ops(h) == ["Variable", "Exp"]
    assert ops(graph) == ["Variable", "Exp", "Tanh"]


@pytest.mark.parametrize(
    ("function", "examples", "expected"),
    [
        (lambda x, y: x * y, (2.0, 3.0), ["Variable 'x'", "Variable 'y'", "Mul None"]),
        (lambda x, n: x**n, (np.float32(2.0), 3), ["Variable 'x'", "Constant None", "Pow None"]),
        (lambda p: p.w + p.b, (Pair(1.0, 2.0),), ["Variable 'p'", "Variable 'p'", "Add None"]),
        (lambda x, i: {"a": (x[i],)}, (np.ones(3), np.array([1])), ["Variable 'x'", "Constant 'i'", "GetItem None"]),
        (lambda *x: x[0] + x[1], (1.0, 2.0), ["Variable 'x'", "Variable 'x'", "Add None"]),
        (lambda x: x, (ag.Node(1.0, name="mine"),), ["Variable 'mine'"]),
    ],
)  # fmt: skip
def test_functions(function, examples, expected):
    found = draw.graph_of(function, *examples)
    told = [f"{node.op.name} {node.name!r}" for node in found]
    assert sorted(told) == sorted(expected)  # a number that was used before is an older constant


def test_a_program_shows_what_the_passes_left():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(), dtype="float64")
        y = ag.log(1.0 + x)
    program = ag.compile(graph, y)
    assert ops(program) == ["Input", "Log1p"]
    assert ops(lambda: program) == ops(program)
    assert ops(lambda: graph) == ops(graph)
    assert "<img alt=" in program._repr_html_()
    assert "Log1p" in program.to_mermaid()


@pytest.mark.parametrize(
    ("thing", "examples", "told"),
    [
        (3, (), "draw: expected a Graph, a Node, a Program, or a function"),
        (lambda x: x, (), "an example for each argument"),
        (len, ([1.0],), "draw len: expected a function that returns nodes or a graph"),
        (dict, (), "an example for each argument"),
    ],
)
def test_what_cannot_be_drawn(thing, examples, told):
    with pytest.raises(draw.DrawError, match=told):
        draw.to_dot(thing, *examples)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"values": "no"}, "values: expected True or False"),
        ({"grads": np.ones(2)}, "grads: expected True or False"),
        ({"edges": np.ones(2)}, 'edges: expected "forward", "backward", "both"'),
        ({"direction": []}, 'direction: expected "down", "right"'),
        ({"depth": True}, "depth: expected a number of levels"),
        ({"collapse": 5}, "collapse: expected True, False, None, or names"),
        ({"collapse": [5]}, "collapse: expected names of scopes"),
        ({"highlight": 5}, "highlight: expected a list of nodes"),
        ({"highlight": None}, "highlight: expected a list of nodes"),
        ({"highlight": ag.Node([1.0])}, "highlight: expected a list of nodes"),
        ({"highlight": [[]]}, "highlight: expected nodes of the graph"),
        ({"highlight": {5: "red"}}, "highlight: expected nodes of the graph"),
        ({"timeout": "a"}, "timeout: expected a number of seconds"),
        ({"timeout": None}, "timeout: expected a number of seconds"),
        ({"timeout": float("nan")}, "timeout: expected a number of seconds"),
        ({"timeout": -1}, "timeout: expected a number of seconds"),
        ({"timeout": 10**400}, "timeout: expected a number of seconds"),
    ],
)
def test_options_that_make_no_sense(options, told, tmp_path):
    with pytest.raises(draw.DrawError, match=told) as caught:
        draw.render(ag.Node(1.0).exp(), tmp_path / "a.svg", **options)
    assert __file__ in caught.value.place
    assert not any(tmp_path.iterdir())


def test_forms_that_show_all_refuse_such_options_too(tmp_path):
    for form in ("json", "html"):
        for options in ({"timeout": "a"}, {"edges": 5}, {"nonsense": 1}):
            with pytest.raises(ag.AutogradError):
                draw.render(ag.Node(1.0).exp(), tmp_path / f"a.{form}", **options)
    assert not any(tmp_path.iterdir())


def test_what_is_printed_is_what_a_notebook_shows_beside_the_picture():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        w = ag.parameter(np.ones(3), name="w")
        loss = ag.sum(ag.exp(x * w) ** 2).named("loss")
    program = ag.compile(graph, loss, updates={w: w - 1.0}, executor="numpy")
    assert str(program) == repr(program)
    assert repr(program).splitlines()[2:] == [
        "input   x     float64[3]",
        "output  loss  float64[]",
        "update  w     float64[3]",
    ]
    assert repr(program.plan) == str(program.plan)
    assert "Work space" in repr(program.plan)
    for thing in (program, program.plan):
        html = thing._repr_html_()
        assert html.startswith(f"<pre>{escape(str(thing))}</pre><img alt=")
    assert "Work space of" in program.plan._repr_html_().partition("<img")[2]


def test_a_page_for_a_notebook_says_what_it_is():
    assert repr(draw.explore(ag.Node(2.0).exp())).endswith("characters, for a notebook>")
