"""Derivatives of derivatives: each rule as graph, against finite differences of its numbers.

A rule that is handed the library's namespace appends nodes. Their rules are checked like all
others, and the derivative of what was appended is compared with how the rule's numbers move: that
finds a rule that hides a dependence, or that means two things.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite.autodiff.gradients import gradients
from autograd_lite.core.sweep import ancestors
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.engine import engine_gradients
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.judgement import Comparison, compare
from autograd_lite.testing.replay import Call, copied
from autograd_lite.testing.rows import Row, Verdict, input_name, verdict_of
from autograd_lite.testing.rules import (
    check_rules,
    edges_to_check,
    is_surrogate,
    random_cotangent,
    random_direction,
)
from autograd_lite.testing.whole import (
    Point,
    along_all,
    first_clear,
    recorded_point,
    stepped,
    weight_of_all,
)

WHOLE_FAULT = "every rule passes to second order and the gradient of the gradient does not"


def check_second_order(
    nodes: Sequence[Node], output: Node, random: np.random.Generator
) -> Iterator[Row]:
    """The verdict on each rule's own derivatives, then on the gradient of the gradient."""
    all_right = not any(map(is_surrogate, nodes))
    for node in nodes:
        for position in edges_to_check(node):
            row = check_rule_twice(node, position, random)
            all_right &= not row.verdict.failed
            yield row
    if all_right:
        yield check_whole_twice(nodes, output, random)


class Appended(NamedTuple):
    """A rule written down as nodes: the leaves it starts from, and the gradient it gives."""

    leaves: tuple[Node, ...]  # the cotangent, then the op's inputs
    gradient: Node
    nodes: list[Node]  # those that the rule appended


def check_rule_twice(node: Node, position: int, random: np.random.Generator) -> Row:
    """The verdict on the derivatives of a node's rule for one of its inputs."""
    name = input_name(node, position)
    subject = f"derivative of vjp_{name} of {node.label()}"
    report = partial(Row, node, subject, input=name, order=2)
    call = Call.of(node)
    cotangent = random_cotangent(random, call.output().shape)
    wanted = set(edges_to_check(node))
    try:
        appended = append_rule(call, position, cotangent, wanted)
        helpers = [row for row in check_rules(appended.nodes, random) if row.verdict.failed]
        if helpers:
            return _blame(helpers[0], node, subject)
        point = recorded_point(appended.leaves)
        compare_at = partial(compare_rule, call, position, appended.leaves)
        comparison, _ = first_clear(compare_at, point, random)
    except Exception as problem:  # noqa: BLE001 - it is a user's rule: anything may be raised
        return report(Verdict.RULE, note=f"{type(problem).__name__}: {problem}")
    verdict = verdict_of(comparison, Verdict.RULE)
    return report(verdict, comparison, note=comparison.note)


def _blame(row: Row, node: Node, subject: str) -> Row:
    """A rule that is wrong among the nodes that another rule appends."""
    return replace(row, node=node, seen_at=row.node, note=f"{row.note} in the {subject}".strip())


def append_rule(call: Call, position: int, cotangent: Array, wanted: set[int]) -> Appended:
    """Write a rule down as nodes, the wanted inputs being differentiable."""
    with NodeGraph() as graph:
        grad = Node(cotangent)
        inputs = [
            Node(value) if i in wanted else constant(value) for i, value in enumerate(call.values)
        ]
        out = call.op(*inputs, **call.params)
        before = len(graph)
        rule = call.op.rules_for(len(inputs))[position]
        part = rule(namespace, grad, out, *inputs, **call.params)  # type: ignore[misc]
    return Appended((grad, *inputs), part, graph.nodes[before:])


def compare_rule(
    call: Call, position: int, leaves: tuple[Node, ...], random: np.random.Generator, point: Point
) -> Comparison:
    """Compare the derivative of the appended rule with how the rule's numbers move."""
    keys = [x for x in leaves if x in point]
    directions = {x: random_direction(random, point[x]) for x in keys}
    wanted = {i for i, x in enumerate(leaves[1:]) if x in point}

    def values_of(here: Point) -> tuple[Array, Call]:
        values = tuple(here.get(x, np.asarray(x._value)) for x in leaves)
        return values[0], call._replace(values=values[1:])

    def function(step: float) -> Array:
        grad, moved = values_of(stepped(point, directions, step))
        return moved.pull(position, grad)

    grad, nearby = values_of(point)
    appended = append_rule(nearby, position, grad, wanted)
    again = dict(zip(leaves, appended.leaves, strict=True))

    def pull(cotangent: Array) -> tuple[float, float]:
        start = appended.gradient
        found = engine_gradients(ancestors(start), start, np.broadcast_to(cotangent, start.shape))
        arrived = {x: found.get(again[x]) for x in keys}
        return along_all(arrived, directions), weight_of_all(found)

    return compare(function, pull, random_cotangent(random, call.values[position].shape))


def check_whole_twice(nodes: Sequence[Node], output: Node, random: np.random.Generator) -> Row:
    """The verdict on the gradient of the gradient of the whole graph."""
    cotangent = random_cotangent(random, output.shape)
    compare_at = partial(compare_gradients, nodes, output, cotangent)
    comparison, _ = first_clear(compare_at, recorded_point(nodes), random)
    verdict = verdict_of(comparison, Verdict.ENGINE)
    note = WHOLE_FAULT if verdict.failed else comparison.note
    subject = f"gradient of the gradient of {output.label()}"
    return Row(output, subject, verdict, comparison, note=note, order=2)


def compare_gradients(
    nodes: Sequence[Node],
    output: Node,
    cotangent: Array,
    random: np.random.Generator,
    point: Point,
) -> Comparison:
    """Compare the derivative of the symbolic gradient with how the gradient's numbers move."""
    directions = {x: random_direction(random, value) for x, value in point.items()}
    copies = copied(nodes, point)
    reached = [x for x, grad in _gradients_at(nodes, output, cotangent, point) if grad is not None]

    def function(step: float) -> Array:
        found = dict(_gradients_at(nodes, output, cotangent, stepped(point, directions, step)))
        return np.concatenate([np.ravel(np.asarray(found[x])) for x in reached])

    def pull(weights: Array) -> tuple[float, float]:
        start = _weighted_gradient(copies, output, cotangent, reached, weights)
        if not start.requires_grad:
            return 0.0, 0.0
        found = engine_gradients(ancestors(start), start, np.ones(()))
        arrived = {x: found.get(copies[x]) for x in point}
        return along_all(arrived, directions), weight_of_all(found)

    size = sum(x.size for x in reached)
    return compare(function, pull, random_cotangent(random, (size,)))


def _gradients_at(
    nodes: Sequence[Node], output: Node, cotangent: Array, point: Point
) -> Iterator[tuple[Node, Array | None]]:
    """The engine's gradient of each leaf at a point, as numbers."""
    copies = copied(nodes, point)
    found = engine_gradients(list(copies.values()), copies[output], cotangent)
    return ((x, found[copies[x]]) for x in point)


def _weighted_gradient(
    copies: dict[Node, Node],
    output: Node,
    cotangent: Array,
    reached: Sequence[Node],
    weights: Array,
) -> Node:
    """The symbolic gradients of the leaves, weighted and summed to one number."""
    ends = np.cumsum([x.size for x in reached])[:-1]
    with NodeGraph():
        found = gradients(copies[output], [copies[x] for x in reached], cotangent=cotangent)
        pairs = zip(found, np.split(weights, ends), strict=True)
        terms = [namespace.sum(grad * part.reshape(grad.shape)) for grad, part in pairs]
        total: Node = sum(terms[1:], start=terms[0])
    return total
