"""What all recording shares: the clock, the graph being recorded, and the kinds of leaves."""

from __future__ import annotations

import enum
from contextvars import ContextVar
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_lite.graph import Graph

clock = count(1)  # hands out serials and stamps
active_graph: ContextVar[Graph | None] = ContextVar("active_graph", default=None)


class Leaf(enum.Enum):
    """What a node without inputs is; stands where other nodes have their op."""

    Variable = "a differentiable value, made by Node(value)"
    Parameter = "a value that training changes"
    Input = "a value fed to each forward run"
    Constant = "a value that stays"
