"""Steps that are alike, as those of unrolled loops and equal layers: one function, called for each.

Two steps are alike if their code is the same up to the numbers in names, and so are the types of
the arrays they use. Code that names more than its arrays (a label that is refused, a function of
its own, a list of what counts) has those numbers in it, and is no other step's.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autograd_lite.compiler.executors.native.code import Code, Fragment
from autograd_lite.compiler.executors.native.rows import write_step
from autograd_lite.compiler.planning.plan import Step

NUMBERED = re.compile(r"\b(a|x|s|t|nan)(\d+)\b")  # arrays, elements of them, and what is reduced
START = re.compile(r"\[(\d+) \+ ")  # where in an array a step begins


class Shape(NamedTuple):
    """What steps that are alike have in common: the code of their function."""

    lines: tuple[str, ...]
    arrays: tuple[str, ...]  # the parameters: types and names
    starts: int  # how many more there are, of places in arrays


def write_steps(code: Code, steps: Sequence[Step]) -> None:
    """The steps, one after another; those that are alike by calls of one function."""
    fragments = []
    for step in steps:
        with code.apart() as fragment:
            write_step(code, step)
        fragments.append(fragment)
    shapes = [_shape(code, fragment) for fragment in fragments]
    counts, names = Counter(shape for shape, _ in shapes), dict[Shape, str]()
    for fragment, (shape, starts) in zip(fragments, shapes, strict=True):
        if counts[shape] == 1 or not shape.lines:
            code.insert(fragment)
            continue
        if shape not in names:
            names[shape] = _write_function(code, shape)
        code.insert(Fragment([line for line in fragment.lines if _is_comment(line)], {}))
        arguments = ", ".join(["p", *map(code.array, fragment.arrays), *starts])
        code.line(f"{names[shape]}({arguments});")


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


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("/* %")


def _write_function(code: Code, shape: Shape) -> str:
    name = f"shared_{len(code.functions)}"
    starts = [f"int64_t start{k + 1}" for k in range(shape.starts)]
    parameters = ", ".join(["const struct program *p", *shape.arrays, *starts])
    head = f"static __attribute__((noinline)) void {name}({parameters}) {{"
    code.functions.append("\n".join([head, *shape.lines, "}"]))
    return name
