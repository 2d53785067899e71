"""The sweep for Python floats, of which an expression may have a million.

The way costs more than the rules: no shape is asked for, and `return grad` is not called.
"""

from heapq import heappop, heappush
from typing import Any

from autograd_lite.core import scalars
from autograd_lite.core.sweep import Cotangents, arrive, pull_numbers


def of_floats(output: Any, seed: float) -> Cotangents | None:  # noqa: C901, PLR0912, PLR0915
    """What `of_numbers` gives, in half of the time; None where a cotangent is no float."""
    found: dict[Any, Any] = {}
    known: dict[Any, Any] = {}  # the rules of each op
    row: list[Any] = []  # from old to new
    others: dict[int, Any] = {}
    heap, newest = [0], 0  # the keys of the others, and a zero that stays: older than any node
    arrive(output, seed, found, others, heap)
    while row or others:
        if newest > -heap[0]:
            node = row.pop()
            newest = row[-1].serial if row else 0
        else:
            node = others.pop(heappop(heap))
        op, x, y, grad, stamp = node.op, node._first, node._second, found[node], node._stamp
        part, other = None, 0.0
        try:
            rule, is_same, second, second_is_same = known[op]
        except KeyError:
            known[op] = rule, is_same, second, second_is_same = _rules(op)
        if rule and x._stamp <= stamp:
            try:  # here and not in a function, as a call costs what a rule does
                out, u = node._value, x._value
                if y is None:
                    part = rule(scalars, grad, out, u)
                elif y._stamp <= stamp:
                    v = y._value
                    if not y.requires_grad:
                        y = None
                    else:
                        other = grad if second_is_same else second(scalars, grad, out, u, v)
                    if not x.requires_grad:
                        x, part, y = y, other, None
                    else:
                        part = grad if is_same else rule(scalars, grad, out, u, v)
            except Exception:  # noqa: BLE001 - `math` raises where NumPy has an infinity
                part = None
        if type(part) is not float or type(other) is not float:
            for z, part in pull_numbers(node, grad):
                if type(part) is not float:
                    return None
                arrive(z, part, found, others, heap)
            continue
        while x is not None:
            if x in found:
                found[x] = found[x] + part
            else:
                found[x] = part
                if x._first is not None:
                    if (serial := x.serial) > newest:
                        row.append(x)
                        newest = serial
                    else:
                        others[-serial] = x
                        heappush(heap, -serial)
            x, part, y = y, other, None
    return found


def _rules(op: Any) -> tuple[Any, ...]:
    """The rules of a simple op for one or two inputs, each with whether it is `return grad`."""
    if not op.simple:
        return None, False, None, False
    rules, is_same = (*op.vjps, None), (*op.handed_on, False)
    return rules[0], is_same[0], rules[1], is_same[1]
