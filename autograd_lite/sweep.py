"""The backward loop: from an output to what it depends on, newest node first.

The sweep owns what is not calculus: the order, adding up what arrives at a node from several
sides, and (in `pull`) pruning, un-broadcasting, dtype. It is told how to apply a rule, so that the
same loop makes numbers (`pull_numbers`) or graph (`autograd_lite.gradient`).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Container, Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.errors import AutogradError, GradientError, StaleError
from autograd_lite.ops import arrays
from autograd_lite.ops.op import scalar_call, strong
from autograd_lite.ops.shapes import spec_of, unbroadcast
from autograd_lite.values import fitting

Pairs = Iterable[tuple[Any, Any]]  # nodes with the cotangents that arrive at them


def sweep(
    output: Any,
    cotangent: Any,
    pull: Callable[[Any, Any], Pairs],
    add: Callable[[Any, Any], Any] = operator.add,
) -> Iterator[tuple[Any, Any]]:
    """Yield every node that takes part with its whole cotangent, in reverse append order.

    Only the frontier is kept: a node leaves it when it is read, and nothing newer can reach it
    any more. A chain costs O(1) memory and a graph of n nodes O(n log width) time.
    """
    nodes, cotangents = {-output.serial: output}, {-output.serial: cotangent}
    frontier = [-output.serial]  # a heap: its smallest key is the newest node
    while frontier:
        key = heappop(frontier)
        node, grad = nodes.pop(key), cotangents.pop(key)
        if type(grad) is np.ndarray:
            grad = owned(grad, is_leaf=node._first is None)
        yield node, grad
        if node._first is None:
            continue
        for x, part in pull(node, grad):
            key = -x.serial
            if key in nodes:
                cotangents[key] = add(cotangents[key], part)
            else:
                nodes[key], cotangents[key] = x, part
                heappush(frontier, key)


def ancestors(*outputs: Any, known: Container[Any] = ()) -> list[Any]:
    """All that the outputs were computed from, themselves included, in append order.

    What is `known` is left out, and not looked behind.
    """
    found, stack = {node.serial: node for node in outputs}, list(outputs)
    while stack:
        for x in stack.pop().inputs:
            if x.serial not in found and x not in known:
                found[x.serial] = x
                stack.append(x)
    return [found[serial] for serial in sorted(found)]


def backward(
    output: Any,
    cotangent: ArrayLike | None = None,
    *,
    accumulate: bool = False,
    among: list[Any] | None = None,
) -> None:
    """Fill `grad` of all that `output` depends on; `among` are nodes whose old gradient goes."""
    seed = seed_of(output, cotangent)
    nodes, grads = [], []
    with np.errstate(all="ignore"):
        for node, grad in sweep(output, seed, pull_numbers):
            nodes.append(node)
            grads.append(grad)
    if accumulate:
        kept = zip(nodes, grads, strict=True)
        grads = [grad if node.grad is None else node.grad + grad for node, grad in kept]
    else:
        graph = output.graph
        for node in among or (graph._nodes if graph is not None else ()):
            node.grad = None
    for node, grad in zip(nodes, grads, strict=True):
        node.grad = grad


def seed_of(output: Any, cotangent: ArrayLike | None) -> Any:
    """The cotangent to start from: one for a scalar output, or what the user gave."""
    value = output._need_value()
    if not output.requires_grad:
        raise GradientError(
            output.label(),
            expected="an output that depends on a differentiable leaf",
            came=f"{output.spec}, through which no gradient flows",
            suggestion="start from a floating-point node computed from a parameter or variable",
        )
    if cotangent is None:
        if output.size != 1:
            raise GradientError(
                output.label(),
                expected="a scalar, or a cotangent for an array",
                came=f"{output.spec} and no cotangent",
                suggestion="reduce it with sum() or mean(), or pass backward(cotangent)",
            )
        return 1.0 if type(value) is float else np.ones(output.shape, output.dtype)
    seed = fitting(cotangent, output.spec, f"cotangent of {output.label()}", copy=True)
    return seed if type(value) is float else np.asarray(seed)


def pull_numbers(node: Any, grad: Any) -> Pairs:
    """The cotangents of a node's inputs as numbers, from its own cotangent."""
    op, inputs, out, stamp = node.op, node.inputs, node._value, node._stamp
    values = [x._value for x in inputs]
    is_float = type(out) is float
    if not is_float:
        values = strong(values)
    pairs = []
    rules = op.rules_for(len(inputs)) if op.variadic else op.vjps
    for x, rule in zip(inputs, rules):  # noqa: B905 - equal by contract, and `strict` costs time
        if x._stamp > stamp:
            raise stale(node, x)
        if x.requires_grad and rule is not None:
            if is_float and grad == 0:
                part = 0.0
            elif is_float:
                part = scalar_call(rule, (grad, out, *values), node.params)
            else:
                part = _pull_array(node, x, rule, grad, values)
            pairs.append((x, part))
    return pairs


def _pull_array(node: Any, x: Any, rule: Any, grad: Any, values: list[Any]) -> Any:
    try:
        part = rule(arrays, grad, node._value, *values, **node.params)
    except AutogradError:
        raise
    except Exception as problem:
        raise _broken_rule(node, x, f"{type(problem).__name__}: {problem}") from problem
    if node.op.elementwise and part is not grad:
        part = annihilate(grad, part)
    return fit_gradient(node, x, part)


def annihilate(grad: Any, part: Any) -> Any:
    """What a rule of an elementwise op returned, with 0 where the cotangent is 0.

    Zero times an infinite slope is NaN, but an entry that had no say, as in the branch that
    `where` did not take, has no gradient however steep it is there.
    """
    return part if np.isfinite(part).all() else np.where(grad == 0, 0.0, part)


def fit_gradient(node: Any, x: Any, part: Any) -> Any:
    """What a rule returned, with the shape and dtype of the input it belongs to."""
    value = x._value
    if type(value) is float:
        return float(np.sum(part))
    if not hasattr(part, "dtype"):
        part = np.asarray(part)
    if part.shape != value.shape:
        try:
            part = unbroadcast(arrays, part, value.shape)
        except (ValueError, IndexError) as problem:
            raise _broken_rule(node, x, str(spec_of(part))) from problem
    return part if part.dtype == value.dtype else part.astype(value.dtype)


def owned(grad: np.ndarray[Any, Any], *, is_leaf: bool) -> np.ndarray[Any, Any]:
    """The gradient in memory of its own; a leaf's may be written to, others are what rules read."""
    if grad.base is not None or not grad.flags.writeable:
        grad = grad.copy()
    grad.setflags(write=is_leaf)
    return grad


def stale(node: Any, changed: Any) -> StaleError:
    """The error for a node whose input was given another value since."""
    return StaleError(
        node.label(),
        expected="a value computed from the present values of its inputs",
        came=f"{changed.label()} was given another value since",
        place=node.place,
        suggestion="run forward again (or build the expression again) before backward",
    )


def _broken_rule(node: Any, x: Any, came: str) -> GradientError:
    position = next(i for i, y in enumerate(node.inputs) if y is x)
    name = node.op.input_names[min(position, len(node.op.input_names) - 1)]
    return GradientError(
        f"vjp_{name} of {node.label()}",
        expected=f"a gradient that sums to {x.spec}",
        came=came,
        place=node.place,
        suggestion="check the rule with autograd_lite.testing, or return grad times the derivative",
    )
