"""New values of parameters in one call, in place: w - lr · xᵀδ and its likes, or with decay.

A constant factor becomes the `scale` of the call. One that is computed, or a leaf such as a
learning rate, is multiplied with the smaller operand of the product instead of with the product.
What multiplies w itself is an operand of its own, `kept`.
"""

from typing import NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, Rebuild, rewritten
from autograd_lite.compiler.lowered import Gemm, GemmUpdate, Outer, RankOneUpdate, ScaledAdd
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Op, Params
from autograd_lite.frontend.node import Node

MOST_TERMS = 4  # of a sum in which w and a product are looked for


def updates(draft: Draft) -> Draft:
    """A · w ± c · (x ⊗ y) becomes RankOneUpdate, a · w ± c · x y GemmUpdate, w ± c · v ScaledAdd.

    Only where w is a leaf and this is its new value, a and c are scalars, and the product is
    needed for nothing else. The terms may stand in any order, as in w - lr (g + decay · w).
    """
    leaf_of = {x: leaf for leaf, x in draft.updates.items()}
    users, needed = draft.users(), set(draft.results)

    def is_spared(term: _Term) -> bool:
        return all(len(users[x]) == 1 for x in term.path) and needed.isdisjoint(term.path)

    def rewrite(build: Rebuild, node: Node) -> Node | None:
        leaf = leaf_of.get(node)
        if leaf is None or node.dtype.kind != "f":
            return None
        change = _change(node, leaf)
        if change is not None and is_spared(change.term):
            found = _product(build, node, change.term.node)
            if found is not None:
                return _updated(build, node, leaf, change, found)
        return _added(build, node, leaf)

    return rewritten(draft, rewrite)


class _Term(NamedTuple):
    """A node, times a constant, times scalars; and what is spared with it."""

    node: Node
    scale: float
    factors: tuple[Node, ...]
    path: tuple[Node, ...]


class _Change(NamedTuple):
    """A new value of w as kept · w + term, or where w decays, as w + kept · w + term.

    The two differ where w is infinite.
    """

    term: _Term
    kept: _Term
    decays: bool


def _change(node: Node, leaf: Node) -> _Change | None:
    terms = _terms(node)
    own = [term for term in terms if term.node is leaf]
    others = [term for term in terms if term.node is not leaf]
    if not own or len(others) != 1:
        return None
    if len(own) == 1:
        return _Change(others[0], own[0], decays=False)
    plain = next((term for term in own if _is_plain(term)), None)
    kept = _sum([term for term in own if term is not plain])
    return None if plain is None or kept is None else _Change(others[0], kept, decays=True)


def _terms(node: Node) -> list[_Term]:
    """The terms of a short sum, with the scalars multiplied out; none of a long one."""
    pending, found = [_Term(node, 1.0, (), ())], list[_Term]()
    while pending and len(pending) + len(found) <= MOST_TERMS:
        term = _peeled(pending.pop())
        x = term.node
        if x.op in (ops.Add, ops.Sub) and all(y.spec == x.spec for y in x.inputs):
            signs = (1.0, -1.0 if x.op is ops.Sub else 1.0)
            pending += [
                _Term(y, sign * term.scale, term.factors, (*term.path, y))
                for y, sign in zip(x.inputs, signs, strict=True)
            ]
        else:
            found.append(term)
    return [] if pending else found


def _is_plain(term: _Term) -> bool:
    return term.scale == 1 and not term.factors


def _sum(terms: list[_Term]) -> _Term | None:
    """Terms with one node as one; None if they may cancel each other."""
    first = terms[0]
    for term in terms:
        if term.factors != first.factors or term.scale * first.scale < 0:
            return None
    return first._replace(scale=sum(term.scale for term in terms))


def _added(build: Rebuild, node: Node, leaf: Node) -> Node | None:
    """W ± c · v as ScaledAdd, if c is a constant."""
    term = _addend(node, leaf)
    if term is None or term.node.spec != leaf.spec or term.factors or abs(term.scale) == 1:
        return None
    params = {"scale": term.scale}
    inputs = build.new[leaf], build.new[term.node]
    return build.append(ScaledAdd, inputs, params, build.old.origin[node])


def _addend(node: Node, leaf: Node) -> _Term | None:
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


def _updated(build: Rebuild, node: Node, leaf: Node, change: _Change, found: "_Found") -> Node:
    product, (x, y), flags = found
    x, y = _scaled(build, node, x, y, change.term.factors)
    kept = build.constant(np.array(change.kept.scale, node.dtype), build.old.origin[node])
    for factor in change.kept.factors:
        kept = build.make(ops.Mul, kept, build.reshape(build.new[factor], (), node), at=node)
    params = {**flags, "scale": change.term.scale, "decays": change.decays}
    return build.append(product, (build.new[leaf], kept, x, y), params, build.old.origin[node])


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
