"""A plan as a C program that stands alone: it is built with `cc`, and predicts."""

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.kernels import template
from autograd_lite.compiler.executors.native.source import program_text, split, write_regions
from autograd_lite.compiler.planning.plan import Plan, Step
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node
from autograd_lite.serialize.files import as_path, make_folder, write

Nodes = Sequence[Node]
Groups = Mapping[str, Nodes]

BYTE_ORDER = np.uint32(0x01020304).tobytes()  # as this machine has it
MARK = b"autograd_lite 1\0" + BYTE_ORDER  # the beginning of a file of weights


def export_c(plan: Plan, folder: str | PathLike[str]) -> Path:
    """Write `predict.h`, `predict.c`, `main.c` and `weights.bin` into a folder, and return it.

    `cc -o predict main.c predict.c -lm` builds a program that needs nothing else. The weights are
    the values that the plan's leaves have now. Raises ConfigError for a plan that changes them, or
    that has an op which only NumPy can compute.
    """
    _refuse(plan)
    code = Code(plan, alone=True)
    write_regions(code, split(plan, alone=True))
    weights = [*plan.leaves, *code.constants]
    values = [plan.leaves[x]._value if x in plan.leaves else x._value for x in weights]
    arrays = [np.ascontiguousarray(v, x.dtype) for x, v in zip(weights, values, strict=True)]
    place = as_path(folder, "export_c")
    make_folder(place)
    groups = {"weights": weights, "inputs": [*plan.inputs.values()], "outputs": [*plan.outputs]}
    write(place / "predict.h", _header(code, groups).encode("ascii"))
    write(place / "predict.c", _source(code, groups).encode("ascii"))
    write(place / "main.c", template("predict_main.c").encode("ascii"))
    write(place / "weights.bin", MARK + b"".join(array.tobytes() for array in arrays))
    return place


def _refuse(plan: Plan) -> None:
    foreign = [x.op.name for r in split(plan, alone=True) if isinstance(r, Step) for x in r.nodes]
    if plan.updates or foreign:
        raise ConfigError(
            "export_c",
            expected="outputs alone, all of them made of ops that can be written in C",
            came=", ".join(dict.fromkeys(foreign)) or f"updates of {len(plan.updates)} leaves",
            suggestion="compile the graph without updates, and outputs that do not need these ops",
        )


def _header(code: Code, groups: Groups) -> str:
    """The structs of what goes in and out, and the functions."""
    structs = [
        line
        for name, nodes in groups.items()
        for line in (f"struct predict_{name} {{", *_fields(code, nodes), "};")
    ]
    arena = max(code.plan.arena_bytes, 1)
    return template("predict.h").replace(
        "STRUCTS",
        "\n".join([*structs, f"struct predict_work {{ _Alignas(64) char arena[{arena}]; }};"]),
    )


def _fields(code: Code, nodes: Nodes) -> list[str]:
    lines = [
        f"    {c_type(x.dtype)} {_name(code, x)}[{max(x.size, 1)}]; /* {code.describe(x)} */"
        for x in nodes
    ]
    return lines or ["    char nothing;"]


def _source(code: Code, groups: Groups) -> str:
    """The program, and the functions of the header."""
    lines = [
        *_run(code, groups),
        *_read_weights(code, groups["weights"]),
        *_read_inputs(code, groups["inputs"]),
        *_print_outputs(code, groups["outputs"]),
    ]
    head = '#include "predict.h"\n\n'
    return head + program_text(code, ("arena",)) + "\n".join(lines)


def _run(code: Code, groups: Groups) -> list[str]:
    points = [
        f"    p.{_name(code, x)} = {name}->{_name(code, x)};"
        for name, nodes in groups.items()
        for x in nodes
    ]
    return [
        "\nint predict_run(struct predict_weights *weights, const struct predict_inputs *inputs,",
        "                struct predict_outputs *outputs, struct predict_work *work) {",
        "    struct program p;",
        *points,
        "    p.arena = work->arena;",
        "    return (int)plan_region_0(&p);",
        "}\n",
    ]


def _read_weights(code: Code, weights: Nodes) -> list[str]:
    mark = ", ".join(map(str, MARK))
    return [
        "int predict_read_weights(struct predict_weights *weights, FILE *file) {",
        f"    static const unsigned char expected[{len(MARK)}] = {{{mark}}};",
        f"    unsigned char mark[{len(MARK)}];",
        "    if (fread(mark, sizeof mark, 1, file) != 1) return 1;",
        "    if (memcmp(mark, expected, sizeof mark) != 0) return 1;",
        *(_read_array(code, x) for x in weights if x.size),
        "    return fgetc(file) == EOF ? 0 : 1;",
        "}\n",
    ]


def _read_array(code: Code, x: Node) -> str:
    place = f"weights->{_name(code, x)}"
    return f"    if (fread({place}, sizeof *{place}, {x.size}, file) != {x.size}) return 1;"


def _read_inputs(code: Code, inputs: Nodes) -> list[str]:
    return [
        "int predict_read_inputs(struct predict_inputs *inputs, FILE *file) {",
        *(line for x in inputs for line in _read_numbers(code, x)),
        "    return 0;",
        "}\n",
    ]


def _read_numbers(code: Code, x: Node) -> list[str]:
    wide, scanned = ("double", '"%lf"') if x.dtype.kind == "f" else ("int64_t", '"%" SCNd64')
    return [
        f"    for (int64_t i = 0; i < {x.size}; i++) {{",
        f"        {wide} number;",
        f"        if (fscanf(file, {scanned}, &number) != 1) return 1;",
        f"        inputs->{_name(code, x)}[i] = ({c_type(x.dtype)})number;",
        "    }",
    ]


def _print_outputs(code: Code, outputs: Nodes) -> list[str]:
    return [
        "void predict_print_outputs(const struct predict_outputs *outputs, FILE *file) {",
        *(line for x in outputs for line in _print_numbers(code, x)),
        "}\n",
    ]


def _print_numbers(code: Code, x: Node) -> list[str]:
    digits = 17 if x.dtype.itemsize == 8 else 9
    wide, form = (
        ("double", f'"%.{digits}g%c"') if x.dtype.kind == "f" else ("int64_t", '"%" PRId64 "%c"')
    )
    end = f"i + 1 < {x.size} ? ' ' : '\\n'"
    return [
        f"    for (int64_t i = 0; i < {x.size}; i++)",
        f"        fprintf(file, {form}, ({wide})outputs->{_name(code, x)}[i], {end});",
    ]


def _name(code: Code, x: Node) -> str:
    return f"a{code.numbers[x]}"
