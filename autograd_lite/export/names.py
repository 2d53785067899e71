"""The names of what goes into a file and comes out of it: the user's own, each of them once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograd_lite.compiler.request import Request
from autograd_lite.frontend.node import Node


@dataclass(frozen=True)
class FileNames:
    """Names of leaves, of outputs in their order, and of the new values of leaves."""

    leaves: Mapping[Node, str]
    outputs: tuple[str, ...]
    new: Mapping[Node, str]

    @property
    def all(self) -> set[str]:
        """Every one of them."""
        return {*self.leaves.values(), *self.outputs, *self.new.values()}


def names_of(request: Request) -> FileNames:
    """The names for a request; one that is taken gets an ending, one that is missing a number."""
    taken = set(request.inputs)
    leaves = _each(taken, (x.name or f"leaf{i}" for i, x in enumerate(request.leaves)), "_other")
    named = dict(zip(request.leaves, leaves, strict=True))
    outputs = tuple(_each(taken, _asked_for(request), "_out"))
    new = _each(taken, (f"{named[leaf]}_new" for leaf in request.updates), "_out")
    return FileNames(named, outputs, dict(zip(request.updates, new, strict=True)))


def _asked_for(request: Request) -> Iterator[str]:
    if isinstance(request.form, Mapping):
        return iter(request.form)
    return (node.name or f"output{i}" for i, node in enumerate(request.outputs))


def _each(taken: set[str], wanted: Iterable[str], ending: str) -> Iterator[str]:
    """The names, with endings until nobody else has them."""
    for name in wanted:
        while name in taken:
            name += ending  # noqa: PLW2901 - until it is free
        taken.add(name)
        yield name
