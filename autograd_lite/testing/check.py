"""`check_gradients`: what a loss, a graph or a function computes, judged node by node and whole."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, TypeVar

import numpy as np

from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import OpCallError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.testing.called import (
    Called,
    call,
    check_called,
    nothing_to_check,
    only_end,
    tracked,
)
from autograd_lite.testing.engine import check_engine
from autograd_lite.testing.replay import differentiable_leaves
from autograd_lite.testing.report import Report
from autograd_lite.testing.rows import Row, Verdict, worst_first
from autograd_lite.testing.rules import check_rules, edges_to_check, is_surrogate
from autograd_lite.testing.second_opinion import opinions
from autograd_lite.testing.second_order import check_second_order
from autograd_lite.testing.whole import Recorded, Source, check_whole

T = TypeVar("T")

PATIENCE = 2.0  # seconds before a progress bar is shown
MANY = 100_000  # of so many numbers each cannot be moved; a few random directions have to do
Target = Node | NodeGraph | Callable[..., Any]


@checks_call
def check_gradients(
    target: Target,
    *arguments: Any,
    loss: Node | None = None,
    order: int = 1,
    seed: int = 0,
    rtol: float = 0.0,
    atol: float = 0.0,
    progress: bool = True,
) -> Report:
    """Compare every derivative on the way to a loss with finite differences, and say who is wrong.

    `target` is a computed node, a graph (with its `loss`, if it is not the only node that gradients
    start from), or a function of `arguments`, as `grad` takes it: floats and float arrays, alone or
    in nested tuples, lists and dicts, become leaves, and it may return several nodes.
    First each node's rule is compared with its own forward rule at the inputs it recorded, then
    the engine's gradients with what the rules give, then the whole; a function is called again at
    moved arguments, which shows what left the graph. float32 is replayed in float64.

    The tolerance is derived from the errors of both sides; `rtol` of the numeric value and `atol`
    are granted beyond. `order=2` checks the derivatives of the rules as well. Cost grows with the
    sum over the nodes; of more than 100,000 numbers, a few random directions are tried first.

    >>> import autograd_lite as ag
    >>> print(check_gradients(lambda x: ag.sum(ag.tanh(x) * x), np.array([0.5, -1.0])).summary)
    10 checks of Sum: all right

    Raises GradientError if there is nothing to differentiate, StaleError if values are not those
    of the present leaves.
    """
    subject = subject_of(target, arguments, loss)
    check = Check(subject, order, np.random.default_rng(seed), rtol, atol, progress)
    with np.errstate(all="ignore"):
        rows = list(check.rows())
    return Report(subject[0].output, sorted(rows, key=worst_first))


def subject_of(target: Target, arguments: tuple[Any, ...], loss: Node | None) -> list[Source]:
    """What is to be checked, one for each output; GradientError if no gradient can start there."""
    if isinstance(target, NodeGraph | Node):
        given = isinstance(target, NodeGraph) and loss is None
        output: Node = only_end(target) if given else (loss or target)  # type: ignore[arg-type, assignment]
        if not output.requires_grad:
            raise nothing_to_check(output)
        output._need_value()
        return [Recorded(ancestors(output), output)]
    if not callable(target):
        raise OpCallError(
            "check_gradients",
            expected="a computed node, a graph, or a function of the arguments that follow",
            came=repr(target),
            suggestion="write check_gradients(f, 2.0), for example",
        )
    leaves = tuple(map(tracked, arguments))
    outputs = call(target, leaves)
    return [Called(target, leaves, k, output) for k, output in enumerate(outputs)]


@dataclass(frozen=True)
class Check:
    """One check: of which outputs, how, and with what tolerance beyond the derived one."""

    sources: Sequence[Source]
    order: int
    random: np.random.Generator
    rtol: float
    atol: float
    progress: bool

    def rows(self) -> list[Row]:
        """The verdicts, from the parts to the whole, as far as nothing fails before."""
        nodes = ancestors(*(source.output for source in self.sources))
        if sum(x.size for x in differentiable_leaves(nodes)) > MANY:
            found = [opinions(source, self.random) for source in self.sources]
            rows = [row for pair in found for row in pair]
            is_clear = all(taylor.verdict is Verdict.PASSED for taylor, _ in found)
            if is_clear and not any(row.verdict.failed for row in rows):
                return rows
        count = sum(len(edges_to_check(node)) for node in nodes)
        rules = check_rules(nodes, self.random)
        rows = self.granted(with_progress(rules, count, wanted=self.progress))
        for source in self.sources:
            rows += self.of_output(source, rows, count)
        return rows

    def of_output(self, source: Source, before: Sequence[Row], count: int) -> list[Row]:
        """The verdicts on the engine, the whole, the function and the second order."""
        output, random, nodes = source.output, self.random, ancestors(source.output)
        has_kinks = any(row.verdict is Verdict.KINK for row in before)
        is_exact = not any(map(is_surrogate, nodes))
        stages: list[Callable[[], Iterable[Row]]] = [lambda: check_engine(nodes, output, random)]
        if is_exact:
            stages.append(lambda: check_whole(nodes, output, random, has_kinks=has_kinks))
        if is_exact and isinstance(source, Called) and source.point:
            stages.append(lambda: check_called(source, random))
        if self.order == 2:
            second = check_second_order(nodes, output, random)
            stages.append(lambda: with_progress(second, count + 1, wanted=self.progress))
        rows: list[Row] = []
        for stage in stages:
            if any(row.verdict.failed for row in (*before, *rows)):
                return rows
            rows += self.granted(stage())
        return [*rows, *self.where_undecidable(source, rows)]

    def where_undecidable(self, source: Source, rows: Sequence[Row]) -> list[Row]:
        """The opinions that need no step size, where differences could not tell of the whole."""
        unclear = [row for row in rows if row.verdict is Verdict.UNDECIDABLE]
        is_asked = any(row.node is source.output and row.order == 1 for row in unclear)
        return opinions(source, self.random) if is_asked else []

    def granted(self, rows: Iterable[Row]) -> list[Row]:
        """The rows; what differs by no more than the user grants has passed."""
        return [self._granted(row) for row in rows]

    def _granted(self, row: Row) -> Row:
        c = row.comparison
        if c is None or not row.verdict.failed:
            return row
        is_near = abs(c.analytic - c.numeric) <= self.atol + self.rtol * abs(c.numeric)
        note = "within rtol and atol"
        return replace(row, verdict=Verdict.PASSED, note=note) if is_near else row


def with_progress(steps: Iterable[T], total: int, *, wanted: bool) -> Iterator[T]:
    """The same steps, counted on stderr once two seconds have passed, if tqdm is installed."""
    if not wanted or sys.stderr is None:  # a daemon has none
        return iter(steps)
    try:
        tqdm = import_module("tqdm")
    except ImportError:
        return iter(steps)
    bar = tqdm.tqdm(steps, "check", total, leave=False, delay=PATIENCE, unit="rule")
    return iter(bar)
