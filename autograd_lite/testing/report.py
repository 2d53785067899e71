"""What a check found: to be asked, printed, raised, drawn and reproduced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_lite.core.sweep import ancestors
from autograd_lite.draw.files import image, notebook_svg, render
from autograd_lite.draw.palette import PAINTS
from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.ops.table import aligned
from autograd_lite.testing.reproducer import reproducer
from autograd_lite.testing.rows import Row, Verdict, worst_first

COLOURS = {
    Verdict.RULE: "red",
    Verdict.ENGINE: "red",
    Verdict.WHOLE: "red",
    Verdict.UNDECIDABLE: "amber",
    Verdict.KINK: "blue",
    Verdict.PASSED: "green",
}
LISTED = 50  # of the rows that passed, so many are printed
HEADINGS = ("verdict", "what", "element", "analytic", "numeric", "error", "appended at")


class CheckFailed(AutogradError, AssertionError):  # noqa: N818 - it is told as a fact
    """A derivative that is not what the values say; pytest shows it as a failed assertion."""

    table = ""  # the whole report, where there is one

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self.table}".rstrip()


@dataclass(frozen=True, repr=False)
class Report:
    """The verdicts of `check_gradients`, the guilty first; it shows itself as a table.

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

    @property
    def kinks(self) -> list[Row]:
        """The rows at kinks, where what the rule gives is between the slopes from both sides."""
        return [row for row in self.rows if row.verdict is Verdict.KINK]

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """The table for a notebook, the verdicts in their colours, and the picture."""
        head = "".join(f"<th>{escape(text)}</th>" for text in HEADINGS)
        rows = "".join(map(_html_row, self.rows[: self._listed]))
        program = f"<pre>{escape(self.reproducer)}</pre>" if self.guilty else ""
        table = f"<table><tr>{head}</tr>{rows}</table>"
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes)
        svg = notebook_svg(self._graph(), highlight=self.colours())
        picture = "" if svg is None else image(svg)
        return f"<p>{escape(self.summary)}</p>{table}<ul>{notes}</ul>{program}{picture}"

    @property
    def _notes(self) -> list[str]:
        told = [row for row in self.rows if row.note and row.verdict not in WITHOUT_NOTE]
        return [f"{row.subject}: {row.note}" for row in told]

    def __str__(self) -> str:
        lines = [aligned([HEADINGS, *map(_cells, self.rows[: self._listed])])]
        hidden = len(self.rows) - self._listed
        lines += [f"… and {hidden} more that passed"] if hidden > 0 else []
        program = ["", "To see it again:", "", self.reproducer] if self.guilty else []
        return "\n".join([self.summary, "", *lines, *self._notes, *program])

    @property
    def _listed(self) -> int:
        """How many rows are printed: all that did not pass, and some that did."""
        return LISTED + sum(row.verdict is not Verdict.PASSED for row in self.rows)

    @property
    def summary(self) -> str:
        """One sentence: what was checked, and how it ended."""
        kinks = "1 kink" if len(self.kinks) == 1 else f"{len(self.kinks)} kinks"
        also = [f"{len(self.undecidable)} undecidable"] if self.undecidable else []
        also += [kinks] if self.kinks else []
        end = f"{len(self.guilty)} failed" if self.guilty else "all right"
        return f"{len(self.rows)} checks of {self.output.label()}: {', '.join([end, *also])}"

    @property
    def reproducer(self) -> str:
        """A program that shows the first failure again; empty where nothing failed."""
        return reproducer(self.output, self.guilty[0]) if self.guilty else ""

    def raise_if_failed(self) -> None:
        """Raise CheckFailed, which names the guilty node, unless the report is ok."""
        for row in self.guilty:
            failure = CheckFailed(
                row.subject,
                expected="the derivative that finite differences show",
                came=described(row),
                place=row.place,
                suggestion=ADVICE[row.verdict],
            )
            failure.table = str(self)
            raise failure

    def colours(self) -> Mapping[Node, str]:
        """A colour for each node that was judged, the worst one: red, amber or green."""
        worst_last = sorted(self.rows, key=worst_first, reverse=True)
        return {row.node: COLOURS[row.verdict] for row in worst_last}

    @checks_call
    def render(self, path: str | PathLike[str], **options: Any) -> Path:
        """Draw the graph with guilty nodes red, good ones green and undecidable ones amber.

        The options are those of drawing.
        """
        return render(self._graph(), path, highlight=self.colours(), **options)

    def _graph(self) -> NodeGraph:
        """The graph that was checked, or one that lists all that was."""
        graph: NodeGraph | None = self.output.graph
        judged = [row.node for row in self.rows]
        if graph is not None and all(node in graph for node in judged):
            return graph
        return NodeGraph().adopt(ancestors(self.output, *judged))


ADVICE = {
    Verdict.RULE: "compare the rule with the derivative of forward; the program below shows it",
    Verdict.ENGINE: "run forward again, or report this with the program below: the rules are right",
    Verdict.WHOLE: "compute with nodes only, and step around the point where kinks meet",
}
WITHOUT_NOTE = (Verdict.PASSED, Verdict.KINK)


def described(row: Row) -> str:
    """Numbers, element and note of a row, as far as there are."""
    at = f"at {list(row.index)}" if row.index else ""
    return " ".join(filter(None, [row.numbers, at, f"({row.note})" if row.note else ""]))


def _cells(row: Row) -> tuple[str, ...]:
    element = "" if row.index is None else str(list(row.index))
    return (row.verdict.value, row.subject, element, *_numbers(row), row.place)


def _numbers(row: Row) -> tuple[str, str, str]:
    """The analytic and the numeric value with its error; at a kink the slopes from both sides."""
    c = row.comparison
    if c is None:
        return "", "", ""
    if c.is_kink:
        return f"{c.analytic:.9g}", f"{c.low:.9g} … {c.high:.9g}", ""
    return f"{c.analytic:.9g}", f"{c.numeric:.9g}", f"{c.error:.0e}"


def _html_row(row: Row) -> str:
    colour = PAINTS[COLOURS[row.verdict]].frame
    first, *rest = map(escape, _cells(row))
    cells = "".join(f"<td>{cell}</td>" for cell in rest)
    return f'<tr><td style="color:{colour}">{first}</td>{cells}</tr>'
