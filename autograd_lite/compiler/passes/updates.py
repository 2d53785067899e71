"""New values of parameters in one call of BLAS, in place: w - lr · xᵀδ and its likes.

A constant factor becomes the `scale` of the call. One that is computed, or a leaf such as a
learning rate, is multiplied with the smaller operand of the product instead of with the product.
"""

from typing import NamedTuple

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import Gemm, GemmUpdate, Outer, RankOneUpdate, ScaledAdd
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Op, Params
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
    if node.op is ops.Div and node.dtype.kind == "f":
        x, c = node.inputs
        is_number = c.op is Leaf.Constant and c.size == 1 and c._value.item() != 0
        return (x, 1 / c._value.item()) if is_number and x.spec == node.spec else None
    return None


def _updated(build: Rebuild, node: Node, w: Node, term: _Term, *, alone: bool) -> Node | None:
    origin, params = build.old.origin[node], {"scale": term.scale}
    found = _product(build, node, term.node)
    if found is not None and alone:
        product, (x, y), flags = found
        operands = _scaled(build, node, x, y, term.factors)
        return build.append(product, (w, *operands), {**flags, **params}, origin)
    if term.factors or abs(term.scale) == 1:
        return None
    return build.append(ScaledAdd, (w, build.new[term.node]), params, origin)


class _Found(NamedTuple):
    """An update that adds a product: its op, the operands, and how they lie."""

    op: type[Op]
    operands: tuple[Node, ...]
    flags: Params


def _product(build: Rebuild, node: Node, x: Node) -> _Found | None:
    """The update that adds the product x; None for what is none."""
    if x.op in _PRODUCTS:
        return _Found(_PRODUCTS[x.op], build.inputs(x), x.params)
    if x.op is ops.Mul and x.ndim == 2:
        for column, row in (x.inputs, x.inputs[::-1]):  # each repeated by the other: x ⊗ y
            if column.shape == (x.shape[0], 1) and row.size == x.shape[1] > 1:
                vectors = (build.reshape(build.new[v], (v.size,), node) for v in (column, row))
                return _Found(RankOneUpdate, tuple(vectors), {})
    return None


def _scaled(
    build: Rebuild, node: Node, x: Node, y: Node, factors: tuple[Node, ...]
) -> tuple[Node, Node]:
    """The operands of the product, the smaller one times the factors."""
    for factor in factors:
        scalar = build.reshape(build.new[factor], (), node)
        if x.size < y.size:
            x = build.make(ops.Mul, scalar, x, at=node)
        else:
            y = build.make(ops.Mul, scalar, y, at=node)
    return x, y


_PRODUCTS: dict[object, type[Op]] = {Outer: RankOneUpdate, Gemm: GemmUpdate}
