"""The leaves of a graph besides Node(value): inputs, parameters and constants."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_lite.node import Node, fill_leaf
from autograd_lite.ops.shapes import Shape, Spec
from autograd_lite.recording import Leaf
from autograd_lite.values import own_copy


def input(  # noqa: A001 - it is what it is called
    *, name: str, shape: Shape, dtype: DTypeLike = "float32", requires_grad: bool = False
) -> Node:
    """A leaf that is fed by name to every `Graph.forward`.

    `shape` says the rank and the lengths to expect; other lengths may be fed later.

    >>> input(name="x", shape=(784,), dtype="float32")
    Node(Input: float32[784], name='x')
    """
    spec = Spec(tuple(shape), np.dtype(dtype))
    return fill_leaf(
        object.__new__(Node), Leaf.Input, None, name, requires_grad=requires_grad, spec=spec
    )


def parameter(value: ArrayLike, *, name: str | None = None) -> Node:
    """A leaf that training changes, with a copy of the value.

    >>> parameter(np.zeros((2, 3)), name="W")
    Node(array([[0., 0., 0.],
           [0., 0., 0.]]), name='W')
    """
    return fill_leaf(
        object.__new__(Node), Leaf.Parameter, own_copy(value), name, requires_grad=True
    )


def constant(value: ArrayLike, *, name: str | None = None) -> Node:
    """A leaf that stays as it is and gets no gradient; integers are welcome.

    >>> constant([1, 2]).requires_grad
    False
    """
    return fill_leaf(
        object.__new__(Node), Leaf.Constant, own_copy(value), name, requires_grad=False
    )
