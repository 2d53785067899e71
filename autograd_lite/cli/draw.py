"""What `autograd-lite draw FILE.py::NAME -o picture.svg` does."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.draw.files import render
from autograd_lite.draw.subject import graph_of
from autograd_lite.draw.view import DrawError
from autograd_lite.frontend.node import NodeGraph
from autograd_lite.testing.files import load


def add_options(parser: ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add("source", metavar="FILE.py::NAME", help="a graph, a node, a program or a function")
    add(
        "-o",
        "--out",
        default="graph.svg",
        metavar="PICTURE",
        help="svg, png, pdf, html, … (%(default)s)",
    )
    add(
        "--args",
        nargs="+",
        default=[],
        metavar="VALUE",
        help="what the function is called with: numbers, or lists as in '[[1, 2], [3, 4]]'",
    )
    add("--edges", default="forward", metavar="WAY", help="forward, backward or both (%(default)s)")
    add("--depth", type=int, metavar="N", help="levels of module scopes to keep open")
    add("--all", action="store_true", help="draw every node, however many there are")
    add("--timeout", type=float, default=20, metavar="SECONDS", help="for Graphviz (%(default)s)")


def run(options: Namespace) -> Path:
    """Draw what the options say, and return the picture's path.

    Raises DrawError if there is no such name, or nothing to draw behind it; ConfigError if there
    is no such file; EngineError if nothing installed can write the form.
    """
    return render(
        load_graph(options.source, options.args),
        options.out,
        timeout=options.timeout,
        edges=options.edges,
        depth=options.depth,
        collapse=False if options.all else None,
    )


def load_graph(source: str, examples: list[str]) -> NodeGraph:
    """The graph under a name in a Python file, which is run; its folder can be imported from."""
    path, colons, name = source.rpartition("::" if "::" in source else ":")
    if not colons:
        raise DrawError(
            f"draw {source!r}",
            expected="a Python file and a name in it, as in model.py::graph",
            came="no name",
            suggestion="name a graph, a node, a program or a function of the file",
        )
    names = vars(load(path))
    if name not in names:
        raise DrawError(
            f"draw {source!r}",
            expected=f"a name that {path} defines",
            came=repr(name),
            suggestion=f"one of: {', '.join(sorted(_own(names)))}",
        )
    return graph_of(names[name], *map(_example, examples))


def _own(names: dict[str, Any]) -> list[str]:
    return [name for name in names if not name.startswith("_")]


def _example(text: str) -> Any:
    """A number as it is, a list as an array; DrawError for what is neither."""
    try:
        value = json.loads(text)
        return np.asarray(value) if isinstance(value, list) else value
    except ValueError:
        raise DrawError(
            "--args",
            expected="numbers, or lists of numbers as in '[[1, 2], [3, 4]]'",
            came=repr(text),
            suggestion="write 2.0 for a number that is differentiated, 2 for one that is not",
        ) from None
