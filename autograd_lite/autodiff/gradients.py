"""Gradients as nodes: the sweep with rules that append instead of compute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Output, Rule
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.sweep import Pairs, ancestors, refuse_tuple, stale, sweep
from autograd_lite.core.values import fitting
from autograd_lite.errors import GradientError, ShapeError
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.ops import BroadcastLike, Cast, Guard, SumLike


@overload
def gradients(output: Node, wrt: Node, *, cotangent: Any = None) -> Node: ...
@overload
def gradients(output: Node, wrt: Sequence[Node], *, cotangent: Any = None) -> list[Node]: ...
def gradients(
    output: Node, wrt: Node | Sequence[Node], *, cotangent: Any = None
) -> Node | list[Node]:
    """The gradients of a scalar `output` with respect to nodes, appended as nodes themselves.

    They can be printed, drawn, run again with the graph, and differentiated again. An output that
    is not a scalar needs a `cotangent` of its shape (an array or a node).

    >>> x = Node(3.0)
    >>> dx = gradients(x * x * x, x)
    >>> dx.value, gradients(dx, x).value
    (27.0, 18.0)

    Where an output is piecewise constant, as behind a comparison, the gradient is 0. Raises
    StaleError as `backward` does, and GradientError if the output is not computed from one of them,
    or one of the two holds integers or booleans.
    """
    targets: list[Any] = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    _refuse_numbers(output, *targets)
    refuse_tuple(output)
    history = set(ancestors(output))
    for x in targets:
        if x not in history or {x.dtype.kind, output.dtype.kind} != {"f"}:
            raise _unreached(output, x, leads=x in history)
    seed, path = _seed(output, cotangent), _between(targets, output)
    _refuse_stale(path)
    appender = _Appender(path)
    found = dict(sweep(output, seed, appender.pull, appender.add, appender.filled)) if path else {}
    grads = [found[x] if x in found else zeros_like(x) for x in targets]
    return grads[0] if isinstance(wrt, Node) else grads


def reached_targets(output: Node, targets: Sequence[Node]) -> list[Node]:
    """The targets that a gradient flows to; the output does not change with the others."""
    path = _between(targets, output)
    return [x for x in targets if x in path]


def zeros_like(x: Node) -> Node:
    """A gradient of zeros, as long as x in every run."""
    if type(x._value) is float:
        return constant(0.0)
    zeros: Node = BroadcastLike(constant(np.zeros((), x.dtype)), x)
    return zeros


class _Appender:
    """How a node hands its cotangent to its inputs: by appending what its rules say.

    Where an op selects (`where`, `max`, indexing), the cotangent of what was not selected is
    exactly 0. It has to stay 0 however steep the operations before it are, so products with such
    a cotangent are guarded: 0 · inf would be NaN.
    """

    def __init__(self, path: set[Node]) -> None:
        self.path = path
        self.has_zeros: set[Node] = set()
        self.outputs: dict[Node, tuple[Node, ...]] = {}

    def pull(self, node: Node, grad: Node) -> Pairs:
        """The cotangents of a node's inputs, from its own."""
        op: Any = node.op
        out = self.outputs.pop(node, node)
        selected = grad in self.has_zeros
        for x, part in self._parts(node, grad, out):
            if isinstance(part, Arrived):
                yield x, part
                continue
            guarded = (
                Guard(part, grad) if selected and op.elementwise and part is not grad else part
            )
            fitted = _fitted(guarded, x)
            if op.selects or (selected and op.keeps_zeros):
                self.has_zeros.add(fitted)
            yield x, fitted

    def _parts(self, node: Node, grad: Node, out: Any) -> Iterator[tuple[Node, Any]]:
        """What the rules return for the inputs on the path."""
        op: Any = node.op
        args = (namespace, grad, out, *node.inputs)
        if op.joint:
            wanted = [i for i, x in enumerate(node.inputs) if x in self.path]
            parts = op.vjps[-1](*args, positions=wanted, **node.params)
            yield from zip((node.inputs[i] for i in wanted), parts, strict=True)
            return
        for x, rule in _edges(node):
            if x in self.path:
                yield x, rule(*args, **node.params)

    def filled(self, node: Node, grad: Arrived) -> OutputTuple:
        """The cotangents of several outputs, zeros of their sizes where none has arrived."""
        count = len(node.op.outputs)  # type: ignore[union-attr]
        outs = [grad[i][0] if i in grad else Output(node, index=i) for i in range(count)]
        self.outputs[node] = tuple(outs)
        return grad.filled(outs, lambda out: BroadcastLike(constant(np.zeros((), out.dtype)), out))

    def add(self, a: Node, b: Node) -> Node:
        """The sum of two cotangents that arrive at one node."""
        total: Node = a + b
        if not isinstance(a, Arrived) and a in self.has_zeros and b in self.has_zeros:
            self.has_zeros.add(total)
        return total


def _fitted(part: Node, x: Node) -> Node:
    """The cotangent with the shape and dtype of x.

    An axis that is 1 today may be longer in the next feed and broadcast then, so it is summed
    like x in any case; where nothing was broadcast that changes nothing.
    """
    spec, came = x.spec, part.spec
    fed_later = 1 in spec.shape and (x._value is None or x.graph is not None)
    if fed_later or came.shape != spec.shape:
        part = SumLike(part, x)
    return part if came.dtype == spec.dtype else Cast(part, dtype=spec.dtype.name)


def _between(targets: Sequence[Node], output: Node) -> set[Node]:
    """The nodes through which a gradient flows from `output` to the targets, both included."""
    below = {x for x in targets if x.dtype.kind == "f"}
    history = ancestors(output)
    for node in history:
        if node.dtype.kind == "f" and any(x in below for x, _ in _edges(node)):
            below.add(node)
    path = {output} & below
    for node in reversed(history):
        if node in path:
            path.update(x for x, _ in _edges(node) if x in below)
    return path


def _refuse_numbers(*things: Any) -> None:
    for thing in things:
        if not isinstance(thing, Node):
            raise GradientError(
                "gradients",
                expected="nodes: an output, and what to differentiate with respect to",
                came=repr(thing),
                suggestion="make it a Node(…) before the expression, or use grad on a function",
            )


def _refuse_stale(path: set[Node]) -> None:
    """A gradient computed at once would mix the old value of a node with new ones of its inputs."""
    for node in path:
        changed = [x for x in node.inputs if x._stamp > node._stamp]
        if changed and node._value is not None:
            raise stale(node, changed[0])


def _edges(node: Node) -> list[tuple[Node, Rule]]:
    return [] if isinstance(node.op, Leaf) else node.op.edges(node.inputs)


def _seed(output: Node, cotangent: Any) -> Node:
    if isinstance(cotangent, Node) and cotangent.shape == output.shape:
        return cotangent
    if isinstance(cotangent, Node):
        raise ShapeError(
            f"cotangent of {output.label()}",
            expected=str(output.spec),
            came=str(cotangent.spec),
            suggestion="give a cotangent of the output's shape",
        )
    if cotangent is None and output.shape != ():
        raise GradientError(
            output.label(),
            expected="a scalar output, or a cotangent for an array",
            came=f"{output.spec} and no cotangent",
            suggestion="reduce it with sum() or mean(), or pass cotangent=",
        )
    seed = 1.0 if cotangent is None else cotangent
    return constant(fitting(seed, output.spec, f"cotangent of {output.label()}", copy=False))


def _unreached(output: Node, x: Node, *, leads: bool) -> GradientError:
    reason = "integers or booleans" if leads else "no operation"
    return GradientError(
        f"gradient of {output.label()} with respect to {x.label()}",
        expected="floating-point values, one computed from the other",
        came=f"{reason} from {x.label()} ({x.spec}) to {output.label()} ({output.spec})",
        suggestion="leave it out of wrt: its gradient is zero or does not exist",
    )
