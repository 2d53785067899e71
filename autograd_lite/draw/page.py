"""The page to step through: one HTML file with the picture, the numbers and the script inside."""

import json
import re
from importlib.resources import files
from typing import Any, Unpack

from autograd_lite.draw.arrays import array_record
from autograd_lite.draw.card import formula, sent
from autograd_lite.draw.picture import flows, picture_of
from autograd_lite.draw.scopes import scopes_of
from autograd_lite.draw.svg import svg_text
from autograd_lite.draw.view import Options, View
from autograd_lite.errors import printable
from autograd_lite.frontend.node import Node, NodeGraph

SCRIPTS = ("arrays.js", "viewport.js", "scopes.js", "sight.js", "steps.js")
MOST_NUMBERS = 6_000_000  # on a page; shared by all arrays
FEWEST, MOST = 256, 16_384  # numbers of one array


def page_text(graph: NodeGraph, **options: Unpack[Options]) -> str:
    """The page as HTML: it needs no network and no other file.

    All nodes are drawn, because each is a step; scopes are folded on the page itself.
    """
    view = View(**options)
    shown: Options = {**options, "edges": "forward", "collapse": False}
    picture = picture_of(graph, **shown)
    parts = {
        "title": f"Computation graph of {len(graph):,} nodes",
        "style": _file("page.css"),
        "picture": svg_text(picture),
        "data": _in_script(json.dumps(_records(graph, view), allow_nan=False)),
        "script": "\n".join(map(_file, SCRIPTS)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _file("page.html"))


def _file(name: str) -> str:
    return files(__package__).joinpath("web", name).read_text(encoding="utf-8")


def _in_script(text: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c")


def _records(graph: NodeGraph, view: View) -> list[dict[str, Any]]:
    most = min(max(MOST_NUMBERS // max(2 * len(graph), 1), FEWEST), MOST)
    scopes = scopes_of(graph.nodes)
    return [
        _record(graph, node, view, most) | {"scope": ".".join(map(printable, scope))}
        for node, scope in zip(graph, scopes, strict=True)
    ]


def _record(graph: NodeGraph, node: Node, view: View, most: int) -> dict[str, Any]:
    value, grad = node.value if view.values else None, node.grad if view.grads else None
    return {
        "op": node.op.name,
        "name": printable(node.name or ""),
        "line": printable(graph._line(node)),
        "formula": formula(node),
        "spec": str(node.spec),
        "place": printable(node.place.replace("\\", "/").rpartition("/")[2]),
        "inputs": [graph.index(x) for x in node.inputs],
        "sends": [
            (graph.index(x), None if part is None else sent(part))
            for x, part in (flows(node).items() if view.grads else ())
        ],
        "value": None if value is None else array_record(value, most),
        "grad": None if grad is None else array_record(grad, most),
    }
