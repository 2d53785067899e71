"""Kernels that choose between elements, by bits instead of by branches.

NumPy copies under a mask one by one; where the mask is as random as it is behind a ReLU, that
takes 7 ns each. A mask of all ones or all zeros and a few bitwise operations take 0.4 ns, and
keep NaN and infinities as they are.
"""

from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.numpy.source import StepSource, row
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

INTEGERS: dict[int, np.dtype[Any]] = {4: np.dtype(np.int32), 8: np.dtype(np.int64)}
"""By the bytes of an element."""


@row(ops.Where)
def emit_where(source: StepSource, node: Node) -> None:
    """X where the condition holds, else y."""
    condition, x, y = node.inputs
    bits = INTEGERS.get(node.dtype.itemsize)
    if bits is None or not _same_dtypes(node):
        _emit_branches(source, node)
    elif _is_zero(y):
        mask = _mask(source, node, _condition(source, condition), bits)
        _emit_bits(source, np.bitwise_and, (_bits(source, x, bits), mask), node)
    elif _is_zero(x):
        mask = _mask(source, node, _condition(source, condition), bits, inverted=True)
        _emit_bits(source, np.bitwise_and, (_bits(source, y, bits), mask), node)
    else:
        mask = _mask(source, node, _condition(source, condition), bits)
        left, right = _bits(source, x, bits), _bits(source, y, bits)
        mixed = source.temporary(node, bits, "mixed")
        source.emit(f"{source.function(np.bitwise_xor)}({left}, {right}, {mixed})")
        source.emit(f"{source.function(np.bitwise_and)}({mixed}, {mask}, {mixed})")
        _emit_bits(source, np.bitwise_xor, (mixed, right), node)


def _emit_branches(source: StepSource, node: Node) -> None:
    """By NumPy's own `where`, for the few dtypes whose elements are no four or eight bytes."""
    condition, x, y = map(source.operand, node.inputs)
    chosen = f"{source.function(np.where)}({condition}, {x}, {y})"
    source.emit(f"{source.function(np.copyto)}({source.array(node)}, {chosen})")


def _condition(source: StepSource, condition: Node) -> str:
    """The condition as booleans."""
    name = source.operand(condition)
    return name if condition.dtype == bool else f"({name} != 0)"


def _mask(
    source: StepSource, node: Node, condition: str, bits: np.dtype[Any], *, inverted: bool = False
) -> str:
    """All ones where the condition holds, or where it does not."""
    mask = source.temporary(node, bits, "mask")
    numbers = f"{condition}.view('i1')"
    if inverted:
        function, arguments = source.function(np.subtract), f"{numbers}, {source.bind(np.int8(1))}"
    else:
        function, arguments = source.function(np.negative), numbers
    source.emit(f"{function}({arguments}, {mask}, dtype={bits.str!r})")
    return mask


def _bits(source: StepSource, x: Node, bits: np.dtype[Any]) -> str:
    """An operand as integers; a single element without axes, so that it fits beside a tile."""
    code = f"{source.operand(x)}.view({bits.str!r})"
    return source.derived(x, lambda a: a.reshape(() if a.size == 1 else a.shape).view(bits), code)


def _emit_bits(source: StepSource, function: Any, operands: tuple[str, str], node: Node) -> None:
    bits = INTEGERS[node.dtype.itemsize]
    out = source.derived(node, lambda a: a.view(bits), f"{{}}.view({bits.str!r})")
    source.emit(f"{source.function(function)}({', '.join(operands)}, {out})")


def _same_dtypes(node: Node) -> bool:
    """Whether the elements are of the result's dtype, or zero."""
    return all(x.dtype == node.dtype or _is_zero(x) for x in node.inputs[1:])


def _is_zero(node: Node) -> bool:
    """Whether it is the number 0, and not -0.0, which is other bits."""
    if node.op is not Leaf.Constant or node.size != 1:
        return False
    return not any(node._value.tobytes())
