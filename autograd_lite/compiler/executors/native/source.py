"""A plan as a C program: the struct of all pointers, the steps as functions, and the pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_lite.compiler.executors.native import (  # noqa: F401 - rows
    convolution,
    dropping,
    indexing,
    linalg,
    moving,
    picking,
    pooling,
    products,
    stacks,
    walking,
)
from autograd_lite.compiler.executors.native.c_types import c_type, is_known
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.kernels import (
    APART,
    INSIDE,
    declarations,
    definitions,
    kernels,
    template,
)
from autograd_lite.compiler.executors.native.rows import can_write
from autograd_lite.compiler.executors.native.sharing import write_steps
from autograd_lite.compiler.lowered import GemmUpdate
from autograd_lite.compiler.planning.plan import Plan, Step
from autograd_lite.frontend.node import Node

ARGUMENT = "const struct program *p"
TEAM = ("threads", "pool")  # the fields of `struct team`, with which each program begins
TYPES = {"arena": "char *", "threads": "int64_t ", "pool": "struct pool *"}


@dataclass(frozen=True)
class CSource:
    """C that computes a plan, and what one has to know to call it.

    A region is a function `plan_region_<n>(program)`, or a step that NumPy has to run; where there
    is only one region, `plan_scan` runs it over data.
    """

    text: str
    kernels: tuple[str, ...]  # the C files that it is linked with
    pointers: tuple[Node, ...]  # in the order of the fields of `struct program`
    extra: tuple[str, ...]  # the fields before them
    regions: tuple[Step | None, ...]  # None: the next function
    is_shared: bool  # between threads

    @property
    def is_native(self) -> bool:
        """Whether all of it is C, so that NumPy has no part in it."""
        return self.regions == (None,)


def write_source(plan: Plan) -> CSource:
    """The program of a runner."""
    code = Code(plan, alone=False)
    regions = split(plan)
    write_regions(code, regions)
    lists = (code.nonzero(w).removeprefix("p->") for w in code.skipped)
    gemms = (f"gemm_{kind}" for kind in sorted(code.large_kinds))
    extra = (*TEAM, *lists, "arena", *gemms, *sorted(code.lapack))
    steps = tuple(r if isinstance(r, Step) else None for r in regions)
    text = program_text(code, extra) + (_scan(code) if steps == (None,) else "")
    return CSource(text, kernels(code), pointers(code), extra, steps, code.is_shared)


def split(plan: Plan, *, alone: bool = False) -> list[Step | list[Step]]:
    """The steps, those that can be written in C put together; alone, in C without libraries."""
    regions: list[Step | list[Step]] = []
    for step in plan.steps:
        if not can_write(step, alone=alone):
            regions.append(step)
        elif regions and isinstance(regions[-1], list):
            regions[-1].append(step)
        else:
            regions.append([step])
    return regions or [[]]


def write_regions(code: Code, regions: Sequence[Step | list[Step]]) -> None:
    """Each region in C as a function."""
    native = [region for region in regions if not isinstance(region, Step)]
    for number, steps in enumerate(native):
        with code.function(f"int64_t plan_region_{number}({ARGUMENT})", end="return 0;"):
            write_steps(code, steps)


def pointers(code: Code) -> tuple[Node, ...]:
    """The values whose arrays the struct points at."""
    plan = code.plan
    return (*plan.inputs.values(), *plan.outputs, *plan.leaves, *code.constants)


def program_text(code: Code, extra: Sequence[str]) -> str:
    """The program but for what calls it, and but for the kernels that it is linked with."""
    lapack_kinds = sorted({name.partition("_")[2] for name in code.lapack})
    sparse = sorted(code.sparse_kinds)
    nonzero = _kinds(w for w in code.skipped if w not in _of_batches(code))
    parts = [
        "/* Written by autograd_lite. %3 is the value number 3 of the plan. */\n",
        INSIDE if code.alone else APART,
        template("prelude.h") + template("elementary.h"),
        "ELEMENTARY(float, f)\nELEMENTARY(double, )\n",
        *(template("blas_types.h", kind) for kind in sorted(code.large_kinds)),
        template("nonzero_types.h") if code.skipped else "",
        template("sparse_types.h") if sparse else "",
        "typedef void lapack(); /* of pointers alone, some ten of them */\n" if code.lapack else "",
        template("pieces.h") + _struct(code, extra),
        template("draws.h") if code.has_draws else "",
        *(template("order.h", kind) for kind in sorted(code.ordered_kinds)),
        *(template("products.h", kind) for kind in sorted(code.kinds)),
        declarations(code) + (definitions(code) if code.alone else ""),
        *(template("sizes.h", kind) for kind in _kinds(code.skipped)),
        *(template("transpose.h", kind) for kind in sorted({*nonzero, *sparse, *lapack_kinds})),
        *(template("nonzero.h", kind) for kind in nonzero),
        *(template("few.h", kind) for kind in sorted({*code.few_kinds, *lapack_kinds})),
        *(template("lapack.h", kind) for kind in lapack_kinds),
        *(f"\n{function}\n" for function in code.functions),
    ]
    return "".join(parts)


def _kinds(nodes: Iterable[Node]) -> list[str]:
    """The C types of some values."""
    return sorted({c_type(x.dtype) for x in nodes})


def _struct(code: Code, extra: Sequence[str]) -> str:
    lines = [f"{_extra_type(name)}{name};" for name in extra]
    lines += [_field(code, node) for node in pointers(code)]
    return "\n".join(["\nstruct program {", *(f"    {line}" for line in lines), "};\n"])


def _field(code: Code, node: Node) -> str:
    is_written = node in {*code.plan.outputs, *code.plan.leaves}
    const = "" if is_written else "const "
    kind = c_type(node.dtype) if is_known(node.dtype) else "void"
    return f"{const}{kind} *a{code.numbers[node]}; /* {code.describe(node)} */"


def _extra_type(name: str) -> str:
    for structure in ("nonzero", "sparse"):
        if name.startswith(structure):
            return f"struct {structure} *"
    kind = name if name.startswith("gemm_") else "lapack"
    return TYPES.get(name, f"{kind} *")


def _scan(code: Code) -> str:
    """The whole pass as one function."""
    before = [line for w in code.skipped for line in _list_lines(code, w)]
    inputs = enumerate(code.plan.inputs.values())
    fed = [
        f"p.a{code.numbers[x]} = fed(pass, {k}, i, {x.size * x.dtype.itemsize});" for k, x in inputs
    ]
    outputs = [
        f"p.a{code.numbers[x]} = ({c_type(x.dtype)} *)pass->outputs[{k}]"
        f" + (i - pass->start) * {x.size};"
        for k, x in enumerate(code.plan.outputs)
    ]
    lines = [
        "\nint64_t plan_scan(const struct program *initial, const struct pass *pass) {",
        "    struct program p = *initial;",
        "    int64_t failed = 0;",
        *(f"    {line}" for line in before),
        *(_POOL if code.is_shared else ()),
        "    for (int64_t i = pass->start; i < pass->stop && !failed; i++) {",
        *(f"        {line}" for line in (*fed, *outputs)),
        "        failed = plan_region_0(&p);",
        "    }",
        *(f"    {_end_line(code, w)}" for w in code.skipped),
        *(("    end_pool(&pool);",) if code.is_shared else ()),
        "    return failed;",
        "}\n",
    ]
    return template("scan.h") + "\n".join(lines)


_POOL = ("    struct pool pool;", "    begin_pool(&pool, p.threads);", "    p.pool = &pool;")


def _list_lines(code: Code, w: Node) -> list[str]:
    """The lists of what counts for a matrix in a step."""
    number = code.numbers[w]
    kind = c_type(w.dtype)
    total = f"sum_of_sizes_{kind}(p.a{number}, {w.size})"
    turned = f", p.a{number}, {w.shape[0]}, {w.shape[1]})"
    if w in _of_batches(code):
        n, k = code.plan.updates[w].inputs[3 if w in code.turned else 2].shape
        begun = f"begin_sparse(&sparse{number}, {total}, {n}, {k})"
        begun = f"turn_lists_{kind}({begun}{turned}" if w in code.turned else begun
        return [f"struct sparse sparse{number};", f"p.sparse{number} = {begun};"]
    n, m = w.shape if w not in code.turned else w.shape[::-1]
    place = f"&nonzero{number}"
    if w in code.turned:
        place = f"turn_{kind}({place}{turned}"
    return [
        f"int32_t rows{number}[{n}];",
        f"{kind} x{number}[{n}], y{number}[{m}];",
        f"struct nonzero nonzero{number} = {{{total}, .rows = rows{number}}};",
        f"nonzero{number}.x = x{number}, nonzero{number}.y = y{number};",
        f"p.nonzero{number} = {place};",
    ]


def _end_line(code: Code, w: Node) -> str:
    """What is still to be done for a matrix at the end of a pass."""
    number = code.numbers[w]
    place = f"(p.{'sparse' if w in _of_batches(code) else 'nonzero'}{number}"
    matrix = f"{place}, p.a{number}, {w.shape[0]}, {w.shape[1]});"
    if w in _of_batches(code):
        turned = f"turn_lists_back_{c_type(w.dtype)}{matrix} " if w in code.turned else ""
        return f"{turned}end_sparse{place});"
    end = "turn_back" if w in code.turned else "settle"
    return f"{end}_{c_type(w.dtype)}{matrix}"


def _of_batches(code: Code) -> dict[Node, None]:
    """The matrices whose products are with batches."""
    return dict.fromkeys(w for w in code.skipped if code.plan.updates[w].op is GemmUpdate)
