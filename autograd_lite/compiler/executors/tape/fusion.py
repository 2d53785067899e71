"""Operations of the C interpreter that do what several on a tape do, where that is faster.

A product and the sum it goes into are most of a scalar graph. Done in one step they need no place
in between, and half of the jumps. All roundings stay, so the numbers are the same; but a slope that
has a sigmoid or a tanh to start from differs from that without it in its last digits.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import chain

from autograd_lite.compiler.executors.tape.shorter import Operation
from autograd_lite.compiler.executors.tape.tape import Tape

FUSIONS: dict[str, tuple[tuple[int, str, str], ...]] = {
    "Add": (
        (1, "Mul", "MulAdd"),
        (0, "Mul", "MulAdd"),
        (1, "KeepMul", "KeepMulAdd"),
        (0, "KeepMul", "KeepMulAdd"),
        (0, "Add", "AddTwice"),
        (1, "Add", "AddTwice"),
    ),
    "Keep": (
        (1, "Mul", "KeepMul"),
        (1, "KeepMul", "KeepKeepMul"),
        (0, "Greater", "KeepGreater"),
    ),
    "KeepMulAdd": ((3, "KeepMulAdd", "KeepMulAddTwice"),),
    "Mul": ((1, "SlopeOfTanh", "MulSlopeOfTanh"),),
    "MulAdd": ((2, "MulAdd", "MulAddTwice"),),
    "Sub": ((1, "Mul", "MulSub"),),
    "Where": ((0, "Greater", "WhereGreater"),),
}
"""For an operation: which operand may be which other operation, and what both make together."""

FUSED = {
    "AddTwice": "a + b + c",
    "Keep": "a != 0 ? b : 0",
    "KeepGreater": "a > b ? c : 0",
    "KeepKeepMul": "(c != 0) & (d != 0) ? a * b : 0",
    "KeepMul": "c != 0 ? a * b : 0",
    "KeepMulAdd": "(c != 0 ? a * b : 0) + d",
    "KeepMulAddTwice": "(g != 0 ? e * f : 0) + ((c != 0 ? a * b : 0) + d)",
    "MulAdd": "a * b + c",
    "MulAddTwice": "d * e + (a * b + c)",
    "MulSlopeOfTanh": "c * slope_of_tanh(a, b)",
    "MulSub": "c - a * b",
    "SlopeOfSigmoid": "slope_of_sigmoid(a, b)",
    "SlopeOfTanh": "slope_of_tanh(a, b)",
    "WhereGreater": "a > b ? c : d",
}
"""What they make, in C: the operands of the inner operation come first."""

REPEATED = frozenset({"Greater"})
"""Operations so quick that each reader may have its own."""


def fused(tape: Tape) -> dict[int, Operation]:
    """The operations of a tape, with those taken together that can be."""
    chosen = _chosen(tape)
    reads = Counter(chain.from_iterable(operands for _, operands in chosen.values()))
    reads.update((*tape.outputs, *tape.updates.values()))
    found: dict[int, Operation] = {}
    for number, operation in chosen.items():
        if reads[number]:
            found[number] = _joined(operation, found, reads)
    return found


def _joined(operation: Operation, found: dict[int, Operation], reads: Counter[int]) -> Operation:
    """The operation together with those that it alone reads, which then are no more."""
    name, operands = operation
    for position, inner_name, both in FUSIONS.get(name, ()):
        inner = operands[position]
        inside_name, inside = found.get(inner, ("", ()))
        if inside_name != inner_name or (reads[inner] > 1 and inner_name not in REPEATED):
            continue
        if reads[inner] == 1:
            del found[inner]
        else:
            reads.update(inside)
        reads[inner] -= 1
        rest = operands[:position] + operands[position + 1 :]
        return _joined((both, (*inside, *rest)), found, reads)
    return operation


def _chosen(tape: Tape) -> dict[int, Operation]:
    """The operations, those that C has in other forms in these."""
    zeros = {x for x, value in tape.constants.items() if str(value) == "0.0"}
    curves = {x: number for number, x in tape.operations.items() if x[0] in ("Sigmoid", "Tanh")}
    chosen = dict(tape.operations)
    for number, (name, operands) in tape.operations.items():
        if name == "Where" and operands[2] in zeros:
            chosen[number] = "Keep", operands[:2]
        elif name == "SigmoidSlope":
            chosen[number] = _slope(operands[0], number, tape, curves)
    return chosen


def _slope(x: int, number: int, tape: Tape, curves: Mapping[Operation, int]) -> Operation:
    """The slope of the sigmoid at x, from a sigmoid or a tanh there that has been computed."""
    name, operands = tape.operations.get(x, ("", ()))
    halves = [y for y in operands if name == "Mul" and 2.0 in map(tape.constants.get, operands)]
    for curve, y in (("Sigmoid", x), *(("Tanh", y) for y in halves)):
        known = curves.get((curve, (y,)), number)
        if known < number:
            return f"SlopeOf{curve}", (y, known)
    return "SigmoidSlope", (x,)
