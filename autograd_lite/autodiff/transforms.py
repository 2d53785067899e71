"""Derivatives of plain functions: from a function to a function.

The arguments to differentiate are handed to the function as nodes, and what it did with them is
differentiated. Called with numbers, the result is numbers; called with nodes, as inside of another
transform, the result is nodes, so transforms nest to any order.
"""

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

import numpy as np

from autograd_lite.autodiff.gradients import (
    agreeing,
    gradients_or_zeros,
    refuse_integers,
)
from autograd_lite.autodiff.rows import portions, pull_rows, units
from autograd_lite.autodiff.trees import leaves_of, map_leaves, rebuild
from autograd_lite.autodiff.vmap import vmap
from autograd_lite.core.backward import cotangents, seed_of
from autograd_lite.core.context import tick
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import GradientError, OpCallError
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.protocols import tracking
from autograd_lite.ops import Alias, Concat

Argnums = int | Sequence[int]


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that returns `f`'s value, a scalar, and its gradient.

    `argnums` says which positional arguments are differentiated, one or several; each may be a
    number, an array, or a nested tuple, list or dict of them, and so is its gradient. What `f`
    does not depend on has the gradient 0.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    >>> value_and_grad(lambda p: p["w"] * 2.0 + p["b"])({"w": 3.0, "b": 1.0})
    (7.0, {'w': 2.0, 'b': 1.0})

    Raises GradientError if `f` does not return a scalar, or takes a value out of the graph, as
    `math.exp(x)` does; DTypeError for arguments that are not floating.
    """

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = _Call(f, args, options, argnums)
        output = call.single_output()
        _need_scalar(f, output)
        return call.result(output), call.pull(output, None)

    return differentiated


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns the gradient of a scalar function; see `value_and_grad`.

    >>> grad(lambda x: x * x * x)(2.0), grad(grad(lambda x: x * x * x))(2.0)
    (12.0, 12.0)
    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    both = value_and_grad(f, argnums)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return differentiated


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*args)` and the function from a cotangent to the gradients of all arguments.

    The cotangent has the form of the value; the product is cotangentᵀ · Jacobian.

    >>> value, pull = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pull(10.0)
    (6.0, (30.0, 20.0))
    """
    call = _Call(f, args, {}, tuple(range(len(args))))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        pairs = _paired("cotangent of vjp", call.output, cotangent)
        parts = [leaves_of(call.pull(output, part)) for output, part in pairs]
        totals = [sum(column[1:], column[0]) for column in zip(*parts, strict=True)]
        grads: tuple[Any, ...] = rebuild(args, totals)
        return grads

    return map_leaves(call.result, call.output), pull


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f(*args)` and its change along the tangents, Jacobian · tangents.

    Reverse mode twice: uᵀJ is linear in u, and its derivative along the tangents is J · tangents
    (J. Townsend, "A new trick for calculating Jacobian vector products", 2017).

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    call = _Call(f, tuple(args), {}, tuple(range(len(args))))
    pairs = _paired("tangents of jvp", call.tracked, leaves_of(tuple(tangents)))
    directions = [agreeing(t, x, f"tangent {i} of jvp") for i, (x, t) in enumerate(pairs)]
    changes = [call.push(output, directions) for output in leaves_of(call.output)]
    return map_leaves(call.result, call.output), rebuild(call.output, changes)


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns all partial derivatives of a function.

    For an output of shape s and an argument of shape t the result has shape s + t. Where there are
    several outputs, each of them has its place in the result, and the arguments theirs in it.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    >>> jacobian(lambda x: {"square": x * x, "double": 2.0 * x})(np.array(3.0))
    {'square': array(6.), 'double': array(2.)}
    """

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        call = _Call(f, args, options, argnums)
        return map_leaves(call.pull_all, call.output)

    return differentiated


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns the second derivatives of a scalar function, of shape t + t.

    With several arguments, the result has one part for each pair of them.

    >>> hessian(lambda x: (x * x * x).sum())(np.array([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The Hessian of a scalar function at x times v, without the Hessian.

    >>> hvp(lambda x: (x * x * x).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0])).tolist()
    [6.0, 12.0]
    """

    def along(x: Any) -> Any:
        pairs = _paired("direction of hvp", grad(f)(x), v)
        parts = [_inner(a, agreeing(b, a, "direction of hvp")) for a, b in pairs]
        return sum(parts[1:], parts[0])

    return grad(along)(x)


class _Call:
    """One call of a function on tracked arguments, to be differentiated."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], options: Any, argnums: Argnums
    ) -> None:
        self.f = f
        numbers = (argnums,) if isinstance(argnums, int) else tuple(argnums)
        self._refuse_missing(numbers, len(args))
        chosen = [args[number] for number in numbers]
        self.selected = chosen[0] if isinstance(argnums, int) else tuple(chosen)
        self.since = tick()
        own = map_leaves(_track, chosen)
        self.tracked: list[Node] = leaves_of(own)
        replaced = list(args)
        for number, tree in zip(numbers, own, strict=True):
            replaced[number] = tree
        with tracking(self.tracked):
            self.output = map_leaves(_as_node, f(*replaced, **options))
        self.is_numeric = all(map(self._is_closed, leaves_of(self.output)))

    def single_output(self) -> Node:
        """The output, which has to be one scalar or array."""
        if not isinstance(self.output, Node):
            raise GradientError(
                _name(self.f),
                expected="a function that returns one scalar or array",
                came=type(self.output).__name__,
                suggestion="return one of them, or use vjp",
            )
        return self.output

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
            grads = gradients_or_zeros(output, self.tracked, cotangent)
        return rebuild(self.selected, grads)

    def pull_all(self, output: Node) -> Any:
        """The gradients of each entry of one output, stacked along axes in front."""
        self._refuse_discrete(output)
        pull = self._numeric_rows if self.is_numeric else self._node_rows
        parts = [pull(output, units(output, numbers)) for numbers in portions(output)]
        columns = list(zip(*parts, strict=True)) or [()] * len(self.tracked)
        pairs = zip(columns, self.tracked, strict=True)
        return rebuild(self.selected, [_joined(column, output, x) for column, x in pairs])

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
        found: list[Any] = pull(rows)
        return found

    def push(self, output: Node, tangents: list[Any]) -> Any:
        """The change of one output along tangents of the tracked arguments."""
        self._refuse_discrete(output)
        probe = Node(0.0 if type(output._value) is float else np.zeros(output.shape, output.dtype))
        slopes = gradients_or_zeros(output, self.tracked, probe)
        products = [_inner(a, b) for a, b in zip(slopes, tangents, strict=True)]
        if not products:
            return self._zeros(output)
        (change,) = gradients_or_zeros(sum(products[1:], products[0]), [probe])
        is_node = any(isinstance(tangent, Node) for tangent in tangents)
        return change if is_node else self.result(change)

    def _refuse_discrete(self, output: Node) -> None:
        """Refuse an output of integers, unless it has nothing to do with the arguments."""
        if output.dtype.kind != "f" and not {*self.tracked}.isdisjoint(ancestors(output)):
            refuse_integers(output)

    def _zeros(self, x: Node) -> Any:
        zeros = 0.0 if type(x._value) is float else np.zeros(x.shape, x.dtype)
        return zeros if self.is_numeric else constant(zeros)

    def _is_closed(self, output: Node) -> bool:
        """Whether the output depends on nothing from before this call that may change."""
        is_apart = output._value is not None and not any(node.inputs for node in self.tracked)
        return is_apart and all(
            node.inputs or not node.requires_grad or node.serial > self.since
            for node in ancestors(output)
        )

    def _refuse_missing(self, numbers: Sequence[int], count: int) -> None:
        if any(not 0 <= number < count for number in numbers):
            raise OpCallError(
                _name(self.f),
                expected=f"argnums among the {count} positional arguments",
                came=str(numbers),
                suggestion="pass what is to be differentiated by position",
            )


def _track(value: Any) -> Node:
    """An argument as a node of this call's own, so that nested calls do not mix."""
    if not isinstance(value, Node):
        return Node(value)
    own: Node = Alias(value)
    return own if own.inputs else Node(own._value)  # where nothing is recorded, a leaf


def _as_node(value: Any) -> Node:
    return value if isinstance(value, Node) else constant(value)


def _numeric_gradients(output: Node, cotangent: Any) -> dict[Node, Any]:
    if not output.requires_grad:
        return {}
    nodes, grads = cotangents(output, seed_of(output, cotangent))
    return dict(zip(nodes, grads, strict=True))


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


def _paired(subject: str, tree: Any, given: Any) -> list[tuple[Any, Any]]:
    """The leaves of two trees side by side; GradientError if there are not as many."""
    leaves, others = leaves_of(tree), leaves_of(given)
    if len(leaves) != len(others):
        raise GradientError(
            subject,
            expected=f"{len(leaves)} arrays, one for each there is",
            came=str(len(others)),
            suggestion="give it the form of what it belongs to",
        )
    return list(zip(leaves, others, strict=True))


def _need_scalar(f: Callable[..., Any], output: Node) -> None:
    if output.shape != ():
        raise GradientError(
            _name(f),
            expected="a function that returns a scalar",
            came=str(output.spec),
            suggestion="reduce the result with sum() or mean(), or use jacobian",
        )


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", repr(f))
