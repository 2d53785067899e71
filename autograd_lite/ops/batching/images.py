"""The batching rules of ops on images (N, C, H, W), which have no other axes, and of dropout."""

from math import prod

import numpy as np

from autograd_lite import ops
from autograd_lite.core.op import Array, Op, Params
from autograd_lite.ops.batching.contract import OneCall, Operands, as_stack
from autograd_lite.ops.shaping import of_lengths


def as_more_images(op: type[Op], operands: Operands, params: Params) -> OneCall:
    """The images of all calls are the images of one."""

    def together(*stacks: Array) -> Array:
        found = op(*map(_merged, stacks), **params)
        return _parted(found, stacks[0])

    return OneCall(together, [as_stack(x, operands) for x in operands])


def convolved(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """More images, if all calls have one kernel; else the channels of each are groups."""
    at = op.input_names.index("like" if op is ops.Conv2dKernel else "w")
    if operands[at].is_mapped or op is ops.Conv2dKernel:
        return _grouped(op, operands, params, at)

    def together(*stacks: Array) -> Array:
        merged = [x if i == at else _merged(x) for i, x in enumerate(stacks)]
        return _parted(op(*merged, **params), stacks[0])

    inputs = [as_stack(x, operands) for x in operands]
    inputs[at] = operands[at].value
    return OneCall(together, inputs)


def _grouped(op: type[Op], operands: Operands, params: Params, at: int) -> OneCall | None:
    stacks = [of_lengths(as_stack(x, operands), *range(5)) for x in operands]
    count = stacks[0].shape[0]
    if not count:
        return None  # there is no call without a group

    def grouped(*stacks: Array) -> Array:
        parts = [_merged(x) if i == at else _as_channels(x) for i, x in enumerate(stacks)]
        found = op(*parts, **{**params, "groups": count * params["groups"]})
        if op is ops.Conv2dKernel:
            return ops.ReshapeLike(found, stacks[at])
        images, channels, *lengths = found.shape
        parted = ops.Reshape(found, shape=(images, count, channels // count, *lengths))
        return ops.PermuteDims(parted, axes=(1, 0, 2, 3, 4))

    return OneCall(grouped, stacks)


def _merged(x: Array) -> Array:
    """(stack, N, …) as (stack · N, …)."""
    _, count, *lengths = x.shape
    if count and prod(lengths):
        return ops.Reshape(of_lengths(x, *range(1, x.ndim)), shape=(-1, *lengths))
    return ops.Reshape(of_lengths(x, *range(x.ndim)), shape=(x.shape[0] * count, *lengths))


def _parted(found: Array, stack: Array) -> Array:
    """(stack · N, …) as (stack, N, …), as the images came."""
    shape = (stack.shape[1], *found.shape[1:])
    full = (-1, *shape) if prod(shape) else (stack.shape[0], *shape)
    return ops.Reshape(found, shape=full)


def _as_channels(x: Array) -> Array:
    """(stack, N, C, H, W) as (N, stack · C, H, W)."""
    count, images, channels, *lengths = x.shape
    turned = ops.PermuteDims(x, axes=(1, 0, 2, 3, 4))
    return ops.Reshape(turned, shape=(images, count * channels, *lengths))


def dropped(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """One seed drops the same elements in every call, as it does in a loop."""
    x, seed = operands
    if seed.is_mapped:
        return None

    def of_one_seed(x: Array, seed: Array) -> Array:
        kept = op(np.ones(x.shape[1:]), seed, **params)
        share = ops.Div(x, 1 - params["rate"])
        return ops.Where(ops.NotEqual(kept, 0.0), share, 0.0)

    return OneCall(of_one_seed, [of_lengths(x.value, *range(1, x.value.ndim)), seed.value])
