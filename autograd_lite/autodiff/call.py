"""One call of a function whose arguments are tracked: its value, and how it is differentiated."""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.autodiff.directions import change, columns, gradient_change, second_columns
from autograd_lite.autodiff.gradients import agreeing, gradients_or_zeros, refuse_integers
from autograd_lite.autodiff.rows import portions, pull_rows, units
from autograd_lite.autodiff.stand_ins import OnStandIns
from autograd_lite.autodiff.trees import leaves_of, map_leaves, rebuild
from autograd_lite.autodiff.vmap import vmap
from autograd_lite.core.backward import cotangents, seed_of
from autograd_lite.core.context import NO_CONTEXT, context, tick
from autograd_lite.core.node import Leaf, fill, make_leaf, new
from autograd_lite.core.sweep import ancestors, reached
from autograd_lite.core.values import frozen, own_copy
from autograd_lite.errors import GradientError, OpCallError
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.protocols import tracking
from autograd_lite.ops import Alias, Concat

Argnums = int | Sequence[int]

# What arrives at a scalar, by the type of its value; no rule writes into it.
SEEDS: dict[type, Any] = {t: frozen(np.ones((), t)) for t in (np.float64, np.float32)}
SEEDS[float] = 1.0


class TrackedCall:
    """One call of a function on tracked arguments, to be differentiated."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], options: Any, argnums: Argnums
    ) -> None:
        self.f = f
        if type(argnums) is int and 0 <= argnums < len(args):
            numbers: tuple[int, ...] = (argnums,)
            self.selected = args[argnums]
        else:
            numbers = self._some_of(argnums, len(args))
            self.selected = tuple([args[number] for number in numbers])
        self.since = tick()
        self.tracked: list[Node] = []
        replaced = list(args)
        for number in numbers:
            replaced[number] = own = map_leaves(_track, args[number])
            self.tracked += leaves_of(own)
        with tracking(self.tracked):
            output = f(*replaced, **options)
        self.output = output if isinstance(output, Node) else map_leaves(_as_node, output)
        self.is_numeric = self._is_closed(leaves_of(self.output))

    def scalar_output(self) -> Node:
        """The output, which has to be one scalar."""
        output = self.output
        if not isinstance(output, Node):
            raise GradientError(
                name_of(self.f),
                expected="a function that returns one scalar or array",
                came=type(output).__name__,
                suggestion="return one of them, or use vjp",
            )
        if type(output._value) not in SEEDS and output.shape != ():
            raise GradientError(
                name_of(self.f),
                expected="a function that returns a scalar",
                came=str(output.spec),
                suggestion="reduce the result with sum() or mean(), or use jacobian",
            )
        return output

    def result(self, node: Node) -> Any:
        """A node as the caller gets it: numbers, unless nodes came in."""
        return node._value if self.is_numeric else node

    def pull(self, output: Node, cotangent: Any) -> Any:
        """The gradients of one output with respect to the selected arguments, in their form."""
        self._refuse_discrete(output)
        if cotangent is not None:
            cotangent = agreeing(cotangent, output, f"cotangent of {output.label()}")
        if self.is_numeric and not isinstance(cotangent, Node):
            known = _numeric_gradients(output, cotangent)
            grads = [known[x] if x in known else self._zeros(x) for x in self.tracked]
        else:
            grads = list(
                map(_like, gradients_or_zeros(output, self.tracked, cotangent), self.tracked)
            )
        return rebuild(self.selected, grads)

    def pull_all(self, output: Node) -> Any:
        """The Jacobian of one output for the selected arguments, in their form."""
        self._refuse_discrete(output)
        if self.is_numeric and sum(x.size for x in self.tracked) < output.size:
            found = columns(output, self.tracked)
            if found is not None:
                return rebuild(self.selected, found)
        pull = self._numeric_rows if self.is_numeric else self._node_rows
        parts = [pull(output, units(output, n)) for n in portions(ancestors(output), output.size)]
        rows = list(zip(*parts, strict=True)) or [()] * len(self.tracked)
        pairs = zip(rows, self.tracked, strict=True)
        return rebuild(self.selected, [_joined(row, output, x) for row, x in pairs])

    def _numeric_rows(self, output: Node, rows: Any) -> list[Any]:
        """What arrives at the arguments for each of a stack of cotangents, as numbers."""
        found = pull_rows(output, rows, self.tracked) if output.requires_grad else {}
        return [
            found[x] if x in found else np.zeros((len(rows), *x.shape), x.dtype)
            for x in self.tracked
        ]

    def _node_rows(self, output: Node, rows: Any) -> list[Any]:
        """The same as nodes."""
        pull: Any = vmap(partial(gradients_or_zeros, output, self.tracked))
        return pull(rows)

    def second(self, output: Node) -> Any:
        """The Jacobian of each argument's gradient, in the form of the selected arguments."""
        self._refuse_discrete(output)
        found = second_columns(output, self.tracked) if self.is_numeric else None
        if found is None:
            grads = gradients_or_zeros(output, self.tracked)
            found = [leaves_of(self.pull_all(x)) for x in grads]
        return rebuild(self.selected, [rebuild(self.selected, parts) for parts in found])

    def second_along(self, output: Node, directions: list[Any]) -> Any:
        """How the gradients of the arguments change along directions."""
        self._refuse_discrete(output)
        is_numeric = self.is_numeric and not any(isinstance(x, Node) for x in directions)
        found = gradient_change(output, self.tracked, directions) if is_numeric else None
        if found is None:
            slopes = gradients_or_zeros(output, self.tracked)
            products = [_inner(a, b) for a, b in zip(slopes, directions, strict=True)]
            nodes = gradients_or_zeros(sum(products[1:], products[0]), self.tracked)
            found = [x.value for x in nodes] if is_numeric else nodes
        return rebuild(self.selected, found)

    def push(self, output: Node, tangents: list[Any]) -> Any:
        """The change of one output along tangents of the tracked arguments."""
        self._refuse_discrete(output)
        is_numeric = self.is_numeric and not any(isinstance(x, Node) for x in tangents)
        found = change(output, self.tracked, tangents) if is_numeric else None
        if found is None:
            return self._pulled_twice(output, tangents, is_numeric=is_numeric)
        return found

    def _pulled_twice(self, output: Node, tangents: list[Any], *, is_numeric: bool) -> Any:
        """The change as the slope of what is pulled back, which is linear in the cotangent."""
        probe = Node(0.0 if type(output._value) is float else np.zeros(output.shape, output.dtype))
        slopes = gradients_or_zeros(output, self.tracked, probe)
        products = [_inner(a, b) for a, b in zip(slopes, tangents, strict=True)]
        if not products:
            return self._zeros(output)
        (found,) = gradients_or_zeros(sum(products[1:], products[0]), [probe])
        return found.value if is_numeric else found

    def _refuse_discrete(self, output: Node) -> None:
        """Refuse an output of integers, unless it has nothing to do with the arguments."""
        is_discrete = type(output._value) not in SEEDS and output.dtype.kind != "f"
        if is_discrete and not {*self.tracked}.isdisjoint(ancestors(output)):
            refuse_integers(output)

    def _zeros(self, x: Node) -> Any:
        zeros = 0.0 if type(x._value) is float else np.zeros(x.shape, x.dtype)
        return zeros if self.is_numeric else constant(zeros)

    def _is_closed(self, outputs: list[Node]) -> bool:
        """Whether outputs depend on nothing from before this call that may change."""
        since = self.since
        for x in self.tracked:
            if x._first is not None:
                return False
        for x in reached(*outputs):
            if x._first is None and x.serial <= since and x.requires_grad:
                return False
        return all([x._value is not None for x in outputs])  # noqa: C419 - a list is faster

    def _some_of(self, argnums: Any, count: int) -> tuple[int, ...]:
        numbers = tuple(argnums) if isinstance(argnums, Iterable) else (argnums,)
        are_there = all([type(number) is int and 0 <= number < count for number in numbers])  # noqa: C419
        if not are_there or len({*numbers}) < len(numbers):
            raise OpCallError(
                name_of(self.f),
                expected=f"argnums among the {count} positional arguments, each of them once",
                came=str(numbers),
                suggestion="pass what is to be differentiated by position",
            )
        return numbers


def _track(value: Any) -> Node:
    """An argument as a node of this call's own, so that nested calls do not mix."""
    if type(value) is np.ndarray:
        array = own_copy(value)
        if array.dtype.kind == "f" and context.get() is NO_CONTEXT:
            return fill(new(Node), Leaf.Variable, None, None, array, True, sys._getframe(1))
        return make_leaf(Node, Leaf.Variable, array, requires_grad=True)
    if not isinstance(value, Node):
        return Node(value)
    own: Node = Alias(_floating(value))
    return own if own.inputs else Node(own._value)  # where nothing is recorded, a leaf


def _floating(x: Node) -> Node:
    """The node, if it is floating; under `jit` a Python integer becomes a float, as elsewhere."""
    mode = context.get().mode
    if x.dtype == np.int64 and isinstance(mode, OnStandIns) and x in mode.weak:
        return x * 1.0
    refuse_integers(x)
    return x


def _like(grad: Node, x: Node) -> Node:
    """The gradient; that of a Python number counts as a Python number under `jit`, too."""
    mode = context.get().mode
    if not isinstance(mode, OnStandIns) or x not in mode.floats or grad._value is not None:
        return grad
    return grad if grad in mode.floats or grad in mode.weak else mode.number(grad)


def _as_node(value: Any) -> Node:
    return value if isinstance(value, Node) else constant(value)


def _numeric_gradients(output: Node, cotangent: Any) -> dict[Node, Any]:
    if not output.requires_grad:
        return {}
    seed = SEEDS.get(type(output._value)) if cotangent is None else None
    if type(cotangent) is type(output._value) is np.ndarray:
        seed = cotangent
    return cotangents(output, seed_of(output, cotangent) if seed is None else seed)


def _joined(parts: Sequence[Any], output: Node, x: Node) -> Any:
    """Portions of rows as one Jacobian."""
    shape = output.shape + x.shape
    if not parts:
        return np.zeros(shape, x.dtype)
    whole = Concat(*parts, axis=0) if len(parts) > 1 else parts[0]
    return whole.reshape(shape)


def _inner(a: Any, b: Any) -> Any:
    """The sum of products of two arrays, or the product of two scalars."""
    return (a * b).sum() if a.shape else a * b


def name_of(f: Callable[..., Any]) -> str:
    """How errors call a function."""
    return getattr(f, "__name__", repr(f))
