"""A function that is called again at moved arguments: so what left the graph is found and named.

Recorded nodes are replayed with the numbers that were recorded, also those that `math.sin(x)`,
`float(x)`, a random draw or a variable of a closure put there. Called again, the function shows it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.autodiff.trees import leaves_of, map_leaves
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import spec_of
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import GradientError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.judgement import Outcome
from autograd_lite.testing.replay import in_double
from autograd_lite.testing.rows import Row, Verdict
from autograd_lite.testing.whole import (
    Point,
    Rerun,
    compare_output,
    first_clear,
    random_directions,
    row_of_whole,
    stepped,
)

LEFT = (
    "the function changes in a way that its graph does not hold: a value left the graph "
    "(float(x), math, NumPy on a value), or the function branches on one"
)
CHANGES = "not deterministic: called twice with the same arguments it gives {} and {}"


@dataclass(frozen=True)
class Called:
    """One output of a function, whose arguments hold the leaves that are moved."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]  # nested containers, with nodes for floats
    number: int  # of the output
    output: Node

    @property
    def point(self) -> Point:
        """The values of the leaves among the arguments."""
        leaves = leaves_of(self.arguments)
        return {x: in_double(x._value) for x in leaves if isinstance(x, Node) and x.requires_grad}

    def value(self, point: Point) -> Array:
        """The output for other arguments."""
        return np.asarray(self.run(point).output._value)

    def run(self, point: Point) -> Rerun:
        """The nodes that the function appends for other arguments."""
        leaves = {x: _moved_leaf(x, value) for x, value in point.items()}
        with np.errstate(all="ignore"):
            outputs = call(self.function, map_leaves(partial(_at, leaves), self.arguments))
        if len(outputs) <= self.number:
            raise ValueError(f"{len(outputs)} outputs where there were more")
        output = outputs[self.number]
        nodes = ancestors(output, *leaves.values())
        return Rerun(leaves, nodes, output)


def _at(leaves: Mapping[Node, Node], x: Any) -> Any:
    return leaves.get(x, x) if isinstance(x, Node) else x


def _moved_leaf(x: Node, value: Array) -> Node:
    return Node(float(value) if type(x._value) is float else value, name=x.name)


def call(function: Callable[..., Any], arguments: Sequence[Any]) -> list[Node]:
    """The nodes that a function returns, alone or in nested containers; of a graph, its end."""
    with NodeGraph():
        result = function(*arguments)
    parts = [only_end(x) if isinstance(x, NodeGraph) else x for x in leaves_of(result)]
    nodes = [x for x in parts if isinstance(x, Node) and x.requires_grad]
    if not nodes:
        raise nothing_to_check(result)
    return nodes


def tracked(argument: Any) -> Any:
    """The argument with leaves in the place of floats and float arrays; a list of numbers is one.

    >>> tracked({"w": np.zeros(2), "n": 3})
    {'w': Node(array([0., 0.])), 'n': 3}
    """
    is_numbers = isinstance(argument, list) and all(
        isinstance(x, float | int) for x in leaves_of(argument)
    )
    return as_leaf(np.asarray(argument)) if is_numbers else map_leaves(as_leaf, argument)


def as_leaf(argument: Any) -> Any:
    """A float or an array of floats as a leaf with a gradient, anything else as it is."""
    is_data = isinstance(argument, float | np.ndarray | np.floating)
    return Node(argument) if is_data and spec_of(argument).dtype.kind == "f" else argument


def only_end(graph: NodeGraph) -> Node:
    """The one node of a graph that could be its loss: it has a gradient, and no users have it."""
    used = {x for node in graph.nodes if node.requires_grad for x in node.inputs}
    ends = [node for node in graph.nodes if node.requires_grad and node.inputs and node not in used]
    if len(ends) != 1:
        raise GradientError(
            "check_gradients of a graph",
            expected="one node that gradients start from",
            came=f"{len(ends)}: {', '.join(node.label() for node in ends) or 'none'}",
            suggestion="say which one is meant: check_gradients(graph, loss=node)",
        )
    return ends[0]


def nothing_to_check(output: Any) -> GradientError:
    """The error for a result that no gradient can start from."""
    return GradientError(
        "check_gradients",
        expected="a node that depends on a differentiable leaf",
        came=f"{output.label()}, {output.spec}" if isinstance(output, Node) else repr(output),
        suggestion="compute it from Node(…) or parameter(…), and return it from the function",
    )


def check_called(source: Called, random: np.random.Generator) -> Iterator[Row]:
    """The verdict on the function itself: that it repeats itself, and moves as its graph says."""
    again = source.value(source.point)
    before = in_double(source.output._value)
    if not np.allclose(again, before, rtol=_half_the_digits(source.output), equal_nan=True):
        note = CHANGES.format(_shown(before), _shown(again))
        yield Row(source.output, source.output.label(), Verdict.WHOLE, note=note)
        return
    comparison, nearby = first_clear(partial(compare_output, source), source.point, random)
    subject = f"function to {source.output.label()}, called again"
    if comparison.outcome is Outcome.DIFFER:
        points = (nearby, _aside(source, random))
        moved = (moved_constant(source, point) for point in points)
        culprit = next((node for node in moved if node is not None), None)
        note = LEFT if culprit is None else f"{LEFT}; it is seen as {culprit.label()}"
        yield Row(
            source.output if culprit is None else culprit,
            subject,
            Verdict.WHOLE,
            comparison,
            note=note,
        )
    else:
        yield row_of_whole(source, subject, comparison, random, has_kinks=True)


def _half_the_digits(node: Node) -> float:
    """How exactly a value repeats itself that was recorded in its own dtype, and not in float64."""
    return float(np.sqrt(np.finfo(node.dtype).eps))


def _aside(source: Called, random: np.random.Generator) -> Point:
    return stepped(source.point, random_directions(random, source.point), 0.1)


def moved_constant(source: Called, point: Point) -> Node | None:
    """The first user of a constant that is another one when the arguments are moved."""
    before, after = (source.run(at).nodes for at in (source.point, point))
    if [node.op for node in before] != [node.op for node in after]:
        return None
    users = {x: node for node in reversed(before) for x in node.inputs}
    for old, new in zip(before, after, strict=True):
        is_fixed = old.op is Leaf.Constant and old in users
        if is_fixed and not np.array_equal(old._value, new._value, equal_nan=True):
            return users[old]
    return None


def _shown(value: Array) -> str:
    """A number, or the first ones of an array, for a note."""
    first = [f"{x:.9g}" for x in np.ravel(value)[:3].tolist()]
    return first[0] if value.size == 1 else f"[{', '.join(first)}{', …' if value.size > 3 else ''}]"
