"""Updates that wait: in a scan, a matrix that meets data alone is read and written once a block.

A step that reads W as x·W, for data x, and then adds s·x⊗d to it moves all of W through the cache
twice. With W₀ the matrix before a block of steps, step k of it needs

    xₖ·Wₖ = xₖ·W₀ + s Σ_{l<k} (xₖ·xₗ) dₗ,

so the products with W₀ are one product of matrices, those of the data with itself another, and
the updates of the block a third. That is exact algebra: only roundings differ.

A step finds all of that in two arrays: row k of the terms holds xₖ·W₀ until dₖ is written there, so
the sum is the product of row k of the factors, which ends with a 1, and the terms so far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler import lowered
from autograd_lite.compiler.executors.blas import routines
from autograd_lite.compiler.executors.interface import BLOCK
from autograd_lite.compiler.executors.numpy.loops import TILE
from autograd_lite.compiler.executors.numpy.source import Emit, StepSource
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

Readers = Mapping[Node, Sequence[Node]]  # the kernels that read each value

LARGE = 32_768  # entries of a matrix from which waiting pays


@dataclass(frozen=True)
class Deferred:
    """A matrix whose update can wait, and the nodes of the step that have to do with it."""

    matrix: Node
    data: Node  # the input x
    product: Node | None  # x·W
    update: Node  # W + scale · x⊗d
    bias: Bias | None = None

    @property
    def sum(self) -> Node | None:
        """What is known after the product: that, or the sum with the bias."""
        return self.product if self.bias is None else self.bias.sum

    @property
    def bytes(self) -> int:
        """The memory of a block of steps: the terms and the factors."""
        return BLOCK * (self.matrix.shape[1] + BLOCK) * self.matrix.dtype.itemsize


@dataclass(frozen=True)
class Bias:
    """The weights of an input that is always 1: they wait together with the matrix."""

    leaf: Node
    sum: Node  # x·W + b
    update: Node  # b + scale · d


def deferrals(plan: Plan) -> list[Deferred]:
    """The matrices of a plan whose updates can wait."""
    readers: dict[Node, list[Node]] = {}
    for step in plan.steps:
        for node in step.nodes:
            for x in {root(x) for x in node.inputs}:
                readers.setdefault(x, []).append(node)
    found = (_deferred(plan, leaf, readers) for leaf in plan.updates)
    return [x for x in found if x is not None]


def _deferred(plan: Plan, matrix: Node, readers: Readers) -> Deferred | None:
    update = plan.updates[matrix]
    if update.op is not lowered.RankOneUpdate or matrix.size < LARGE:
        return None
    if plan.storage[update].place is not Place.Parameter or update in readers:
        return None
    data, products = root(update.inputs[1]), [x for x in readers[matrix] if x is not update]
    if data.op is not Leaf.Input or len(products) > 1:
        return None
    if not products:
        return Deferred(matrix, data, None, update)
    (product,) = products
    if not _is_product(product, matrix, data):
        return None
    return Deferred(matrix, data, product, update, _bias(plan, product, update, readers))


def _is_product(node: Node, matrix: Node, data: Node) -> bool:
    """Whether a node is x·W, for just these two."""
    if node.op is not lowered.Gemv or not node.params["transpose"]:
        return False
    return node.inputs[0] is matrix and root(node.inputs[1]) is data


def _bias(plan: Plan, product: Node, update: Node, readers: Readers) -> Bias | None:
    """What is added to the product, if it is updated just as the matrix is."""
    if len(readers.get(product, ())) != 1:
        return None
    (total,) = readers[product]
    leaf = next((x for x in total.inputs if x in plan.updates), None)
    if total.op is not ops.Add or leaf is None or leaf.shape != total.shape or total.size > TILE:
        return None
    new = plan.updates[leaf]
    alike = new.op is lowered.ScaledAdd and new.params == update.params
    if not alike or new.inputs[1] is not update.inputs[2] or new in readers:
        return None
    in_place = plan.storage[new].place is Place.Parameter
    return Bias(leaf, total, new) if in_place and set(readers[leaf]) == {total, new} else None


class Block:
    """The memory that one matrix needs for a block of steps, and the code that works on it."""

    def __init__(self, source: StepSource, deferred: Deferred, number: int) -> None:
        self.source, self.deferred = source, deferred
        columns, dtype = deferred.matrix.shape[1], deferred.matrix.dtype
        self.scale = deferred.update.params["scale"]
        self.terms = np.empty((BLOCK, columns), dtype)
        self.factors = np.empty((BLOCK, BLOCK), dtype)  # s xₖ·xₗ, and 1 for k = l
        self.rows = f"b{number}"
        self.of_step = [f"{name}{number}" for name in ("factors", "terms", "term")]

    def begin(self, rows: str) -> Iterator[str]:
        """Lines before the first of `m` steps, whose data are these rows."""
        multiply, add = self.source.function(np.multiply), self.source.function(np.add)
        terms, factors = map(self.source.bind, (self.terms, self.factors))
        diagonal = self.source.bind(self.factors.reshape(-1)[:: BLOCK + 1])
        matrix, b, scale = self.source.array(self.deferred.matrix), self.rows, self._scale()
        yield f"{b} = {rows}.reshape(m, {self.deferred.matrix.shape[0]})"
        yield f"{b}.dot({matrix}, {terms}[:m])"
        yield f"{multiply}({b}.dot({b}.T), {scale}, {factors}[:m, :m])"
        if self.deferred.bias is not None:
            leaf = self.source.array(self.deferred.bias.leaf)
            yield f"{add}({terms}, {leaf}, {terms})"
            yield f"{add}({factors}, {scale}, {factors})"
        yield f"{diagonal}[...] = 1"

    def steps(self) -> tuple[str, str]:
        """The names of what belongs to a step, and that of a list of it, step by step."""
        parts = [
            (self.factors[k, : k + 1], self.terms[: k + 1], self.terms[k]) for k in range(BLOCK)
        ]
        return f"({', '.join(self.of_step)})", self.source.bind(parts, "steps")

    def replaced(self) -> dict[Node, Emit]:
        """How the nodes that have to do with the matrix are written down instead."""
        product, bias = self.deferred.product, self.deferred.bias
        found: dict[Node, Emit] = {self.deferred.update: self._emit_delta}
        if bias is not None:
            found |= {bias.sum: self._emit_sum, bias.update: _emit_nothing}
        if product is not None:
            found[product] = self._emit_sum if bias is None else _emit_nothing
        return found

    def renamed(self) -> dict[Node, str]:
        """The node d, if it can be computed right where it is kept."""
        plan, delta = self.source.plan, self.deferred.update.inputs[2]
        place = {node: i for i, step in enumerate(plan.steps) for node in step.nodes}
        first = -1 if self.deferred.sum is None else place[self.deferred.sum]
        in_arena = plan.storage[delta].place is Place.Arena
        return {delta: self.of_step[-1]} if in_arena and place[delta] > first else {}

    @property
    def leaves(self) -> list[Node]:
        """The leaves that stay as they are during a block."""
        bias = self.deferred.bias
        return [self.deferred.matrix, *([] if bias is None else [bias.leaf])]

    def is_finite(self) -> str:
        """Whether all that was summed up in the block is finite."""
        isfinite = self.source.function(np.isfinite)
        factors, terms = map(self.source.bind, (self.factors, self.terms))
        return f"{isfinite}({factors}[:m, :m]).all() and {isfinite}({terms}[:m]).all()"

    def end(self) -> Iterator[str]:
        """Lines after the last step: all updates at once."""
        source, blas, matrix = self.source, routines(self.terms.dtype), self.deferred.matrix
        multiply, add = source.function(np.multiply), source.function(np.add)
        deltas = f"{source.bind(self.terms)}[:m]"
        if self.deferred.bias is not None:
            leaf = source.array(self.deferred.bias.leaf)
            yield f"{add}({leaf}, {multiply}({deltas}.sum(0), {self._scale()}), {leaf})"
        if blas is None:
            target, scaled = source.array(matrix), f"{multiply}({deltas}, {self._scale()})"
            yield f"{add}({target}, {self.rows}.T.dot({scaled}), {target})"
        else:
            gemm, target = source.bind(blas.gemm, "gemm"), source.derived(matrix, lambda a: a.T, "")
            yield f"{gemm}({self.scale!r}, {deltas}.T, {self.rows}.T, 1.0, {target}, 0, 1, 1)"

    def _scale(self) -> str:
        return self.source.bind(np.array(self.scale, self.terms.dtype))

    def _emit_sum(self, source: StepSource, node: Node) -> None:
        factors, terms, _ = self.of_step
        source.emit(f"{factors}.dot({terms}, {source.array(node)})")

    def _emit_delta(self, source: StepSource, node: Node) -> None:
        term, value = self.of_step[-1], source.array(node.inputs[2])
        if value != term:
            source.emit(f"{source.function(np.copyto)}({term}, {value})")


def _emit_nothing(source: StepSource, node: Node) -> None:
    """The node is computed for the whole block."""
