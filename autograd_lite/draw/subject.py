"""What can be drawn, and the graph behind it: a graph, a node, a program, or a function."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.autodiff.trees import leaves_of, map_leaves
from autograd_lite.compiler.program import Program
from autograd_lite.core.sweep import ancestors
from autograd_lite.draw.view import DrawError
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call

Subject = NodeGraph | Node | Program | Callable[..., Any]


@checks_call
def graph_of(thing: Subject, *examples: Any) -> NodeGraph:
    """The graph to draw: of a node what it was computed from, of a program what the passes left.

    A function is called with the examples, whose floating numbers and arrays become nodes named
    like its parameters; it may return nodes, in nested containers too, or a graph.

    >>> print(graph_of(lambda x, y: x * y, 2.0, -3.0))
    %0: float64[] = Variable 'x'
    %1: float64[] = Variable 'y'
    %2: float64[] = Mul(%0, %1)

    Raises DrawError for anything else.
    """
    if isinstance(thing, NodeGraph):
        return thing
    if isinstance(thing, Node):
        return _behind([thing])
    if isinstance(thing, Program):
        return thing.passes["results"]
    if callable(thing):
        return _called(thing, examples)
    raise DrawError(
        "draw",
        expected="a Graph, a Node, a Program, or a function of numbers and arrays",
        came=f"{type(thing).__name__} {thing!r}"[:80],
        suggestion="draw what you computed with nodes: `c = a * b`, then `c.render('c.svg')`",
    )


def _behind(nodes: list[Node]) -> NodeGraph:
    return NodeGraph().adopt(ancestors(*nodes))


def _called(function: Callable[..., Any], examples: tuple[Any, ...]) -> NodeGraph:
    try:
        bound = inspect.signature(function).bind(*examples)
    except (TypeError, ValueError) as problem:
        raise DrawError(
            f"draw {_name(function)}",
            expected="an example for each argument",
            came=f"{len(examples)} examples ({problem})",
            suggestion="give them after the path: draw.render(f, 'f.svg', 2.0, np.ones(3)); "
            "at the command line --args 2.0 '[1.0, 3.0]'",
        ) from None
    arguments = {name: _as_nodes(name, x) for name, x in bound.arguments.items()}
    bound.arguments.update(arguments)
    result = function(*bound.args, **bound.kwargs)
    if isinstance(result, NodeGraph | Program):
        return graph_of(result)
    nodes = [x for x in leaves_of(result) if isinstance(x, Node)]
    if nodes:
        return _behind(nodes)
    whole = examples and not any(isinstance(x, Node) for x in leaves_of(arguments))
    raise DrawError(
        f"draw {_name(function)}",
        expected="a function that returns nodes or a graph",
        came=type(result).__name__,
        suggestion="write 2.0 instead of 2: whole numbers do not become nodes"
        if whole
        else "compute with the arguments by functions of the library: ag.exp(x)",
    )


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", function))


def _as_nodes(name: str, example: Any) -> Any:
    """The example with nodes for its floating numbers and arrays, and for arrays of integers."""

    def node(leaf: Any) -> Any:
        if type(leaf) is float or isinstance(leaf, np.floating):
            return Node(leaf, name=name)
        if not isinstance(leaf, np.ndarray):
            return leaf
        is_floating = leaf.dtype.kind == "f"
        return Node(leaf, name=name) if is_floating else constant(leaf, name=name)

    return map_leaves(node, example)
