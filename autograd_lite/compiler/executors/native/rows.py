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
from autograd_lite.compiler.planning.schedule import reads_apart
from autograd_lite.frontend.node import Node

Write = Callable[[Code, Node], None]


class NativeRow(NamedTuple):
    """How an op is written, and for which nodes."""

    can: Callable[[Node], bool]
    write: Write
    stands_alone: bool = True  # without any library


ROWS: dict[object, NativeRow] = {}


def row(*ops: object, can: Callable[[Node], bool] = lambda _: True) -> Callable[[Write], Write]:
    """Register a function as the row of these ops, for the nodes that `can` says."""

    def register(write: Write) -> Write:
        ROWS.update(dict.fromkeys(ops, NativeRow(can, write)))
        return write

    return register


def can_write(step: Step, *, alone: bool = False) -> bool:
    """Whether all of a step has rows; alone, those that need no library."""
    if _is_loop(step):
        return True
    (node,) = step.nodes[:1]
    found = row_of(node) if len(step.nodes) == 1 else None
    known = all(is_known(x.dtype) for x in (node, *node.inputs))
    return found is not None and known and found.stands_alone >= alone and found.can(node)


def write_step(code: Code, step: Step) -> None:
    """The step in C."""
    if _is_loop(step):
        write_loop(code, step)
        return
    (node,) = step.nodes
    code.comment(node)
    found = row_of(node)
    assert found is not None, node  # noqa: S101 - for the type checker
    found.write(code, node)


def row_of(node: Node) -> NativeRow | None:
    """The row of a node's op; that of an op of several outputs also has them in one array."""
    return ROWS.get(getattr(node.op, "unpacked", node.op))


def _is_loop(step: Step) -> bool:
    is_loop = step.fused or not reads_apart(step.nodes[0])
    return is_loop and all(can_reduce(x) or can_express(x) or reads_apart(x) for x in step.nodes)
