"""Rows for products: calls of the functions in `gemm.c`, `large.c`, `sparse.c` and `products.h`."""

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from autograd_lite.compiler.executors.native.c_types import c_type, literal
from autograd_lite.compiler.executors.native.code import Code, number_of
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.compiler.lowered import Dot, Gemm, GemmUpdate, Gemv, Outer, RankOneUpdate
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.frontend.node import Node

LARGE = 1_000_000  # multiplications from which several threads pay, or BLAS
LARGEST = 2**31 - 1  # lengths that BLAS can be told
SAME = {"1.0, 0", "1.0f, 0"}  # of what is left of a matrix: all of it
MANY, MOST = 32, 16_384  # elements of an input between which its zeros are looked for


def are_real(node: Node) -> bool:
    """Whether the products are of one real dtype."""
    same = all(x.dtype == node.dtype for x in node.inputs)
    return same and c_type(node.dtype) in ("float", "double")


@row(Dot, can=are_real)
def write_dot(code: Code, node: Node) -> None:
    """Σ xᵢ yᵢ."""
    x, y = map(code.array, node.inputs)
    code.line(f"*{code.array(node)} = dot_{_kind(code, node)}({x}, {y}, {node.inputs[0].size});")


@row(Gemv, can=are_real)
def write_gemv(code: Code, node: Node) -> None:
    """A matrix, or its transpose, times a vector."""
    a, x = node.inputs
    kind = _kind(code, node)
    arrays = f"{code.array(a)}, {code.array(x)}, {code.array(node)}"
    lengths = f"{a.shape[0]}, {a.shape[1]}"
    is_chosen, transpose = may_choose(code, node), node.params["transpose"]
    if transpose and is_chosen:
        code.line(f"combine_{kind}({code.nonzero(a)}, {arrays}, {lengths});")
    elif transpose:
        code.line(f"combine_rows_{kind}({arrays}, NULL, {lengths});")
    elif is_chosen:
        code.turned[a] = None
        code.line(f"combine_columns_{kind}({code.nonzero(a)}, {arrays}, {lengths});")
    else:
        code.line(f"dot_rows_{kind}({arrays}, {lengths});")


def may_choose(code: Code, node: Node) -> bool:
    """Whether a pass may choose how a matrix is multiplied with x, and updated by x ⊗ y or y ⊗ x.

    So if the product is the first that a step does with the matrix, and the update the last. Where
    x meets its rows, so that it is worth a transposed copy, nobody else may read it at all.
    """
    w, x = node.inputs
    update, transpose = code.plan.updates.get(w), node.params["transpose"]
    if update is None or update.op is not RankOneUpdate or update.inputs[0] is not w:
        return False
    by, readers = update.inputs[2 if transpose else 3], code.readers
    is_first = readers[w][0] is node if transpose else readers[w] == [node, update]
    worth = MANY <= x.size <= MOST and node.size >= MANY
    return worth and is_first and root(by) is root(x) and update not in readers


def is_skipping(code: Code, w: Node, x: Node, product: Node) -> bool:
    """Whether a pass may leave out what meets a 0 of a batch in a product with w and its update.

    So if w is an updated leaf, x an input, and the update adds scale · xᵀ y; or where w lies
    transposed, yᵀ x, and nobody else may read it at all, as it is kept transposed then.
    """
    update = code.plan.updates.get(w)
    if update is None or update.op is not GemmUpdate or not MANY <= x.shape[-1] <= MOST:
        return False
    lies_transposed = flips(product) == (False, True)
    by = update.inputs[3 if lies_transposed else 2]
    is_alone = code.readers[w] == [product, update] and update not in code.readers
    fits = is_alone if lies_transposed else flips(product) == (False, False)
    is_same = root(by) is root(x) and by.shape == x.shape
    return fits and is_same and flips(update) == (True, False) and update.inputs[0] is w


def flips(node: Node) -> tuple[bool, bool]:
    """Which operands of a product of matrices lie transposed."""
    return node.params["transpose_x"], node.params["transpose_y"]


@row(Outer, can=are_real)
def write_outer(code: Code, node: Node) -> None:
    """The matrix of all products."""
    x, y = map(code.array, node.inputs)
    n, m = node.shape
    with code.block(f"for (int64_t i = 0; i < {n}; i++)"):
        code.line("#pragma omp simd")
        code.line(
            f"for (int64_t j = 0; j < {m}; j++) {code.array(node)}[i * {m} + j] = {x}[i] * {y}[j];"
        )


@row(RankOneUpdate, can=are_real)
def write_rank_one_update(code: Code, node: Node) -> None:
    """Kept · w + scale · x ⊗ y, on w."""
    w, _, x, y = node.inputs
    kind, scale = _kind(code, node), literal(node.params["scale"], node.dtype)
    arrays = f"{code.array(node)}, {code.array(x)}, {code.array(y)}, {scale}, {_kept(code, node)}"
    if w in code.skipped:
        name = "update_columns" if w in code.turned else "update"
        code.line(f"{name}_{kind}({code.nonzero(w)}, {arrays}, {x.size}, {y.size});")
    else:
        code.line(f"add_outer_{kind}({arrays}, NULL, {x.size}, {y.size});")


@row(Gemm, can=are_real)
def write_gemm(code: Code, node: Node) -> None:
    """The product of two matrices."""
    x, w = node.inputs
    product, is_skipped = Multiplied.of(code, node), False
    if is_large(code, product.lengths) and not flips(node)[0]:
        is_skipped = is_skipping(code, w, x, node)
    if is_skipped and flips(node)[1]:
        code.turned[w] = None
    for way, skips in _ways(code, w, product, is_skipped=is_skipped):
        if skips:
            code.line(f"if (!multiply_sparse{_sparse(code, w, way)}))")
        _write_multiply(code, way)


@row(GemmUpdate, can=are_real)
def write_gemm_update(code: Code, node: Node) -> None:
    """Kept · w + scale · x y, on w: scaled in a walk of its own, which leaves out no zeros."""
    w, kept, kind = node.inputs[0], _kept(code, node), _kind(code, node)
    product, is_skipped = Multiplied.of(code, node), w in code.skipped
    for way, skips in _ways(code, w, product, is_skipped=is_skipped):
        if kept not in SAME:
            code.line(f"keep_{kind}({way.out}, {kept}, {w.size});")
            if skips:
                code.line(f"keep_bound({code.nonzero(w)}, {kept});")
        if skips:
            call = f"update_sparse{_sparse(code, w, way)}"
            code.line(f"if (!{call}, {literal(way.scale, node.dtype)}))")
        _write_multiply(code, way)


def _kept(code: Code, node: Node) -> str:
    """What an update does with w itself: a factor, and whether w stays beside it."""
    kept = node.inputs[1]
    return f"{number_of(kept) or f'*{code.array(kept)}'}, {int(node.params['decays'])}"


class Multiplied(NamedTuple):
    """A product of matrices as C is told it: arrays, which of them lie transposed, and lengths."""

    node: Node
    x: str
    y: str
    out: str
    flips: tuple[bool, bool]
    lengths: tuple[int, int, int]  # rows, columns, and what is summed
    scale: float = 1.0
    add: bool = False

    @classmethod
    def of(cls, code: Code, node: Node) -> "Multiplied":
        """What a node multiplies."""
        *_, x, y = node.inputs
        arrays = (code.array(x), code.array(y), code.array(node))
        (rows, columns), inner = node.shape, x.shape[0 if flips(node)[0] else 1]
        add = node.op is GemmUpdate
        scale = node.params["scale"] if add else 1.0
        return cls(node, *arrays, flips(node), (rows, columns, inner), scale, add)

    @property
    def arrays(self) -> str:
        """The arrays as arguments."""
        return f"{self.x}, {self.y}, {self.out}"

    def of_turned(self, turned: str) -> "Multiplied":
        """The same for a matrix that lies the other way: x yᵀ by it, or its update by xᵀ y."""
        if not self.add:
            return self._replace(y=turned, flips=(False, False))
        rows, columns, inner = self.lengths
        lengths = columns, rows, inner
        return self._replace(x=self.y, y=self.x, out=turned, lengths=lengths)


def _ways(
    code: Code, w: Node, product: Multiplied, *, is_skipped: bool
) -> Iterator[tuple[Multiplied, bool]]:
    """The product, and whether zeros may be left out; twice if w lies the other way in a pass."""
    if w not in code.turned:
        yield product, is_skipped
        return
    lists = code.nonzero(w)
    with code.block(f"if ({lists} == NULL)"):
        yield product, False
    with code.block("else"):
        yield product.of_turned(f"({c_type(w.dtype)} *){lists}->turned"), True


def _sparse(code: Code, w: Node, product: Multiplied) -> str:
    """The end of a function's name, and its arguments: the arrays, and their lengths."""
    rows, columns, inner = product.lengths
    if product.add:  # the lists are of the rows of x, which are summed here
        rows, inner = inner, rows
    kind = c_type(w.dtype)
    return f"_{kind}(p, {code.nonzero(w)}, {product.arrays}, {rows}, {columns}, {inner}"


def _write_multiply(code: Code, product: Multiplied) -> None:
    call = _multiply(code, product.node, product.lengths)
    numbers = ", ".join(map(str, (*map(int, product.flips), *product.lengths)))
    scale = literal(product.scale, product.node.dtype)
    code.line(f"{call}{product.arrays}, {numbers}, {scale}, {int(product.add)});")


def _multiply(code: Code, node: Node, lengths: tuple[int, ...]) -> str:
    """The beginning of a call: by several threads or BLAS, or by one thread."""
    kind = c_type(node.dtype)
    code.matrix_kinds.add(kind)
    if is_large(code, lengths):
        code.large_kinds.add(kind)
        return f"multiply_large_{kind}(p, p->gemm_{kind}, "
    return f"multiply_{kind}("


def is_large(code: Code, lengths: tuple[int, ...]) -> bool:
    """Whether several threads pay, or BLAS."""
    return pays_to_share(code, prod(lengths)) and max(lengths) <= LARGEST


def pays_to_share(code: Code, multiplications: int) -> bool:
    """Whether they are worth several threads."""
    return not code.alone and multiplications >= LARGE


def _kind(code: Code, node: Node) -> str:
    """The C type that is multiplied; its functions become part of the program."""
    kind = c_type(node.dtype)
    code.kinds.add(kind)
    return kind
