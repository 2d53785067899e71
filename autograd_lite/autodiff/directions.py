"""Derivatives along directions, one or as many as the leaves have elements, as numbers.

None stands for: not this way. There are ops that nothing is pushed through, and a NaN may be a
0 · ∞ behind an op that selects, which only a sweep backwards tells apart.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import isnan
from typing import Any

import numpy as np

from autograd_lite.autodiff.forward import can_be_pushed, gradients_along, tangents_of
from autograd_lite.autodiff.rows import portions
from autograd_lite.core.sweep import ancestors

Way = Callable[[Sequence[Any], dict[Any, Any]], dict[Any, Any]]
Jacobians = list[list[Any]]  # for each result one for each leaf


def change(output: Any, leaves: Sequence[Any], direction: Sequence[Any]) -> Any:
    """How an output changes along a direction of the leaves; None: not this way."""
    found = _along_one(output, leaves, direction, tangents_of, [output])
    return found and found[0]


def gradient_change(output: Any, leaves: Sequence[Any], direction: Sequence[Any]) -> Any:
    """How the gradient of an output changes along a direction of the leaves; None: not so."""
    return _along_one(output, leaves, direction, gradients_along, leaves)


def columns(output: Any, leaves: Sequence[Any]) -> list[Any] | None:
    """The Jacobian of an output for each leaf, from the leaves' side; None: not this way."""
    found = _along_all(output, leaves, tangents_of, [output])
    return found and found[0]


def second_columns(output: Any, leaves: Sequence[Any]) -> Jacobians | None:
    """For each leaf the Jacobian of its gradient for each leaf; None: not this way."""
    return _along_all(output, leaves, gradients_along, leaves)


def _along_one(
    output: Any, leaves: Sequence[Any], direction: Sequence[Any], way: Way, results: Sequence[Any]
) -> list[Any] | None:
    nodes = ancestors(output)
    directions = {x: np.asarray(t)[None] for x, t in zip(leaves, direction, strict=True)}
    if not directions or not can_be_pushed(nodes):
        return None
    with np.errstate(all="ignore"):
        found = way(nodes, directions)
    stacks = [_stack(found, x, 1) for x in results]
    if _has_nan(stacks):
        return None
    return [
        float(stack[0]) if type(x._value) is float else np.array(stack[0], x.dtype)
        for x, stack in zip(results, stacks, strict=True)
    ]


def _along_all(
    output: Any, leaves: Sequence[Any], way: Way, results: Sequence[Any]
) -> Jacobians | None:
    nodes = ancestors(output)
    ends = list(accumulate((x.size for x in leaves), initial=0))
    if not ends[-1] or not can_be_pushed(nodes):
        return None
    parts = []
    for numbers in portions(nodes, ends[-1]):
        with np.errstate(all="ignore"):
            found = way(nodes, _units(leaves, ends, numbers))
        parts.append([_stack(found, x, len(numbers)) for x in results])
    stacks = list(map(_joined, zip(*parts, strict=True)))
    if _has_nan(stacks):
        return None
    pairs = zip(results, stacks, strict=True)
    return [_jacobians(x, stack.reshape(ends[-1], x.size), leaves, ends) for x, stack in pairs]


def _units(leaves: Sequence[Any], ends: list[int], numbers: range) -> dict[Any, Any]:
    """A stack of directions: in each, one element of all leaves changes."""
    found = {}
    for x, begin in zip(leaves, ends, strict=False):
        stack = np.eye(len(numbers), x.size, numbers.start - begin, x.dtype)
        found[x] = stack.reshape(len(numbers), *x.shape)
    return found


def _jacobians(result: Any, rows: Any, leaves: Sequence[Any], ends: list[int]) -> list[Any]:
    """The Jacobian of a result for each leaf, from how it changes with each of their elements."""
    return [
        np.array(rows[begin : begin + x.size].T.reshape(result.shape + x.shape), x.dtype)
        for x, begin in zip(leaves, ends, strict=False)
    ]


def _stack(found: dict[Any, Any], x: Any, count: int) -> Any:
    return found[x] if x in found else np.zeros((count, *x.shape), x.dtype)


def _joined(stacks: Sequence[Any]) -> Any:
    return np.concatenate(stacks) if len(stacks) > 1 else stacks[0]


def _has_nan(stacks: Sequence[Any]) -> bool:
    return any([isnan(np.add.reduce(stack, None)) for stack in stacks])  # noqa: C419 - a list is faster
