"""What all recording shares: the clock, the graph being recorded, and the kinds of leaves."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from autograd_lite.graph import Graph
    from autograd_lite.node import Node

T = TypeVar("T")

clock = count(1)  # hands out serials and stamps
tick = clock.__next__


class Mode(Protocol):
    """How appending is not as usual for a while, as in a `no_grad` block."""

    def operand(self, x: Node) -> Node:
        """What an operation is given where the user wrote x."""

    def appended(self, node: Node) -> None:
        """Called with each node that was appended."""


class Surroundings(NamedTuple):
    """All that an operation may find around it, in one variable: most find nothing."""

    graph: Graph | None
    mode: Mode | None
    scope: str


NOTHING_AROUND = Surroundings(None, None, "")
surroundings: ContextVar[Surroundings] = ContextVar("surroundings", default=NOTHING_AROUND)


class _Part(Generic[T]):
    """One of the surroundings, entered and left on its own."""

    def __init__(self, field: str) -> None:
        self.field = field

    def get(self) -> T:
        """What there is now."""
        found: T = getattr(surroundings.get(), self.field)
        return found

    def set(self, value: T) -> T:
        """Enter it, and get what to go back to."""
        outer = self.get()
        around = surroundings.get()._replace(**{self.field: value})  # type: ignore[arg-type]
        surroundings.set(NOTHING_AROUND if around == NOTHING_AROUND else around)
        return outer

    reset = set  # noqa: A003 - the names that a ContextVar has


active_graph: _Part[Graph | None] = _Part("graph")
active_mode: _Part[Mode | None] = _Part("mode")
active_scope: _Part[str] = _Part("scope")


@contextmanager
def scope(name: str) -> Iterator[None]:
    """Nodes appended inside belong to the part of that name; parts can be inside of parts.

    Pictures draw a frame around a part, and can fold it.

    >>> import autograd_lite as ag
    >>> with ag.scope("block"), ag.scope("attention"):
    ...     y = ag.Node(2.0).exp()
    >>> y.scope
    'block.attention'
    """
    outer = active_scope.get()
    token = active_scope.set(f"{outer}.{name}" if outer else name)
    try:
        yield
    finally:
        active_scope.reset(token)


class Leaf(enum.Enum):
    """What a node without inputs is; stands where other nodes have their op."""

    Variable = "a differentiable value, made by Node(value)"
    Parameter = "a value that training changes"
    Input = "a value fed to each forward run"
    Constant = "a value that stays"
