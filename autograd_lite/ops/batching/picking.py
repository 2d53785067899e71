"""The batching rules of ops that pick elements by index or label, or add them there."""

from math import prod
from typing import Any

from autograd_lite import ops
from autograd_lite.core.op import Array, Op, Params
from autograd_lite.ops.batching.contract import OneCall, Operands, as_stack, reshaped
from autograd_lite.ops.indexing import ArrayIndex, Slice

WHOLE = Slice(None, None, None)


def picked(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """The key behind a whole axis; or, where places are mapped, rows of arrays by their place."""
    x, indices = operands[0], operands[op.input_names.index("indices") :]
    arrays = operands[: -len(indices) or None]
    key = params["key"]
    if not any(index.is_mapped for index in indices):
        if not _are_neighbours(key):
            return None
        stacks = [as_stack(x, operands) for x in arrays]
        return OneCall(op, [*stacks, *(x.value for x in indices)], {"key": (WHOLE, *key)})
    is_one = len(indices) == 1 and key[0] == ArrayIndex() and indices[0].value.dtype != bool
    if is_one and op is ops.GetItem and not x.is_mapped:
        return OneCall(op, [x.value, indices[0].value], params)
    if not is_one or any(part != WHOLE for part in key[1:]):
        return None
    rows = rows_picked if op is ops.GetItem else rows_added
    return OneCall(rows, [as_stack(x, operands) for x in operands])


def _are_neighbours(key: tuple[Any, ...]) -> bool:
    """Whether what index arrays pick stays in its place, because they stand side by side."""
    if ArrayIndex() not in key:
        return True
    at = [i for i, part in enumerate(key) if isinstance(part, ArrayIndex | int)]
    return at[-1] - at[0] == len(at) - 1


def rows_picked(x: Array, index: Array) -> Array:
    """`x[index]` for each of a stack of arrays and of places."""
    found = ops.TakeAlongAxis(x, _columns(index, x.ndim), axis=1)
    return found if index.ndim == 2 else reshaped(found, (*index.shape[1:], *x.shape[2:]))


def rows_added(x: Array, like: Array, index: Array) -> Array:
    """Zeros shaped like `like`, with each x added at its places."""
    rows = reshaped(x, (prod(index.shape[1:]), *like.shape[2:]))
    return ops.AddAlongAxis(rows, _columns(index, like.ndim), like, axis=1)


def _columns(index: Array, rank: int) -> Array:
    """A stack of places as (stack, places, 1, …)."""
    return reshaped(index, (prod(index.shape[1:]), *(1,) * (rank - 2)))


def labelled(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """Labels that are the same for all calls, or one for each row."""
    place = op.input_names.index("index")
    index, rows = operands[place], operands[-1 if op is ops.ScatterAdd else 0]
    if index.is_mapped and index.ndim != rows.ndim - 1:
        return None
    inputs = [as_stack(x, operands) for x in operands]
    inputs[place] = index.value
    return OneCall(op, inputs, params)


def looked_up(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Rows of one table, or of a table for each call."""
    table, index = operands
    if not table.is_mapped:
        return OneCall(op, [table.value, index.value], params)
    if index.is_mapped:
        return OneCall(rows_picked, [table.value, index.value])
    return OneCall(ops.GetItem, [table.value, index.value], {"key": (WHOLE, ArrayIndex())})


def searched(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """Any elements among those of one vector."""
    x, y = operands
    return None if x.is_mapped else OneCall(op, [x.value, y.value], params)
