"""What `autograd-lite draw FILE.py:name -o picture.svg` does."""

import runpy
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from autograd_lite.draw.files import render
from autograd_lite.draw.view import DrawError
from autograd_lite.frontend.node import Node, NodeGraph


def add_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add(
        "source", metavar="FILE.py:name", help="a Graph, a Node of one, or a function that gives it"
    )
    add(
        "-o",
        "--out",
        default="graph.svg",
        metavar="PICTURE",
        help="svg, png, pdf, html, … (%(default)s)",
    )
    add("--edges", default="forward", metavar="WAY", help="forward, backward or both (%(default)s)")
    add("--depth", type=int, metavar="N", help="levels of module scopes to keep open")
    add("--all", action="store_true", help="draw every node, however many there are")
    add("--timeout", type=float, default=20, metavar="SECONDS", help="for Graphviz (%(default)s)")


def run(options: Namespace) -> Path:
    """Draw what the options say, and return the picture's path.

    Raises DrawError if there is no such file or name, or no graph behind it; EngineError if
    nothing installed can write the form.
    """
    return render(
        load_graph(options.source),
        options.out,
        timeout=options.timeout,
        edges=options.edges,
        depth=options.depth,
        collapse=False if options.all else None,
    )


def load_graph(source: str) -> NodeGraph:
    """The graph under a name in a Python file, which is run; its folder can be imported from."""
    path, colon, name = source.rpartition(":")
    if not colon or not Path(path).is_file():
        raise DrawError(
            f"draw {source!r}",
            expected="a Python file and a name in it, as in model.py:graph",
            came="no colon" if not colon else f"no file {path!r}",
            suggestion="give the path from the folder you are in",
        )
    sys.path.insert(0, str(Path(path).resolve().parent))
    try:
        names = runpy.run_path(path)
    finally:
        del sys.path[0]
    if name not in names:
        raise DrawError(
            f"draw {source!r}",
            expected=f"a name that {path} defines",
            came=repr(name),
            suggestion=f"one of: {', '.join(sorted(_graphs(names))) or 'it has no graph'}",
        )
    return _graph_behind(source, names[name])


def _graphs(names: dict[str, Any]) -> list[str]:
    return [name for name, thing in names.items() if isinstance(thing, NodeGraph)]


def _graph_behind(source: str, thing: Any) -> NodeGraph:
    """A graph, a node's graph, or what a function without arguments gives."""
    is_graph_or_node = isinstance(thing, NodeGraph | Node)
    thing = thing() if callable(thing) and not is_graph_or_node else thing
    graph = thing.graph if isinstance(thing, Node) else thing
    if not isinstance(graph, NodeGraph):
        raise DrawError(
            f"draw {source!r}",
            expected="a Graph, or a Node that was appended to one",
            came=f"{type(thing).__name__} without a graph",
            suggestion="build it inside `with Graph() as graph:`",
        )
    return graph
