"""Gradients as nodes: the sweep with rules that append instead of compute."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite.autodiff.lengths import Lengths, lengths_of, may_stretch
from autograd_lite.core.backward import refuse_tuple
from autograd_lite.core.masks import Mask, behind
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Output, Rule
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.shapes import spec_of
from autograd_lite.core.sweep import Pairs, ancestors, broken_rule, stale, sweep
from autograd_lite.core.values import fitting
from autograd_lite.errors import GradientError, ShapeError
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.ops import BroadcastLike, Cast, SumLike


@overload
def gradients(output: Node, wrt: Node, *, cotangent: Any = None) -> Node: ...
@overload
def gradients(output: Node, wrt: Sequence[Node], *, cotangent: Any = None) -> list[Node]: ...
def gradients(
    output: Node, wrt: Node | Sequence[Node], *, cotangent: Any = None
) -> Node | list[Node]:
    """The gradients of a scalar `output` with respect to nodes, appended as nodes themselves.

    They can be printed, drawn, run again with the graph, and differentiated again. An output that
    is not a scalar needs a `cotangent` of its shape (an array or a node). Where the output only
    jumps with a node, as `sign` does, or stands behind `stop_gradient`, the gradient is 0.

    >>> x = Node(3.0)
    >>> dx = gradients(x * x * x, x)
    >>> dx.value, gradients(dx, x).value
    (27.0, 18.0)

    Raises StaleError as `backward` does, and GradientError if the output was not computed from one
    of them, or one of them has no gradient to give: integers have none.
    """
    targets: list[Any] = list(wrt) if isinstance(wrt, list | tuple) else [wrt]
    _refuse_numbers(output, *targets)
    known = set(ancestors(output))
    for x in targets:
        if x not in known:
            raise _unreached(output, x)
        refuse_integers(output, x)
    found = gradients_or_zeros(output, targets, cotangent)
    return found[0] if isinstance(wrt, Node) else found


def gradients_or_zeros(output: Node, targets: Sequence[Node], cotangent: Any = None) -> list[Node]:
    """The gradients as nodes; zeros, of sizes that follow the feeds, where none arrives."""
    refuse_tuple(output)
    history = ancestors(output)
    path = _between(targets, output, history)
    _refuse_stale(path)
    seed = _seed(output, cotangent)
    appender = _Appender(path, lengths_of(history))
    steps = sweep(output, seed, appender.pull, appender.add, appender.filled)
    found = dict(steps) if output in path else {}
    return [found[x] if x in found else _zeros(x) for x in targets]


def refuse_integers(*nodes: Node) -> None:
    """Raise GradientError for a node that is not floating."""
    for node in nodes:
        if node.dtype.kind != "f":
            raise GradientError(
                f"gradient of or for {node.label()}",
                expected="floating-point numbers, which can change a little",
                came=str(node.spec),
                suggestion="convert with astype('float64') before, or leave it out",
            )


class _Appender:
    """How a node hands its cotangent to its inputs: by appending what its rules say."""

    def __init__(self, path: set[Node], lengths: Lengths) -> None:
        self.path, self.lengths = path, lengths
        self.masks: dict[Node, Mask] = {}  # for cotangents that are 0 where not selected
        self.outputs: dict[Node, tuple[Node, ...]] = {}

    def pull(self, node: Node, grad: Any) -> Pairs:
        """The cotangents of a node's inputs, from its own."""
        op: Any = node.op
        out = self.outputs.pop(node, node)
        mask = None if op.outputs else self.masks.get(grad)
        rules = op.rules_for(len(node.inputs))
        for i, part in self._parts(node, grad, out):
            x = node.inputs[i]
            if isinstance(part, Arrived):
                yield x, part
                continue
            if not isinstance(part, Node):
                raise broken_rule(node, x, f"{type(part).__name__}, which is no node")
            below = behind(namespace, node, rules[i], mask, (out, x, node.inputs))
            if mask and below and op.steep and _uses_values(part, grad):
                part = namespace.where(below.get() != 0, part, 0.0)  # noqa: PLW2901
            yield x, self.fitted(node, x, part, below)

    def _parts(self, node: Node, grad: Any, out: Any) -> Iterator[tuple[int, Any]]:
        """What the rules return for the inputs on the path, by their number."""
        op: Any = node.op
        args = (namespace, grad, out, *node.inputs)
        wanted = [i for i, x in enumerate(node.inputs) if x in self.path]
        if op.joint:
            parts = op.vjps[-1](*args, positions=wanted, **node.params)
            yield from zip(wanted, parts, strict=True)
            return
        rules = op.rules_for(len(node.inputs))
        for i in wanted:
            if rules[i] is not None:
                yield i, rules[i](*args, **node.params)

    def fitted(self, node: Node, x: Node, part: Node, mask: Mask | None) -> Node:
        """The cotangent with the shape and dtype of x.

        An axis may have another length in the next feed and broadcast then, so it is summed like
        x in any case; where nothing was broadcast that changes nothing.
        """
        stretched = part.shape != x.shape or may_stretch(node, x, self.lengths)
        found = SumLike(part, x) if stretched else part
        found = found if found.dtype == x.dtype else Cast(found, dtype=x.dtype.name)
        if mask is not None:
            summed = Mask(lambda m: SumLike(m, x), mask, is_label=mask.is_label)
            self.masks[found] = summed if stretched else mask
        return found

    def filled(self, node: Node, grad: Arrived) -> OutputTuple:
        """The cotangents of several outputs, zeros of their sizes where none has arrived."""
        count = len(node.op.outputs)  # type: ignore[union-attr]
        outs = [grad[i][0] if i in grad else Output(node, index=i) for i in range(count)]
        self.outputs[node] = tuple(outs)
        return grad.filled(outs, _zeros)

    def add(self, a: Any, b: Any) -> Any:
        """The sum of two cotangents that arrive at one node."""
        total = a + b
        if not isinstance(a, Arrived) and a in self.masks and b in self.masks:
            self.masks[total] = self.masks[a] + self.masks[b]
        return total


def _uses_values(part: Node, grad: Node) -> bool:
    """Whether a rule did more than to hand on the cotangent, or to scale it by a number."""
    return part is not grad and not all(x is grad or x.op is Leaf.Constant for x in part.inputs)


def _zeros(x: Node) -> Node:
    """Zeros that have the size of a node, whatever it is fed."""
    if type(x._value) is float and x.graph is None:
        return constant(0.0)
    return BroadcastLike(constant(np.zeros((), x.dtype)), x)


def _between(targets: Sequence[Node], output: Node, history: Sequence[Node]) -> set[Node]:
    """The nodes through which a gradient flows from `output` to the targets, both included."""
    below = {x for x in targets if x.dtype.kind == "f"}
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
    if cotangent is None and output.shape != ():
        raise GradientError(
            output.label(),
            expected="a scalar output, or a cotangent for an array",
            came=f"{output.spec} and no cotangent",
            suggestion="reduce it with sum() or mean(), or pass cotangent=",
        )
    seed = 1.0 if cotangent is None else cotangent
    seed = agreeing(seed, output, f"cotangent of {output.label()}")
    return seed if isinstance(seed, Node) else constant(seed)


def agreeing(value: Any, x: Any, subject: str) -> Any:
    """The value as an array of the shape of x, or as the node it is; ShapeError for another one."""
    if not isinstance(value, Node):
        own = value.view() if type(value) is np.ndarray else value  # what is given stays writable
        return fitting(own, spec_of(x), lambda: subject, copy=False)
    if value.shape != x.shape:
        raise ShapeError(
            subject,
            expected=str(x.spec),
            came=str(value.spec),
            suggestion="give a node of that shape",
        )
    return value


def _unreached(output: Node, x: Node) -> GradientError:
    return GradientError(
        f"gradient of {output.label()} with respect to {x.label()}",
        expected="operations leading from one to the other",
        came=f"no operation leads from {x.label()} ({x.spec}) to {output.label()} ({output.spec})",
        suggestion="leave it out of wrt; where its value was taken out of the graph, keep the node",
    )
