"""0 · ∞: a cotangent that is 0 because an op selected something else stays 0.

A mask goes with the cotangents behind such an op (`where`, `max`, an index …): it is 0 where an
element was not taken. There no slope matters, however steep. A cotangent that merely became 0
gives what IEEE gives; so do checkpoints and products of matrices, which no mask reaches through.
"""

from collections.abc import Callable, Sequence
from typing import Any

from autograd_lite.core.contract import Rule
from autograd_lite.core.shapes import normalize_axes

Call = tuple[Any, Any, Sequence[Any]]  # the output, the input that a rule is for, all inputs


class Mask:
    """Where a cotangent counts: not 0 where it does. Made when it is asked for."""

    __slots__ = ("_found", "_make", "_parents", "is_label")

    def __init__(self, make: Callable[..., Any], *parents: "Mask", is_label: bool = False) -> None:
        self._make, self._parents, self._found = make, parents, None
        self.is_label = is_label  # one element of each row counts

    def get(self) -> Any:
        """The mask in numbers, or as a node."""
        stack = [self]
        while self._found is None:
            waiting = [parent for parent in stack[-1]._parents if parent._found is None]
            if waiting:
                stack += waiting
            else:
                mask = stack.pop()
                if mask._found is None:  # it may have waited twice
                    mask._found = mask._make(*[parent._found for parent in mask._parents])
                    mask._parents = ()
        return self._found

    def __add__(self, other: "Mask") -> "Mask":
        return Mask(lambda a, b: a + b, self, other)


def behind(xp: Any, node: Any, rule: Rule, mask: Mask | None, call: Call) -> Mask | None:
    """The mask of what a node's rule gives, from that of its cotangent; None: all of it counts."""
    op, params, (out, x, inputs) = node.op, node.params, call
    if op.selects or (mask is not None and op.linear):
        above = mask or Mask(lambda: xp.where(out == out, 1.0, 1.0))  # noqa: PLR0124
        is_label = mask is None and op.name == "Aref"
        return Mask(lambda m: xp.abs(rule(xp, m, out, *inputs, **params)), above, is_label=is_label)
    if mask is None or op.elementwise:
        return mask
    axis = params.get("axis")
    rest = [[n for i, n in enumerate(y.shape) if axis not in (i, i - y.ndim)] for y in (out, x)]
    is_row = "keepdims" not in params and out.ndim == x.ndim and rest[0] == rest[1]
    if op.is_product or (mask.is_label and is_row and axis in (-1, x.ndim - 1)):
        return None
    return Mask(lambda m: _of_rows(xp, m, x, axis, params.get("keepdims"), is_row=is_row), mask)


def _of_rows(xp: Any, mask: Any, x: Any, axis: Any, keepdims: Any, *, is_row: bool) -> Any:
    """An element counts if one does that was computed from its row, or from all."""
    if keepdims is None:
        mask = xp.sum(mask, axis=axis if is_row else None, keepdims=is_row)
    elif not keepdims:
        mask = xp.expand_dims(mask, axis=normalize_axes(axis, x.ndim))
    return xp.where(x == x, mask, mask)  # noqa: PLR0124 - the shape of x, whatever it is fed
