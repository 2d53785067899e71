"""The functions around the lines of a step: for a single one, for a scan, for a scan in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_lite.compiler.executors.interface import BLOCK
from autograd_lite.compiler.executors.numpy.afterwards import Afterwards
from autograd_lite.compiler.executors.numpy.deferral import Block
from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.frontend.node import Node


def step_lines(source: StepSource) -> list[str]:
    """A function of the feeds and the arrays for the outputs that takes one step."""
    feeds = [f"x{i}" for i, _ in _inputs(source)]
    results = [f"o{i}" for i in range(len(source.plan.outputs))]
    labels = [f"i{i} = x{i}.item()" for i, x in _inputs(source) if x in source.integers]
    body = [*labels, *source.lines, *_scalars(source, "o{0}[()]")]
    return [f"def step({', '.join(feeds + results)}):", *indented(body)]


def scan_lines(
    source: StepSource, after: Afterwards, batch_size: int | None, *, ordered: bool
) -> list[str]:
    """A function of data and stacked outputs that takes the steps from `start` to `stop`."""
    body = _body(source, after, batch_size, ordered=ordered)
    loop = ["for n in range(stop - start):", *indented(body)]
    return _scan(source, after, loop, listed=ordered and batch_size is None)


def block_lines(
    source: StepSource, after: Afterwards, blocks: Sequence[Block], *, ordered: bool
) -> list[str]:
    """The same for single rows, with some updates made once a block of steps.

    A block in which something is not finite is taken again, step by step: infinity minus infinity
    is not what the sum of the differences would be.
    """
    names, lists = zip(*(block.steps() for block in blocks), strict=True)
    body = _body(source, after, None, ordered=ordered)
    rows = "order[first:last]" if ordered else "start + first:start + last"
    data = {block: f"X{_number(source, block.deferred.data)}[{rows}]" for block in blocks}
    waiting = {leaf for block in blocks for leaf in block.leaves}
    others = [source.array(leaf) for leaf in source.plan.updates if leaf not in waiting]
    loop = [
        "first = careful = 0",
        "while first < stop - start:",
        f"    m = 1 if first < careful else min({BLOCK}, stop - start - first)",
        "    last = first + m",
        *(f"    kept_{name} = {name}.copy()" for name in others),
        *indented(line for block in blocks for line in block.begin(data[block])),
        f"    for n, {', '.join(names)} in zip(range(first, last), {', '.join(lists)}):",
        *indented(indented(body)),
        f"    if m > 1 and not ({' and '.join(block.is_finite() for block in blocks)}):",
        *(f"        {name}[...] = kept_{name}" for name in others),
        "        careful = last",
        "        continue",
        *indented(line for block in blocks for line in block.end()),
        "    first = last",
    ]
    return _scan(source, after, loop, listed=ordered)


def _body(
    source: StepSource, after: Afterwards, batch_size: int | None, *, ordered: bool
) -> list[str]:
    """The lines of step `n` in a scan."""
    fetch = _fetch(source, batch_size, ordered=ordered)
    scalars = _scalars(source, "O{0}[n]", without=after.nodes)
    return [*fetch, *source.lines, *scalars]


def _scan(source: StepSource, after: Afterwards, loop: Sequence[str], *, listed: bool) -> list[str]:
    """The function with this loop; `listed`: the order of the rows is read as a list."""
    feeds = [f"X{i}" for i, _ in _inputs(source)]
    results = [f"O{i}" for i in range(len(source.plan.outputs))]
    lines = ["order = order[start:stop].tolist()"] if listed else []
    part = "" if listed else "[start:stop]"
    lines += [f"Y{i} = X{i}{part}.tolist()" for i, x in _inputs(source) if x in source.integers]
    head = f"def step({', '.join(feeds + results)}, order, start, stop):"
    return [head, *indented([*lines, *after.begin(), *loop, *after.end()])]


def _fetch(source: StepSource, batch_size: int | None, *, ordered: bool) -> Iterator[str]:
    """Lines that give step `n` its inputs, and its outputs their rows."""
    if batch_size is not None:
        yield f"p = (start + n) * {batch_size}"
        pick = f"p:p + {batch_size}"
        if ordered:
            yield f"q = order[{pick}]"
            pick = "q"
    else:
        pick = "order[n]" if ordered else "start + n"
    for i, x in _inputs(source):
        if x in source.integers:
            yield f"i{i} = Y{i}[{'order[n]' if ordered else 'n'}]"
        if x in source.dynamic:
            yield f"x{i} = X{i}[{pick}{'' if x.ndim else ', ...'}]"
    for i, x in enumerate(source.plan.outputs):
        if x in source.dynamic:
            yield f"o{i} = O{i}[n]"


def _scalars(source: StepSource, target: str, without: Sequence[Node] = ()) -> list[str]:
    """Results of no axes are computed in a place of their own and copied out."""
    outputs = [(i, x) for i, x in enumerate(source.plan.outputs) if x not in set(without)]
    return [f"{target.format(i)} = {source.array(x)}" for i, x in outputs if x.ndim == 0]


def _inputs(source: StepSource) -> list[tuple[int, Node]]:
    return list(enumerate(source.plan.inputs.values()))


def _number(source: StepSource, node: Node) -> int:
    return next(i for i, x in _inputs(source) if x is node)


def indented(lines: Iterator[str] | Sequence[str]) -> list[str]:
    """The lines, one level further in."""
    return ["    " + line for line in lines]
