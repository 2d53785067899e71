"""What the engine makes of the rules: order, accumulation, un-broadcasting, staleness.

Each node's gradient has to be the sum of what the rules of its users give for the users' own
gradients. That is local, so the node where the engine goes wrong is named, not those after it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Output
from autograd_lite.core.outputs import OutputTuple
from autograd_lite.errors import StaleError
from autograd_lite.frontend.node import Node
from autograd_lite.ops.packed import packed
from autograd_lite.testing.finite_difference import Array
from autograd_lite.testing.judgement import Comparison, Outcome
from autograd_lite.testing.replay import Call
from autograd_lite.testing.rows import Row, Verdict
from autograd_lite.testing.rules import edges_to_check, random_cotangent

LEFT_OVER = 7.0  # what lies in `grad` beforehand, to be replaced and not added to
ROUNDING = 64.0  # how many units in the last place a sum may be off for its order
SIZE = -(2.0**10)  # of the cotangent, large enough for a gradient that is clipped to show

Gradients = Mapping[Node, Any]


def check_engine(nodes: Sequence[Node], output: Node, random: np.random.Generator) -> list[Row]:
    """The verdict on the value and the gradient of each node that leads to `output`.

    StaleError, as `backward` raises it, if the graph was changed and not computed again.
    """
    cotangent = SIZE * random_cotangent(random, output.shape)
    try:
        found = engine_gradients(nodes, output, cotangent)
    except StaleError:
        raise
    except Exception as problem:  # noqa: BLE001 - whatever it is, the rules are not to blame
        note = f"backward raised {type(problem).__name__}: {problem}"
        return [Row(output, output.label(), Verdict.ENGINE, note=note)]
    rows = [_check_value(node) for node in nodes if not isinstance(node.op, Leaf)]
    rows += check_sums(nodes, output, cotangent, found)
    return [row for row in rows if row is not None]


def engine_gradients(nodes: Sequence[Node], output: Node, cotangent: Array) -> Gradients:
    """The gradients that `backward` puts on the nodes, which afterwards are as they were."""
    left_over = {node: np.full(node.shape, LEFT_OVER) for node in nodes}
    with kept_gradients([*nodes, *(output.graph or ())]):
        for node, grad in left_over.items():
            node.grad = grad
        output.backward(cotangent)
        return {node: None if node.grad is left_over[node] else node.grad for node in nodes}


@contextmanager
def kept_gradients(nodes: Sequence[Node]) -> Iterator[None]:
    """Give the nodes their present gradients back at the end."""
    before = [node.grad for node in nodes]
    try:
        yield
    finally:
        for node, grad in zip(nodes, before, strict=True):
            node.grad = grad


def _check_value(node: Node) -> Row | None:
    """A node's value has to be what its forward rule gives at its recorded inputs."""
    with np.errstate(all="ignore"):
        again = np.asarray(node.op.compute([x._value for x in node.inputs], node.params))  # type: ignore[union-attr]
    value = np.asarray(node._value)
    if value.dtype.kind != "f" or _has_half_the_digits(value, again):
        return None
    k = int(np.argmax(np.abs(value - again)))
    numbers = _numbers(float(value.ravel()[k]), float(again.ravel()[k]), 0.0)
    return _row(node, "its value is not what its inputs give now: stale, or random", numbers, k)


def _has_half_the_digits(value: Array, again: Array) -> bool:
    """Equal but for what another order of sums, in a compiled program say, may change."""
    half = float(np.sqrt(np.finfo(value.dtype).eps))
    return np.allclose(value, again, rtol=half, atol=half**2, equal_nan=True)


def check_sums(
    nodes: Sequence[Node], output: Node, cotangent: Array, found: Gradients
) -> Iterator[Row]:
    """Compare each gradient with the sum of what arrives from the node's users, newest first."""
    parts: dict[Node, list[Array]] = {output: [cotangent.astype(output.dtype)]}
    for node in reversed(nodes):
        if node not in parts:
            continue
        yield _check_sum(node, parts[node], found[node])
        grad = sum(parts[node]) if _misfit(node, found[node]) else found[node]
        for x, part in contributions(node, np.asarray(grad), found):
            parts.setdefault(x, []).append(part)


def contributions(node: Node, grad: Array, found: Gradients) -> Iterator[tuple[Node, Array]]:
    """What a node's rules hand to each of its inputs."""
    if node.op is Output:
        (source,) = node.inputs
        parts = [*map(np.zeros_like, source._value)]
        parts[node.params["index"]] = grad
        yield source, np.asarray(OutputTuple(parts))
        return
    values = tuple(np.asarray(x._value) for x in node.inputs)
    for position in edges_to_check(node):
        call = Call(packed(node.op), values, node.params)  # type: ignore[arg-type]
        x = node.inputs[position]
        yield x, call.pull(position, grad, _unselected(node, grad, x, found[x])).astype(x.dtype)


def _unselected(node: Node, grad: Array, x: Node, gets: Any) -> Array | None:
    """Where 0 · ∞ counts as 0: the cotangent is 0, and x got a number in the end."""
    if _misfit(x, gets) or not node.op.elementwise:  # type: ignore[union-attr]
        return None
    return (grad == 0) & ~np.isnan(np.broadcast_to(gets, grad.shape))


def _check_sum(node: Node, parts: list[Array], grad: Any) -> Row:
    problem = _misfit(node, grad)
    if problem:
        return _row(node, problem)
    expected, found = np.asarray(sum(parts)), np.asarray(grad)
    with np.errstate(all="ignore"):
        scale = sum(np.abs(part) for part in parts)
        tolerance = ROUNDING * np.finfo(node.dtype).eps * np.asarray(scale)
        is_far = np.abs(found - expected) > tolerance
    is_far |= np.isnan(found) != np.isnan(expected)
    if not is_far.any():
        return Row(node, f"gradient of {node.label()}", Verdict.PASSED)
    k = int(np.argmax(is_far))
    e = [float(array.ravel()[k]) for array in (found, expected, tolerance)]
    return _row(node, _diagnosis(found, parts), _numbers(*e), k)


def _misfit(node: Node, grad: Any) -> str:
    """What is wrong with a gradient's shape or dtype."""
    if grad is None:
        return "no gradient arrives here"
    if np.shape(grad) != node.shape:
        return f"a gradient of shape {np.shape(grad)} for {node.spec}: broadcasting is not undone"
    if np.asarray(grad).dtype != node.dtype:
        return f"a gradient of dtype {np.asarray(grad).dtype} for {node.spec}"
    return ""


def _diagnosis(found: Array, parts: list[Array]) -> str:
    """How the wrong sum may have come about."""
    if len(parts) > 1 and any(np.array_equal(found, part) for part in parts):
        return f"only one of {len(parts)} contributions is there: gradients are not accumulated"
    return f"not the sum of the {len(parts)} contributions that its users hand down"


def _numbers(found: float, expected: float, error: float) -> Comparison:
    return Comparison(found, expected, error, error, Outcome.DIFFER)


def _row(node: Node, note: str, numbers: Comparison | None = None, k: int = 0) -> Row:
    subject = f"gradient of {node.label()}"
    report = partial(Row, node, subject, Verdict.ENGINE, numbers, note=note)
    if numbers is None:
        return report()
    return report(tuple(map(int, np.unravel_index(k, node.shape))))
