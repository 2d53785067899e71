"""The row for Dropout: the same random numbers as NumPy's Philox generator, element by element."""

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type, literal
from autograd_lite.compiler.executors.native.code import Code, number_of
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.frontend.node import Node

A_DRAW = 8  # numbers that the generator gives at a time


def can_drop(node: Node) -> bool:
    """Whether x is divided in its own dtype."""
    x, seed = node.inputs
    return x.dtype == node.dtype and node.dtype.kind == "f" and seed.dtype.kind in "iu"


@row(ops.Dropout, can=can_drop)
def write_dropout(code: Code, node: Node) -> None:
    """X where the random number is at least the rate, divided by the share that is kept."""
    x, seed = node.inputs
    out, kind, rate = code.array(node), c_type(node.dtype), node.params["rate"]
    code.has_draws = True
    with code.block():
        code.line(f"const int64_t seed = (int64_t){number_of(seed) or f'*{code.array(seed)}'};")
        code.line(f"if (seed < 0) return {code.numbers[node] + 1};")
        with code.block(f"for (int64_t k = 0; k < {node.size}; k += {A_DRAW})"):
            code.line(f"float draws[{A_DRAW}];")
            code.line(f"draw((uint64_t)seed, k / {A_DRAW}, draws);")
            code.line(f"const int64_t end = MINIMUM(k + {A_DRAW}, (int64_t){node.size});")
            least, kept = literal(rate, np.dtype(np.float32)), literal(1 - rate, node.dtype)
            value = f"draws[i - k] >= {least} ? {code.array(x)}[i] / {kept} : ({kind})0"
            code.line(f"for (int64_t i = k; i < end; i++) {out}[i] = {value};")
