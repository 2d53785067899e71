"""The whole graph at once: the engine's gradient against finite differences of the output.

It is compared in float64 and a little beside the recorded point. Exactly at it, kinks may meet:
relu(x) - relu(-x) is x, but at 0 the rules say 0, and none of them is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.engine import Gradients, engine_gradients
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.judgement import Comparison, Outcome, compare
from autograd_lite.testing.replay import Call, copied, differentiable_leaves, in_double, values_at
from autograd_lite.testing.rows import VERDICTS, Row, Verdict
from autograd_lite.testing.rules import (
    along,
    check_rules,
    edges_to_check,
    random_cotangent,
    random_direction,
    weight_of,
)

NEARBY = (1e-1, 1e-3, 1e-5, 0.0)  # how far beside the recorded point; the first that can be judged
BESIDE = "seen a little beside the recorded point"
FAULT = "every rule passes on its own and the whole does not: accumulation, order or staleness"

Point = dict[Node, Array]


def check_whole(nodes: Sequence[Node], output: Node, random: np.random.Generator) -> list[Row]:
    """The verdict on the whole graph; if it fails where a rule does too, that on the rule."""
    comparison, nearby = first_clear(
        partial(compare_output, nodes, output, random), recorded_point(nodes), random
    )
    if comparison.outcome is Outcome.DIFFER:
        fault = Row(output, output.label(), Verdict.ENGINE, comparison, note=FAULT)
        return guilty_nearby(nodes, nearby, random) or [fault]
    verdict, subject = VERDICTS[comparison.outcome], f"whole graph to {output.label()}"
    return [Row(output, subject, verdict, comparison, note=comparison.note)]


def recorded_point(nodes: Iterable[Node]) -> Point:
    """The values of the leaves that get a gradient."""
    return {x: in_double(x._value) for x in differentiable_leaves(list(nodes))}


def first_clear(
    compare_at: Callable[[Point], Comparison], point: Point, random: np.random.Generator
) -> tuple[Comparison, Point]:
    """The first clear comparison at points nearer and nearer to the given one, and its point."""
    for distance in NEARBY:
        away = {x: distance * random_direction(random, value) for x, value in point.items()}
        nearby = stepped(point, away, 1.0)
        comparison = compare_at(nearby)
        if comparison.outcome is not Outcome.UNCLEAR:
            break
    return comparison, nearby


def compare_output(
    nodes: Sequence[Node], output: Node, random: np.random.Generator, point: Point
) -> Comparison:
    """Compare the engine's gradient at a point with how the output moves."""
    copies = copied(nodes, point)
    directions = {x: random_direction(random, value) for x, value in point.items()}

    def function(step: float) -> Array:
        return values_at(nodes, stepped(point, directions, step))[output]

    def pull(cotangent: Array) -> tuple[float, float]:
        found = engine_gradients(list(copies.values()), copies[output], cotangent)
        return along_all({x: found[copies[x]] for x in point}, directions), weight_of_all(found)

    return compare(function, pull, random_cotangent(random, output.shape))


def stepped(point: Point, directions: Point, step: float) -> Point:
    """The point after a step along the directions."""
    return {x: np.asarray(value + step * directions[x]) for x, value in point.items()}


def along_all(gradients: Gradients, directions: Point) -> float:
    """The part of several gradients along directions; None counts as zero."""
    reached = [(x, grad) for x, grad in gradients.items() if grad is not None]
    return sum(along(np.asarray(grad), directions[x]) for x, grad in reached)


def weight_of_all(gradients: Gradients) -> float:
    """How much the output changes when all values on the way change by their own size."""
    reached = [(node, grad) for node, grad in gradients.items() if grad is not None]
    return sum(weight_of(np.asarray(grad), np.asarray(node._value)) for node, grad in reached)


def guilty_nearby(nodes: Sequence[Node], point: Point, random: np.random.Generator) -> list[Row]:
    """The rules that fail beside the recorded point, which may hide a fault behind a kink.

    They are looked for where the whole failed, and then with the inputs of each node moved one by
    one: maximum(x, x) stays a tie however x moves.
    """
    copies = copied(nodes, point)
    called = {node: copy for node, copy in copies.items() if edges_to_check(copy)}
    apart = {node: set_apart(copy, random) for node, copy in called.items()}
    return failing_copies(copies, random) or failing_copies(apart, random)


def failing_copies(copies: Mapping[Node, Node], random: np.random.Generator) -> list[Row]:
    """The failures of nodes' copies, as failures of the nodes."""
    originals = {copy: node for node, copy in copies.items()}
    return [
        replace(row, node=originals[row.node], seen_at=row.node, note=BESIDE)
        for row in check_rules(list(originals), random)
        if row.verdict.failed
    ]


def set_apart(node: Node, random: np.random.Generator) -> Node:
    """The same call on leaves of its own, each moved a little."""
    call = Call.of(node)
    with NodeGraph():
        leaves = [
            Node(value + NEARBY[0] * random_direction(random, value))
            if x.requires_grad
            else constant(value)
            for x, value in zip(node.inputs, call.values, strict=True)
        ]
        apart: Node = call.op(*leaves, **call.params)
    return apart
