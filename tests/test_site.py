"""The documentation as readers get it: built strict, whole, and readable without a network."""

import importlib
import re
import subprocess
import sys
import tomllib
import zlib
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parent.parent
if not (ROOT / "docs").exists():
    pytest.skip("an installed package has no pages beside its tests", allow_module_level=True)
for library in ("sphinx", "furo", "myst_nb", "sphinx_copybutton", "latex2mathml"):
    pytest.importorskip(library, reason=f"{library}, of the extra docs, is not installed")


class Page(HTMLParser):
    """What a page links to, what it loads, and the places in it that can be linked to."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.places = [], [], {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found.get("id"), found.get("name")}
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "link" and found["rel"] in ("stylesheet", "preload", "icon"):
            self.loaded.append(found["href"])
        if "src" in found:
            self.loaded.append(found["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the pages; a warning of Sphinx is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-j", "2", ROOT / "docs", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in site.rglob("*.html")}


def test_links_lead_to_a_place_that_is_there(pages):
    broken = defaultdict(list)
    for path, page in pages.items():
        for link in map(urlsplit, page.links):
            if not link.scheme:
                target = (path.parent / unquote(link.path)).resolve() if link.path else path
                place = unquote(link.fragment)
                if not target.exists() or (target in pages and place not in pages[target].places):
                    broken[path.name].append(link.geturl())
    assert dict(broken) == {}


def test_nothing_is_loaded_from_a_network(site, pages):
    loaded = [name for page in pages.values() for name in page.loaded]
    for style in site.rglob("*.css"):
        loaded += re.findall(
            r"url\([\"']?([^)\"']+)|@import [\"']([^\"']+)", style.read_text("utf-8")
        )
    assert len(loaded) > 100
    assert [name for name in loaded if re.match(r"(https?:)?//", "".join(name))] == []


def test_every_public_name_is_in_the_reference(site):
    packed = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    listed = {line.split(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}
    table = tomllib.loads(Path(__file__).with_name("public_names.toml").read_text("utf-8"))
    for path, names in table.items():
        module = importlib.import_module(path)
        for name in names["names"].split():
            thing = getattr(module, name)
            assert isinstance(thing, ModuleType) or f"{path}.{name}" in listed, f"{path}.{name}"
