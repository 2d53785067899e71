"""What a function does, recorded once on nodes that stand for many values and have none themselves.

`vmap` runs a function on such nodes, of the shape that one call is given. So the function sees the
shapes that it was written for; the operations are then done again, each for all calls at once.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from autograd_lite.core.context import Context, context, tick
from autograd_lite.core.node import Leaf, make_leaf
from autograd_lite.core.shapes import Spec
from autograd_lite.errors import GraphError
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.node import Node


class MappedNode(Node):
    """A node that stands for the values of many calls."""

    __slots__ = ()

    @property  # type: ignore[misc] # there is nothing to assign, either
    def value(self) -> NoReturn:
        """There is none: GraphError."""
        self._need_value()

    def _need_value(self) -> NoReturn:
        refusal = GraphError(
            self.label(),
            expected="operations that stand for all calls of vmap at once",
            came="a question for the value of one call, as by if, float(), item() or .value",
            suggestion="write where(condition, x, y) for if, and functions of autograd_lite",
        )
        if isinstance(self.graph, Trace):
            self.graph.refused = refusal
        raise refusal

    if not TYPE_CHECKING:  # as in the class above

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
            self._need_value()


class Before(NamedTuple):
    """All nodes that were there when the clock stood at `begin`."""

    begin: int

    def __contains__(self, node: Any) -> bool:
        return bool(node.serial <= self.begin)


class Trace:
    """The operations of one run of a function, in order; a graph as far as `append` knows."""

    def __init__(self, specs: Sequence[Spec]) -> None:
        self.before = Before(tick())
        self.refused: GraphError | None = None
        self._reference = weakref.ref(self)
        with self.recording():
            self.inputs = [
                make_leaf(MappedNode, Leaf.Input, None, spec=s, requires_grad=s.dtype.kind == "f")
                for s in specs
            ]

    def recording(self) -> Within[Context]:
        """Inside, operations are recorded here."""
        return Within(context, lambda around: around.entering(self))

    def record(self, node: Any) -> None:
        """Keep a new operation apart from other graphs; without a value it stands for many."""
        self.record_leaf(node)
        if node._value is None:
            node.__class__ = MappedNode

    def record_leaf(self, node: Any) -> None:
        """Keep a new leaf apart, too."""
        node._graph = self._reference

    def index(self, node: Any) -> int:
        """How many steps of the clock after the beginning a node was made."""
        return node.serial - self.before.begin
