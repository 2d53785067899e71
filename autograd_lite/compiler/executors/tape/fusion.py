"""Two or three operations as one, where nobody else reads what is between them.

A product and the sum it goes into are most of a scalar graph. Done in one step they need no place
in between, and half of the jumps; both roundings stay, so the numbers are the same.
"""

from collections import Counter
from collections.abc import Callable
from itertools import chain

from autograd_lite.compiler.executors.tape.tape import Operation, Tape

Numbers = tuple[int, ...]
Fusion = Callable[[Numbers, int, Numbers], Operation]


def fused(tape: Tape) -> dict[int, Operation]:
    """The operations of a tape, with those taken together that can be."""
    reads = Counter(chain.from_iterable(operands for _, operands in tape.operations.values()))
    reads.update((*tape.outputs, *tape.updates.values()))
    found: dict[int, Operation] = {}
    for number, operation in tape.operations.items():
        found[number] = _joined(operation, found, reads)
    return found


def _joined(operation: Operation, found: dict[int, Operation], reads: Counter[int]) -> Operation:
    """The operation together with one that it alone reads, which then is no more."""
    name, operands = operation
    rules = FUSIONS.get(name)
    if rules is None:
        return operation
    for position, inner_name, fuse in rules:
        inner = operands[position]
        if reads[inner] == 1 and inner in found and found[inner][0] == inner_name:
            return fuse(operands, position, found.pop(inner)[1])
    return operation


def _with_other(name: str) -> Fusion:
    """Of a sum or difference: the product's operands, then the other summand."""

    def fuse(outer: Numbers, position: int, inner: Numbers) -> Operation:
        return name, (*inner, outer[1 - position])

    return fuse


def _select(outer: Numbers, _: int, inner: Numbers) -> Operation:
    return "WhereGreater", (*inner, *outer[1:])


FUSIONS: dict[str, tuple[tuple[int, str, Fusion], ...]] = {
    "Add": ((1, "Mul", _with_other("MulAdd")), (0, "Mul", _with_other("MulAdd"))),
    "Sub": ((1, "Mul", _with_other("MulSub")),),
    "Where": ((0, "Greater", _select),),
}
"""For an operation: which operand may be which other operation, and what both make together."""

FUSED = {
    "MulAdd": "a * b + c",
    "MulSub": "c - a * b",
    "WhereGreater": "a > b ? c : d",
}
"""What they make, in C."""
