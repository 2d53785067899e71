"""`check_gradients`: what a loss, a graph or a function computes, judged node by node and whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.shapes import spec_of
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import GradientError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.engine import check_engine
from autograd_lite.testing.report import Report
from autograd_lite.testing.rows import Row, Verdict
from autograd_lite.testing.rules import check_rules, edges_to_check, is_surrogate
from autograd_lite.testing.second_order import check_second_order
from autograd_lite.testing.whole import check_whole

T = TypeVar("T")

PATIENCE = 2.0  # seconds before a progress bar is shown
Target = Node | NodeGraph | Callable[..., Any]


def check_gradients(
    target: Target,
    *arguments: Any,
    loss: Node | None = None,
    order: int = 1,
    seed: int = 0,
    progress: bool = True,
) -> Report:
    """Compare every derivative on the way to a loss with finite differences, and say who is wrong.

    `target` is a computed node, a graph (with its `loss`, if it is not the only node that gradients
    start from), or a function of `arguments`, of which floats and float arrays become leaves.
    First each node's rule is compared with its own forward rule at the inputs it recorded, then
    the engine's gradients with what the rules give, then the whole: a rule that fails is wrong
    itself, and where all pass and the whole fails it is the engine. float32 is replayed in float64.
    `order=2` checks the derivatives of the rules as well. Cost grows with the sum over the nodes.

    >>> import autograd_lite as ag
    >>> print(check_gradients(lambda x: ag.sum(ag.tanh(x) * x), np.array([0.5, -1.0])).summary)
    9 checks of Sum: all right

    Raises GradientError if there is nothing to differentiate, StaleError if values are not those
    of the present leaves.
    """
    output = output_of(target, arguments, loss)
    with np.errstate(all="ignore"):
        rows = check_output(output, order, np.random.default_rng(seed), progress=progress)
    return Report(output, sorted(rows, key=lambda row: VERDICT_ORDER[row.verdict]))


def check_output(
    output: Node, order: int, random: np.random.Generator, *, progress: bool
) -> list[Row]:
    """The verdicts, from the parts to the whole, as far as nothing fails before."""
    nodes = ancestors(output)
    count = sum(len(edges_to_check(node)) for node in nodes)
    rows = list(with_progress(check_rules(nodes, random), count, wanted=progress))
    if not _any_failed(rows):
        rows += check_engine(nodes, output, random)
    if not _any_failed(rows) and not any(map(is_surrogate, nodes)):
        rows += check_whole(nodes, output, random)
    if order == 2 and not _any_failed(rows):
        second = check_second_order(nodes, output, random)
        rows += with_progress(second, count + 1, wanted=progress)
    return rows


VERDICT_ORDER = {verdict: rank for rank, verdict in enumerate(Verdict)}


def _any_failed(rows: list[Row]) -> bool:
    return any(row.verdict.failed for row in rows)


def output_of(target: Target, arguments: tuple[Any, ...], loss: Node | None = None) -> Node:
    """The node to start from; GradientError if no gradient can start there."""
    if isinstance(target, BaseGraph):
        output = loss if loss is not None else only_end(target)
    elif isinstance(target, Node):
        output = target
    else:
        output = target(*map(as_leaf, arguments))
        if isinstance(output, BaseGraph):
            output = only_end(output)
    if not isinstance(output, Node) or not output.requires_grad:
        raise _nothing_to_check(output)
    output._need_value()
    return output


def as_leaf(argument: Any) -> Any:
    """A float or an array of floats as a leaf with a gradient, anything else as it is."""
    is_data = isinstance(argument, float | np.ndarray | np.floating | list)
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


def _nothing_to_check(output: Any) -> GradientError:
    return GradientError(
        "check_gradients",
        expected="a node that depends on a differentiable leaf",
        came=f"{output.label()}, {output.spec}" if isinstance(output, Node) else repr(output),
        suggestion="compute it from Node(…) or parameter(…), and return it from the function",
    )


def with_progress(steps: Iterable[T], total: int, *, wanted: bool) -> Iterator[T]:
    """The same steps, counted on stderr once two seconds have passed, if tqdm is installed."""
    if not wanted:
        return iter(steps)
    try:
        tqdm = import_module("tqdm")
    except ImportError:
        return iter(steps)
    bar = tqdm.tqdm(steps, "check", total, leave=False, delay=PATIENCE, unit="rule")
    return iter(bar)
