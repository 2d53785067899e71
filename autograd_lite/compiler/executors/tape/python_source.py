"""Python code for a tape: straight-line arithmetic on local names, some twenty times eager speed.

A value that is read once is written where it is read, so most of the code is long expressions
that never store anything. Functions are cut at a length that Python still compiles quickly; what
one part hands to a later one goes through the list `v`, behind the inputs and leaves.
"""

from collections import Counter
from dataclasses import dataclass
from itertools import chain

from autograd_lite.compiler.executors.tape.primitives import EXPRESSIONS
from autograd_lite.compiler.executors.tape.tape import Tape

OPERATIONS_A_PART = 2000
DEEPEST = 30  # Python's parser allows some 90 parentheses in each other


@dataclass(frozen=True)
class PythonSource:
    """The code of `step(v)`, which returns the outputs and puts new values of leaves into v."""

    text: str
    length: int  # of v: inputs, leaves, and what one part hands to another


def write_python(tape: Tape) -> PythonSource:
    """Python code for one step of a tape."""
    numbers = list(tape.operations)
    starts = range(0, max(len(numbers), 1), OPERATIONS_A_PART)
    parts = [numbers[start : start + OPERATIONS_A_PART] for start in starts]
    known = _Known(tape, parts)
    written = [_Part(known, inside) for inside in parts]
    written[-1].finish()
    texts = ["\n    ".join([f"def part_{i}(v):", *part.lines]) for i, part in enumerate(written)]
    *first, last = [f"part_{i}(v)" for i in range(len(parts))]
    texts.append("\n    ".join(["def step(v):", *first, f"return {last}"]))
    return PythonSource("\n\n\n".join(texts) + "\n", len(known.index))


class _Known:
    """What all parts have to know of the whole."""

    def __init__(self, tape: Tape, parts: list[list[int]]) -> None:
        self.tape = tape
        operations = tape.operations
        results = (*tape.outputs, *tape.updates.values())
        self.reads = Counter(chain.from_iterable(read for _, read in operations.values()))
        made_in = {number: i for i, inside in enumerate(parts) for number in inside}
        read_in = {x: i for i, inside in enumerate(parts) for n in inside for x in operations[n][1]}
        read_in |= dict.fromkeys(results, len(parts) - 1)
        handed_on = [number for number, part in made_in.items() if read_in.get(number, -1) > part]
        first = tape.inputs + tape.leaves
        self.index = {x: i for i, x in enumerate(chain(range(first), handed_on))}  # in v
        self.kept = {*handed_on, *results}  # results that get a name in any case


class _Part:
    """The statements of one function."""

    def __init__(self, known: _Known, inside: list[int]) -> None:
        self.tape, self.known = known.tape, known
        self.lines: list[str] = []
        self.texts: dict[int, str] = {}  # number → the name or expression that stands for it
        self.depth: dict[int, int] = {}  # of those that are expressions
        for number in inside:
            self._add(number)

    def finish(self) -> None:
        """Hand the new values of leaves over, all of them computed from the old ones."""
        new = {leaf: self._atom(number) for leaf, number in self.tape.updates.items()}
        results = [self._atom(number) for number in self.tape.outputs]
        self.lines += [f"v[{leaf}] = {name}" for leaf, name in new.items()]
        self.lines.append(f"return [{', '.join(results)}]")

    def _add(self, number: int) -> None:
        name, operands = self.tape.operations[number]
        form = EXPRESSIONS[name]
        is_read_twice = any(form.count(f"{{{i}}}") > 1 for i in range(len(operands)))
        texts = [self._atom(x) if is_read_twice else self._text(x) for x in operands]
        self.depth[number] = 1 + max([self.depth.get(x, 0) for x in operands])
        self.texts[number] = f"({form.format(*texts)})"
        known = self.known
        if known.reads[number] > 1 or number in known.kept or self.depth[number] > DEEPEST:
            self._atom(number)
        if number in known.index:
            self.lines.append(f"v[{known.index[number]}] = t{number}")

    def _text(self, number: int) -> str:
        """What stands for a value where it is read."""
        if number in self.tape.constants:
            text = repr(self.tape.constants[number])
            return f"({text})" if text.startswith("-") else text
        if number not in self.texts:
            self.texts[number] = f"v[{self.known.index[number]}]"
            if self.known.reads[number] > 1:
                self._atom(number)
        return self.texts[number]

    def _atom(self, number: int) -> str:
        """A name or literal for a value, which is computed here if it is not yet."""
        text, name = self._text(number), f"t{number}"
        if text != name and number not in self.tape.constants:
            self.lines.append(f"{name} = {text[1:-1] if text.startswith('(') else text}")
            self.texts[number], self.depth[number] = name, 0
        return self._text(number)
