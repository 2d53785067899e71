"""How steps are written in C: loops of elementwise ops, and a row for each other op.

Rows stand beside their code, in `moving`, `picking` and `products`. A node without one runs
through NumPy between two native regions.
"""

from collections.abc import Callable
from typing import NamedTuple

from autograd_lite.compiler.executors.native.c_types import is_known
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.expressions import can_express
from autograd_lite.compiler.executors.native.loops import write_loop
from autograd_lite.compiler.executors.native.reductions import can_reduce
from autograd_lite.compiler.planning.plan import Step
from autograd_lite.frontend.node import Node

Write = Callable[[Code, Node], None]


class NativeRow(NamedTuple):
    """How an op is written, and for which nodes."""

    can: Callable[[Node], bool]
    write: Write


ROWS: dict[object, NativeRow] = {}


def row(*ops: object, can: Callable[[Node], bool] = lambda _: True) -> Callable[[Write], Write]:
    """Register a function as the row of these ops, for the nodes that `can` says."""

    def register(write: Write) -> Write:
        ROWS.update(dict.fromkeys(ops, NativeRow(can, write)))
        return write

    return register


def can_write(step: Step) -> bool:
    """Whether all of a step has rows."""
    if _is_loop(step):
        return True
    (node,) = step.nodes[:1]
    found = ROWS.get(node.op) if len(step.nodes) == 1 else None
    known = all(is_known(x.dtype) for x in (node, *node.inputs))
    return found is not None and known and found.can(node)


def write_step(code: Code, step: Step) -> None:
    """The step in C."""
    if _is_loop(step):
        write_loop(code, step)
        return
    (node,) = step.nodes
    code.comment(node)
    ROWS[node.op].write(code, node)


def _is_loop(step: Step) -> bool:
    return all(can_reduce(x) or can_express(x) for x in step.nodes)
