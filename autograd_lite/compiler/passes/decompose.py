"""Decomposition: a composite op becomes the primitives that its forward rule is written in."""

from typing import Any

from autograd_lite import functions as namespace
from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, op_of, rewritten
from autograd_lite.compiler.executors.numpy.kernels import has_kernel
from autograd_lite.compiler.lowered import Lowered
from autograd_lite.compiler.passes.expansions import EXPANSIONS
from autograd_lite.compiler.passes.static_shapes import RULES
from autograd_lite.compiler.planning.planner import PICKS
from autograd_lite.core.op import Output
from autograd_lite.frontend.node import Node

DEPTH = 8  # composites of composites; what is deeper stays and runs through NumPy


def is_primitive(op: Any) -> bool:
    """Whether executors have a row for the op, or it becomes one when shapes are static."""
    return has_kernel(op) or op in RULES or op.aliases or issubclass(op, Lowered)


def decompose(draft: Draft) -> Draft:
    """SoftMax, Mean, a user's own op and the like become what their rules append.

    An op whose rule does not speak `xp` alone stays as it is, and runs through NumPy; so does
    one that looks at values to refuse them.
    """
    for _ in range(DEPTH):
        count = 0

        def rewrite(build: Rebuild, node: Node) -> Node | None:
            nonlocal count
            found = None if is_primitive(node.op) else decomposed(build, node)
            count += found is not None
            return found

        draft = rewritten(draft, rewrite)
        if not count:
            break
    return draft


def decomposed(build: Rebuild, node: Node) -> Node | None:
    """What the forward rule appends for these inputs; None if it cannot."""
    rule = EXPANSIONS.get(node.op)
    if rule is None and _refuses_values(node.op):
        return None
    rule = rule or op_of(node).forward
    inputs, origin = build.inputs(node), build.old.origin[node]
    count = len(build.graph)
    try:
        result = build.expression(lambda: rule(namespace, *inputs, **node.params), origin)
    except Exception:  # noqa: BLE001 - a rule may fail on nodes in any way; NumPy will run it
        return None
    if any(x.op in (Output, node.op) for x in build.graph.nodes[count:]):
        return None  # a draft has no ops of several outputs; and what appends itself is primitive
    return result if isinstance(result, Node) and result.spec == node.spec else None


def _refuses_values(op: Any) -> bool:
    """Whether the op looks at values: those of the library do that for labels and seeds alone."""
    is_ours = op.__module__.startswith("autograd_lite.ops.")
    return op in (*PICKS, ops.Dropout) if is_ours else op.refuse is not None
