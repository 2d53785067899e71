"""What `autograd-lite draw FILE.py::NAME -o picture.svg` does."""

import json
from argparse import ArgumentParser, Namespace
from contextlib import suppress
from typing import Any

import numpy as np

from autograd_lite.draw.files import render
from autograd_lite.draw.subject import graph_of
from autograd_lite.draw.view import DrawError
from autograd_lite.frontend.node import NodeGraph
from autograd_lite.testing.files import load, users_code


def add_draw(parser: ArgumentParser) -> None:
    """The options of `autograd-lite draw`."""
    add = parser.add_argument
    add("source", metavar="FILE.py::NAME", help="a graph, a node, a program or a function")
    forms = "svg, png, pdf, html, … (%(default)s)"
    add("-o", "--out", default="graph.svg", metavar="PICTURE", help=forms)
    text = "what the function is called with: numbers, or lists as in '[[1, 2], [3, 4]]'"
    add("--args", nargs="+", default=[], metavar="VALUE", help=text)
    add("--edges", default="forward", metavar="WAY", help="forward, backward or both (%(default)s)")
    add("--depth", type=int, metavar="N", help="levels of module scopes to keep open")
    add("--all", action="store_true", help="draw every node, however many there are")
    add("--timeout", type=float, default=20, metavar="SECONDS", help="for Graphviz (%(default)s)")
    parser.set_defaults(run=draw)


def draw(options: Namespace) -> int:
    """Draw a graph that a Python file builds: `autograd-lite draw FILE.py::NAME -o out.svg`.

    Raises DrawError if there is no such name, or nothing to draw behind it; ConfigError if there
    is no such file; EngineError if nothing installed can write the form.
    """
    view = {"edges": options.edges, "depth": options.depth}
    collapse = False if options.all else None
    graph = load_graph(options.source, options.args)
    print(render(graph, options.out, timeout=options.timeout, collapse=collapse, **view))
    return 0


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
        own = sorted(known for known in names if not known.startswith("_"))
        raise DrawError(
            f"draw {source!r}",
            expected=f"a name that {path} defines",
            came=repr(name),
            suggestion=f"one of: {', '.join(own)}",
        )
    values = [_example(text) for text in examples]
    with users_code(path):
        return graph_of(names[name], *values)


def _example(text: str) -> Any:
    """A number as it is, a list as an array; DrawError for what is neither."""
    with suppress(ValueError, RecursionError):
        value = json.loads(text)
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array if isinstance(value, list) else value
    raise DrawError(
        "--args",
        expected="numbers, or lists of numbers as in '[[1, 2], [3, 4]]'",
        came=repr(text),
        suggestion="write 2.0 for a number that is differentiated, 2 for one that is not",
    )
