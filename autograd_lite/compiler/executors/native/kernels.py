"""The C that is the same for all graphs: compiled once on a machine, and linked into each program.

What is marked KERNEL there can be called from elsewhere: its declaration is its definition's head.
`x.h` and `x_types.h` are for the callers of `x.c`.
"""

import re
from functools import cache

from autograd_lite.compiler.executors.native.code import Code

KERNEL_HEAD = re.compile(r"^KERNEL [^{]*?(?= \{$)", re.MULTILINE)
APART = '#define KERNEL __attribute__((visibility("hidden")))\n'  # in an object of its own
INSIDE = "#define KERNEL static __attribute__((unused))\n"


@cache
def template(name: str, kind: str = "REAL", package: str = __package__) -> str:
    """A C file of a package; one that is written for REAL numbers, for this type of them."""
    from importlib.resources import files  # noqa: PLC0415 - 5 ms that few programs need

    return files(package).joinpath(name).read_text(encoding="ascii").replace("REAL", kind)


def kernels(code: Code) -> tuple[str, ...]:
    """The C files that a program is linked with."""
    if not code.matrix_kinds and not code.is_shared:
        return ()
    return (
        _threads(),
        *map(_matrices, sorted(code.matrix_kinds)),
        *map(_sparse, sorted(code.sparse_kinds)),
        *map(_convolution, sorted(code.window_kinds)),
    )


def declarations(code: Code) -> str:
    """What a program has to know of them."""
    matrices, windows = sorted(code.matrix_kinds), sorted(code.window_kinds)
    shared = (template("threads_types.h"), _declared("threads.c")) if code.is_shared else ()
    parts = [
        template("gemm_types.h") if matrices else "",
        *(template("product.h", kind) + _declared("gemm.c", kind) for kind in matrices),
        *shared,
        *(_declared("large.c", kind) for kind in sorted(code.large_kinds)),
        *(_stacks(kind) + _declared("stacks.c", kind) for kind in sorted(code.stack_kinds)),
        template("convolution_types.h") if windows else "",
        *(template("convolution_of.h", kind) for kind in windows),
        *(_declared("convolution.c", kind) for kind in windows),
        *(_declared("sparse.c", kind) for kind in sorted(code.sparse_kinds)),
    ]
    return "".join(parts)


def definitions(code: Code) -> str:
    """The kernels that one thread needs, for a program that stands alone."""
    parts = [
        *(
            template("tiles.h", kind) + template("gemm.c", kind)
            for kind in sorted(code.matrix_kinds)
        ),
        *(template("stacks.c", kind) for kind in sorted(code.stack_kinds)),
        *(template("convolution.c", kind) for kind in sorted(code.window_kinds)),
    ]
    return "".join(parts)


def _declared(name: str, kind: str = "REAL") -> str:
    """The declarations of what can be called from elsewhere."""
    heads = KERNEL_HEAD.findall(template(name, kind))
    return "".join(["\n", *(f"{head};\n" for head in heads)])


def _stacks(kind: str) -> str:
    return template("stacks_types.h", kind)


# The files, each for one type of numbers


def _beginning() -> str:
    return APART + "".join(map(template, ("prelude.h", "elementary.h", "pieces.h")))


@cache
def _threads() -> str:
    return _beginning() + template("threads_types.h") + template("threads.c")


@cache
def _matrices(kind: str) -> str:
    parts = ("gemm.c", "stacks_types.h", "stacks.c", "blas_types.h", "large_types.h", "large.c")
    return _tiles(kind) + _declared("threads.c") + "".join(template(x, kind) for x in parts)


@cache
def _sparse(kind: str) -> str:
    parts = ("nonzero_types.h", "sparse_types.h", "sizes.h", "transpose.h", "sparse.c")
    return _tiles(kind) + _declared("threads.c") + "".join(template(x, kind) for x in parts)


@cache
def _convolution(kind: str) -> str:
    parts = ("convolution_types.h", "convolution_of.h", "convolution.c")
    return _tiles(kind) + "".join(template(x, kind) for x in parts)


def _tiles(kind: str) -> str:
    parts = ("gemm_types.h", "tiles.h", "product.h")
    return _beginning() + "".join(template(x, kind) for x in parts)
