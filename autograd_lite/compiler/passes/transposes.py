"""Transposed results of products: a product writes its result in the order that is asked for."""

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import BatchedGemm, Gemm, Outer
from autograd_lite.core.shapes import Shape, normalize_axes
from autograd_lite.frontend.node import Node

TRANSPOSES = (ops.MatrixTranspose, ops.PermuteDims)


def transposes(draft: Draft) -> Draft:
    """A product of which only the transpose is needed becomes the product that gives it.

    (x y)ᵀ is yᵀ xᵀ; a stack of products has its axes in any order in which those of a matrix's
    rows or columns are the last.
    """
    users, needed = draft.users(), set(draft.results)

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        if node.op not in TRANSPOSES:
            return None
        x = node
        while x.op in TRANSPOSES:
            (x,) = x.inputs
            if len(users[x]) > 1 or x in needed:
                return None
        product, axes = lying(build.new[node.inputs[0]])
        return _moved(build, node, product, tuple(axes[a] for a in order(node)))

    return rewritten(draft, rewrite)


def _moved(build: Rebuild, node: Node, product: Node, axes: Shape) -> Node | None:
    """The product with its result's axes in another order; None if it cannot write so."""
    origin, params = build.old.origin[node], product.params
    if product.op is Gemm and axes == (1, 0):
        y, x = product.inputs
        flags = {"transpose_x": not params["transpose_y"], "transpose_y": not params["transpose_x"]}
        return build.record(Gemm, (x, y), flags, node.spec, origin)
    if product.op is Outer:
        return build.record(Outer, product.inputs[::-1], params, node.spec, origin)
    if product.op is not BatchedGemm:
        return None
    axes_out = tuple(params["axes_out"][a] for a in axes)
    if axes_out[-1] < product.ndim - 2:
        return None
    moved = {**params, "axes_out": axes_out}
    return build.record(BatchedGemm, product.inputs, moved, node.spec, origin)


def lying(x: Node) -> tuple[Node, Shape]:
    """What x is a transpose of, and in which order x has its axes.

    >>> import autograd_lite as ag
    >>> x = ag.parameter([[1.0, 2.0]])
    >>> lying(x.mT)[1], lying(x.mT.mT)[1], lying(x.mT.mT)[0] is x
    ((1, 0), (0, 1), True)
    """
    axes = tuple(range(x.ndim))
    while x.op in TRANSPOSES:
        own = order(x)
        axes, (x,) = tuple(own[a] for a in axes), x.inputs
    return x, axes


def order(node: Node) -> Shape:
    """In which order a transpose has the axes of its input."""
    if node.op is ops.PermuteDims:
        return normalize_axes(node.params["axes"], node.ndim)
    lead = node.ndim - 2
    return (*range(lead), lead + 1, lead)
