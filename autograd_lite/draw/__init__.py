"""Pictures of a graph, in every form that people use.

>>> from autograd_lite import Graph, Node
>>> from autograd_lite.draw import to_mermaid
>>> with Graph() as graph:
...     y = Node(2.0, name="x").exp()
>>> print(to_mermaid(graph, values=False))
flowchart LR
  n0["<b>Variable</b> <i>x</i>"]:::variable
  n1["<b>Exp</b>"]:::op
  n0 --> n1
  classDef op fill:#ffffff,stroke:#6e7781,color:#1f2328
  classDef variable fill:#ecfeff,stroke:#0e7490,color:#1f2328
<BLANKLINE>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from autograd_lite.draw.dot import dot_text, graphviz_object
from autograd_lite.draw.engines import EngineError
from autograd_lite.draw.explorer import explore
from autograd_lite.draw.files import notebook_html, notebook_svg, render, to_svg
from autograd_lite.draw.mermaid import mermaid_text
from autograd_lite.draw.page import page_text
from autograd_lite.draw.picture import picture_of
from autograd_lite.draw.subject import Subject, graph_of
from autograd_lite.draw.view import DrawError, Options, View
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.serialize import read
from autograd_lite.serialize.write import to_json

if TYPE_CHECKING:
    from autograd_lite.graph import Graph


@checks_call
def from_json(text: str) -> Graph:
    """The graph that `to_json` wrote, as `Graph.from_json` gives it."""
    from autograd_lite.graph import Graph  # noqa: PLC0415 - what users hold stands above pictures

    return read.from_json(text, Graph())


@checks_call
def to_dot(thing: Subject, *examples: Any, **options: Unpack[Options]) -> str:
    """The graph in DOT, Graphviz's language; the options are those of View.

    >>> from autograd_lite import Graph
    >>> print(to_dot(Graph())[:23])
    digraph autograd_lite {
    """
    return dot_text(picture_of(graph_of(thing, *examples), **options))


@checks_call
def to_mermaid(thing: Subject, *examples: Any, **options: Unpack[Options]) -> str:
    """The graph as a Mermaid flowchart, for Markdown; the options are those of View.

    >>> from autograd_lite import Graph
    >>> to_mermaid(Graph())[:12]
    'flowchart LR'
    """
    return mermaid_text(picture_of(graph_of(thing, *examples), **options))


@checks_call
def to_graphviz(thing: Subject, *examples: Any, **options: Unpack[Options]) -> Any:
    """The graph as a `graphviz.Digraph`, to be changed or rendered by that package.

    Raises EngineError if the graphviz package is not installed.
    """
    return graphviz_object(picture_of(graph_of(thing, *examples), **options))


__all__ = [
    "DrawError", "EngineError", "Options", "View", "explore", "from_json", "graph_of",
    "notebook_html", "notebook_svg", "page_text", "render", "to_dot", "to_graphviz", "to_json",
    "to_mermaid", "to_svg",
]  # fmt: skip
