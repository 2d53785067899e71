"""The page: what is in it, and that it works in a real browser where there is one."""

import json
import re
import shutil
from contextlib import contextmanager
from html.parser import HTMLParser

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.draw import page
from autograd_lite.draw.arrays import array_record

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


def records(text):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def test_the_page_is_one_file_without_network():
    text = draw.page_text(network())
    assert not re.findall(r"(?:src|href)=", text)
    assert "default-src 'none'" in text
    assert {*re.findall(r"https?://[^\"'\s]*", text)} == {"http://www.w3.org/2000/svg"}
    assert text.count("<script") == 2
    assert "{{" not in text
    HTMLParser().feed(text)


def test_every_node_brings_its_numbers():
    nodes = records(draw.page_text(network()))
    assert [node["op"] for node in nodes[:3]] == ["Input", "Parameter", "Parameter"]
    assert len(nodes[0]["value"]["numbers"]) == 16
    assert nodes[0]["grad"] is None
    assert nodes[1]["value"]["rows"] == 16
    assert nodes[1]["scope"] == "net.0"
    assert nodes[-1]["value"]["text"] == [repr(network()["loss"].value.item())]
    assert nodes[-1]["grad"]["text"] == ["1.0"]
    assert nodes[-1]["inputs"] == [len(nodes) - 2]
    assert nodes[-1]["sends"] == [[len(nodes) - 2, "‖2‖"]]
    assert nodes[-1]["formula"].startswith("Σ x over the axes")
    assert nodes[-1]["place"].startswith("test_draw_page.py:")


def test_values_and_grads_can_be_left_out():
    nodes = records(draw.page_text(network(), values=False, grads=False, highlight=[]))
    assert all(node["value"] is None is node["grad"] for node in nodes)
    assert all(node["sends"] == [] for node in nodes)


def test_stale_gradients_are_sent_without_a_norm():
    graph = network()
    graph["net.0.W"].value = np.zeros((16, 4))
    product = next(n for n in records(draw.page_text(graph)) if n["op"] == "VDot")
    assert product["sends"] == [[1, None]]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.1, {"spec": "float64[]", "text": ["0.1"]}),
        (np.array([[7]]), {"spec": "int64[1, 1]", "text": ["7"]}),
        (np.zeros((0, 3)), {"spec": "float64[0, 3]", "text": ["empty"]}),
        (np.array([1.0, np.nan, -np.inf]), {"numbers": [1.0, "nan", "-inf"]}),
        (np.arange(6.0), {"numbers": [0.0, 1.5, 3.0, 4.5]}),
        (np.zeros((2, 2)), {"levels": "AAAAAA==", "low": 0.0, "high": 0.0}),
        (np.array([[0.0, np.nan], [127.0, 254.0]]), {"levels": "AP9//g==", "high": 254.0}),
        (np.full((2, 2), np.nan), {"levels": "/////w==", "low": 0.0, "high": 0.0}),
        (np.ones((2, 3, 4)), {"rows": 2, "columns": 2}),
        (np.array([[True, False], [True, True]]), {"low": 0.0, "high": 1.0}),
    ],
)
def test_arrays_become_few_numbers(value, told):
    record = array_record(value, 4)
    assert {key: record[key] for key in told} == told
    json.dumps(record, allow_nan=False)


def test_block_means_keep_the_mean():
    matrix = np.random.default_rng(0).random((12, 8))
    assert page.array_record(matrix, 16)["rows"] == 4
    record = array_record(np.repeat([1.0, 3.0], 50), 2)
    assert record["numbers"] == [1.0, 3.0]


@contextmanager
def browser(tmp_path, graph, **context):
    """A page of the graph in Chromium; anything on its console, or any request, is a failure."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    path = draw.render(graph, tmp_path / "graph.html")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = chromium.new_page(viewport={"width": 1200, "height": 800}, **context)
        trouble = []
        tab.on("console", lambda message: trouble.append(message.text))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("request", lambda request: trouble.append(request.url))
        tab.goto(path.as_uri())
        yield tab
        chromium.close()
    assert trouble == [path.as_uri()]


@pytest.mark.filterwarnings("default")  # of the driver's own libraries
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_stepping_in_a_browser(tmp_path, scheme):
    graph = network()
    last = len(graph) - 1
    with browser(tmp_path, graph, color_scheme=scheme) as tab:
        assert tab.inner_text("#heading") == "%0 Input x"
        assert tab.locator("#own canvas").get_attribute("aria-label").startswith("value: min -1")
        tab.keyboard.press("ArrowRight")
        assert tab.inner_text("#heading") == "%1 Parameter net.0.W"
        assert tab.locator("g.current").get_attribute("data-key") == "n1"
        for _ in range(last - 1):
            tab.click("#next")
        assert tab.inner_text("#own .number") == repr(graph["loss"].value.item())
        assert tab.inner_text("#phase") == "forward"
        tab.click("#next")
        assert tab.inner_text("#phase") == "backward"
        assert tab.locator("#own .number").first.inner_text() == "1.0"
        tab.keyboard.press("End")
        assert tab.inner_text("#heading") == "%1 Parameter net.0.W"
        assert tab.inner_text("#spoken").startswith(f"Step {2 * last + 1} of {2 * last + 1}")
        assert tab.inner_text("#own figure >> nth=0").startswith("gradient float64[16, 4]")
        tab.locator("#scrub").fill("3")
        assert tab.inner_text("#counter") == f"4 / {2 * last + 1}"


@pytest.mark.filterwarnings("default")
def test_finding_folding_and_moving_in_a_browser(tmp_path):
    with browser(tmp_path, network()) as tab:
        tab.keyboard.press("/")
        tab.keyboard.type("loss")
        tab.keyboard.press("Enter")
        assert tab.inner_text("#heading").endswith("Sum loss")
        tab.click("#inputs button")
        assert tab.inner_text("#heading").endswith("Tanh </script><script>alert(1)</script>")
        tab.keyboard.press("0")
        tab.click("#scopes summary")
        tab.uncheck("#scopes label:has-text('net.0') input")
        assert tab.locator("g[data-key].folded").count() == 4
        assert tab.locator(".fold text").first.text_content() == "net.0"
        tab.check("#scopes label:has-text('net.0') input")
        assert tab.locator("g[data-key].folded").count() == 0
        sight = tab.locator("#canvas > svg > g").get_attribute("transform")
        tab.click("#closer")
        zoomed = tab.locator("#canvas > svg > g").get_attribute("transform")
        tab.mouse.move(300, 300)
        tab.mouse.down()
        tab.mouse.move(360, 340)
        tab.mouse.up()
        moved = tab.locator("#canvas > svg > g").get_attribute("transform")
        assert len({sight, zoomed, moved}) == 3
        tab.keyboard.press("0")
        tab.locator("g[data-key=n0]").click()
        assert tab.inner_text("#heading") == "%0 Input x"
        tab.check("#as-image")
        assert tab.locator("#own canvas.is-image").count() == 1
        tab.click("#play")
        tab.wait_for_selector("g[data-key=n2].current")
        tab.click("#play")
        assert tab.inner_text("#play") == "▶ Play"


@pytest.mark.filterwarnings("default")
def test_two_thousand_nodes_stay_usable(tmp_path):
    with ag.Graph() as graph:
        nodes = [ag.Node(0.5) for _ in range(40)]
        while len(graph) < 2000:
            nodes.append(nodes[-40] * nodes[-39])
    graph.backward(nodes[-1])
    with browser(tmp_path, graph) as tab:
        step = "() => { const t = performance.now(); go(at + 1); return performance.now() - t }"
        assert sorted(tab.evaluate(step) for _ in range(9))[4] < 100
