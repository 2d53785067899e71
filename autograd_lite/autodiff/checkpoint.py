"""`checkpoint`: compute again in backward what was not kept in forward.

T. Chen and others, "Training deep nets with sublinear memory cost", 2016. A function becomes one
node. Its inputs are found by running it once: all nodes from before that its operations use, be
they arguments or taken from around it, so no parameter of a model can be missed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd_lite.autodiff.gradients import gradients_or_zeros
from autograd_lite.autodiff.no_grad import Apart, NoGrad, forget, in_mode
from autograd_lite.autodiff.stand_ins import OnStandIns
from autograd_lite.autodiff.vmap import vmap
from autograd_lite.core.backward import cotangents, seed_of
from autograd_lite.core.context import Context, Mode, context
from autograd_lite.core.node import Leaf, make_leaf
from autograd_lite.core.op import Array, Op, Params, Xp
from autograd_lite.core.shapes import example
from autograd_lite.errors import GraphError
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.ops import Alias
from autograd_lite.ops.batching import OneCall
from autograd_lite.ops.batching.contract import Operands


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The function that keeps nothing of what `f` computes but its result.

    For a gradient, `f` is run once more, so that memory holds the inside of one checkpointed
    function at a time. `f` returns one scalar or array and does the same each time: a seed for
    `dropout` is fine, a Generator is not. Gradients of any order work, by `backward` and
    `gradients`, also with respect to nodes that `f` uses without being given them.

    >>> w, x = Node(2.0), Node(0.5)
    >>> y = checkpoint(lambda x: (w * x).tanh())(x)
    >>> y.backward()
    >>> round(x.grad, 6), round(w.grad, 6), y.op.name
    (0.839949, 0.209987, 'Checkpoint')

    Raises GraphError if `f` returns something else, and, in backward, if it gives another value
    or uses other nodes than before.
    """

    @wraps(f)
    def checkpointed(*args: Any, **options: Any) -> Any:
        if isinstance(context.get().mode, NoGrad | OnStandIns):
            return f(*args, **options)
        segment = Segment(f, args, options)
        return segment.append() if segment.outside else segment.first

    return checkpointed


class Checkpoint(Op):
    """The result of a function of its inputs, whose gradient is that of running it again."""

    formula = "f(x, …)"
    derivative = "that of f, run again"
    expects = "inputs that the function takes"

    def forward(xp: Xp, *inputs: Array, segment: Segment) -> Array:  # noqa: N805 - a rule
        """The value alone; nothing is recorded."""
        return segment.value(inputs)

    def vjp_inputs(  # noqa: D102 - the class docstring says it
        xp: Xp,  # noqa: N805
        grad: Array,
        out: Array,
        *inputs: Array,
        positions: Sequence[int],
        segment: Segment,
    ) -> list[Array]:
        run = segment.gradient_nodes if isinstance(grad, Node) else segment.gradient_numbers
        return run(grad, out, inputs, positions)

    @staticmethod
    def batching(_: type[Op], operands: Operands, params: Params) -> OneCall:
        """The checkpoint of a function that is mapped."""
        axes = tuple(0 if x.is_mapped else None for x in operands)
        mapped = vmap(params["segment"].on, in_axes=axes)
        return OneCall(checkpoint(mapped), [x.value for x in operands])


class Segment:
    """One call of a checkpointed function: how to run it again, and on what."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], options: Any) -> None:
        self.name = getattr(f, "__name__", repr(f))
        self.run = partial(f, *args, **options)
        self.outer = context.get().mode  # inside of another function that is run again
        discovery = Discovery(self.outer)
        with alone(discovery):
            result = self.run()
            self.first = discovery.operand(result) if isinstance(result, Node) else result
        self._refuse_containers()
        self.outside = list(discovery.found)

    def __repr__(self) -> str:
        return self.name

    def append(self) -> Node:
        """The node that stands for the call."""
        return Checkpoint(*self.outside, segment=self)

    def value(self, inputs: Sequence[Array]) -> Array:
        """The result for these inputs; that of the first run is there already."""
        result, self.first = self.first, None
        if result is None:
            leaves = [_leaf(x, like) for x, like in zip(inputs, self.outside, strict=True)]
            replay = Replay(self, leaves)
            with alone(replay):
                result = replay.result()
        return result._value if isinstance(result, Node) else result

    def on(self, *inputs: Any) -> Node:
        """The result as a node, from other nodes or arrays."""
        pairs = zip(inputs, self.outside, strict=True)
        nodes = [x if isinstance(x, Node) else _leaf(x, like) for x, like in pairs]
        replay = Replay(self, nodes, keeps=True)
        with in_mode(replay):
            return replay.result()

    def gradient_numbers(
        self, grad: Array, out: Array, inputs: Sequence[Array], wanted: Sequence[int]
    ) -> list[Array]:
        """The gradients as numbers, from a record that is gone afterwards."""
        leaves = [_leaf(x, like) for x, like in zip(inputs, self.outside, strict=True)]
        for i in wanted:
            leaves[i] = _leaf(inputs[i], self.outside[i], requires_grad=True)
        found = {leaves[i]: np.zeros_like(inputs[i]) for i in wanted}
        replay = Replay(self, leaves)
        with alone(replay):
            output = replay.result()
        if not np.array_equal(output._value, out, equal_nan=True):
            raise self.changed("another value")
        if output.requires_grad:
            with alone(None):
                found |= cotangents(output, seed_of(output, grad))
        return [found[leaves[i]] for i in wanted]

    def gradient_nodes(
        self, grad: Node, _out: Node, inputs: Sequence[Node], wanted: Sequence[int]
    ) -> list[Node]:
        """The gradients as nodes, behind those of the function itself.

        One input may depend on another, so an alias stands for each.
        """
        nodes = [Alias(x) if i in wanted else x for i, x in enumerate(inputs)]
        return gradients_or_zeros(self.on(*nodes), [nodes[i] for i in wanted], grad)

    def changed(self, came: str) -> GraphError:
        """The error for a function that does not do the same again."""
        return GraphError(
            f"checkpoint of {self.name}",
            expected="a function that does the same each time it is run",
            came=came,
            suggestion="draw random numbers from a seed that is an argument, and change no state",
        )

    def _refuse_containers(self) -> None:
        result = self.first
        if isinstance(result, tuple | list | dict) or result is None:
            raise GraphError(
                f"checkpoint of {self.name}",
                expected="a function that returns one scalar or array",
                came=type(result).__name__,
                suggestion="stack the results, or checkpoint each by itself",
            )


class Discovery(Apart):
    """Finds what a function uses from outside, and gives it constants instead."""

    def __init__(self, outer: Mode | None) -> None:
        super().__init__(outer)
        self.found: dict[Node, Node] = {}

    def exchange(self, x: Node) -> Node:
        """A constant of the same value, or of the same shape if there is no value yet."""
        if x not in self.found:
            self.found[x] = _leaf(example(x.spec) if x._value is None else x._value, x)
        return self.found[x]

    def appended(self, node: Node) -> None:
        """Let go of what is not needed any more."""
        forget(node)


class Replay(Apart):
    """Runs a function again with other nodes in the place of those from outside."""

    def __init__(self, segment: Segment, nodes: Sequence[Node], *, keeps: bool = False) -> None:
        super().__init__(segment.outer)
        self.segment, self.keeps = segment, keeps
        self.known = dict(zip(nodes, nodes, strict=True))
        self.known |= zip(segment.outside, nodes, strict=True)

    def result(self) -> Node:
        """What the function gives."""
        found = self.segment.run()
        return self.operand(found) if isinstance(found, Node) else constant(found)

    def exchange(self, x: Node) -> Node:
        """The node that is now in the place of x."""
        if x not in self.known:
            raise self.segment.changed(f"use of {x.label()}, which was not used before")
        return self.known[x]

    def appended(self, node: Node) -> None:
        """Let go of what no gradient needs, unless all of it is wanted as graph."""
        if not self.keeps:
            forget(node)


def alone(mode: Mode | None) -> Within[Context]:
    """Append to no graph, in this mode."""
    return Within(context, lambda around: around.entering(None)._replace(mode=mode))


def _leaf(value: Array, like: Node, *, requires_grad: bool = False) -> Node:
    """The value as a leaf, without a copy; a Python float if the node it stands for has one."""
    value = float(value) if type(like._value) is float else value
    kind = Leaf.Variable if requires_grad else Leaf.Constant
    return make_leaf(Node, kind, value, None, requires_grad=requires_grad)
