"""`no_grad`: a block whose results are constants to whatever uses them."""

from abc import ABC, abstractmethod
from typing import Any

from autograd_lite.core.context import Context, Mode, clock, context
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import NO_PARAMS, Op
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.ops import StopGradient


class Apart(Mode, ABC):
    """A mode that tells nodes made before it began from those made since."""

    def __init__(self, outer: Mode | None = None) -> None:
        self.outer = outer
        self.since = next(clock)

    def operand(self, x: Node) -> Node:
        """Nodes from before are exchanged, except for constants, which are the same anywhere."""
        if isinstance(self.outer, Apart):
            x = self.outer.operand(x)
        is_inside = x.serial > self.since or x.op is Leaf.Constant
        return x if is_inside else self.exchange(x)

    @abstractmethod
    def exchange(self, x: Node) -> Node:
        """What stands for a node from before."""

    def operands(self, op: type[Op], operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """Each node among them exchanged."""
        inside = tuple([self.operand(x) if isinstance(x, Node) else x for x in operands])
        return inside if self.outer is None else self.outer.operands(op, inside)

    def appended(self, node: Node) -> None:
        """Tell the mode around."""
        if self.outer is not None:
            self.outer.appended(node)


class NoGrad(Apart):
    """Nodes from before are stopped; what is not in a graph forgets how it was computed."""

    def exchange(self, x: Node) -> Node:
        """The node behind a stop."""
        with in_mode(self.outer):
            stopped: Node = StopGradient(x)
        forget(stopped)
        return stopped

    def appended(self, node: Node) -> None:
        """Let go of what is not needed any more."""
        super().appended(node)
        forget(node)


@checks_call
def no_grad() -> Within[Context]:
    """Nodes appended inside need no gradient; a block, or a decorator `@no_grad()`.

    In a graph each node that comes from outside is followed by a StopGradient, so the graph says
    what happens and does so in every run. Elsewhere values alone are kept, and memory is freed
    as soon as they are not used any more. A leaf made inside is differentiable inside, so `grad`
    works there.

    >>> x = Node(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> z = x * y
    >>> z.backward()
    >>> y.requires_grad, x.grad
    (False, 9.0)
    """
    return Within(context, lambda around: around._replace(mode=NoGrad(around.mode)))


def in_mode(mode: Mode | None) -> Within[Context]:
    """Append in this mode, or as usual."""
    return Within(context, lambda around: around._replace(mode=mode))


def forget(node: Node) -> None:
    """Make a node that no graph lists, and no gradient needs, a constant without a history."""
    if node.graph is None and not node.requires_grad:
        node.op, node.params = Leaf.Constant, NO_PARAMS
        node._first, node._second, node._others = None, None, ()
