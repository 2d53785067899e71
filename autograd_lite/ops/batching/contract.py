"""What a batching rule is told and what it says, and how operands are brought to one form.

`vmap` runs an op once for a whole stack of calls. Some operands are *mapped*: their axis 0 counts
the calls; the others are the same for all. Most ops take a stack as they are, once `axis` is
counted behind the new one; some need other parameters, or other ops beside. A rule says which
`OneCall` that is. As it is made of ops again, nothing more is needed for gradients of any order,
and `jacobian` pulls many rows at once through the backward rules of that same call.

Elementwise ops need no rule. An op without one is called once for each, and the results are
stacked: always right, and slow. An op of your own may state one:

    class Softmin(ag.Op):
        batching = ops.batching.stacked     # leading axes are free, `axis` is the only parameter
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.core import arrays
from autograd_lite.core.op import Array, Op, Params
from autograd_lite.core.shapes import Shape, is_node
from autograd_lite.ops.shaping import of_lengths


class Operand(NamedTuple):
    """An operand of a stack of calls: an array or a node, mapped or the same for all calls."""

    value: Array
    is_mapped: bool = False

    @property
    def shape(self) -> Shape:
        """What one call is given."""
        return self.value.shape[1:] if self.is_mapped else self.value.shape

    @property
    def ndim(self) -> int:
        """The number of axes of what one call is given."""
        return len(self.shape)


class OneCall(NamedTuple):
    """What gives the results of all calls: an op, or a function that calls several."""

    do: Any
    inputs: Sequence[Array]
    params: Params = {}  # noqa: RUF012 - never written to
    extra: Shape = ()  # axes of length 1 that the result has too many
    is_mapped: bool = True  # whether the result is a stack, and not the same for all
    is_swapped: bool = False  # whether the two inputs are in the other order

    def result(self) -> Any:
        """The stack of results; for an op with several outputs one stack for each."""
        if isinstance(self.do, type) and not any(map(is_node, self.inputs)):
            found = self.do.compute(self.inputs, self.params)  # type: ignore[attr-defined]
        else:
            found = self.do(*self.inputs, **self.params)
        return ops.Squeeze(found, axis=self.extra) if self.extra else found

    def computed(self) -> Any:
        """The stack of results, where all inputs are arrays that need no look at."""
        if not isinstance(self.do, type):
            return self.result()
        found = self.do.forward(arrays, *self.inputs, **self.params)  # type: ignore[attr-defined]
        return np.squeeze(found, axis=self.extra) if self.extra else found


Operands = Sequence[Operand]
Batching = Callable[[type[Op], Operands, Params], OneCall | None]


def as_stack(x: Operand, operands: Operands) -> Array:
    """The operand as a stack; one that is not mapped is repeated, as often as another one says."""
    if x.is_mapped:
        return x.value
    like = next(y.value for y in operands if y.is_mapped)
    if is_node(x.value) or is_node(like):
        count = ops.Sum(like, axis=tuple(range(1, like.ndim)))  # only its length matters
        return ops.BroadcastWith(x.value, ops.Reshape(count, shape=(-1, *(1,) * x.ndim)))
    return np.broadcast_to(x.value, (len(like), *x.shape))


def stacks_of(operands: Operands) -> list[Operand]:
    """All operands as stacks."""
    return [Operand(as_stack(x, operands), is_mapped=True) for x in operands]


def of_rank(x: Operand, rank: int) -> Array:
    """The operand with so many axes for one call; those of length 1 that it lacks come first."""
    missing = rank - x.ndim
    if not x.is_mapped or missing <= 0:
        return x.value
    return ops.ExpandDims(x.value, axis=tuple(range(1, 1 + missing)))


def reshaped(x: Array, shape: Shape) -> Array:
    """A stack with that shape for each call."""
    x, full = with_length(x, shape)
    return ops.Reshape(x, shape=full)


def with_length(x: Array, shape: Shape) -> tuple[Array, Shape]:
    """A stack, and the full shape that gives each call that shape, however long the stack is.

    A length of -1 is found now, so other lengths than now are refused.
    """
    lengths = list(shape)
    if -1 in lengths:
        x = of_lengths(x, *range(1, x.ndim))
        known = prod(n for n in lengths if n != -1)
        lengths[lengths.index(-1)] = prod(x.shape[1:]) // max(known, 1)
    if prod(lengths):
        return x, (-1, *lengths)
    return of_lengths(x, 0), (x.shape[0], *lengths)
