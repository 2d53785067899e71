"""Everything that is printed as code is run: docstrings and the README."""

import ast
import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import numpy as np
import pytest

import autograd_lite

ROOT = Path(__file__).parent.parent
PACKAGE = Path(autograd_lite.__file__).parent
PAGES = [ROOT / "README.md", PACKAGE / "core" / "README.md", PACKAGE / "nn" / "README.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
COMPARISONS = [page for page in PAGES if page.parent.name == "coming_from" and page.stem != "index"]
MODULES = [
    "autograd_lite",
    *(m.name for m in pkgutil.walk_packages(autograd_lite.__path__, "autograd_lite.")),
]


each_page = pytest.mark.parametrize(
    "page",
    [pytest.param(page, id="/".join(page.parts[-2:])) for page in PAGES if page.exists()],
)
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


@pytest.mark.parametrize("folder", ["core", "nn"])
def test_the_reading_order_of_a_folder_names_every_file(folder):
    text = (PACKAGE / folder / "README.md").read_text()
    names = {path.name for path in (PACKAGE / folder).glob("*.py")} - {"__init__.py"}
    assert {name for name in names if f"`{name}`" not in text} == set()


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


def text_of(page):
    """The page, and within it what it includes of another."""

    def included(match):
        path, options = match.groups()
        marks = dict(re.findall(r":([\w-]+): \"(.*)\"", options))
        text = text_of(page.parent / path)
        if "start-after" in marks:
            text = text.split(marks["start-after"], 1)[1]
        return text.split(marks["end-before"], 1)[0] if "end-before" in marks else text

    text = page.read_text(encoding="utf-8")
    return re.sub(r"```{include} (\S+)\n(.*?)```", included, text, flags=re.DOTALL)


@each_page
def test_code_of_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = text_of(page)
    if "```python" not in page.read_text(encoding="utf-8"):
        return  # what it includes is run where it stands
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


def number(thing):
    """A node, or what another library has for it, as an array of NumPy."""
    thing = thing.value if isinstance(thing, autograd_lite.Node) else thing
    return np.asarray(thing.detach() if hasattr(thing, "detach") else thing)


def outcome(code, names):
    """What the last expression of a cell of a table gives, if there is one."""
    *first, last = ast.parse(code).body
    exec(compile(ast.Module(first, []), code, "exec"), names)  # noqa: S102 - our own pages
    if not isinstance(last, ast.Expr):
        return exec(compile(ast.Module([last], []), code, "exec"), names)  # noqa: S102
    return number(eval(compile(ast.Expression(last.value), code, "eval"), names))  # noqa: S307


@pytest.mark.parametrize("page", COMPARISONS, ids=lambda p: p.name)
def test_both_sides_of_tables_give_the_same(page):
    """What is said of another library is run where it is installed; ours always."""
    text = page.read_text(encoding="utf-8")
    setup = {
        kind: re.search(rf"```{kind}\n(.*?)```", text, re.DOTALL)[1] for kind in ("py", "python")
    }
    here, there = {}, {}
    exec(setup["python"], here)  # noqa: S102 - our own pages
    try:
        exec(setup["py"], there)  # noqa: S102
    except ImportError:
        there = None
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", text, re.MULTILINE)
    assert len(rows) > 8
    for theirs, ours in rows:
        found = outcome(ours, here)
        wanted = outcome(theirs, there) if there is not None else None
        if wanted is not None:
            np.testing.assert_allclose(found, wanted, 1e-5, 1e-6, err_msg=ours)  # JAX: float32


def error_classes():
    """The class of each error that the library tells a user of."""
    for name in MODULES:
        if not any(name.startswith(room) for room in OPTIONAL) and "__main__" not in name:
            for thing in vars(importlib.import_module(name)).values():
                if isinstance(thing, type) and issubclass(thing, autograd_lite.AutogradError):
                    yield thing.__name__


@pytest.mark.skipif(not (ROOT / "docs").exists(), reason="the pages lie beside the sources")
def test_each_error_has_an_entry_with_a_remedy():
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"\n## (\w+)\n(.*?)(?=\n## |\Z)", text, re.DOTALL))
    assert set(entries) | {"AutogradError"} == set(error_classes())
    for name, entry in entries.items():
        assert "**Remedy.**" in entry, name
        assert f"```{{raised}} {name}" in entry, name


@pytest.mark.skipif(
    not (ROOT / "docs").exists(), reason="an installed package has no pages beside its tests"
)
@each_page
def test_links_within_pages_lead_somewhere(page):
    words = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", words):
        assert (page.parent / target).exists(), target


@pytest.mark.skipif(not (ROOT / "CITATION.cff").exists(), reason="it lies beside the sources")
def test_the_version_is_the_same_wherever_it_is_told():
    told = [
        re.search(r'^version(?: =|:) "?([\d.]+)', (ROOT / name).read_text("utf-8"), re.MULTILINE)[1]
        for name in ("CITATION.cff", "pyproject.toml")
    ]
    assert told == [autograd_lite.__version__] * 2


def test_figures_of_the_readme_are_among_all_figures():
    """The README shows a choice: a figure that is measured anew is written down in both."""
    if not (ROOT / "docs").exists():
        pytest.skip("an installed package has no pages beside its tests")
    readme = (ROOT / "README.md").read_text("utf-8").split("## How fast")[1].split("## ")[0]
    rows = [line.split("|")[2:] for line in readme.splitlines() if line.startswith("| ")]
    shown = {figure for row in rows for figure in re.findall(r"[\d,.]*\d", "".join(row))}
    pages = set(re.findall(r"[\d,.]*\d", (ROOT / "docs" / "benchmarks.md").read_text("utf-8")))
    assert len(shown) > 40
    assert shown <= pages
