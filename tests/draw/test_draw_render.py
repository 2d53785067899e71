"""Files of every form: the order of engines, their failures, and what is always possible."""

import base64
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.draw import engines, files
from autograd_lite.draw.palette import DARK, PAINTS

DRAWN = '<?xml version="1.0"?>\n<svg width="8pt" height="8pt"\n viewBox="0 0 8 8" x="">{}</svg>'
TEN_OPS = ["VDot", "Add", "Mul", "Sigmoid", "SoftMax", "Aref", "Log", "Accuracy", "ReLU", "Input"]


def small():
    with ag.Graph() as graph:
        (ag.Node(2.0, name="x").exp() * 3.0).named("y").backward()
    return graph


def classifier():
    rng = np.random.default_rng(0)
    with ag.Graph() as graph:
        x, y = ag.input(name="x", shape=(16,)), ag.input(name="y", shape=(), dtype="int64")
        w1 = ag.parameter(rng.standard_normal((16, 5)).astype("float32"), name="W1")
        w2 = ag.parameter(rng.standard_normal((5, 3)).astype("float32"), name="W2")
        h = ag.relu(ag.sigmoid(ag.vdot(x, w1) + 1.0)).named("h")
        p = ag.softmax(ag.vdot(h, w2)).named("p")
        loss = (ag.log(ag.aref(p, y)) * -1).named("loss")
        ag.accuracy(p, y).named("acc")
    graph.forward(x=rng.random(16, "float32"), y=1)
    graph.backward(loss)
    return graph


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine on which nothing draws; returns the folder where programs are looked for."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(engines.sysconfig, "get_path", lambda _: str(folder))
    monkeypatch.setattr(engines, "find_spec", lambda _: None)
    return folder


def install(folder, name, script):
    """A program that is a Python script."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys, time, subprocess\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def printing(text):
    return f"sys.stdin.read(); print({text!r}, sys.argv[1:])"


posix_only = pytest.mark.skipif(os.name != "posix", reason="fake programs are scripts with #!")


@pytest.mark.parametrize("form", ["svg", "dot", "mmd", "json", "html"])
def test_forms_that_need_nothing(bare, tmp_path, form):
    path = draw.render(classifier(), tmp_path / f"g.{form.upper()}", edges="both")
    text = path.read_text(encoding="utf-8")
    for name in [*TEN_OPS, "W1", "loss", "float32"]:
        assert name in text, name


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_forms_that_nobody_can_write(bare, tmp_path, form):
    with pytest.raises(draw.EngineError, match=f"expected an engine that writes {form}") as caught:
        draw.render(small(), tmp_path / f"g.{form}")
    message = str(caught.value)
    for part in ("dot is not installed", "graphviz-pure", "pygraphviz is not installed"):
        assert part in message
    for way in ("apt install graphviz", "autograd-lite[draw]", "pip install pygraphviz"):
        assert way in message
    assert ("graphviz-pure does not write pdf" in message) == (form == "pdf")
    assert not (tmp_path / f"g.{form}").exists()


def test_other_endings(tmp_path):
    with pytest.raises(
        draw.DrawError, match=r"a file name that ends in one of: svg, png"
    ) as caught:
        draw.render(small(), tmp_path / "g.bmp")
    assert ".bmp" in caught.value.came
    with pytest.raises(draw.DrawError, match="no ending"):
        draw.render(small(), str(tmp_path / "g"))


@posix_only
def test_the_order_of_engines(bare, monkeypatch, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "pygraphviz.py").write_text(
        "class AGraph:\n"
        "    def __init__(self, string): assert string.startswith('digraph')\n"
        "    def draw(self, format, prog, args): return f'by pygraphviz {format} {args}'.encode()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setattr(engines, "find_spec", lambda _: True)

    def drawn(form):
        return engines.run_engines("digraph {}", form, 20).decode()

    assert drawn("png").startswith("by pygraphviz png -Gbgcolor=white -Gdpi=")
    install(bare, "graphviz-pure", printing("by pure"))
    assert drawn("png").startswith("by pure ['-Tpng', '-Gbgcolor=white', '-Gdpi=")
    assert drawn("pdf") == "by pygraphviz pdf -Gbgcolor=white"
    install(bare, "dot", printing("by dot"))
    assert drawn("svg") == "by dot ['-Tsvg']\n"
    assert drawn("pdf") == "by dot ['-Tpdf', '-Gbgcolor=white']\n"


@posix_only
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("sys.exit('cannot\\nplugin missing')", "exit code 1, plugin missing"),
        ("sys.exit(3)", "exit code 3, no message"),
        ("pass", "exit code 0, no message"),
        ("time.sleep(60)", "not done after 0.5 seconds"),
        # a child that keeps the output open must not keep us waiting either
        ("subprocess.Popen(['/bin/sleep', '60']); time.sleep(60)", "not done after 0.5 seconds"),
    ],
)
def test_engines_that_fail(bare, tmp_path, script, said):
    install(bare, "dot", script)
    start = time.monotonic()
    with pytest.raises(draw.EngineError, match="the program dot failed") as caught:
        draw.render(small(), tmp_path / "g.png", timeout=0.5)
    assert said in str(caught.value)
    assert time.monotonic() - start < 10
    svg = draw.to_svg(small(), timeout=0.5)
    assert "exp" in svg.lower()


@posix_only
def test_an_engine_that_cannot_be_started(bare, tmp_path):
    (bare / "dot").write_bytes(b"\x7fELF not really")
    (bare / "dot").chmod(0o755)
    with pytest.raises(draw.EngineError, match="the program dot failed"):
        draw.render(small(), tmp_path / "g.png")


@posix_only
def test_an_engines_svg_is_made_to_fit(bare):
    install(bare, "dot", f"sys.stdin.read(); print({DRAWN.format('by dot')!r})")
    svg = draw.to_svg(small())
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" class="autograd-graph"')
    assert "by dot</svg>" in svg
    assert "max-width:100%" in svg
    assert "prefers-color-scheme: dark" in svg
    assert "Computation graph of 3 boxes" in svg
    install(bare, "dot", printing("not a picture"))
    assert "by dot" not in draw.to_svg(small())


def test_large_pictures_go_to_the_own_writer(bare, monkeypatch):
    monkeypatch.setattr(files, "run_engines", lambda *_: pytest.fail("an engine was asked"))
    monkeypatch.setattr(files, "LARGE", 2)
    assert draw.to_svg(small()).startswith("<svg")
    assert draw.to_svg(ag.Graph()).startswith("<svg")


def picture_in(html):
    """The SVG of a notebook's image."""
    data = re.fullmatch(r'<img alt="[^"<]*" src="data:image/svg\+xml;base64,([^"]*)">', html)[1]
    return base64.b64decode(data).decode()


def test_the_notebook_shows_an_image_light_and_dark(bare):
    svg = picture_in(draw.notebook_html(small()))
    assert svg == draw.notebook_svg(small())
    assert svg.startswith("<svg")
    for colour in ("#fffffe", "prefers-color-scheme: dark"):
        assert colour in svg


def test_the_notebook_folds_large_graphs_and_says_how_to_see_all(bare):
    with ag.Graph() as graph:
        h = ag.Node(1.0)
        for _ in range(400):
            h = h.tanh()
    html = graph._repr_html_()
    assert "collapse=False draws them all, an .html file opens them one by one." in html
    assert picture_in(html).count("data-key") == 41


def test_the_notebook_never_raises(bare, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError

    monkeypatch.setattr(files, "to_svg", broken)
    with ag.Graph() as graph:
        ag.Node(1.0, name="<b>")
    assert draw.notebook_svg(graph) is None
    assert draw.notebook_html(graph) == "<pre>%0: float64[] = Variable &#x27;&lt;b&gt;&#x27;</pre>"


def test_every_colour_has_its_dark_one(bare):
    light = {colour for paint in PAINTS.values() for colour in paint}
    assert light <= DARK.keys()
    assert len({*DARK.values()}) > len(DARK) * 0.8
    svg = draw.to_svg(classifier(), edges="both")
    used = {e.get(k) for e in ET.fromstring(svg).iter() for k in ("fill", "stroke")}  # noqa: S314 - our own file
    assert used - {None, "none"} <= DARK.keys()


def test_the_wheel_carries_the_pages_files():
    folder = Path(files.__file__).parent / "web"
    assert {path.suffix for path in folder.rglob("*.*")} == {".html", ".css", ".js", ".txt"}


needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="the program dot is not here")
needs_pure = pytest.mark.skipif(
    engines._find_graphviz_pure() is None, reason="the package graphviz-pure is not installed"
)


@needs_dot
@pytest.mark.parametrize(
    ("form", "magic"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_the_real_dot(tmp_path, form, magic):
    path = draw.render(classifier(), tmp_path / f"g.{form}", edges="both", depth=0)
    assert path.read_bytes().startswith(magic)


@needs_dot
def test_the_real_dot_shows_what_is_asked():
    text = "".join(ET.fromstring(draw.to_svg(classifier(), edges="both")).itertext())  # noqa: S314 - our own file
    for name in [*TEN_OPS, "float32[16, 5]", "min", "‖"]:
        assert name in text, name


@needs_pure
@pytest.mark.parametrize(("form", "magic"), [("svg", b"<?xml"), ("png", b"\x89PNG")])
def test_the_real_graphviz_pure(monkeypatch, form, magic):
    monkeypatch.setattr(engines, "_find_dot", lambda: None)
    monkeypatch.setattr(engines, "ENGINES", engines.ENGINES[1:2])
    assert engines.run_engines(draw.to_dot(classifier()), form, 20).startswith(magic)


@needs_dot
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="children are measured on Linux")
def test_a_png_of_a_thousand_nodes_stays_small(tmp_path):
    code = (
        "import resource, sys, autograd_lite as ag; from autograd_lite import draw\n"
        "with ag.Graph() as g:\n"
        "    h = [ag.Node(1.0)]\n"
        "    for i in range(999): h.append(h[i // 2].tanh())\n"
        "draw.render(g, sys.argv[1], collapse=False, timeout=60)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "g.png"], capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 200
