"""The functions around the lines of a step: for a single one, and for a scan."""

from collections.abc import Iterable, Iterator

from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.frontend.node import Node


def step_lines(source: StepSource) -> list[str]:
    """A function of the feeds and the arrays for the outputs that takes one step."""
    labels = [f"i{i} = x{i}.item()" for i, x in _inputs(source) if x in source.integers]
    body = [*labels, *source.lines, *_scalars(source, "o{0}[()]")]
    return [f"def step({', '.join(_names(source, 'xo'))}):", *indented(body or ["pass"])]


def scan_lines(source: StepSource, batch_size: int | None, *, ordered: bool) -> list[str]:
    """A function of data and stacked outputs that takes the steps from `start` to `stop`."""
    listed = ordered and batch_size is None  # the order is read as a list, which is quicker
    part = "" if listed else "[start:stop]"
    fetch = _fetch(source, batch_size, ordered=ordered)
    inner = [*fetch, *source.lines, *_scalars(source, "O{0}[n]")]
    body = [
        *(["order = order[start:stop].tolist()"] if listed else []),
        *(f"Y{i} = X{i}{part}.tolist()" for i, x in _inputs(source) if x in source.integers),
        "for n in range(stop - start):",
        *indented(inner or ["pass"]),
    ]
    names = [*_names(source, "XO"), "order", "start", "stop"]
    return [f"def step({', '.join(names)}):", *indented(body)]


def _names(source: StepSource, letters: str) -> list[str]:
    """The parameters: a letter for the feeds and one for the results, with their numbers."""
    groups = zip(letters, (source.plan.inputs, source.plan.outputs), strict=True)
    return [f"{letter}{i}" for letter, group in groups for i in range(len(group))]


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


def _scalars(source: StepSource, target: str) -> list[str]:
    """Results of no axes are computed in a place of their own and copied out."""
    outputs = enumerate(source.plan.outputs)
    return [f"{target.format(i)} = {source.array(x)}" for i, x in outputs if x.ndim == 0]


def _inputs(source: StepSource) -> list[tuple[int, Node]]:
    return list(enumerate(source.plan.inputs.values()))


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, one level further in."""
    return ["    " + line for line in lines]
