"""Node by node: each backward rule against finite differences of the node's own forward rule.

A node is judged at the inputs it recorded and by nothing else, so whoever fails here is guilty
itself. An input is moved along one random direction first; only after a failure is it searched for
the guilty element, by halving.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Output
from autograd_lite.errors import UnwrittenRuleError
from autograd_lite.frontend.node import Node
from autograd_lite.testing.finite_difference import FIRST_STEP, Array, Path
from autograd_lite.testing.judgement import (
    ALIKE,
    CROSSING,
    Comparison,
    Outcome,
    compare,
    compare_with_hull,
    groups_of,
    steadied,
)
from autograd_lite.testing.replay import Call
from autograd_lite.testing.rows import Row, Verdict, input_name, verdict_of

ONE_BY_ONE = 32  # so few elements are tried each on its own

BESIDE = 1e-1  # how far away the slopes around a kink are looked for
AROUND = 16  # in how many places
BITS = 2.0**12  # of a direction's numbers: few, so that what a step adds is not rounded
LAST_PLACES = 4  # by how many units in the last place an argument may be off

MANY_TIMES = 2.0**10  # the longest step of an element; beyond, steps in proportion are tried
KNOWN = (Outcome.UNCLEAR, Outcome.AGREE, Outcome.DIFFER)  # from the least to the most

Check = Callable[[Array], Comparison]
"""From a direction of an input to the comparison along it."""
Judgement = tuple[Comparison, tuple[int, ...] | None]
"""A comparison, and the element of the input that it is about if it is about one."""


def edges_to_check(node: Node) -> list[int]:
    """The positions of the inputs that a gradient flows to."""
    if isinstance(node.op, Leaf) or not node.requires_grad or node.op is Output:
        return []
    rules = node.op.rules_for(len(node.inputs))
    return [i for i, x in enumerate(node.inputs) if x.requires_grad and rules[i] is not None]


def check_rules(nodes: Sequence[Node], random: np.random.Generator) -> Iterator[Row]:
    """The verdict on each rule of each node, in append order."""
    for node in nodes:
        for position in edges_to_check(node):
            yield check_rule(node, position, random)


def is_surrogate(node: Node) -> bool:
    """Whether a node's rules say of themselves that they are not the derivative.

    Then neither is the gradient of a graph with that node, and it cannot be judged as a whole.
    """
    return bool(getattr(node.op, "surrogate", ""))


def check_rule(node: Node, position: int, random: np.random.Generator) -> Row:
    """The verdict on a node's rule for one of its inputs."""
    call = Call.of(node)
    name = input_name(node, position)
    report = partial(Row, node, f"vjp_{name} of {node.label()}", input=name)
    if is_surrogate(node):
        return report(Verdict.UNDECIDABLE, note=node.op.surrogate)  # type: ignore[union-attr]
    cotangent = random_cotangent(random, call.output().shape)
    try:
        call.pull(position, cotangent)
    except UnwrittenRuleError as missing:
        return report(Verdict.UNDECIDABLE, note=f"{missing.subject} is not written yet")
    except Exception as problem:  # noqa: BLE001 - it is a user's rule: anything may be raised
        return report(Verdict.RULE, note=f"{type(problem).__name__}: {problem}")
    comparison, index = Edge(call, position, cotangent).judge(random)
    verdict = verdict_of(comparison, Verdict.RULE)
    return report(verdict, comparison=comparison, index=index, note=comparison.note)


class Edge(NamedTuple):
    """One input of a call, whose rule is to be judged with a cotangent."""

    call: Call
    position: int
    cotangent: Array

    def judge(self, random: np.random.Generator) -> Judgement:
        """Move the input along directions until one shows a fault, and tell the most that is known.

        If that meets kinks, equal elements are moved equally as well: what is tied at a maximum
        stays tied then, and the shares have to sum to one.
        """
        judgements = []
        for direction in self.directions(random):
            judgements.append(self.judge_along(direction, random))
            if judgements[-1][0].outcome is Outcome.DIFFER:
                return judgements[-1]
        judgement = max(judgements, key=lambda found: KNOWN.index(found[0].outcome))
        if judgement[0].is_kink:
            value = self.call.values[self.position]
            evenly = self.judge_along(step_sizes(value), random)
            return evenly if evenly[0].outcome is Outcome.DIFFER else judgement
        return judgement

    def directions(self, random: np.random.Generator) -> Iterator[Array]:
        """A random direction; for large numbers also one that moves them in proportion.

        Elements whose part of the derivative is far smaller than that of others move by
        themselves, since a fault of theirs would not be seen beside the others.
        """
        value = self.call.values[self.position]
        direction = random_direction(random, value)
        parts = [direction]
        if not self.call.op.elementwise:
            gradient = self.call.pull(self.position, self.cotangent)
            size = np.nan_to_num(np.abs(gradient * direction), posinf=0.0)
            parts = [np.where(group, direction, 0.0) for group in groups_of(size)]
        yield from parts
        if np.any(np.abs(value) > MANY_TIMES) and not self.is_clear(direction):
            yield direction * np.where(np.isfinite(value), np.maximum(np.abs(value), 1.0), 1.0)

    def is_clear(self, direction: Array) -> bool:
        """Whether a comparison along a direction tells anything."""
        return self.check(direction).outcome is not Outcome.UNCLEAR

    def judge_along(self, direction: Array, random: np.random.Generator) -> Judgement:
        """Compare along a direction; where that fails, name the element that differs most."""
        comparison = self.check(direction, random)
        if comparison.outcome is not Outcome.DIFFER:
            return comparison, None
        suspects = narrowed(self.check, direction)
        alone = {k: self.check(only(direction, [k])) for k in suspects}
        for k in sorted(alone, key=lambda k: -alone[k].excess):
            found = self.check(only(direction, [k]), random)
            if found.outcome is Outcome.DIFFER:
                index = np.unravel_index(k, direction.shape)
                return found.per_unit(float(direction[index])), tuple(map(int, index))
        return self.check_with_hull(direction, random), None

    def check(self, direction: Array, random: np.random.Generator | None = None) -> Comparison:
        """Compare rule and values while the input moves along a direction.

        With `random` there has to be evidence: see `steadied`.
        """
        analytic = getattr(self.call.op, "analytic", False)
        pull = partial(self.pull, direction)
        comparison = compare(self.path(direction), pull, self.cotangent, analytic=analytic)
        if random is None:
            return comparison
        alike = 0.0 if analytic else ALIKE
        return steadied(comparison, lambda: self.shaken(random).check(direction), alike)

    def shaken(self, random: np.random.Generator) -> Edge:
        """The same edge with all inputs moved in their last places."""
        values = tuple(shaken(random, value) for value in self.call.values)
        return self._replace(call=self.call._replace(values=values))

    def check_with_hull(self, direction: Array, random: np.random.Generator) -> Comparison:
        """Compare with the slopes around: elements that pass one by one may meet at kinks."""
        value = self.call.values[self.position]
        beside = [
            self.path(direction, BESIDE * random_direction(random, value)) for _ in range(AROUND)
        ]
        pull = partial(self.pull, direction)
        comparison = compare_with_hull(self.path(direction), beside, pull, self.cotangent)
        return replace(comparison, note=CROSSING)

    def path(self, direction: Array, start: Array | float = 0.0) -> Path:
        """The output as a function of a step along the direction."""
        return lambda step: self.call.moved(self.position, start + step * direction).output()

    def pull(self, direction: Array, cotangent: Array) -> tuple[float, float]:
        """What the rule gives along a direction, and what its rounding is proportional to.

        That is what moves, and a little of what does not: a slope that is lost beside others in
        the last place of a number cannot be seen.
        """
        gradient = self.call.pull(self.position, cotangent)
        value = self.call.values[self.position]
        moving = np.where(direction == 0, 0.0, value)
        beside = FIRST_STEP * weight_of(gradient, step_sizes(value))
        return along(gradient, direction), weight_of(gradient, moving) + beside


def along(gradient: Array, direction: Array) -> float:
    """The part of a gradient along a direction; what does not move does not count."""
    moving = direction != 0
    return float(gradient[moving] @ direction[moving])


def weight_of(gradient: Array, value: Array) -> float:
    """How much a result changes when all elements of a value change by their own size."""
    return float(np.sum(np.abs(gradient * value)))


def random_cotangent(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Cotangents of both signs, none of them near zero."""
    return np.asarray(random.uniform(0.5, 2.0, shape) * random.choice([-1.0, 1.0], shape))


def random_direction(random: np.random.Generator, value: Array) -> Array:
    """A direction that moves every element in proportion to itself, but none by more than about 1.

    So no element changes its sign on the way, and 0 is passed only by those that are there. Its
    numbers have few bits, so that most steps along it are added without rounding.
    """
    few_bits = np.round(random_cotangent(random, value.shape) * BITS) / BITS
    return np.asarray(few_bits * step_sizes(value))


def step_sizes(value: Array) -> Array:
    """How far each element may move: a power of two near its distance from 0, at the most 1."""
    size = np.minimum(np.abs(value), 1.0)
    size = np.where(np.isfinite(size) & (size > 0), size, 1.0)
    return np.asarray(np.exp2(np.floor(np.log2(size))))


def shaken(random: np.random.Generator, value: Array) -> Array:
    """The value as rounding might have made it: each float moved in its last places."""
    if value.dtype.kind != "f":
        return value
    steps = random.integers(-LAST_PLACES, LAST_PLACES, value.shape, endpoint=True)
    return np.asarray(value + steps * np.where(value == 0, 0.0, np.spacing(value)))


def narrowed(check: Check, direction: Array) -> Array:
    """The flat positions of a few elements, among them one that is to blame for the failure."""
    suspects = np.flatnonzero(direction)
    while len(suspects) > ONE_BY_ONE:
        halves = np.array_split(suspects, 2)
        suspects = max(halves, key=lambda half: check(only(direction, half)).excess)
    return suspects


def only(direction: Array, positions: Sequence[int] | Array) -> Array:
    """The direction at these flat positions, and 0 elsewhere."""
    kept = np.zeros(direction.size)
    kept[positions] = direction.ravel()[positions]
    return kept.reshape(direction.shape)
