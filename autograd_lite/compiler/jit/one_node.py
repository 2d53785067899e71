"""A call under jit as one node, where a gradient has to come back through it.

It is a checkpoint whose value and whose gradient are computed by programs: nothing of what the
function computes is kept but its result.
"""

from collections.abc import Callable, Sequence
from functools import partial, reduce
from operator import add
from typing import Any

from autograd_lite.autodiff.checkpoint import Checkpoint, Segment
from autograd_lite.autodiff.gradients import gradients_or_zeros
from autograd_lite.autodiff.no_grad import NoGrad
from autograd_lite.autodiff.stand_ins import NodeKind, trace
from autograd_lite.autodiff.trees import leaves_of, rebuild
from autograd_lite.compiler.jit.arguments import CallParts
from autograd_lite.compiler.jit.record import Record
from autograd_lite.core.context import NO_CONTEXT, Mode, context
from autograd_lite.core.op import Array
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.protocols import looks


class JitCall(Checkpoint):
    """A result of a function under `jit`; its gradient is computed by a program, too."""

    derivative = "that of f, by a program"


class JitSegment(Segment):
    """One result of one call: the programs that compute it and its gradient."""

    def __init__(
        self, f: Callable[..., Any], call: CallParts, record: Record, index: int, value: Array
    ) -> None:
        self.f, self.call, self.record, self.index = f, call, record, index
        self.name = getattr(f, "__name__", repr(f))
        self.run = partial(self._again)
        self.outer, self.first = None, value
        self.outside = list(dict.fromkeys([*call.nodes, *record.traced.captured]))

    def append(self) -> Node:
        """The node that stands for the result."""
        return JitCall(*self.outside, segment=self)

    def _again(self) -> Any:
        return leaves_of(self.call.run(self.f, self.call.leaves))[self.index]

    def value(self, inputs: Sequence[Array]) -> Array:
        """The result for these inputs; that of the call is there already."""
        found, self.first = self.first, None
        if found is None:
            known = dict(zip(self.outside, inputs, strict=True))
            found = leaves_of(self.record.run(self.call.leaves, known))[self.index]
        return found

    def gradient_numbers(
        self, grad: Array, _out: Array, inputs: Sequence[Array], wanted: Sequence[int]
    ) -> list[Array]:
        """The gradients as numbers."""
        known = dict(zip(self.outside, inputs, strict=True))
        found = self._pull(wanted).run([*self.call.leaves, grad], known)
        return list(found)

    def _pull(self, wanted: Sequence[int]) -> Record:
        """The program from the arguments and a cotangent to gradients."""
        nodes, record = [self.outside[i] for i in wanted], self.record
        places = [tuple(i for i, x in enumerate(self.call.leaves) if x is node) for node in nodes]
        around = [node if node in record.traced.captured else None for node in nodes]
        key = self.index, *zip(places, around, strict=True)
        if key not in record.pulls:
            record.pulls[key] = self._pulling(places, around)
        return record.pulls[key]

    def _pulling(self, places: Sequence[Sequence[int]], around: Sequence[Node | None]) -> Record:
        """That program, for nodes that are arguments in these places, and used from around `f`."""
        call, record = self.call, self.record
        output = leaves_of(record.traced.result)[self.index]
        seed = NodeKind(output.spec, requires_grad=False, is_float=output in record.traced.numbers)

        def gradients(own: Sequence[Node]) -> tuple[Any, ...]:
            stand_in: Any = context.get().mode
            result = stand_in.operand(leaves_of(call.run(self.f, own[:-1]))[self.index])
            targets = [
                [own[i] for i in place] + ([] if x is None else [stand_in.operand(x)])
                for place, x in zip(places, around, strict=True)
            ]
            found = iter(gradients_or_zeros(result, [y for x in targets for y in x], own[-1]))
            return tuple(reduce(add, [next(found) for _ in x]) for x in targets)

        kinds = (*record.key.kinds, seed)
        named = list(zip([*call.paths(), "the cotangent"], kinds, strict=True))
        return record.like(trace(self.name, type(record.traced.graph)(), named, gradients), kinds)


def is_recorded() -> bool:
    """Whether what is done with nodes is recorded now, to be done again."""
    around = context.get()
    return around.graph is not None or not isinstance(around.mode, NoGrad | None)


def is_apart(nodes: Sequence[Any]) -> bool:
    """Whether nothing around a call on these nodes records, maps or differentiates it."""
    around = context.get()
    is_free = around == NO_CONTEXT._replace(mode=around.mode) and not looks.get().tracked
    mode = around.mode
    return is_free and all(
        type(x) is Node
        and x._value is not None
        and x._graph is None
        and (mode is None or _is_stopped(x, mode))
        for x in nodes
    )


def _is_stopped(x: Node, mode: Mode) -> bool:
    """Whether a `no_grad` block makes a constant of what is computed from a node."""
    if not isinstance(mode, NoGrad) or mode.outer is not None:
        return False
    return not x.requires_grad or x.serial < mode.since


def as_nodes(f: Callable[..., Any], call: CallParts, record: Record) -> Any:
    """The results of a call, those that come from nodes as nodes, which hand on a gradient."""
    values = leaves_of(record.run(call.leaves))
    is_recorded, call = context.get().mode is None, call.kept()
    found: list[Any] = []
    for i, (x, value) in enumerate(zip(leaves_of(record.traced.result), values, strict=True)):
        carries = isinstance(x, Node) and x.requires_grad
        if carries and is_recorded:
            found.append(JitSegment(f, call, record, i, value).append())
        else:
            is_node = carries or (call.nodes and isinstance(x, Node))
            found.append(constant(value) if is_node else value)
    return rebuild(record.traced.result, found)
