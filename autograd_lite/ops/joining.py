"""Ops that join arrays, and the ops that cut a gradient into parts where they were joined."""

from collections.abc import Sequence
from itertools import accumulate
from operator import index
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Xp
from autograd_lite.core.shapes import is_node
from autograd_lite.errors import OpCallError, ShapeError
from autograd_lite.ops.shaping import Shaping

__all__ = [
    "Concat", "JoinLike", "SplitLike", "Stack",
]  # fmt: skip


class Stack(Shaping):
    """Arrays of one shape joined along a new axis; each gets its slice of the gradient."""

    formula = "the arrays along a new axis"
    derivative = "the slice of grad at each array's place"
    analytic = True
    expects = "arrays of one shape, and an axis of the result"
    hint = "compare the shapes, or use reshape and broadcast_to first"

    def forward(xp: Xp, *arrays: Array, axis: int = 0) -> Array:
        return xp.stack(arrays, axis=axis)

    def vjp_arrays(
        xp: Xp, grad: Array, out: Array, *arrays: Array, positions: Sequence[int], axis: int
    ) -> list[Array]:
        before = (slice(None),) * (axis % grad.ndim)
        return [grad[(*before, i, ...)] for i in positions]


class Concat(Shaping):
    """Arrays joined along an axis that they have; each gets its part of the gradient."""

    formula = "the arrays one behind the other"
    derivative = "the part of grad at each array's place"
    analytic = True
    expects = "arrays of one shape but for the length of the joined axis"
    hint = "compare the shapes; for a new axis use stack"

    def forward(xp: Xp, *arrays: Array, axis: int = 0) -> Array:
        return xp.concat(arrays, axis=axis)

    def vjp_arrays(
        xp: Xp, grad: Array, out: Array, *arrays: Array, positions: Sequence[int], axis: int
    ) -> list[Array]:
        if is_node(grad):  # the parts follow the lengths of the arrays in every run
            return [SplitLike.within(xp, grad, *arrays, axis=axis, part=i) for i in positions]
        before = (slice(None),) * (axis % grad.ndim)
        stops = [0, *accumulate(a.shape[axis] for a in arrays)]
        return [grad[(*before, slice(stops[i], stops[i + 1]))] for i in positions]


class SplitLike(Shaping):
    """The part of x where array number `part` would be, were the arrays joined: part of Concat.

    Only the lengths of the arrays matter, so a recorded gradient cuts right at other lengths.
    """

    formula = "x where arrays[part] was joined"
    derivative = "grad at that place among zeros"
    selects = True
    analytic = True
    expects = "x shaped like the arrays joined"

    def forward(xp: Xp, x: Array, *arrays: Array, axis: int, part: int) -> Array:
        start = sum(a.shape[axis] for a in arrays[:part])
        before = (slice(None),) * (axis % x.ndim)
        return x[(*before, slice(start, start + arrays[part].shape[axis]))]

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *arrays: Array, **params: Any) -> Array:
        return JoinLike.within(xp, grad, *arrays, **params)

    vjp_arrays = None


class JoinLike(Shaping):
    """Zeros shaped like the arrays joined, with x as array number `part`: SplitLike's adjoint."""

    formula = "x where arrays[part] was joined, zeros elsewhere"
    derivative = "the part of grad at that place"
    analytic = True
    expects = "x shaped like arrays[part]"

    def forward(xp: Xp, x: Array, *arrays: Array, axis: int, part: int) -> Array:
        parts = [xp.zeros(a.shape, dtype=x.dtype) for a in arrays]
        parts[part] = x
        return xp.concat(parts, axis=axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *arrays: Array, **params: Any) -> Array:
        return SplitLike.within(xp, grad, *arrays, **params)

    vjp_arrays = None


def cuts(length: int, sections: int | Sequence[int]) -> list[int | None]:
    """Where an axis is cut: into so many equal parts, or before the given places.

    >>> cuts(6, 3), cuts(6, [1, 4])
    ([0, 2, 4, 6], [0, 1, 4, None])

    Raises ShapeError if the parts would not be equal.
    """
    try:
        if np.ndim(sections):
            return [0, *map(index, sections), None]  # type: ignore[arg-type]
        sections = index(sections)  # type: ignore[arg-type]
    except TypeError:
        sections = 0
    if sections < 1 or length % sections:
        raise ShapeError(
            "split",
            expected="a number of parts that divides the axis evenly",
            came=f"{sections} parts of an axis of length {length}",
            suggestion="give the places to cut at, for example split(x, [2, 5])",
        )
    return [i * length // sections for i in range(sections + 1)]


def grid_places(count: int, indexing: str) -> list[int]:
    """Which axis of a grid each vector has; OpCallError for another way than "xy" or "ij".

    >>> grid_places(3, "xy")
    [1, 0, 2]
    """
    if indexing not in ("xy", "ij"):
        raise OpCallError(
            "meshgrid",
            expected='indexing "xy" or "ij"',
            came=repr(indexing),
            suggestion='take "ij" for arrays indexed in the order of the vectors',
        )
    swapped = indexing == "xy" and count > 1
    return [1, 0, *range(2, count)] if swapped else list(range(count))
