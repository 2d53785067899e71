"""Triangles: what is solved for a factor of Cholesky is solved without factorizing it again."""

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import TriangularSolve
from autograd_lite.compiler.passes.transposes import lying
from autograd_lite.frontend.node import Node


def triangles(draft: Draft) -> Draft:
    """Solve becomes TriangularSolve for L of Cholesky, and for its transpose."""
    return rewritten(draft, _rewrite)


def _rewrite(build: Rebuild, node: Node) -> Node | None:
    if node.op is not ops.Solve:
        return None
    a, b = build.inputs(node)
    factor, axes = lying(a)
    lead, last = axes[:-2], axes[-2:]
    in_order = lead == tuple(range(len(lead))) and factor.op is ops.Cholesky
    if not in_order or not factor.dtype == b.dtype == node.dtype:
        return None
    flags = {"transpose": last[0] > last[1]}
    return build.record(TriangularSolve, (factor, b), flags, node.spec, build.old.origin[node])
