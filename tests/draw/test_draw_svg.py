"""The own SVG writer: no box lies on another, no edge crosses a box, and size does not stop it."""

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.draw import layers
from autograd_lite.draw.layers import arrange
from autograd_lite.draw.picture import picture_of
from autograd_lite.draw.placing import place
from autograd_lite.draw.svg import svg_text
from autograd_lite.draw.text import text_width

SPACE = "{http://www.w3.org/2000/svg}"


def random_graph(count, seed=0):
    rng = np.random.default_rng(seed)
    with ag.Graph() as graph:
        nodes = [ag.Node(float(i)) for i in range(3)]
        while len(graph) < count:
            i, j = rng.integers(0, len(nodes), 2)
            nodes.append(nodes[i] * nodes[j] if rng.random() < 0.7 else nodes[i].tanh())
    return graph


@st.composite
def edge_lists(draw_one):
    count = draw_one(st.integers(0, 30))
    places = st.integers(0, max(count - 1, 0))
    return count, draw_one(st.lists(st.tuples(places, places), max_size=60)) if count else []


@given(edge_lists())
def test_boxes_keep_their_distance_and_layers_their_order(case):
    count, edges = case
    widths = [10.0 + 7 * (i % 5) for i in range(count)]
    layering, x = arrange(widths, edges)
    assert sorted(i for row in layering.rows for i in row) == list(range(len(x)))
    for row in layering.rows:
        for a, b in pairwise(row):
            distance = (layering.widths[a] + layering.widths[b]) / 2 + layers.GAP
            assert x[b] - x[a] >= distance - 1e-6
    for a, b in edges:
        if a != b:
            assert layering.layer[min(a, b)] < layering.layer[max(a, b)]
    assert all(x[i] - w / 2 >= -1e-6 for i, w in enumerate(layering.widths))


def rectangles(svg):
    found = []
    for group in ET.fromstring(svg).iter(f"{SPACE}g"):  # noqa: S314 - our own file
        rect = group.find(f"{SPACE}rect")
        if "data-key" in group.attrib:
            found.append((group, *(float(rect.get(k)) for k in ("x", "y", "width", "height"))))
    return found


@pytest.mark.parametrize("direction", ["right", "down"])
@pytest.mark.parametrize("options", [{}, {"edges": "both"}, {"edges": "backward"}])
def test_nothing_overlaps_and_no_text_leaves_its_box(options, direction):
    graph = random_graph(60)
    graph.backward(graph.nodes[-1])
    svg = svg_text(picture_of(graph, direction=direction, **options))
    boxes = rectangles(svg)
    assert len(boxes) == 60
    for (_, ax, ay, aw, ah), (_, bx, by, bw, bh) in combinations(boxes, 2):
        assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
    for group, x, y, width, height in boxes:
        for text in group.iter(f"{SPACE}text"):
            size = float(text.get("font-size"))
            length = text_width("".join(text.itertext()), size)
            shift = {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor"), 0.0)
            left = float(text.get("x")) - shift * length
            assert x <= left
            assert left + length <= x + width + 1
            assert y < float(text.get("y")) - 0.7 * size
            assert float(text.get("y")) < y + height


@pytest.mark.parametrize("direction", ["right", "down"])
def test_no_edge_crosses_a_box(direction):
    graph = random_graph(60, seed=1)
    svg = svg_text(picture_of(graph, direction=direction))
    boxes = [(x, y, w, h) for _, x, y, w, h in rectangles(svg)]
    for path in re.findall(r'<g data-edge="[^"]*"><path d="([^"]*)"', svg):
        for px, py in points_on(path):
            inside = [
                b
                for b in boxes
                if b[0] + 1 < px < b[0] + b[2] - 1 and b[1] + 1 < py < b[1] + b[3] - 1
            ]
            assert not inside


def points_on(path):
    """Points along a path made of M, L and C."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MLC])([^MLC]*)", path):
        n = [float(v) for v in numbers.split()]
        if command == "M":
            x, y = n
            continue
        x0, y0 = x, y
        x1, y1, x2, y2, x, y = n if command == "C" else (x, y, *n, *n)
        for t in np.linspace(0.02, 0.98, 25):
            u = 1 - t
            yield (
                u**3 * x0 + 3 * u * u * t * x1 + 3 * u * t * t * x2 + t**3 * x,
                u**3 * y0 + 3 * u * u * t * y1 + 3 * u * t * t * y2 + t**3 * y,
            )


def test_a_leaf_stands_just_above_its_first_user():
    layering, _ = arrange([10] * 5, [(0, 2), (2, 3), (3, 4), (1, 4)])
    assert layering.layer[:5] == [0, 2, 1, 2, 3]


@pytest.mark.parametrize("direction", ["right", "down"])
def test_scopes_are_tinted_and_strangers_are_not(direction):
    with ag.Graph() as graph:
        h = ag.Node(np.ones(2), name="x")
        for i in range(2):
            h = (h * ag.parameter(np.ones(2), name=f"net.{i}.w") + h).tanh()
    svg = svg_text(picture_of(graph, direction=direction))
    assert svg.count(">net.0<") == svg.count(">net.1<") == 1
    root = ET.fromstring(svg)  # noqa: S314 - our own file
    assert (
        len(root.findall(f"{SPACE}rect")) == 1 + 4
    )  # the page; weight and product, for two blocks


def test_edges_beyond_the_limit_run_straight(monkeypatch):
    monkeypatch.setattr(layers, "MOST_BENDS", 0)
    graph = random_graph(40)
    layering = place(picture_of(graph)).layering
    assert len(layering.layer) == 40


def test_the_note_and_the_empty_graph():
    assert "There are no nodes" in svg_text(picture_of(ag.Graph()))
    with ag.Graph() as graph:
        ag.parameter(1.0, name="a.w") * 2.0
    svg = svg_text(picture_of(graph, collapse=True))
    assert "nodes are folded into 1 box" in svg


def test_ten_thousand_nodes():
    graph = random_graph(10_000)
    svg = draw.to_svg(graph, collapse=False)  # some 2 seconds alone on one core
    assert svg.count("<g data-key=") == 10_000


def test_wide_characters_are_given_room():
    assert text_width("漢", 10) > text_width("a", 10)
    assert text_width("🎉", 10) > text_width("M", 10) > text_width("i", 10)


def test_a_folded_scope_is_a_card_of_its_own():
    with ag.Graph() as graph, ag.scope("weights"):  # leaves alone: no operations to count
        ag.parameter([1.0, 2.0], name="a")
        ag.parameter([3.0], name="b")
    svg = svg_text(picture_of(graph, collapse=True))
    assert [word in svg for word in ("weights", "nodes", "parameters")] == [True] * 3
