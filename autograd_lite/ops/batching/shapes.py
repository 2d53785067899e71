"""The batching rules of ops that give elements another shape or order, or copies beside them."""

import numpy as np

from autograd_lite import ops
from autograd_lite.core.op import Array, Op, Params
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.ops.batching.contract import (
    OneCall,
    Operands,
    as_stack,
    of_rank,
    stacks_of,
    with_length,
)
from autograd_lite.ops.batching.families import flat, stacked


def under_shape(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Under that shape, behind the axis of the stack."""
    shape = params["shape"]
    value, full = with_length(operands[0].value, shape if isinstance(shape, tuple) else (shape,))
    return OneCall(op, [value], {"shape": full})


def repeated(_: type[Op], operands: Operands, params: Params) -> OneCall:
    """Beside an open grid of that shape: a shape would have to say how long the stack is."""
    shape = params["shape"]
    shape = shape if isinstance(shape, tuple) else (shape,)
    sides = np.diag(np.array(shape) - 1) + 1 if shape else np.zeros((0, 0), int)
    grid = [np.zeros(side, bool) for side in sides.tolist()]
    return OneCall(ops.BroadcastWith, [of_rank(operands[0], len(shape)), *grid])


def broadcast(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """All together, the first as a stack."""
    first, *others = operands
    rank = max(x.ndim for x in operands)
    first = first._replace(value=as_stack(first, operands), is_mapped=True)
    return OneCall(op, [of_rank(x, rank) for x in (first, *others)], params)


def permuted(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The axis of the stack stays the first one."""
    order = normalize_axes(params["axes"], operands[0].ndim)
    return OneCall(op, [operands[0].value], {"axes": (0, *(a + 1 for a in order))})


def rolled(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Along axes, or in row-major order if none is given."""
    if params["axis"] is not None:
        return stacked(op, operands, params)

    def in_a_row(x: Array) -> Array:
        return ops.ReshapeLike(op(flat(x), shift=params["shift"], axis=1), x)

    return OneCall(in_a_row, [operands[0].value])


def of_checked_lengths(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The stack may have any length."""
    return OneCall(op, [operands[0].value], {"lengths": (None, *params["lengths"])})


def tiled(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """A count for each axis, and 1 for the stack's."""
    counts = params["repetitions"]
    counts = counts if isinstance(counts, tuple) else (counts,)
    rank = max(operands[-1].ndim, len(counts))
    inputs = [of_rank(x, rank) for x in stacks_of(operands)]
    full = (1,) * (1 + rank - len(counts)) + counts
    extra = tuple(range(1, 1 + rank - operands[-1].ndim)) if op is ops.SumTiles else ()
    return OneCall(op, inputs, {"repetitions": full}, extra)


def framed(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """A pair of widths for each axis, and no frame along the stack."""
    pairs = np.broadcast_to(params["width"], (operands[-1].ndim, 2)).tolist()
    width = ((0, 0), *map(tuple, pairs))
    return OneCall(op, [as_stack(x, operands) for x in operands], {**params, "width": width})
