"""Forward mode, and forward over reverse: how values and gradients change along directions.

What a function did is recorded already. Directions are pushed through it, from old to new: each
value gets a stack of tangents. Then the sweep pulls cotangents that have tangents as well, by the
rules that `backward` runs, and what arrives at a leaf is how its gradient changes along each of
the directions (B. Pearlmutter, "Fast exact multiplication by the Hessian", 1994). A graph of the
gradient, to be differentiated again, has several times as many operations.

There is a way for elementwise ops, for ops that move or add elements whatever their values are,
and for products. A function of other ops is differentiated by way of its gradient as graph.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.autodiff.duals import DIRECT, DUALS, Dual
from autograd_lite.autodiff.rows import fitted_rows, pull_group, repeated
from autograd_lite.core import arrays
from autograd_lite.core.contract import strong
from autograd_lite.core.shapes import Shape
from autograd_lite.core.sweep import Pairs, fit_gradient, sweep
from autograd_lite.ops.batching import Operand, batched, looped
from autograd_lite.ops.linearity import is_known, is_linear

Nodes = Sequence[Any]
Tangents = Mapping[Any, Any]  # for each node that moves a stack, all of them of one length


def can_be_pushed(nodes: Nodes) -> bool:
    """Whether there is a way for all of these operations that a gradient depends on."""
    return all([x._first is None or not x.requires_grad or _has_way(x) for x in nodes])  # noqa: C419


def tangents_of(nodes: Nodes, directions: Tangents) -> dict[Any, Any]:
    """How nodes, in append order, change along directions of leaves; others do not change."""
    found = dict(directions)
    for node in nodes:
        if node._first is not None and node.requires_grad:
            is_moved = any([x in found for x in node.inputs])  # noqa: C419
            tangent = _pushed(node, found) if is_moved else None
            if tangent is not None:
                found[node] = tangent
    return found


def gradients_along(nodes: Nodes, directions: Tangents) -> dict[Any, Any]:
    """How the gradient of the last node, a scalar, changes for leaves along directions of them."""
    pull, output = _Pull(tangents_of(nodes[:-1], directions), directions), nodes[-1]
    reached = sweep(output, np.ones((), output.dtype), pull)
    return {x: grad.tangent for x, grad in reached if x in directions and type(grad) is Dual}


def _has_way(node: Any) -> bool:
    op = node.op
    has_rules = op.elementwise or op.is_product or is_linear(op, node.params)
    return bool(has_rules and is_known(op))


def _dual(x: Any, value: Any, tangents: Tangents, rank: int) -> Any:
    """A value with its tangents if it has some; axes that it lacks have length 1 in these."""
    return Dual(value, _aligned(tangents[x], rank)) if x in tangents else value


def _aligned(tangent: Any, rank: int) -> Any:
    """Tangents with axes of length 1 where they have fewer than a value of that rank."""
    missing = 1 + rank - tangent.ndim
    if not missing:
        return tangent
    return tangent.reshape(len(tangent), *(1,) * missing, *tangent.shape[1:])


def _pushed(node: Any, tangents: Tangents) -> Any:
    """The tangents of a node, from those of its inputs."""
    op, inputs = node.op, node.inputs
    out, *values = strong([node._value, *[x._value for x in inputs]])
    if op.elementwise:
        parts = [
            rule(arrays, _aligned(tangents[x], out.ndim), out, *values, **node.params)
            for x, rule in zip(inputs, op.vjps, strict=True)
            if rule is not None and x in tangents
        ]
        return full(sum(parts[1:], parts[0]), out.shape) if parts else None
    if op.is_product:
        moving = [i for i, x in enumerate(inputs) if x in tangents and op.vjps[i] is not None]
        return sum(_called(node, values, tangents, [i]) for i in moving)
    rules = op.rules_for(len(values))
    return _called(node, values, tangents, [i for i, rule in enumerate(rules) if rule is not None])


def _called(node: Any, values: list[Any], tangents: Tangents, places: list[int]) -> Any:
    """The op of a node called on tangents in some places, zeros where there are none."""
    count = len(next(iter(tangents.values())))
    operands = [Operand(value) for value in values]
    for i in places:
        x = node.inputs[i]
        stack = tangents[x] if x in tangents else np.zeros((count, *x.shape), x.dtype)
        operands[i] = Operand(stack, is_mapped=True)
    call = batched(node.op, operands, node.params)
    if call is None:
        return looped(node.op, operands, node.params, node.spec)
    return call.computed()


class _Pull:
    """How a node hands its cotangent, with the tangents of that, to its inputs."""

    def __init__(self, tangents: Tangents, directions: Tangents) -> None:
        self.tangents, self.count = tangents, len(next(iter(directions.values())))

    def __call__(self, node: Any, grad: Any) -> Pairs:
        op, inputs = node.op, node.inputs
        out, *values = strong([node._value, *[x._value for x in inputs]])
        rules = op.rules_for(len(values)) if op.variadic else op.vjps
        wanted = [i for i, x in enumerate(inputs) if x.requires_grad and rules[i] is not None]
        if not op.elementwise:
            return [(inputs[i], self._by_row(node, grad, values, i, rules[i])) for i in wanted]
        rank, moved = out.ndim, self.tangents
        duals = [_dual(x, v, moved, rank) for x, v in zip(inputs, values, strict=True)]
        args = (DUALS, grad, _dual(node, out, moved, rank), *duals)
        return [(inputs[i], self._fitted(node, i, rules[i](*args, **node.params))) for i in wanted]

    def _fitted(self, node: Any, i: int, part: Any) -> Any:
        x = node.inputs[i]
        if type(part) is not Dual:
            return _strong(fit_gradient(node, x, part))
        tangent = full(part.tangent, np.shape(part.value))
        return Dual(_strong(fit_gradient(node, x, part.value)), fitted_rows(tangent, x._value))

    def _by_row(self, node: Any, grad: Any, values: list[Any], i: int, rule: Any) -> Any:
        """For ops that are linear, or are so in each factor: a cotangent is a row more."""
        x, (value, tangent) = node.inputs[i], _parted(grad)
        if tangent is not None:
            rows = np.concatenate([np.asarray(value)[None], tangent])
            stack = fitted_rows(pull_group(DIRECT, node, rows, values, [i])[0], x._value)
            part, moved = stack[0], [stack[1:]]
        else:
            part = rule(DIRECT, value, node._value, *values, **node.params)
            part, moved = _strong(fit_gradient(node, x, part)), []
        if node.op.is_product:
            moved += [fitted_rows(rows, x._value) for rows in self._factors(node, value, values, i)]
        return Dual(part, sum(moved[1:], moved[0])) if moved else part

    def _factors(self, node: Any, value: Any, values: list[Any], i: int) -> Iterator[Any]:
        """What the tangents of the other factors come to."""
        for j, x in enumerate(node.inputs):
            if j != i and x in self.tangents and node.op.vjps[j] is not None:
                rows, stacks = repeated(value, self.count), {j: self.tangents[x]}
                yield pull_group(DIRECT, node, rows, values, [i], stacks)[0]


def _parted(grad: Any) -> tuple[Any, Any]:
    return (grad.value, grad.tangent) if type(grad) is Dual else (grad, None)


def full(tangent: Any, shape: Shape) -> Any:
    """A stack of tangents, each of that shape."""
    wanted = (len(tangent), *shape)
    return tangent if tangent.shape == wanted else np.broadcast_to(tangent, wanted)


def _strong(value: Any) -> Any:
    (found,) = strong([value])
    return found
