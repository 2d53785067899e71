"""Where the values of a tape lie: so few places that they stay in the fastest memory.

A result takes the place of one that nobody reads any more. Inputs, leaves and constants keep
theirs; the new value of a leaf is written straight to it when its old one was read last.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from autograd_lite.compiler.executors.tape.fusion import fused
from autograd_lite.compiler.executors.tape.shorter import Operation
from autograd_lite.compiler.executors.tape.tape import Tape


@dataclass(frozen=True)
class Layout:
    """A tape as the interpreter reads it: words, and places instead of numbers."""

    words: array[int]  # 32 bits each
    places: int  # how many there are
    constants: Mapping[int, float]  # place → value
    outputs: tuple[int, ...]  # their places


def lay_out(tape: Tape, opcodes: Mapping[str, int]) -> Layout:
    """The words of a tape, given the number of each operation."""
    operations = fused(tape)
    last_read = {
        x: position for position, (_, operands) in enumerate(operations.values()) for x in operands
    }
    place = _kept_places(tape, operations, last_read)
    count = tape.inputs + tape.leaves + len(tape.constants)
    last_read = {x: at for x, at in last_read.items() if x not in place}
    for x in (*tape.outputs, *tape.updates.values()):
        last_read.pop(x, None)
    words, free = array("i"), list[int]()
    for position, (number, (name, operands)) in enumerate(operations.items()):
        read = [place[x] for x in operands]
        for x in operands:
            if last_read.get(x) == position:
                del last_read[x]
                free.append(place[x])
        if number not in place:
            place[number] = free.pop() if free else count
            count += place[number] == count
        words.extend((opcodes[name], place[number], *read))
    for leaf, new in tape.updates.items():
        if place[new] != leaf:
            words.extend((opcodes["Copy"], leaf, place[new]))
    words.append(opcodes["Stop"])
    constants = {place[number]: value for number, value in tape.constants.items()}
    return Layout(words, count, constants, tuple([place[x] for x in tape.outputs]))


def _kept_places(
    tape: Tape, operations: Mapping[int, Operation], last_read: Mapping[int, int]
) -> dict[int, int]:
    """The places of inputs, leaves, constants, and of new values that can go straight to a leaf."""
    first = tape.inputs + tape.leaves
    place = {number: number for number in range(first)}
    place |= {number: at for at, number in enumerate(tape.constants, start=first)}
    made = {number: position for position, number in enumerate(operations)}
    for leaf, new in tape.updates.items():
        if new not in place and made[new] >= last_read.get(leaf, -1):
            place[new] = leaf
    return place
