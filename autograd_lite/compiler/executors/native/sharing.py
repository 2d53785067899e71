"""Steps that are alike, as those of unrolled loops and equal layers: one function, called for each.

Two steps are alike if their code is the same up to the numbers in names, and so are the types of
the arrays they use. Code that names more than its arrays (a label that is refused, a function of
its own, a list of what counts) has those numbers in it, and is no other step's.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, takewhile
from typing import NamedTuple

from autograd_lite.compiler.executors.native.code import Code, Fragment
from autograd_lite.compiler.executors.native.rows import write_step
from autograd_lite.compiler.planning.plan import Step

NUMBERED = re.compile(r"\b(a|x|s|t|nan|row)(\d+)\b")  # arrays, elements, what is reduced
MOST = 500  # lines of a function
START = re.compile(r"\[(\d+) \+ ")  # where in an array a step begins


class Shape(NamedTuple):
    """What steps that are alike have in common: the code of their function."""

    lines: tuple[str, ...]
    arrays: tuple[str, ...]  # the parameters: types and names
    starts: int  # how many more there are, of places in arrays


def write_steps(code: Code, steps: Sequence[Step]) -> None:
    """The steps, one after another; those that are alike by calls of one function.

    Where they are many, they are written in several functions: compilers take more than twice as
    long for one of twice the length.
    """
    fragments = _shared(code, steps)
    while sum(len(fragment.lines) for fragment in fragments) > MOST:
        count = _fitting(fragments)
        name = f"part_{len(code.functions)}"
        head = f"static __attribute__((noinline)) int64_t {name}(const struct program *p)"
        with code.function(head, end="return 0;"):
            for fragment in fragments[:count]:
                code.insert(fragment)
        with code.block():
            code.line(f"const int64_t failed = {name}(p);")
            code.line("if (failed) return failed;")
        fragments = fragments[count:]
    for fragment in fragments:
        code.insert(fragment)


def _fitting(fragments: Sequence[Fragment]) -> int:
    """How many of them fit into a function; at least one."""
    ends = accumulate(len(fragment.lines) for fragment in fragments)
    return max(1, sum(1 for _ in takewhile(lambda lines: lines <= MOST, ends)))


def _shared(code: Code, steps: Sequence[Step]) -> list[Fragment]:
    """The code of each step, a call where several are alike."""
    fragments = []
    for step in steps:
        with code.apart() as fragment:
            write_step(code, step)
        fragments.append(fragment)
    shapes = [_shape(code, fragment) for fragment in fragments]
    counts, names = Counter(shape for shape, _ in shapes), dict[Shape, str]()
    for i, (fragment, (shape, starts)) in enumerate(zip(fragments, shapes, strict=True)):
        if counts[shape] == 1 or not _is_long(shape):
            continue
        if shape not in names:
            names[shape] = _write_function(code, shape)
        with code.apart() as fragments[i]:
            code.insert(Fragment([line for line in fragment.lines if _is_comment(line)], {}))
            arguments = ", ".join(["p", *map(code.array, fragment.arrays), *starts])
            code.line(f"{names[shape]}({arguments});")
    return fragments


def _shape(code: Code, fragment: Fragment) -> tuple[Shape, list[str]]:
    """The code with names and places of its own, and what the places are here."""
    local: dict[str, int] = {}
    starts: list[str] = []

    def rename(found: re.Match[str]) -> str:
        return found[1] + str(local.setdefault(found[2], len(local)))

    def start(found: re.Match[str]) -> str:
        starts.append(found[1])
        return f"[start{len(starts)} + "

    arrays = tuple(
        NUMBERED.sub(rename, f"{code.pointer_type(x)}{code.name(x)}") for x in fragment.arrays
    )
    lines = tuple(
        START.sub(start, NUMBERED.sub(rename, line))
        for line in fragment.lines
        if not _is_comment(line)
    )
    return Shape(lines, arrays, len(starts)), starts


def _is_long(shape: Shape) -> bool:
    """Whether the code is more than an assignment, which is no longer than a call."""
    return len(shape.lines) > 1 or "(" in "".join(shape.lines)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("/* %")


def _write_function(code: Code, shape: Shape) -> str:
    name = f"shared_{len(code.functions)}"
    starts = [f"int64_t start{k + 1}" for k in range(shape.starts)]
    parameters = ", ".join(["const struct program *p", *shape.arrays, *starts])
    head = f"static __attribute__((noinline)) void {name}({parameters}) {{"
    code.functions.append("\n".join([head, *shape.lines, "}"]))
    return name
