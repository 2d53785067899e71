"""What a check found: to be asked, printed, raised, drawn and reproduced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from typing import Any

from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops.table import aligned
from autograd_lite.testing.reproducer import reproducer
from autograd_lite.testing.rows import Row, Verdict

COLOURS = {
    Verdict.RULE: "red",
    Verdict.ENGINE: "red",
    Verdict.UNDECIDABLE: "amber",
    Verdict.PASSED: "green",
}
LISTED = 50  # of the rows that passed, so many are printed
HEADINGS = ("verdict", "what", "element", "analytic", "numeric", "error", "appended at")


class CheckFailed(AutogradError, AssertionError):  # noqa: N818 - it is told as a fact
    """A derivative that is not what the values say; pytest shows it as a failed assertion."""


@dataclass(frozen=True)
class Report:
    """The verdicts of `check_gradients`, the guilty first.

    `rows` has one for each rule that was compared, then those on the engine and the whole graph.

    >>> import autograd_lite as ag
    >>> from autograd_lite.testing import check_gradients
    >>> report = check_gradients(ag.tanh(ag.Node(0.5)))
    >>> report.ok, len(report.rows)
    (True, 4)
    """

    output: Node
    rows: Sequence[Row]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what could not be decided is in `undecidable`."""
        return not self.guilty

    @property
    def guilty(self) -> list[Row]:
        """The rows that failed."""
        return [row for row in self.rows if row.verdict.failed]

    @property
    def undecidable(self) -> list[Row]:
        """The rows where finite differences could not tell."""
        return [row for row in self.rows if row.verdict is Verdict.UNDECIDABLE]

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        lines = [aligned([HEADINGS, *map(_cells, self.rows[: self._listed])])]
        hidden = len(self.rows) - self._listed
        lines += [f"… and {hidden} more that passed"] if hidden > 0 else []
        notes = [
            f"{row.subject}: {row.note}"
            for row in self.rows
            if row.note and row.verdict is not Verdict.PASSED
        ]
        program = ["", "To see it again:", "", self.reproducer] if self.guilty else []
        return "\n".join([self.summary, "", *lines, *notes, *program])

    @property
    def _listed(self) -> int:
        """How many rows are printed: all that did not pass, and some that did."""
        return LISTED + sum(row.verdict is not Verdict.PASSED for row in self.rows)

    @property
    def summary(self) -> str:
        """One sentence: what was checked, and how it ended."""
        unclear = f", {len(self.undecidable)} undecidable" if self.undecidable else ""
        end = f"{len(self.guilty)} failed" if self.guilty else "all right"
        return f"{len(self.rows)} checks of {self.output.label()}: {end}{unclear}"

    @property
    def reproducer(self) -> str:
        """A program that shows the first failure again; empty where nothing failed."""
        return reproducer(self.output, self.guilty[0]) if self.guilty else ""

    def raise_if_failed(self) -> None:
        """Raise CheckFailed, which names the guilty node, unless the report is ok."""
        for row in self.guilty:
            raise CheckFailed(
                row.subject,
                expected="the derivative that finite differences show",
                came=f"{described(row)}\n\n{self}\n",
                place=row.place,
                suggestion=ADVICE[row.verdict],
            )

    def colours(self) -> Mapping[Node, str]:
        """A colour for each node that was judged, the worst one: red, amber or green."""
        order = {verdict: rank for rank, verdict in enumerate(Verdict)}
        worst_last = sorted(self.rows, key=lambda row: -order[row.verdict])
        return {row.node: COLOURS[row.verdict] for row in worst_last}

    def render(self, path: str | PathLike[str], **options: Any) -> Any:
        """Draw the graph with guilty nodes red, good ones green and undecidable ones amber.

        The options are those of drawing; ImportError if that part of the library is missing.
        """
        graph, marks = self.output.graph, self.colours()
        if graph is None or any(node not in graph for node in marks):
            graph = collected([self.output, *marks])
        draw = import_module("autograd_lite.draw")
        return draw.render(graph, path, highlight=marks, **options)


ADVICE = {
    Verdict.RULE: "compare the rule with the derivative of forward; the program above shows it",
    Verdict.ENGINE: "run forward again, or report this with the program above: the rules are right",
}


def described(row: Row) -> str:
    """Numbers, element and note of a row, as far as there are."""
    at = f"at {list(row.index)}" if row.index else ""
    return " ".join(filter(None, [row.numbers, at, f"({row.note})" if row.note else ""]))


def collected(nodes: Sequence[Node]) -> NodeGraph:
    """A graph that lists the nodes and all they were computed from, to be drawn."""
    return NodeGraph().adopt(ancestors(*nodes))


def _cells(row: Row) -> tuple[str, ...]:
    element = "" if row.index is None else str(list(row.index))
    c = row.comparison
    numbers = (
        ("", "", "") if c is None else (f"{c.analytic:.9g}", f"{c.numeric:.9g}", f"{c.error:.0e}")
    )
    return (row.verdict.value, row.subject, element, *numbers, row.place)
