"""The sweep for Python floats, of which an expression may have a million.

The way costs more than the rules: no shape is asked for, and the shortest rules are not called.
"""

from heapq import heappop, heappush
from typing import Any

from autograd_lite.core import scalars
from autograd_lite.core.definition import TIMES_X, TIMES_Y
from autograd_lite.core.node import new
from autograd_lite.core.sweep import Cotangents, arrive, pull_numbers


def of_floats(output: Any, seed: float) -> Cotangents | None:  # noqa: C901, PLR0912, PLR0915
    """What `of_numbers` gives, in half of the time; None where a cotangent is no float."""
    found, waiting = {output: seed}, 0  # waiting: the newest of the others
    known: dict[Any, Any] = {}  # the rules of each op
    following, oldest = output, new(type(output))  # the newest of a row, and what ends it
    newest, oldest.serial = output.serial if output._first is not None else 0, 0
    row, others, heap = [oldest], {0: oldest}, [0]  # row: from old to new
    while newest or waiting:
        if newest > waiting:
            node = following
            following = row.pop()
            newest = following.serial
        else:
            node = others.pop(heappop(heap))
            waiting = -heap[0]
        op, x, y = node.op, node._first, node._second
        grad, stamp, part = found[node], node._stamp, None
        try:
            rule, short, second, second_short = known[op]
        except KeyError:
            known[op] = rule, short, second, second_short = _rules(op)
        if rule and x._stamp <= stamp:
            try:  # here and not in a function, as a call costs what a rule does
                u = x._value
                if y is None:
                    part = rule(scalars, grad, node._value, u)
                elif y._stamp <= stamp:
                    v = y._value
                    if not y.requires_grad:
                        y = None
                    elif second_short is TIMES_X:
                        other = grad * u
                    else:
                        other = grad if second_short else second(scalars, grad, node._value, u, v)
                    if not x.requires_grad:
                        x, part, y = y, other, None
                    elif short is TIMES_Y:
                        part = grad * v
                    else:
                        part = grad if short else rule(scalars, grad, node._value, u, v)
            except Exception:  # noqa: BLE001 - `math` raises where NumPy has an infinity
                part = None
        if type(part) is not float or (y is not None and type(other) is not float):
            for z, part in pull_numbers(node, grad):
                if type(part) is not float:
                    return None
                arrive(z, part, found, others, heap)
            waiting = -heap[0]
            continue
        while True:
            if x in found:
                found[x] = found[x] + part
            else:
                found[x] = part
                if x._first is not None:
                    if (serial := x.serial) > newest:
                        row.append(following)
                        following, newest = x, serial
                    else:
                        others[-serial] = x
                        heappush(heap, -serial)
                        waiting = -heap[0]
            if y is None:
                break
            x, part, y = y, other, None
    return found


def _rules(op: Any) -> tuple[Any, ...]:
    """The rules of a simple op for one or two inputs, each with what it says in short."""
    rules, short = (*op.vjps, None), (*op.short, None)
    return (rules[0], short[0], rules[1], short[1]) if op.simple else (None,) * 4
