"""A plan as a C program: the struct of all pointers, the steps as functions, and the pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograd_lite.compile.native.c_types import c_type
from autograd_lite.compile.native.code import Code
from autograd_lite.compile.native.rows import can_write, write_step
from autograd_lite.compile.plan import Plan, Step
from autograd_lite.node import Node

ARGUMENT = "const struct program *p"
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """C that computes a plan, and what one has to know to call it.

    A region is a function `plan_region_<n>(program)`, or a step that NumPy has to run; where there
    is only one region, `plan_scan` runs it over data.
    """

    text: str
    pointers: tuple[Node, ...]  # in the order of the fields of `struct program`
    extra: tuple[str, ...]  # the fields behind them
    regions: tuple[Step | None, ...]  # None: the next function


def write_source(plan: Plan, *, blas: bool) -> Source:
    """The program; with `blas` it is told where BLAS is, in `gemm_<type>` fields."""
    code = Code(plan, blas=blas)
    regions = _regions(plan)
    for number, steps in enumerate(r for r in regions if not isinstance(r, Step)):
        with code.function(f"int64_t plan_region_{number}({ARGUMENT})", end="return 0;"):
            for step in steps:
                write_step(code, step)
    pointers = (*plan.inputs.values(), *plan.outputs, *plan.leaves, *code.constants)
    scan = _scan(plan, code) if len(regions) == 1 else ""
    lists = tuple(f"nonzero{code.numbers[w]}" for w in code.skipped)
    extra = (*lists, "arena", "threads", *(f"gemm_{kind}" for kind in sorted(code.kinds) if blas))
    text = "\n".join(
        [
            "/* Written by autograd_lite. %3 is the value number 3 of the plan. */",
            _template("prelude.h"),
            *(_template("blas_types.h", kind) for kind in sorted(code.kinds) if blas),
            _template("nonzero_types.h") if code.skipped else "",
            _struct(code, pointers, extra),
            *(_template("products.h", kind) for kind in sorted(code.kinds)),
            *(_template("nonzero.h", kind) for kind in sorted({c_type(w.dtype) for w in code.skipped})),
            *(_template("blas.h", kind) for kind in sorted(code.kinds) if blas),
            _template("threads.h") if code.threaded else "",
            *(f"{function}\n" for function in code.functions),
            scan,
        ]
    )
    return Source(text, pointers, extra, tuple(r if isinstance(r, Step) else None for r in regions))


def _regions(plan: Plan) -> list[Step | list[Step]]:
    """The steps, those that can be written in C put together."""
    regions: list[Step | list[Step]] = []
    for step in plan.steps:
        if not can_write(step):
            regions.append(step)
        elif regions and isinstance(regions[-1], list):
            regions[-1].append(step)
        else:
            regions.append([step])
    return regions or [[]]


def _struct(code: Code, pointers: Sequence[Node], extra: Sequence[str]) -> str:
    lines = [_field(code, node) for node in pointers]
    types = {"arena": "char *arena; /* work space */", "threads": "int64_t threads;"}
    types |= {name: f"struct nonzero *{name};" for name in extra if name.startswith("nonzero")}
    lines += [types.get(name, f"{name} *{name};") for name in extra]
    return "\n".join(["struct program {", *(f"    {line}" for line in lines), "};\n"])


def _field(code: Code, node: Node) -> str:
    const = "" if node in set(code.plan.outputs) or node in code.plan.leaves else "const "
    return f"{const}{c_type(node.dtype)} *a{code.numbers[node]}; /* {code.describe(node)} */"


def _scan(plan: Plan, code: Code) -> str:
    """The whole pass as one function."""
    before, lines = [], []
    for w in code.skipped:
        number, (n, _) = code.numbers[w], w.shape
        total = f"sum_of_sizes_{c_type(w.dtype)}(p.a{number}, {w.size})"
        before.append(f"int32_t rows{number}[{n}];")
        before.append(f"struct nonzero nonzero{number} = {{{total}, 0, 0, rows{number}}};")
        before.append(f"p.nonzero{number} = &nonzero{number};")
    for i, node in enumerate(plan.inputs.values()):
        size = node.size * node.dtype.itemsize
        lines.append(f"p.a{code.numbers[node]} = fed(pass, {i}, i, {size});")
    for i, node in enumerate(plan.outputs):
        place = f"({c_type(node.dtype)} *)pass->outputs[{i}] + (i - pass->start) * {node.size}"
        lines.append(f"p.a{code.numbers[node]} = {place};")
    first = "".join(f"    {line}\n" for line in before)
    body = "\n".join(f"        {line}" for line in lines)
    return f"""{_template("scan.h")}
int64_t plan_scan(const struct program *initial, const struct pass *pass) {{
    struct program p = *initial;
{first}    for (int64_t i = pass->start; i < pass->stop; i++) {{
{body}
        const int64_t failed = plan_region_0(&p);
        if (failed) return failed;
    }}
    return 0;
}}
"""


def _template(name: str, kind: str = "") -> str:
    """A C file beside this one; one that is written for REAL numbers, for this type of them."""
    return (FOLDER / name).read_text(encoding="ascii").replace("REAL", kind or "REAL")
