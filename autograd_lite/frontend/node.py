"""`Node`, what users hold: the engine's node with operators, NumPy's protocols and `backward`."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import ArrayLike

from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.node import Leaf, fill_leaf
from autograd_lite.core.op import Op
from autograd_lite.core.shapes import as_python_number
from autograd_lite.core.sweep import backward
from autograd_lite.core.values import own_copy
from autograd_lite.frontend.copies import copied, deep_copied
from autograd_lite.frontend.operators import Operators


class Node(Operators):
    """A differentiable value: a scalar or an array that remembers how it was computed.

    `value` is there at once, or after `Graph.forward` if it depends on an input. A Python number
    stays a Python float; an array is copied, so changing yours later changes nothing here.
    `grad` has the shape and dtype of `value` and is filled by `backward`.

    >>> a = Node(2.0, name="a")
    >>> b = Node(-3.0, name="b")
    >>> c = a * b + a.exp()
    >>> c.backward()
    >>> a.grad == b.value + c.value - a.value * b.value
    True

    Raises DTypeError for values that are not real numbers, or not floating where a gradient is
    required.
    """

    __slots__ = ()

    op: type[Op] | Leaf

    def __init__(
        self, value: ArrayLike, *, name: str | None = None, requires_grad: bool = True
    ) -> None:
        value = as_python_number(value)
        value = float(value) if type(value) is int else value
        fill_leaf(self, Leaf.Variable, own_copy(value), name, requires_grad=requires_grad)

    def __copy__(self) -> Node:
        return copied(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return deep_copied(self, memo)

    def backward(self, cotangent: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Fill `grad` of every node on the way from here to the leaves, newest first.

        `cotangent` is the gradient of what you really want with respect to this node: 1 for a
        scalar, to be given for an array. `accumulate=True` adds to the gradients that are there.
        Raises GradientError or StaleError, and then no gradient has changed.
        """
        backward(self, cotangent, accumulate=accumulate)


NodeGraph: TypeAlias = BaseGraph[Node]
"""A graph of these nodes, whoever it is drawn, compiled or checked for."""
