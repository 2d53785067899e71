"""Pages that lie elsewhere in the repository, and the links to them.

Notebooks are copied beside the pages. Other files are included by a page, so that each fact stands
in one place; a link to such a file leads to the page that includes it, and a link to code becomes
its name.
"""

import json
import re
import shutil
from os.path import relpath
from pathlib import Path

DOCS = Path(__file__).parent.parent
ROOT = DOCS.parent
INCLUDED = {
    "README.md": "start.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "autograd_lite/core/README.md": "engine.md",
    "autograd_lite/nn/README.md": "networks.md",
}
"""Files outside of docs/, and the pages that show them."""

LINK = re.compile(
    r"(?P<code>```.*?```|`[^`\n]*`)|(!?)\[([^\]]*)\]\(([^)#:\s]+)(#[^)]*)?\)", re.DOTALL
)

LAST_LINE = re.compile(r"(```python\n(?:(?!```).*\n)*)\n```")  # doctest wants it, readers do not


def with_links(text: str, origin: Path, page: Path) -> str:
    """Markdown whose links, written for the file `origin`, lead on from `page`."""

    def resolved(match):
        code, picture, words, path, anchor = match.groups(default="")
        if code:
            return code
        target = (origin.parent / path).resolve()
        where = target.relative_to(ROOT).as_posix()
        if where in INCLUDED:
            target = DOCS / INCLUDED[where]
        elif where.startswith("notebooks/"):
            target = DOCS / where
        elif not target.is_relative_to(DOCS):
            return f"{words}"
        return f"{picture}[{words}]({relpath(target, page.parent)}{anchor})"

    return LINK.sub(resolved, LAST_LINE.sub(r"\1```", text))


def read_page(app, name, source):
    """Resolve the links of a page of our own."""
    page = Path(app.env.doc2path(name))
    if page.suffix == ".md":
        source[0] = with_links(source[0], page, page)


def read_included(app, path, parent, content):
    """Resolve the links of a file that a page includes."""
    page = Path(app.env.doc2path(parent))
    content[0] = with_links(content[0], DOCS / path, page)


def copy_notebooks(app):
    """Put the notebooks, with the outputs that they were committed with, beside the pages."""
    target = DOCS / "notebooks"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for path in ROOT.glob("notebooks/*.ipynb"):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = with_links("".join(cell["source"]), path, target / path.name)
        (target / path.name).write_text(json.dumps(notebook), encoding="utf-8")
    shutil.copy2(ROOT / "notebooks" / "network.svg", target)


def setup(app):
    """Register what is done when pages are read."""
    copy_notebooks(app)
    app.connect("source-read", read_page)
    app.connect("include-read", read_included)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
