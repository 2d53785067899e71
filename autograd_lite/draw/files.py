"""One call for every form of picture, and how a graph shows itself in a notebook."""

import os
import re
from base64 import b64encode
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any, Unpack

from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.program import Program
from autograd_lite.draw.dot import dot_text
from autograd_lite.draw.engines import EngineError, check_timeout, run_engines
from autograd_lite.draw.memory import memory_svg
from autograd_lite.draw.mermaid import mermaid_text
from autograd_lite.draw.page import page_text
from autograd_lite.draw.passes import passes_text
from autograd_lite.draw.picture import Picture, picture_of
from autograd_lite.draw.subject import Subject, graph_of
from autograd_lite.draw.svg import background, root_tag, svg_text
from autograd_lite.draw.view import DrawError, Options, View
from autograd_lite.frontend.node import NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.serialize.files import as_path, write
from autograd_lite.serialize.write import to_json

LARGE = 1_500  # boxes; engines take minutes for more, the own writer seconds
TEXTS: dict[str, Callable[[Picture], str]] = {"dot": dot_text, "mmd": mermaid_text}
FORMS = ("svg", "png", "pdf", "dot", "mmd", "json", "html")
NOTEBOOK_TIMEOUT = 2.0  # seconds for an engine, before the own writer draws


@checks_call
def render(
    thing: Subject,
    path: str | os.PathLike[str],
    *examples: Any,
    timeout: float = 20,
    **options: Unpack[Options],
) -> Path:
    """Write a picture of a graph, a node, a program, or a function called with `examples`.

    The end of `path` says which form: svg, png, pdf, dot, mmd (Mermaid), json, or html (a page to
    step through; of a program, what each pass and each step does). Returns the path.

    svg, png and pdf are drawn by Graphviz, in whatever shape it is installed; an svg is always
    possible. No engine runs longer than `timeout` seconds. `options` are those of View: values,
    grads, edges, collapse, depth, highlight, direction.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = render(lambda x, y: x * y, folder + "/product.dot", 2.0, -3.0)
    ...     path.read_text()[:20]
    'digraph autograd_lit'

    The file is written whole or not at all. Raises DrawError for another form or senseless options,
    ConfigError for a place that cannot be written to, EngineError if nothing installed can write
    the form.
    """
    target = as_path(path)
    form = target.suffix.removeprefix(".").lower()
    if form not in FORMS:
        raise DrawError(
            f"render {target.name!r}",
            expected=f"a file name that ends in one of: {', '.join(FORMS)}",
            came=target.suffix or "no ending",
            suggestion="render(graph, 'graph.svg') always works",
        )
    check_timeout(timeout)
    View(**options)  # senseless ones are refused by the forms that show all, too
    if isinstance(thing, Program) and form == "html":
        return write(target, passes_text(thing).encode())
    return write(target, _content(graph_of(thing, *examples), form, timeout, options))


@checks_call
def to_svg(thing: Subject, *examples: Any, timeout: float = 20, **options: Unpack[Options]) -> str:
    """What `render` draws, as SVG text by the best engine there is; the own writer never fails.

    >>> from autograd_lite import Node
    >>> to_svg(Node(2.0).exp())[:4]
    '<svg'
    """
    check_timeout(timeout)
    picture = picture_of(graph_of(thing, *examples), **options)
    if not 0 < len(picture.boxes) <= LARGE:
        return svg_text(picture)
    try:
        drawn = run_engines(dot_text(picture), "svg", timeout).decode()
        return adapted(drawn, picture.summary)
    except (EngineError, ValueError):
        return svg_text(picture)


def adapted(drawn: str, summary: str) -> str:
    """Graphviz' SVG without prolog, as wide as there is room, light and dark."""
    found = re.search(r'<svg (width="[^"]*" height="[^"]*"\s+viewBox="[^"]*")[^>]*>', drawn)
    if found is None:
        raise ValueError("not an SVG of Graphviz")
    root = root_tag(summary, f'{found[1]} xmlns:xlink="http://www.w3.org/1999/xlink"')
    return f"{root}{background()}{drawn[found.end() :]}"


def notebook_svg(thing: Subject | Plan, **options: Unpack[Options]) -> str | None:
    """The picture as SVG; None, which makes the notebook print it, if that should ever fail.

    Of a plan it is the memory over time.

    >>> from autograd_lite import Graph
    >>> notebook_svg(Graph())[:4]
    '<svg'
    """
    try:
        if isinstance(thing, Plan):
            return memory_svg(thing)
        return to_svg(thing, timeout=NOTEBOOK_TIMEOUT, **options)
    except Exception:  # noqa: BLE001 - a display must not hide the user's own work
        return None


def notebook_html(thing: Subject | Plan) -> str:
    """The picture as an image, which notebooks show whoever has run them; else as text.

    An SVG that stands in the output itself is taken out of it by Jupyter unless the reader has
    run the notebook. A program and a plan show their table, too.
    """
    svg = notebook_svg(thing)
    has_table = svg is None or isinstance(thing, Program | Plan)
    table = f"<pre>{escape(str(thing))}</pre>" if has_table else ""
    return table if svg is None else f"{table}{image(svg)}"


def image(svg: str) -> str:
    """An SVG as an HTML image, with its label for people who do not see it.

    >>> image('<svg aria-label="3 boxes">')
    '<img alt="3 boxes" src="data:image/svg+xml;base64,PHN2ZyBhcmlhLWxhYmVsPSIzIGJveGVzIj4=">'
    """
    found = re.search(r'aria-label="([^"]*)"', svg)
    label = found[1] if found else ""
    data = b64encode(svg.encode()).decode()
    return f'<img alt="{label}" src="data:image/svg+xml;base64,{data}">'


def _content(graph: NodeGraph, form: str, timeout: float, options: Options) -> bytes:
    if form == "svg":
        return to_svg(graph, timeout=timeout, **options).encode()
    if form == "html":
        return page_text(graph, **options).encode()
    if form == "json":
        chosen = {key: options[key] for key in ("values", "grads") if key in options}
        return to_json(graph, **chosen).encode()
    picture = picture_of(graph, **options)
    if form in TEXTS:
        return TEXTS[form](picture).encode()
    return run_engines(dot_text(picture), form, timeout)
