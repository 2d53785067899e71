"""The backward loop: from an output to what it depends on, newest node first.

The sweep owns what is not calculus: the order, adding up what arrives at a node from several
sides, and (in `pull`) pruning, un-broadcasting, dtype. It is told how to apply a rule, so that the
same loop makes numbers (`pull_numbers`) or graph (`autograd_lite.autodiff.gradients`).
"""

import operator
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from heapq import heappop, heappush
from typing import Any

import numpy as np

from autograd_lite.core import arrays, scalars
from autograd_lite.core.contract import scalar_call, strong
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.shapes import FLOWS, PYTHON_NUMBERS, spec_of, unbroadcast
from autograd_lite.errors import AutogradError, GradientError, StaleError

Pairs = Iterable[tuple[Any, Any]]  # nodes with the cotangents that arrive at them
Cotangents = dict[Any, Any]  # for each node its own


def fill_numbers(node: Any, grad: Arrived) -> OutputTuple:
    """The cotangents of several outputs as numbers, zeros where none has arrived."""
    return grad.filled(node._value, np.zeros_like)


def sweep(
    output: Any,
    cotangent: Any,
    pull: Callable[[Any, Any], Pairs],
    add: Callable[[Any, Any], Any] = operator.add,
    filled: Callable[[Any, Arrived], Any] = fill_numbers,
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
        elif type(grad) is Arrived:
            grad = filled(node, grad)
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
    return sorted(reached(*outputs, known=known), key=operator.attrgetter("serial"))


def reached(*outputs: Any, known: Container[Any] = ()) -> set[Any]:
    """The same in no order."""
    found, waiting = {*outputs}, [*outputs]
    for node in waiting:  # which grows
        x, y = node._first, node._second
        if x is not None:
            for z in (x,) if y is None else (x, y, *node._others):
                if z not in found and not (known and z in known):
                    found.add(z)
                    waiting.append(z)
    return found


def pull_numbers(node: Any, grad: Any) -> Pairs:
    """The cotangents of a node's inputs as numbers, from its own cotangent."""
    op, inputs, out, stamp = node.op, node.inputs, node._value, node._stamp
    values = [x._value for x in inputs]
    is_float = type(out) is float and op.elementwise
    if not is_float and not PYTHON_NUMBERS.isdisjoint(map(type, values)):
        values = strong(values)
    for x in inputs:
        if x._stamp > stamp:
            raise stale(node, x)
    if op.joint:
        wanted = [i for i, x in enumerate(inputs) if x.requires_grad]
        parts = op.vjps[-1](arrays, grad, out, *values, positions=wanted, **node.params)
        found = [(inputs[i], part) for i, part in zip(wanted, parts, strict=True)]
        return [(x, fit_gradient(node, x, part)) for x, part in found]
    pairs = []
    rules = op.rules_for(len(inputs)) if op.variadic and len(inputs) >= len(op.vjps) else op.vjps
    for x, rule in zip(inputs, rules):  # noqa: B905 - equal by contract, and `strict` costs time
        if x.requires_grad and rule is not None:
            pairs.append((x, _pull(node, x, rule, (grad, out, *values), is_float)))
    return pairs


def of_numbers(output: Any, seed: Any, *, keep: bool) -> Cotangents | None:  # noqa: C901, PLR0912, PLR0915
    """All that `output` depends on, with its cotangents as numbers, by IEEE arithmetic.

    The same sweep in fewer steps: leaves do not wait, and a node that is newer than all that wait
    in a row goes to its end. What is to be kept is in memory of its own. None where there is a NaN
    that may be a 0 · ∞ behind an op that selected something else.
    """
    found: dict[Any, Any] = {output: seed}
    row = [] if output._first is None else [output]  # from old to new
    others: dict[int, Any] = {}
    heap, newest = [0], output.serial  # the keys of the others, and a zero: older than any node
    is_behind, suspects = False, []  # behind an op that selects; where a 0 · ∞ may arrive then
    part: Any
    other: Any
    while row or others:
        if newest > -heap[0]:
            node = row.pop()
            newest = row[-1].serial if row else 0
        else:
            node = others.pop(heappop(heap))
        x, y, part, other = node._first, node._second, None, 0.0
        grad = found[node] if keep else found.pop(node)  # so that its memory is used again
        op, out, params, stamp = node.op, node._value, node.params, node._stamp
        if type(grad) is np.ndarray:
            if keep and (grad.base is not None or not grad.flags.writeable):
                found[node] = grad = grad.copy()
            grad.setflags(False)  # type: ignore[call-arg] # by name it takes twice as long
        elif type(grad) is not float:
            found[node] = grad = _settled(node, grad)
        xp = scalars if type(grad) is float else arrays
        is_suspect = is_behind and op.steep
        is_behind = is_behind or op.selects
        if op.simple if xp is scalars else op.arity and not node._details.others:
            try:  # here and not in a function, as a call costs what a rule does
                if y is None and x._stamp <= stamp:
                    rule, u = op.vjps[0], x._value
                    part = rule(xp, grad, out, u, **params) if params else rule(xp, grad, out, u)
                elif y is not None and x._stamp <= stamp >= y._stamp:
                    u, v, (rule, second) = x._value, y._value, op.vjps
                    if params:
                        rule, second = [f and partial(f, **params) for f in op.vjps]
                    part = rule(xp, grad, out, u, v) if x.requires_grad else 0.0
                    other = second(xp, grad, out, u, v) if y.requires_grad else 0.0
            except Exception:  # noqa: BLE001 - `math` raises where NumPy has an infinity
                part = None
        if part is None or (xp is scalars and not type(part) is type(other) is float):
            for x, part in pull_numbers(node, grad):
                arrive(x, part, found, others, heap)
                suspects += [x] * is_suspect
            continue
        while x is not None:
            if x.requires_grad:
                value = x._value
                if type(part) is not type(value) or (
                    type(value) is np.ndarray
                    and (part.shape != value.shape or part.dtype is not value.dtype)
                ):
                    part = fit_gradient(node, x, part)
                if is_suspect:
                    suspects.append(x)
                if x in found:
                    found[x] = found[x] + part
                elif x._first is None:
                    found[x] = part
                elif x.serial < newest:
                    arrive(x, part, found, others, heap)
                else:
                    found[x] = part
                    row.append(x)
                    newest = x.serial
            x, part, y = y, other, None
    leaves = [x for x in found if x._first is None]
    for x in leaves:
        grad = found[x]
        if type(grad) is not np.ndarray:
            found[x] = _settled(x, grad)
        elif grad.base is not None or not grad.flags.writeable:
            found[x] = grad.copy()
    for x in (suspects if keep else leaves) if suspects else ():
        grad = found[x]
        is_vector = type(grad) is np.ndarray and grad.ndim == 1
        square = grad.dot(grad) if is_vector else np.vdot(grad, grad)
        if square != square:  # noqa: PLR0124 - a NaN, which is the square of NaN alone
            return None
    return found


def _settled(node: Any, grad: Any) -> Any:
    """A whole cotangent that is no array, as rules and users get it."""
    if type(grad) is Arrived:
        return fill_numbers(node, grad)
    return float(grad) if type(node._value) is float else grad  # NumPy's, from another op's rule


def arrive(x: Any, part: Any, found: Cotangents, waiting: dict[int, Any], heap: list[int]) -> None:
    """Add a part to the cotangent of a node; one that is new has to wait, if it is no leaf."""
    if x in found:
        found[x] = found[x] + part
    else:
        found[x] = part
        if x._first is not None:
            waiting[-x.serial] = x
            heappush(heap, -x.serial)


def _pull(node: Any, x: Any, rule: Any, values: Any, is_float: bool) -> Any:
    try:
        if is_float:
            return float(scalar_call(rule, values, node.params))
        part = rule(arrays, *values, **node.params)
    except AutogradError:
        raise
    except Exception as problem:
        raise broken_rule(node, x, f"{type(problem).__name__}: {problem}") from problem
    return fit_gradient(node, x, part)


def fit_gradient(node: Any, x: Any, part: Any) -> Any:
    """What a rule returned, with the shape and dtype of the input it belongs to."""
    value = x._value
    if type(part) is type(value) is np.ndarray:
        if part.shape == value.shape and part.dtype is value.dtype:
            return part
    elif type(part) is Arrived:
        return part
    if not hasattr(part, "dtype"):
        part = np.asarray(part, object if isinstance(part, tuple | list) else None)
    if part.dtype.kind not in FLOWS:
        raise broken_rule(node, x, str(spec_of(part)))
    if type(value) is float:
        return float(np.sum(part))
    if part.shape != value.shape:
        try:
            part = unbroadcast(arrays, part, value.shape)
        except (ValueError, IndexError) as problem:
            raise broken_rule(node, x, str(spec_of(part))) from problem
    return part if part.dtype == value.dtype else part.astype(value.dtype)


def owned(grad: np.ndarray[Any, Any], *, is_leaf: bool) -> np.ndarray[Any, Any]:
    """The gradient in memory of its own; a leaf's may be written to, others are what rules read."""
    if grad.base is not None or not grad.flags.writeable:
        grad = grad.copy()
    grad.setflags(is_leaf)  # type: ignore[call-arg] # by name it takes twice as long
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


def broken_rule(node: Any, x: Any, came: str) -> GradientError:
    """The error for a rule that raised, or returned something else than the gradient of x."""
    position = next(i for i, y in enumerate(node.inputs) if y is x)
    name = node.op.input_names[min(position, len(node.op.input_names) - 1)]
    return GradientError(
        f"vjp_{name} of {node.label()}",
        expected=f"a gradient that sums to {x.spec}",
        came=came,
        place=node.place,
        suggestion="check the rule with autograd_lite.testing, or return grad times the derivative",
    )
