"""The whole at once: the engine's gradient against finite differences of the output.

It is compared in float64 and a little beside the recorded point, where a fault that a kink may hide
is seen, and at the point itself if there are kinks. They may meet there: relu(x) - relu(-x) is x,
and at 0 the rules say 0, though none of them is wrong.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np

from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.testing.engine import Gradients, engine_gradients
from autograd_lite.testing.finite_difference import CERTAIN, OUTSIDE, Array, slopes
from autograd_lite.testing.judgement import Comparison, Outcome, compare, steadied
from autograd_lite.testing.replay import Call, copied, differentiable_leaves, in_double, values_at
from autograd_lite.testing.rows import Row, Verdict, verdict_of
from autograd_lite.testing.rules import (
    along,
    check_rules,
    edges_to_check,
    random_cotangent,
    random_direction,
    shaken,
    weight_of,
)

NEARBY = (1e-1, 1e-3, 1e-5, 0.0)  # how far beside the recorded point; the first that can be judged
BESIDE = "seen a little beside the recorded point"
FAULT = "every rule passes on its own and the whole does not: accumulation, order or staleness"
MEETING = (
    "kinks meet here in a smooth whole: its slopes from left and right agree, "
    "and what the rules say at their kinks does not add up to that"
)
SUMS = 5  # of directions, whose slopes have to add up in a smooth whole
CLEARLY = 1e-3  # beside themselves, sides that differ because kinks meet differ by more

Point = dict[Node, Array]


class Rerun(NamedTuple):
    """The nodes of one run, and which of them stands for each leaf of the point."""

    leaves: Mapping[Node, Node]
    nodes: list[Node]
    output: Node

    def gradients(self, cotangent: Array) -> Gradients:
        """The engine's gradient of each of its nodes."""
        return engine_gradients(self.nodes, self.output, cotangent)


class Source(Protocol):
    """Something that can be computed at any point: recorded nodes, or a function."""

    @property
    def output(self) -> Node:
        """The output as it was recorded."""

    @property
    def point(self) -> Point:
        """The values of the leaves that get a gradient."""

    def value(self, point: Point) -> Array:
        """The output at a point."""

    def run(self, point: Point) -> Rerun:
        """The nodes that compute the output at a point."""


class Recorded(NamedTuple):
    """Recorded nodes, replayed in float64."""

    nodes: Sequence[Node]
    output: Node

    @property
    def point(self) -> Point:
        """The recorded values of the leaves that get a gradient."""
        return recorded_point(self.nodes)

    def value(self, point: Point) -> Array:
        """The output, with new values of the leaves."""
        return values_at(self.nodes, point)[self.output]

    def run(self, point: Point) -> Rerun:
        """The nodes appended again with new values of the leaves."""
        copies = copied(self.nodes, point)
        return Rerun({x: copies[x] for x in point}, list(copies.values()), copies[self.output])


def check_whole(
    nodes: Sequence[Node], output: Node, random: np.random.Generator, *, has_kinks: bool
) -> list[Row]:
    """The verdict on the whole graph; if it fails where a rule does too, that on the rule."""
    source = Recorded(nodes, output)
    comparison, nearby = first_clear(partial(compare_output, source), source.point, random)
    if comparison.outcome is Outcome.DIFFER:
        fault = Row(output, output.label(), Verdict.ENGINE, comparison, note=FAULT)
        return guilty_nearby(nodes, nearby, random) or [fault]
    subject = f"whole graph to {output.label()}"
    return [row_of_whole(source, subject, comparison, random, has_kinks=has_kinks)]


def row_of_whole(
    source: Source,
    subject: str,
    beside: Comparison,
    random: np.random.Generator,
    *,
    has_kinks: bool,
) -> Row:
    """The verdict, from the comparison beside the recorded point and another one right at it."""
    here = compare_output(source, random, source.point) if has_kinks else beside
    if is_meeting(source, here, random):
        return Row(source.output, subject, Verdict.WHOLE, here, note=MEETING)
    shown = here if here.is_kink and here.outcome is Outcome.AGREE else beside
    return Row(source.output, subject, verdict_of(shown, Verdict.ENGINE), shown, note=shown.note)


def is_meeting(source: Source, here: Comparison, random: np.random.Generator) -> bool:
    """Whether the slope of a smooth whole is another than that of its parts says."""
    is_off = here.outcome is Outcome.DIFFER and not here.is_kink and not here.is_alike(CLEARLY)
    return is_off and is_differentiable(source, random)


def is_differentiable(source: Source, random: np.random.Generator) -> bool:
    """Whether slopes from left and right agree, and the slope of a sum is the sum of the slopes.

    Several times, because by chance one direction may stand for all, as in the middle of three.
    """
    cotangent = random_cotangent(random, source.output.shape)
    return all(_is_additive(source, cotangent, random) for _ in range(SUMS))


def _is_additive(source: Source, cotangent: Array, random: np.random.Generator) -> bool:
    point = source.point
    a, b = (random_directions(random, point) for _ in range(2))
    found = []
    for directions in (a, b, {x: a[x] + b[x] for x in point}):

        def weighted(step: float, directions: Point = directions) -> Array:
            moved = source.value(stepped(point, directions, step))
            return np.asarray(np.sum(cotangent * moved))

        found.append(slopes(weighted))
    is_smooth = all(slope.is_known and not slope.has_kink for slope in found)
    first, second, both = (float(slope.central.value) for slope in found)
    error = CERTAIN * float(sum(slope.central.error for slope in found))
    floor = CLEARLY * max(abs(first), abs(second)) / CERTAIN
    return is_smooth and abs(first + second - both) <= error + floor


def recorded_point(nodes: Iterable[Node]) -> Point:
    """The values of the leaves that get a gradient."""
    return {x: in_double(x._value) for x in differentiable_leaves(list(nodes))}


def random_directions(random: np.random.Generator, point: Point) -> Point:
    """A direction for each leaf."""
    return {x: random_direction(random, value) for x, value in point.items()}


def first_clear(
    compare_at: Callable[[np.random.Generator, Point], Comparison],
    point: Point,
    random: np.random.Generator,
) -> tuple[Comparison, Point]:
    """The first clear comparison at points nearer and nearer to the given one, and its point."""
    for distance in NEARBY:
        away = random_directions(random, point)
        nearby = stepped(point, away, distance)
        seed = int(random.integers(2**32))
        comparison = _steady(compare_at, nearby, seed, random)
        if comparison.outcome is not Outcome.UNCLEAR:
            break
    return comparison, nearby


def _steady(
    compare_at: Callable[[np.random.Generator, Point], Comparison],
    point: Point,
    seed: int,
    random: np.random.Generator,
) -> Comparison:
    """A comparison along the same directions again, should it need evidence."""

    def again() -> Comparison:
        moved = {x: shaken(random, value) for x, value in point.items()}
        return compare_at(np.random.default_rng(seed), moved)

    try:
        return steadied(compare_at(np.random.default_rng(seed), point), again)
    except OUTSIDE as problem:
        return Comparison(0.0, 0.0, np.inf, np.inf, Outcome.UNCLEAR, f"outside: {problem}")


def compare_output(source: Source, random: np.random.Generator, point: Point) -> Comparison:
    """Compare the engine's gradient at a point with how the output moves."""
    run = source.run(point)
    directions = random_directions(random, point)

    def function(step: float) -> Array:
        return source.value(stepped(point, directions, step))

    def pull(cotangent: Array) -> tuple[float, float]:
        found = run.gradients(cotangent)
        arrived = {x: found.get(leaf) for x, leaf in run.leaves.items()}
        return along_all(arrived, directions), weight_of_all(found)

    return compare(function, pull, random_cotangent(random, run.output.shape))


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
    found = failing_copies(copies, random)
    if found:
        return found
    called = {node: copy for node, copy in copies.items() if edges_to_check(copy)}
    try:
        apart = {node: set_apart(copy, random) for node, copy in called.items()}
    except OUTSIDE:
        return []
    return failing_copies(apart, random)


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
