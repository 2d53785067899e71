"""The batching rules of elementwise ops, of ops along axes, of reductions and products."""

from string import ascii_letters
from typing import Any

from autograd_lite import ops
from autograd_lite.core.op import Array, Op, Params
from autograd_lite.core.shapes import normalize_axes
from autograd_lite.ops.batching.contract import (
    OneCall,
    Operands,
    as_stack,
    of_rank,
    reshaped,
    stacks_of,
)
from autograd_lite.ops.subscripts import places


def elementwise(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Elements meet as before, once each operand has its axes."""
    rank = max(x.ndim for x in operands)
    return OneCall(op, [of_rank(x, rank) for x in operands], params)


def stacked(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The op takes leading axes, and an `axis` if it has one: all operands become stacks."""
    inputs = [as_stack(x, operands) for x in operands]
    return OneCall(op, inputs, with_axis_behind(params, operands[-1].ndim))


def with_axis_behind(params: Params, ndim: int) -> Params:
    """The parameters with `axis` counted behind the axis of the stack; None becomes all others."""
    if "axis" not in params:
        return params
    axis = params["axis"]
    if axis is None:
        moved: Any = tuple(range(-ndim, 0))
    elif isinstance(axis, tuple):
        moved = tuple(a + (a >= 0) for a in axis)
    else:
        moved = axis + (axis >= 0)
    return {**params, "axis": moved}


def walked(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Along an axis; None is the only one of a vector."""
    return stacked(op, operands, {**params, "axis": -1} if params["axis"] is None else params)


def placed(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The place of an element along an axis, or in row-major order if none is given."""
    if params["axis"] is not None:
        return stacked(op, operands, params)

    def in_a_row(x: Array) -> Array:
        found = op(flat(x), axis=1)
        axes = tuple(range(1, x.ndim)) if params["keepdims"] else ()
        return ops.ExpandDims(found, axis=axes) if axes else found

    return OneCall(in_a_row, [operands[0].value])


def flat(x: Array) -> Array:
    """A stack of vectors: the elements of each call in row-major order."""
    return reshaped(x, (-1,))


def spread(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Over the axes that were reduced; where x has fewer than are left, it broadcasts."""
    x, like = stacks_of(operands)
    axes = () if params["keepdims"] else normalize_axes(params["axis"], like.ndim)
    inputs = [of_rank(x, like.ndim - len(axes)), like.value]
    return OneCall(op, inputs, with_axis_behind(params, like.ndim))


def counted(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """A number that is the same for all calls, as all are of one shape."""
    return stacked(op, operands, params)._replace(is_mapped=False)


def summed_like(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """Summed to a shape, which has to have as many axes."""
    x, like = stacks_of(operands)
    extra = tuple(range(1, 1 + x.ndim - like.ndim))
    return OneCall(op, [x.value, of_rank(like, x.ndim)], params, extra)


def multiplied(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """A stack of vectors is a matrix; beside matrices each vector is one of one row or column."""
    x, y = operands
    if y.is_mapped and y.ndim == 1 and not x.is_mapped and x.ndim == 2:
        return OneCall(op, [y.value, ops.MatrixTranspose(x.value)], params, is_swapped=True)
    is_row = x.ndim == 1 and x.is_mapped and (y.is_mapped or y.ndim > 2)
    is_column = y.ndim == 1 and y.is_mapped
    if is_row:
        x = x._replace(value=ops.ExpandDims(x.value, axis=-2))
    if is_column:
        y = y._replace(value=ops.ExpandDims(y.value, axis=-1))
    rank = max(x.ndim, y.ndim)
    inputs = [z.value if z.ndim == 1 else of_rank(z, rank) for z in (x, y)]
    return OneCall(op, inputs, params, (-2,) * is_row + (-1,) * is_column)


def contracted(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The axis of the stack has a letter of its own."""
    left, right, result = places(params["subscripts"])
    letter = next(c for c in ascii_letters if c not in left + right + result)
    x, y = (letter * z.is_mapped for z in operands)
    subscripts = f"{x}{left},{y}{right}->{letter}{result}"
    return OneCall(op, [z.value for z in operands], {"subscripts": subscripts})


def solved(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """A mapped vector becomes a matrix of one column."""
    a, b = operands
    is_column = b.ndim == 1 and b.is_mapped
    if is_column:
        b = b._replace(value=ops.ExpandDims(b.value, axis=-1))
    rank = max(a.ndim, b.ndim)
    inputs = [a.value if b.ndim == 1 else of_rank(a, rank), of_rank(b, rank)]
    return OneCall(op, inputs, params, (-1,) * is_column)
