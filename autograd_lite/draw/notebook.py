"""How a graph shows itself in a notebook: as a picture, and never as an error."""

from __future__ import annotations

from html import escape

from autograd_lite.draw.files import to_svg
from autograd_lite.draw.palette import notebook_style
from autograd_lite.frontend.node import NodeGraph

PATIENCE = 5.0  # seconds for an engine, before the own writer draws


def notebook_svg(graph: NodeGraph) -> str | None:
    """The graph as SVG; None, which makes the notebook print it, if that should ever fail.

    >>> from autograd_lite import Graph
    >>> notebook_svg(Graph())[:4]
    '<svg'
    """
    try:
        return to_svg(graph, timeout=PATIENCE)
    except Exception:  # noqa: BLE001 - a display must not hide the user's own work
        return None


def notebook_html(graph: NodeGraph) -> str:
    """The graph as inline SVG, which hovers and follows the notebook's theme; else as text."""
    svg = notebook_svg(graph)
    if svg is None:
        return f"<pre>{escape(str(graph))}</pre>"
    return svg.replace("</style>", f"{notebook_style()}</style>", 1)
