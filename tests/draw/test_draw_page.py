"""The page: what is in it, and that it works in a real browser where there is one."""

import base64
import json
import re
import shutil
from contextlib import contextmanager
from html.parser import HTMLParser

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.draw.arrays import array_record, images_of, picture_sizes
from autograd_lite.draw.parts import part_tree
from autograd_lite.draw.scopes import scopes_of

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
]  # fmt: skip


def network():
    rng = np.random.default_rng(0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(16,), dtype="float64")
        w = ag.parameter(rng.standard_normal((16, 4)), name="net.0.W")
        b = ag.parameter(np.zeros(4), name="net.0.b")
        h = ag.tanh(ag.vdot(x, w) + b).named("</script><script>alert(1)</script>")
        h.sum().named("loss")
    graph.forward(x=np.linspace(-1, 1, 16))
    graph.backward(graph["loss"])
    return graph


def data(text):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def records(text):
    return data(text)["nodes"]


def test_the_page_is_one_file_without_network():
    text = draw.page_text(network())
    assert not re.findall(r"(?:src|href)=", text)
    assert "default-src 'none'" in text
    assert {*re.findall(r"https?://[^\"'\s]*", text)} == {
        "http://www.w3.org/2000/svg",
        "https://github.com/dagrejs/dagre",
    }
    assert text.count("<script") == 3
    assert "{{" not in text
    assert "Copyright (c) 2012-2014 Chris Pettitt" in text
    HTMLParser().feed(text)


def test_every_node_brings_its_numbers():
    nodes = records(draw.page_text(network()))
    assert [node["op"] for node in nodes[:3]] == ["Input", "Parameter", "Parameter"]
    assert len(nodes[0]["value"]["numbers"]) == 16
    assert nodes[0]["grad"] is None
    assert nodes[1]["value"]["matrix"]["rows"] == 16
    assert nodes[-1]["value"]["text"] == [repr(network()["loss"].value.item())]
    assert nodes[-1]["grad"]["text"] == ["1.0"]
    assert nodes[-1]["inputs"] == [len(nodes) - 2]
    assert nodes[-1]["sends"] == [[len(nodes) - 2, "‖2‖"]]
    assert nodes[-1]["card"]["heading"] == "Sum"
    assert nodes[-1]["card"]["rows"] == [["value", ["1.933"], False], ["grad", ["1"], False]]
    assert nodes[-1]["place"].startswith("test_draw_page.py:")
    assert data(draw.page_text(network()))["formulas"]["Sum"].startswith("Σ x over the axes")


def test_constants_are_told_and_have_no_box():
    x = ag.Node(3.0)
    page = data(draw.page_text(2.0 * x))
    with_box = [i for i, node in enumerate(page["nodes"]) if "card" in node]
    assert [page["nodes"][i]["op"] for i in with_box] == ["Variable", "Mul"]
    assert page["parts"][0]["nodes"] == with_box
    assert page["isRight"]
    assert page["note"] == ""
    assert data(draw.page_text(lambda: x * np.nan))["note"].startswith("NaN begins in Constant")


def test_values_and_grads_can_be_left_out():
    nodes = records(draw.page_text(network(), values=False, grads=False, highlight=[]))
    assert all(node["value"] is None is node["grad"] for node in nodes)
    assert all(node["sends"] == [] for node in nodes)


def test_stale_gradients_are_sent_without_a_norm():
    graph = network()
    graph["net.0.W"].value = np.zeros((16, 4))
    product = next(n for n in records(draw.page_text(graph)) if n["op"] == "VDot")
    assert product["sends"] == [[1, None]]


def labels(part, depth=0):
    yield f"{'  ' * depth}{part.label}: {len(part.nodes)}"
    for inner in part.parts:
        yield from labels(inner, depth + 1)


def tree(graph):
    return list(labels(part_tree(graph.nodes, scopes_of(graph.nodes), range(len(graph)))))


def test_scopes_are_a_tree_in_which_repeated_blocks_are_one():
    with ag.Graph() as graph:
        h = ag.Node(np.ones(2), name="x")
        for i in range(3):
            with ag.scope(f"layers.{i}"):
                h = (h * ag.parameter(np.ones(2), name="w")).tanh()
        ag.sum(h)
    assert tree(graph) == [
        "the whole graph: 2",
        "  layers: 0",
        "    layers.0 … layers.2 ×3: 0",  # noqa: RUF001 - "times" is meant
        "      layers.0: 3",
        "      layers.1: 3",
        "      layers.2: 3",
    ]


def test_long_parts_are_cut_into_stretches():
    with ag.Graph() as graph:
        weights = [ag.Node(float(i)) for i in range(100)]
        h = ag.Node(1.0)
        for w in weights:
            h = h * w
    assert tree(graph)[:3] == ["the whole graph: 0", "  %101 … %114: 29", "  %115 … %129: 29"]
    assert len(tree(graph)) == 8
    with ag.Graph() as graph:
        for _ in range(5_000):
            h = h.tanh()
    assert max(int(line.rpartition(": ")[2]) for line in tree(graph)) <= 100
    with ag.Graph() as graph, ag.scope(".".join("x" * 50)):
        ag.Node(1.0).exp()
    assert tree(graph)[-1].strip() == "x.x.x.x.x.x.x.x: 2"


def test_a_stretch_of_scopes():
    with ag.Graph() as graph:
        for i in range(120):
            ag.parameter(np.ones(i % 7 + 1), name=f"s{i}.w") * 2.0
    assert tree(graph)[1] == "  %2 … %89: 0"


@pytest.mark.parametrize(
    ("shape", "sizes", "images"),
    [
        ((2, 3, 8, 5), {}, (6, 8, 5)),
        ((4, 28, 28), {}, (4, 28, 28)),
        ((4, 2, 8), {}, None),
        ((5, 784), {784}, (5, 28, 28)),
        ((784, 10), {784}, (10, 28, 28)),
        ((784,), {784}, (1, 28, 28)),
        ((5, 784), {}, None),
    ],
)
def test_which_arrays_are_images(shape, sizes, images):
    found = images_of(np.zeros(shape), frozenset(sizes))
    assert (None if found is None else found.shape) == images


def test_the_data_say_how_many_pixels_an_image_has():
    with ag.Graph() as graph:
        ag.input(name="x", shape=(7, 784))
        ag.input(name="labels", shape=(64, 64), dtype="int64")
        ag.input(name="targets", shape=(64,))
        ag.input(name="pixels", shape=(400,))
        ag.input(name="number", shape=())
    assert picture_sizes(graph) == {784, 400}


def test_weights_are_an_image_for_each_unit():
    weights = np.zeros((9, 3))
    weights[4, 1], weights[0, 2] = -1.0, np.nan
    record = array_record(weights, 10_000, frozenset({9}))
    tiles = record["tiles"]
    levels = np.frombuffer(base64.b64decode(tiles["levels"]), np.uint8).reshape(7, 7)
    assert (tiles["rows"], tiles["columns"], tiles["low"], tiles["high"]) == (7, 7, -1.0, 0.0)
    assert record["told"] == "3 images of 3 × 3"  # noqa: RUF001 - "times" is meant
    assert levels[3].tolist() == [255] * 7
    assert (levels[1, 5], levels[4, 0], levels[6, 6]) == (0, 254, 255)
    assert "matrix" in record
    many = array_record(np.zeros((500, 4, 4)), 100)
    assert many["told"] == "6 of 500 images of 4 × 4"  # noqa: RUF001 - "times" is meant
    assert "matrix" not in many
    assert array_record(np.zeros(9), 100, frozenset({9}))["told"].startswith("1 image of")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.1, {"spec": "float64[]", "text": ["0.1"]}),
        (np.array([[7]]), {"spec": "int64[1, 1]", "text": ["7"]}),
        (np.zeros((0, 3)), {"spec": "float64[0, 3]", "text": ["empty"]}),
        (np.array([1.0, np.nan, -np.inf]), {"numbers": [1.0, "nan", "-inf"]}),
        (np.arange(6.0), {"numbers": [0.0, 1.5, 3.0, 4.5]}),
        (np.ones((2, 2, 4)), {"matrix": {"rows": 2, "columns": 2, "levels": "AAAAAA==", "low": 1.0, "high": 1.0}}),
        (np.zeros((2, 2)), {"matrix": {"rows": 2, "columns": 2, "levels": "AAAAAA==", "low": 0.0, "high": 0.0}}),
        (np.array([[0.0, np.nan], [127.0, 253.0]]), {"matrix": {"rows": 2, "columns": 2, "levels": "AP5//Q==", "low": 0.0, "high": 253.0}}),
        (np.full((2, 2), np.nan), {"matrix": {"rows": 2, "columns": 2, "levels": "/v7+/g==", "low": 0.0, "high": 0.0}}),
        (np.array([[True, False], [True, True]]), {"spec": "bool[2, 2]"}),
    ],
)  # fmt: skip
def test_arrays_become_few_numbers(value, told):
    record = array_record(value, 4)
    assert {key: record[key] for key in told} == told
    json.dumps(record, allow_nan=False)


def test_block_means_keep_the_mean():
    matrix = np.random.default_rng(0).random((12, 8))
    assert array_record(matrix, 16)["matrix"]["rows"] == 4
    record = array_record(np.repeat([1.0, 3.0], 50), 2)
    assert record["numbers"] == [1.0, 3.0]


def chain(count):
    """Numbers without scopes, in twenty strands."""
    with ag.Graph() as graph:
        nodes = [ag.Node(0.5) for _ in range(20)]
        while len(graph) < count:
            nodes.append(nodes[-20] * nodes[-19])
    graph.backward(nodes[-1])
    return graph


def blocks(count):
    """Equal blocks with two scopes inside of each, and something before and after them."""
    with ag.Graph() as graph:
        h = ag.input(name="x", shape=(3,), dtype="float64") * 2.0
        for i in range(count):
            with ag.scope(f"layers.{i}"):
                for part, bend in (("attention", ag.tanh), ("mlp", ag.relu)):
                    with ag.scope(part):
                        w = ag.parameter(np.full(3, 0.5), name=f"{part[0]}{i}")
                        h = h + bend(h * w) * ag.sigmoid(w + 1.0)
        h.sum().named("loss")
    graph.forward(x=np.ones(3))
    graph.backward(graph["loss"])
    return graph


@pytest.fixture(scope="module")
def chromium():
    """A browser for all pages of this file."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@contextmanager
def browser(chromium, tmp_path, graph, **context):
    """The page of a graph in Chromium."""
    with opened(chromium, tmp_path, draw.page_text(graph), **context) as tab:
        yield tab


@contextmanager
def opened(chromium, tmp_path, html, *, width=1200, **context):
    """A file in Chromium; anything on its console, or any request, is a failure."""
    path = tmp_path / "graph.html"
    path.write_text(html, encoding="utf-8")
    tab = chromium.new_page(viewport={"width": width, "height": 800}, **context)
    trouble = []
    tab.on("console", lambda message: trouble.append(message.text))
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    tab.on("request", lambda request: trouble.append(request.url))
    tab.goto(path.as_uri())
    yield tab
    tab.close()
    assert {*trouble} <= {path.as_uri(), "about:srcdoc"}


in_a_browser = pytest.mark.filterwarnings("default")  # of the driver's own libraries


@in_a_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_stepping_in_a_browser(chromium, tmp_path, scheme):
    graph = network()
    last = len(graph) - 1
    with browser(chromium, tmp_path, graph, color_scheme=scheme) as tab:
        assert tab.inner_text("#heading").endswith("Sum loss")  # the result is there at once
        assert tab.locator("g.todo").count() == 0
        tab.keyboard.press("Home")
        assert tab.inner_text("#heading") == "%0 Input x"
        assert tab.locator("#own canvas").get_attribute("aria-label").startswith("value: min -1")
        tab.keyboard.press("ArrowRight")
        assert tab.inner_text("#heading") == "%1 Parameter net.0.W"
        assert tab.locator("g.current").get_attribute("data-key") == "n1"
        assert tab.locator("g.todo").count() == len(graph) - 2
        for _ in range(last - 1):
            tab.click("#next")
        assert tab.inner_text("#own .number") == repr(graph["loss"].value.item())
        assert tab.inner_text("#phase") == "forward"
        tab.click("#next")
        assert tab.inner_text("#phase") == "backward"
        assert tab.locator("#own .number").first.inner_text() == "1.0"
        style = "getComputedStyle(document.querySelector('.flow'))"
        assert tab.evaluate(f"[{style}.markerStart, {style}.markerEnd]") == [
            'url("#flow-tip")',
            "none",
        ]
        tab.keyboard.press("End")
        assert tab.inner_text("#heading") == "%1 Parameter net.0.W"
        assert tab.inner_text("#spoken").startswith(f"Step {2 * last + 1} of {2 * last + 1}")
        assert tab.inner_text("#own figure >> nth=0").startswith("gradient float64[16, 4]")
        tab.locator("#scrub").fill("3")
        assert tab.inner_text("#counter") == f"4 / {2 * last + 1}"
        tab.click("#previous")
        tab.select_option("#speed", "1600")
        tab.click("#play")
        tab.wait_for_selector("g[data-key=n3].current")
        tab.select_option("#speed", "150")
        tab.click("#play")
        assert tab.inner_text("#play") == "▶ Play"
        tab.keyboard.press(" ")
        tab.keyboard.press(" ")
        tab.click("#last")
        tab.click("#first")
        assert tab.inner_text("#counter").startswith("1 /")


OVERLAPS = """() => {
  const all = [...boxes.keys()].map((key) => places.get(key));
  const meet = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  return all.flatMap((a, i) => all.slice(0, i).filter((b) => meet(a, b))).length;
}"""


@in_a_browser
def test_finding_and_moving_in_a_browser(chromium, tmp_path):
    with browser(chromium, tmp_path, network()) as tab:
        tab.keyboard.press("/")
        tab.keyboard.type("loss")
        tab.keyboard.press("Enter")
        assert tab.inner_text("#hits") == "1 found"
        assert tab.inner_text("#heading").endswith("Sum loss")
        tab.click("#inputs button")
        assert tab.inner_text("#heading").endswith("Tanh </script><script>alert(1)</script>")
        tab.keyboard.press("0")
        views = [tab.get_attribute("#canvas > svg", "viewBox")]
        tab.click("#closer")
        views.append(tab.get_attribute("#canvas > svg", "viewBox"))
        tab.mouse.move(300, 300)
        tab.mouse.down()
        tab.mouse.move(360, 340)
        tab.mouse.up()
        views.append(tab.get_attribute("#canvas > svg", "viewBox"))
        tab.mouse.wheel(0, 200)
        tab.keyboard.press("-")
        views.append(tab.get_attribute("#canvas > svg", "viewBox"))
        for _ in range(5):
            tab.click("#closer")
        tab.click("#minimap", position={"x": 20, "y": 20}, force=True)
        views.append(tab.get_attribute("#canvas > svg", "viewBox"))
        assert len({*views}) == 5
        tab.keyboard.press("0")
        tab.locator("g[data-key=n0]").click()
        assert tab.inner_text("#heading") == "%0 Input x"
        tab.locator("g[data-key=n2]").focus()
        tab.keyboard.press("Enter")
        assert tab.inner_text("#heading").startswith("%2")
        tab.click("#farther")
        tab.click("#whole")
        tab.keyboard.press("f")
        assert tab.get_attribute("#follow", "aria-pressed") == "false"
        assert not tab.locator("#images").is_visible()


@in_a_browser
@pytest.mark.parametrize("width", [390, 1200])
def test_folding_lays_out_anew_in_a_browser(chromium, tmp_path, width):
    with browser(chromium, tmp_path, blocks(24), width=width, color_scheme="dark") as tab:
        tab.click("#scopes summary")
        assert tab.inner_text("#tree button >> nth=1").split(" … ")[1].startswith("layers.23 ×24")  # noqa: RUF001
        assert tab.locator("g.frame").count() == 1
        tab.click("#tree button >> nth=1")
        assert tab.locator("g.part").count() == 24
        assert tab.evaluate(OVERLAPS) == 0
        tab.evaluate("activate([...boxes.keys()].filter(isPart)[3])")
        assert tab.locator("g.part").count() == 25
        assert tab.evaluate(OVERLAPS) == 0
        tab.fill("#search", "a17")
        tab.press("#search", "Enter")
        assert tab.inner_text("#heading").endswith("Parameter a17")
        assert (
            tab.locator("g.current")
            .get_attribute("aria-label")
            .startswith("Parameter a17, float64[3]")
        )
        assert tab.evaluate(OVERLAPS) == 0
        frames = tab.locator("g.frame").count()
        tab.locator("h1").click()
        tab.keyboard.press("c")
        assert tab.locator("g.frame").count() == frames - 1
        assert tab.locator("g.part.current").get_attribute("aria-expanded") == "false"
        tab.keyboard.press("o")
        assert tab.locator("g.frame").count() == frames
        top = tab.locator("g.frame").first
        assert top.get_attribute("aria-expanded") == "true"
        top.focus()
        tab.keyboard.press("Enter")
        assert tab.locator("g.frame").count() == 0
        assert tab.evaluate("sight.scale") * 13 >= 9
        tab.emulate_media(media="print")
        assert not tab.locator("header").is_visible()


@in_a_browser
def test_the_page_inside_of_a_notebooks_cell(chromium, tmp_path):
    explorer = draw.explore(network(), height=400)
    assert "for a notebook" in repr(explorer)
    html = f"<!DOCTYPE html><title>cell</title>{explorer._repr_html_()}"
    with opened(chromium, tmp_path, html) as tab:
        inside = tab.frame_locator("iframe")
        inside.locator("#whole").click()
        inside.locator("g[data-key=n0]").click()
        assert inside.locator("#heading").inner_text() == "%0 Input x"


@in_a_browser
def test_images_in_a_browser(chromium, tmp_path):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, 784), dtype="float64")
        w = ag.parameter(np.linspace(-1, 1, 7840).reshape(784, 10), name="w")
        ag.matmul(x, w).sum()
    graph.forward(x=np.random.default_rng(0).random((4, 784)))
    with browser(chromium, tmp_path, graph) as tab:
        tab.keyboard.press("Home")
        size = "() => [...document.querySelectorAll('#own canvas')].map((c) => [c.width, c.height])"
        assert tab.inner_text("#own .note >> nth=0") == "4 images of 28 × 28"  # noqa: RUF001
        assert tab.evaluate(size) == [[57, 57]]
        assert tab.inner_text("#own .scale").split() == ["0.00", "1.00"]
        tab.keyboard.press("ArrowRight")
        assert tab.inner_text("#own .note >> nth=0") == "10 images of 28 × 28"  # noqa: RUF001
        assert tab.inner_text("#own .scale").split() == ["-1.00", "1.00"]
        tab.uncheck("#as-image")
        assert tab.evaluate(size) == [[10, 128]]


@in_a_browser
@pytest.mark.parametrize("count", [30, 2_000, 10_000])
def test_pages_of_every_size_open_readable_in_a_browser(chromium, tmp_path, count):
    with browser(chromium, tmp_path, chain(count)) as tab:
        assert tab.locator("g.current").is_visible()
        assert tab.evaluate("13 * sight.scale") >= 9
        assert 10 <= tab.locator("g.box").count() <= 40
        assert tab.evaluate(OVERLAPS) == 0
        for _ in range(4 if count > 100 else 0):
            tab.evaluate("activate([...boxes.keys()].find(isPart))")
        assert tab.evaluate("visibleCount()") <= 340
        assert tab.evaluate(OVERLAPS) == 0
        step = "() => { const t = performance.now(); go(at - 1); return performance.now() - t }"
        assert sorted(tab.evaluate(step) for _ in range(9))[4] < 100


@in_a_browser
def test_an_empty_graph_in_a_browser(chromium, tmp_path):
    with browser(chromium, tmp_path, ag.Graph()) as tab:
        tab.fill("#search", "x")
        tab.press("#search", "Enter")
        tab.keyboard.press("Home")
        assert tab.locator("g.box").count() == 0


@in_a_browser
def test_the_oldest_open_part_makes_room_in_a_browser(chromium, tmp_path):
    with browser(chromium, tmp_path, chain(3_000)) as tab:
        for _ in range(30):
            tab.evaluate(
                "{ const c = [...boxes.keys()].filter(isPart); if (c.length) activate(c.at(-1)); }"
            )
        assert tab.evaluate("visibleCount()") <= 340
        assert tab.evaluate("opened") > 30
