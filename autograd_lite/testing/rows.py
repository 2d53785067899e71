"""One line of a report: what was compared at a node, and what came of it."""

import enum
from dataclasses import dataclass

from autograd_lite.frontend.node import Node
from autograd_lite.testing.judgement import Comparison, Outcome


class Verdict(enum.Enum):
    """Who is to blame; the first ones are reported first."""

    RULE = "rule"  # the op's backward rule is wrong
    ENGINE = "engine"  # the rules are right, what was made of them is not
    WHOLE = "whole"  # rules and engine are right: a value left the graph, or kinks meet
    UNDECIDABLE = "undecidable"
    KINK = "kink"  # the slopes from left and right differ, and the analytic one is between them
    PASSED = "passed"

    @property
    def failed(self) -> bool:
        """Whether something is wrong."""
        return self in (Verdict.RULE, Verdict.ENGINE, Verdict.WHOLE)


def verdict_of(comparison: Comparison, otherwise: Verdict) -> Verdict:
    """What a comparison says; `otherwise` is who is to blame where the sides differ."""
    if comparison.outcome is Outcome.UNCLEAR:
        return Verdict.UNDECIDABLE
    if comparison.outcome is Outcome.DIFFER:
        return otherwise
    return Verdict.KINK if comparison.is_kink else Verdict.PASSED


@dataclass(frozen=True)
class Row:
    """The verdict on one node, or on the gradient of one of its inputs.

    `index` is the element of the input that differs most, None where the whole was compared along a
    random direction. `comparison` is None where there are no two numbers to compare.
    """

    node: Node
    subject: str
    verdict: Verdict
    comparison: Comparison | None = None
    index: tuple[int, ...] | None = None
    note: str = ""
    input: str = ""
    order: int = 1
    seen_at: Node | None = None  # a copy whose inputs show the failure, if it is not the node

    @property
    def witness(self) -> Node:
        """The node whose recorded inputs show the verdict."""
        return self.node if self.seen_at is None else self.seen_at

    @property
    def place(self) -> str:
        """Where the node was appended."""
        return self.node.place

    @property
    def numbers(self) -> str:
        """The analytic and the numeric value with its error, or nothing."""
        if self.comparison is None:
            return ""
        c = self.comparison
        if c.is_kink:
            between = "between" if self.verdict is Verdict.KINK else "outside of"
            return f"{c.analytic:.9g} {between} {c.low:.9g} and {c.high:.9g}"
        return f"{c.analytic:.9g} instead of {c.numeric:.9g} ± {c.error:.1g}"


def worst_first(row: Row) -> int:
    """The place of a row in a report."""
    return list(Verdict).index(row.verdict)


def input_name(node: Node, position: int) -> str:
    """What the op calls its input; a variadic one is counted."""
    names = node.op.input_names  # type: ignore[union-attr]
    last = len(names) - 1
    counted = node.op.variadic and position >= last  # type: ignore[union-attr]
    return f"{names[last]}[{position - last}]" if counted else names[position]
