"""What all recording shares: the clock, the graph being recorded, and the kinds of leaves."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_lite.graph import Graph

clock = count(1)  # hands out serials and stamps
active_graph: ContextVar[Graph | None] = ContextVar("active_graph", default=None)
active_scope: ContextVar[str] = ContextVar("active_scope", default="")


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
