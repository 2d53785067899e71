"""New values of parameters in one call of BLAS, in place: w - lr · xᵀδ and its likes.

A constant factor becomes the `scale` of the call. One that is computed, or a leaf such as a
learning rate, is multiplied with the smaller operand of the product instead of with the product.
"""

from typing import NamedTuple

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import Gemm, GemmUpdate, Outer, RankOneUpdate, ScaledAdd
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Op
from autograd_lite.frontend.node import Node


def updates(draft: Draft) -> Draft:
    """W ± c · (x ⊗ y) becomes RankOneUpdate, w ± c · x y GemmUpdate, w ± c · v ScaledAdd.

    Only where w is a leaf and this is its new value, c is a scalar, and the product is needed for
    nothing else.
    """
    leaf_of = {x: leaf for leaf, x in draft.updates.items()}
    users, needed = draft.users(), set(draft.results)

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        leaf = leaf_of.get(node)
        term = None if leaf is None else _term(node, leaf)
        if leaf is None or term is None or term.node.spec != leaf.spec:
            return None
        alone = all(len(users[x]) == 1 for x in term.path) and needed.isdisjoint(term.path)
        return _updated(build, node, build.new[leaf], term, alone=alone)

    return rewritten(draft, rewrite)


class _Term(NamedTuple):
    """What is added to w: a node, times a constant, times scalars; and what is spared with it."""

    node: Node
    scale: float
    factors: tuple[Node, ...]
    path: tuple[Node, ...]


def _term(node: Node, leaf: Node) -> _Term | None:
    if node.op not in (ops.Add, ops.Sub):
        return None
    x, y = node.inputs
    if x is leaf:
        return _peeled(_Term(y, -1.0 if node.op is ops.Sub else 1.0, (), (y,)))
    if y is leaf and node.op is ops.Add:
        return _peeled(_Term(x, 1.0, (), (x,)))
    return None


def _peeled(term: _Term) -> _Term:
    """The term with scalar factors taken out of the node."""
    while (found := _factor(term.node)) is not None:
        inner, factor = found
        path = (*term.path, inner)
        if isinstance(factor, float):
            term = _Term(inner, term.scale * factor, term.factors, path)
        else:
            term = _Term(inner, term.scale, (*term.factors, factor), path)
    return term


def _factor(node: Node) -> tuple[Node, float | Node] | None:
    if node.op is ops.Neg:
        return node.inputs[0], -1.0
    if node.op is ops.Mul:
        for c, x in (node.inputs, node.inputs[::-1]):
            if c.size == 1 and x.spec == node.spec and c.dtype == x.dtype:
                return x, c._value.item() if c.op is Leaf.Constant else c
    return None


def _updated(build: Rebuild, node: Node, w: Node, term: _Term, *, alone: bool) -> Node | None:
    origin, params = build.old.origin[node], {"scale": term.scale}
    product = _PRODUCTS.get(term.node.op)
    if product is not None and alone:
        operands = _scaled(build, node, term)
        return build.append(product, (w, *operands), {**term.node.params, **params}, origin)
    if term.factors or abs(term.scale) == 1:
        return None
    return build.append(ScaledAdd, (w, build.new[term.node]), params, origin)


def _scaled(build: Rebuild, node: Node, term: _Term) -> tuple[Node, Node]:
    """The operands of the product, the smaller one times the factors."""
    x, y = (build.new[x] for x in term.node.inputs)
    for factor in term.factors:
        scalar = build.reshape(build.new[factor], (), node)
        if x.size < y.size:
            x = build.make(ops.Mul, scalar, x, at=node)
        else:
            y = build.make(ops.Mul, scalar, y, at=node)
    return x, y


_PRODUCTS: dict[object, type[Op]] = {Outer: RankOneUpdate, Gemm: GemmUpdate}
