"""What an operation comes to, where less will do: it is looked at before it goes on a tape.

Recorded gradients have masks, which count where they are not 0. A mask is never negative, and
a condition asks no more than whether it is 0: so `where(|m| != 0, x, 0)` is `where(m, x, 0)`.
"""

from collections.abc import Mapping
from math import copysign

from autograd_lite.compiler.executors.tape.primitives import BOOLEANS

Operation = tuple[str, tuple[int, ...]]  # its name, and the numbers of its operands

SHORTENED = frozenset({"Abs", "Where"})
UNSIGNED = BOOLEANS | {"Abs"}
KEEPING_SIGNS = frozenset({"Add", "Mul", "Where"})


class Shortener:
    """What is known of the numbers on a tape, and what operations on them come to."""

    def __init__(self, constants: Mapping[tuple[float, float], int]) -> None:
        self.constants = constants  # a value and its sign → number
        self.conditions: dict[int, int] = {}  # the number of m != 0 → that of m
        self.booleans: set[int] = set()
        self.unsigned: set[int] = set()  # they are at least 0, or NaN

    def shortened(self, operation: Operation) -> Operation | int:
        """The operation in its shortest form, or the number that has its result."""
        name, operands = operation
        if name == "Abs":
            return operands[0] if operands[0] in self.unsigned else operation
        condition, x, y = operands
        condition = self.conditions.get(condition, condition)
        if x == y:
            return x
        if condition in self.booleans and (x, y) == (self._number(1.0), self._number(0.0)):
            return condition
        return name, (condition, x, y)

    def learn(self, number: int, operation: Operation) -> None:
        """Take note of a new operation on the tape."""
        name, operands = operation
        if name in BOOLEANS:
            self.booleans.add(number)
            if name == "NotEqual" and operands[1] == self._number(0.0):
                self.conditions[number] = operands[0]
        read = operands[name == "Where" :]
        if name in UNSIGNED or (name in KEEPING_SIGNS and self.unsigned.issuperset(read)):
            self.unsigned.add(number)

    def learn_constant(self, number: int, value: float) -> None:
        """Take note of a new constant."""
        if copysign(1.0, value) > 0:
            self.unsigned.add(number)

    def _number(self, value: float) -> int | None:
        return self.constants.get((value, 1.0))
