"""Many cotangents of one output pulled back at once: the rows of a Jacobian.

The sweep is the engine's, and so are the rules: a row more is an axis more, in front. A rule of an
elementwise op takes it as it is. For another one, imagine the op called on a stack of the input
that the rule is for: that is one call, says the batching rule, and the gradient of its input is a
stack of rows. An op without such a call is pulled row by row.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.core import arrays
from autograd_lite.core.backward import cotangents
from autograd_lite.core.contract import strong
from autograd_lite.core.op import Output, Params, Xp
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.shapes import Shape, unbroadcast
from autograd_lite.core.sweep import Pairs, fit_gradient, stale, sweep
from autograd_lite.ops.batching import Operand, batched

MOST = 2**24
"""Elements that the rows at all nodes may have together, 128 MiB of float64: where they would be
more, rows come in portions, down to one at a time."""

FEW = 4  # rows that take less time one by one

NOTHING: Mapping[int, Any] = {}


def portions(nodes: Sequence[Any], count: int) -> Iterator[range]:
    """The numbers of so many rows, as many at a time as there may be at these nodes."""
    step = max(1, MOST // max(1, sum([node.size for node in nodes])))
    for first in range(0, count, step):
        yield range(first, min(first + step, count))


def units(output: Any, numbers: range) -> np.ndarray[Any, Any]:
    """Cotangents of an output: each is 1 at one element, in row-major order, and 0 elsewhere."""
    rows = np.eye(len(numbers), output.size, numbers.start, output.dtype)
    return rows.reshape(len(numbers), *output.shape)


def pull_rows(output: Any, rows: np.ndarray[Any, Any], targets: Sequence[Any]) -> dict[Any, Any]:
    """What arrives at targets, for each of a stack of cotangents; those not reached are left out.

    The output has to depend on a leaf that requires a gradient.
    """
    if len(rows) <= FEW:
        return _one_by_one(output, rows, targets)
    wanted, found, selects = {*targets}, {}, False
    with np.errstate(all="ignore"):
        for node, grad in sweep(output, rows, _pull, filled=_filled):
            selects = selects or (node._first is not None and node.op.selects)
            if node in wanted:
                found[node] = grad
    if selects and any(np.isnan(np.sum(grad)) for grad in found.values()):
        return _one_by_one(output, rows, list(found))
    return found


def _one_by_one(output: Any, rows: np.ndarray[Any, Any], targets: Sequence[Any]) -> dict[Any, Any]:
    """The same by a sweep for each row, which knows what 0 · ∞ is behind an op that selects."""
    is_float, keep = type(output._value) is float, any(x._first is not None for x in targets)
    found = [cotangents(output, float(row) if is_float else row, keep=keep) for row in rows]
    return {x: np.stack([grads[x] for grads in found]) for x in targets if x in found[0]}


def _pull(node: Any, rows: Any) -> Pairs:
    """The rows that arrive at a node's inputs, from those at itself."""
    op, inputs = node.op, node.inputs
    if op is Output:
        return [(node._first, Arrived({node.params["index"]: (node._value, rows)}))]
    rules = op.rules_for(len(inputs)) if op.variadic else op.vjps
    wanted = []
    for i, x in enumerate(inputs):
        if x._stamp > node._stamp:
            raise stale(node, x)
        if x.requires_grad and rules[i] is not None:
            wanted.append(i)
    values = strong([x._value for x in inputs])
    if op.elementwise:
        (out,) = strong([node._value])
        parts = [rules[i](arrays, rows, out, *values, **node.params) for i in wanted]
    elif op.joint:
        parts = pull_group(arrays, node, rows, values, wanted)
    else:
        parts = [pull_group(arrays, node, rows, values, [i])[0] for i in wanted]
    pairs = zip(wanted, parts, strict=True)
    return [(inputs[i], fitted_rows(part, inputs[i]._value)) for i, part in pairs]


def pull_group(  # noqa: PLR0917 - the first five are what a rule is told
    xp: Xp,
    node: Any,
    rows: Any,
    values: list[Any],
    group: list[int],
    mapped: Mapping[int, Any] = NOTHING,
) -> list[Any]:
    """The rows at some inputs, by the rule of one call on stacks of them, or one after another.

    `mapped` are inputs of which each row has its own.
    """
    op, count = node.op, len(rows[0] if node.op.outputs else rows)
    stacks = [Operand(x) for x in values]
    for i in range(len(values)) if op.joint else group:
        stacks[i] = Operand(repeated(values[i], count), is_mapped=True)
    for i, stack in mapped.items():
        stacks[i] = Operand(stack, is_mapped=True)
    call = batched(op, stacks, node.params)
    if call is None or not isinstance(call.do, type):
        return _one_after_another(xp, node, rows, stacks, group)
    args = _with_axes(rows, call.extra), _with_axes(repeated(node._value, count), call.extra)
    places = [1 - i for i in group] if call.is_swapped else group
    parts = _by_rule(call.do, places, (xp, *args, *call.inputs), call.params)
    return [
        unbroadcast(arrays, part, call.inputs[place].shape).reshape(count, *values[i].shape)
        for i, place, part in zip(group, places, parts, strict=True)
    ]


def _by_rule(op: Any, group: list[int], args: Sequence[Any], params: Params) -> Sequence[Any]:
    if op.joint:
        return op.vjps[-1](*args, positions=group, **params)
    _, _, _, *inputs = args
    return [op.rules_for(len(inputs))[i](*args, **params) for i in group]


def _one_after_another(
    xp: Xp, node: Any, rows: Any, stacks: list[Operand], group: list[int]
) -> list[Any]:
    parts = []
    for k, row in enumerate(zip(*rows, strict=True) if node.op.outputs else rows):
        values = [x.value[k] if x.is_mapped else x.value for x in stacks]
        args = (xp, row, node._value, *values)
        parts.append(_by_rule(node.op, group, args, node.params))
    columns = zip(group, zip(*parts, strict=True), strict=True)
    return [
        np.stack([fit_gradient(node, node.inputs[i], p) for p in column]) for i, column in columns
    ]


def repeated(x: Any, count: int) -> Any:
    """So many times the same, without a copy."""
    if isinstance(x, tuple):
        return OutputTuple(repeated(part, count) for part in x)
    if type(x) is np.ndarray and x.flags.c_contiguous:
        return np.ndarray((count, *x.shape), x.dtype, x, 0, (0, *x.strides))  # in no time
    return np.broadcast_to(x, (count, *np.shape(x)))


def _with_axes(x: Any, axes: Shape) -> Any:
    return np.expand_dims(x, axes) if axes else x


def fitted_rows(part: Any, value: Any) -> Any:
    """Rows, each with the shape and dtype of the input; what was broadcast is summed."""
    shape = np.shape(value)
    if part.shape[1:] != shape:
        missing = part.ndim - 1 - len(shape)
        part = unbroadcast(arrays, part, (len(part), *(1,) * missing, *shape))
        part = part.reshape(len(part), *shape)
    dtype = np.float64 if type(value) is float else value.dtype
    return part if part.dtype == dtype else part.astype(dtype)


def _filled(node: Any, grad: Arrived) -> OutputTuple:
    """The rows at the outputs of an op, zeros where none has arrived."""
    count = len(next(iter(grad.values()))[1])
    return grad.filled(node._value, lambda x: np.zeros((count, *x.shape), x.dtype))
