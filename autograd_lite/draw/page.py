"""The page to step through: one HTML file with the numbers, the scripts and the layout library."""

import json
import re
from importlib.resources import files
from typing import Any, Unpack

from autograd_lite.draw.arrays import array_record, picture_sizes
from autograd_lite.draw.card import Card, formula, node_card, sent
from autograd_lite.draw.origin import nonfinite_of, origin_of
from autograd_lite.draw.palette import box_style
from autograd_lite.draw.parts import Part, part_tree
from autograd_lite.draw.picture import constants_inside, flows
from autograd_lite.draw.scopes import scopes_of
from autograd_lite.draw.subject import Subject, graph_of
from autograd_lite.draw.view import Options, View
from autograd_lite.errors import printable
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call

SCRIPTS = (
    "arrays.js", "model.js", "boxes.js", "layout.js", "viewport.js", "steps.js", "controls.js",
)  # fmt: skip
LAYOUT = ("dagre.min.js", "dagre.LICENSE.txt")
MOST_NUMBERS = 6_000_000  # on a page; shared by all arrays
FEWEST, MOST = 256, 16_384  # numbers of one array


@checks_call
def page_text(thing: Subject, *examples: Any, **options: Unpack[Options]) -> str:
    """The page as HTML: it needs no network and no other file.

    All nodes are on it, because each is a step; the page opens and folds scopes by itself.
    """
    graph = graph_of(thing, *examples)
    library, licence = (_file(f"vendor/{name}") for name in LAYOUT)
    parts = {
        "title": f"Computation graph of {len(graph):,} nodes",
        "style": box_style() + _file("page.css"),
        "data": _in_script(json.dumps(_record(graph, View(**options)), allow_nan=False)),
        "library": f"/* dagre: https://github.com/dagrejs/dagre\n{licence}*/\n{library}",
        "script": "\n".join(map(_file, SCRIPTS)),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _file("page.html"))


def _file(name: str) -> str:
    return files(__package__).joinpath("web", name).read_text(encoding="utf-8")


def _in_script(text: str) -> str:
    """JSON that cannot end the script element it stands in."""
    return text.replace("<", "\\u003c")


def _record(graph: NodeGraph, view: View) -> dict[str, Any]:
    nodes, marks = graph.nodes, view.marks()
    inside = constants_inside(nodes, marks)
    shown = [i for i, node in enumerate(nodes) if node not in inside]
    origin = origin_of(nodes, nonfinite_of(nodes) if view.values else {}, grads=view.grads)
    bad = {} if origin is None else {origin.node: origin.what}
    most = min(max(MOST_NUMBERS // max(2 * len(graph), 1), FEWEST), MOST)
    sizes = picture_sizes(nodes)
    records = [_node_record(graph, node, view, most, sizes) for node in nodes]
    for i in shown:
        node, mark = nodes[i], marks.get(nodes[i], "")
        card = node_card(node, "", view, mark, inside=inside, bad=bad.get(node, ""))
        records[i]["card"] = _card_record(card)
    return {
        "nodes": records,
        "parts": _part_records(part_tree(nodes, scopes_of(nodes), shown)),
        "formulas": {name: formula(x) for name, x in {x.op.name: x for x in nodes}.items()},
        "isRight": view.is_right([nodes[i] for i in shown]),
        "note": "" if origin is None else str(origin),
    }


def _node_record(
    graph: NodeGraph, node: Node, view: View, most: int, sizes: frozenset[int]
) -> dict[str, Any]:
    value, grad = node.value if view.values else None, node.grad if view.grads else None
    return {
        "op": node.op.name,
        "name": printable(node.name or ""),
        "line": printable(graph._line(node)),
        "spec": str(node.spec),
        "place": printable(node.place.replace("\\", "/").rpartition("/")[2]),
        "inputs": [graph.index(x) for x in node.inputs],
        "sends": [
            (graph.index(x), None if part is None else sent(part))
            for x, part in (flows(node).items() if view.grads else ())
        ],
        "value": None if value is None else array_record(value, most, sizes),
        "grad": None if grad is None else array_record(grad, most, sizes),
    }


def _card_record(card: Card) -> dict[str, Any]:
    return {
        "heading": card.heading,
        "operands": card.operands,
        "name": card.name,
        "spec": card.spec,
        "rows": [(row.label, row.cells, row.is_bad) for row in card.rows],
        "frame": card.frame,
        "isThick": card.is_thick,
    }


def _part_records(root: Part) -> list[dict[str, Any]]:
    """All parts, each after the one that it is in; that one is told by its number."""
    found, parents = [root], [-1]
    for number, part in enumerate(found):  # it grows on the way
        found += part.parts
        parents += [number] * len(part.parts)
    return [
        {"label": part.label, "kind": part.kind, "parent": parent, "nodes": part.nodes}
        for part, parent in zip(found, parents, strict=True)
    ]
