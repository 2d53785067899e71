"""Everything that is printed as code is run: docstrings and the README."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import autograd_lite

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", Path(autograd_lite.__file__).parent / "core" / "README.md"]
PAGES += sorted((ROOT / "docs").glob("*.md"))
MODULES = [
    "autograd_lite",
    *(m.name for m in pkgutil.walk_packages(autograd_lite.__path__, "autograd_lite.")),
]


OPTIONAL = {
    "autograd_lite.compiler.executors.jax.": "jax",
    "autograd_lite.export.stablehlo": "jax",
    "autograd_lite.export.onnx.": "onnx",
    "autograd_lite.nn.estimators": "sklearn",
}
"""Rooms that are imported by people who have a library."""


@pytest.fixture(autouse=True)
def forget_ops():
    known = dict(autograd_lite.ops.OPS)
    yield
    autograd_lite.ops.OPS.clear()
    autograd_lite.ops.OPS.update(known)


@pytest.mark.parametrize("name", [m for m in MODULES if not m.endswith("__main__")])
def test_docstrings(name):
    for room, library in OPTIONAL.items():
        if name.startswith(room):
            pytest.importorskip(library, reason=f"{library} is not installed")
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(importlib.import_module(name), name):
        if name != "autograd_lite" or test.name == name:  # its functions are run where they are
            runner.run(test)
    assert runner.summarize().failed == 0


def public_objects():
    for name in autograd_lite.__all__:
        thing = getattr(autograd_lite, name)
        if callable(thing):
            yield pytest.param(thing, id=name)


@pytest.mark.parametrize("thing", list(public_objects()))
def test_public_names_are_documented_with_an_example(thing):
    assert thing.__doc__
    first = thing.__doc__.strip().splitlines()[0]
    assert first, thing
    is_error_or_base = isinstance(thing, type) and thing is not autograd_lite.Node
    assert ">>>" in thing.__doc__ or is_error_or_base


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda p: p.name)
def test_code_of_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    for library in {"black_boxes.md": ["scipy"], "anywhere.md": ["jax", "onnx"]}.get(page.name, ()):
        pytest.importorskip(library, reason=f"{library} is not installed")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {}
    for block in blocks:
        test = doctest.DocTestParser().get_doctest(block, names, page.name, str(page), 0)
        if test.examples:
            runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
            assert runner.run(test, clear_globs=False).failed == 0
            names.update(test.globs)
        else:
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 - our own pages


@pytest.mark.skipif(
    not (ROOT / "docs").exists(), reason="an installed package has no pages beside its tests"
)
@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda p: p.name)
def test_links_within_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.skipif(not (ROOT / "CITATION.cff").exists(), reason="it lies beside the sources")
def test_the_version_is_the_same_wherever_it_is_told():
    told = [
        re.search(r'^version(?: =|:) "?([\d.]+)', (ROOT / name).read_text("utf-8"), re.MULTILINE)[1]
        for name in ("CITATION.cff", "pyproject.toml")
    ]
    assert told == [autograd_lite.__version__] * 2
