"""The leaves of a graph besides Node(value): inputs, parameters and constants."""

from typing import Any

from numpy.typing import ArrayLike, DTypeLike

from autograd_lite.core.node import Leaf, make_leaf
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.core.values import own_copy
from autograd_lite.errors import ShapeError
from autograd_lite.frontend.node import Node
from autograd_lite.ops.shaping import real_dtype


def input(  # noqa: A001 - it is what it is called
    *, name: str, shape: int | Shape, dtype: DTypeLike = "float32", requires_grad: bool = False
) -> Node:
    """A leaf that is fed by name to every `Graph.forward`.

    `shape` says the rank and the lengths to expect; other lengths may be fed later.

    >>> input(name="x", shape=(784,), dtype="float32")
    Node(Input: float32[784], name='x')

    Raises ShapeError or DTypeError for what is none.
    """
    spec = Spec(_lengths(name, shape), real_dtype(dtype, f"Input '{name}'"))
    return make_leaf(Node, Leaf.Input, None, name, requires_grad=requires_grad, spec=spec)


def parameter(value: ArrayLike, *, name: str | None = None) -> Node:
    """A leaf that training changes, with a copy of the value.

    >>> parameter([0.0, 0.5], name="W")
    Node(array([0. , 0.5]), name='W')
    """
    return make_leaf(Node, Leaf.Parameter, own_copy(value), name, requires_grad=True)


def constant(value: ArrayLike, *, name: str | None = None) -> Node:
    """A leaf that stays as it is and gets no gradient; integers are welcome.

    >>> constant([1, 2]).requires_grad
    False
    """
    return make_leaf(Node, Leaf.Constant, own_copy(value), name, requires_grad=False)


def _lengths(name: str, shape: Any) -> Shape:
    lengths = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(isinstance(n, int) and type(n) is not bool and n >= 0 for n in lengths):
        raise ShapeError(
            f"Input '{name}'",
            expected="a shape: lengths of at least 0",
            came=repr(shape),
            suggestion="write for example shape=(784,); another batch size may be fed later",
        )
    return lengths
