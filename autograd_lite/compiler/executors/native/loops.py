"""Loops over the elements of a shape: elementwise nodes, and the reductions at their end."""

from collections.abc import Sequence
from functools import cached_property
from math import prod
from typing import Any

from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code, number_of
from autograd_lite.compiler.executors.native.expressions import expression
from autograd_lite.compiler.executors.native.layout import (
    Strides,
    Walk,
    broadcast_strides,
    row_major,
    walk,
)
from autograd_lite.compiler.executors.native.parts import seen_by
from autograd_lite.compiler.executors.native.reductions import REDUCED, LoopReduction
from autograd_lite.compiler.planning.plan import Step
from autograd_lite.compiler.planning.schedule import reads_apart, root
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node

TILE = 1024  # elements that are summed before their sum is added to a longer one
PIECES = 64  # of a long loop, for threads to share
SHARED = 2_000_000  # operations, 50 microseconds, from which on the threads of a pass share a loop
LONG = 20_000_000  # those from which it pays to make threads, outside of a pass
CALL = 10  # operations that a function like exp counts for
REGISTER = 64  # bytes
SHORT = 3 * REGISTER  # bytes of a row, from which on those that fill no register do not count
SIMD = "#pragma omp simd"
STORED = "stored"  # of what is known by a value: as it is written, not as it is read


def write_loop(code: Code, step: Step) -> None:
    """The loops that compute a step of elementwise nodes and reductions."""
    loop = Loop(code, step)
    code.comment(*step.nodes)
    if not loop.reductions_are_inside:
        loop.write_reducing_in_memory()
    elif loop.is_shared:
        loop.write_shared()
    else:
        with code.block():
            loop.write_axis(0, "0", loop.length(0))


class Loop:
    """One loop, or several inside of each other, over the elements of one shape."""

    def __init__(self, code: Code, step: Step) -> None:
        self.code = code
        self.parts = {x: seen_by(x) for x in step.nodes if reads_apart(x)}
        self.nodes = [x for x in step.nodes if x.op not in REDUCED and x not in self.parts]
        self.reductions = [LoopReduction(code, x) for x in step.nodes if x.op in REDUCED]
        self.members = set(self.nodes)
        stored = set(step.outputs)
        self.outputs = [x for x in (*self.parts, *self.nodes) if x in stored]
        first = self.nodes[0] if self.nodes else self.reductions[0].operand
        self.shape: Shape = first.shape
        self.name = f"loop_{code.numbers[step.nodes[0]]}"
        self.computed: dict[Node, str] = {}  # what is in memory of its own already, and where
        self.only_reduces = False  # as all nodes are computed

    # What it is

    @cached_property
    def operands(self) -> list[Node]:
        """What is read from arrays."""
        readers = [*self.nodes, *(reduction.node for reduction in self.reductions)]
        read = dict.fromkeys([*self.parts, *(x for node in readers for x in node.inputs)])
        return [x for x in read if root(x) not in self.members and number_of(x) is None]

    @cached_property
    def walk(self) -> Walk:
        """The axes, and the strides of all arrays along them."""
        strides: dict[Any, Strides] = {
            x: broadcast_strides(x.shape, self.shape) for x in self.operands
        }
        strides |= {x: part.strides for x, part in self.parts.items()}
        strides |= {(STORED, x): row_major(self.shape) for x in self.outputs}
        strides |= {(STORED, x.node): x.strides for x in self.reductions}
        return walk(self.shape, strides)

    @cached_property
    def indices(self) -> list[str]:
        """The names of the places along each axis."""
        return [f"i{axis}" for axis in range(len(self.walk.sizes))]

    @cached_property
    def reduced(self) -> list[Node]:
        """What the reductions read."""
        own = [root(x.operand) for x in self.reductions]
        read = [x.operand for x in self.reductions if x.operand in set(self.operands)]
        return list(dict.fromkeys([*(x for x in own if x in self.members), *read]))

    @cached_property
    def rows_are_short(self) -> bool:
        """Whether functions take longest for the elements of each row that fill no register."""
        lengths = [self.walk.sizes[-1] * x.dtype.itemsize for x in self.nodes if _cost(x) == CALL]
        return any(n < SHORT and n % REGISTER for n in lengths)

    def level(self, reduction: LoopReduction) -> int:
        """How many axes are outside of a reduction over the last axes in any order; else -1."""
        if reduction.is_in_order:
            return -1
        strides = self.walk.strides[STORED, reduction.node]
        kept = sum(s != 0 for s in strides)
        return kept if all(strides[:kept]) else -1

    @property
    def reductions_are_inside(self) -> bool:
        """Whether all reductions are over the last axes."""
        return all(self.level(reduction) >= 0 for reduction in self.reductions)

    @property
    def is_shared(self) -> bool:
        """Whether it is worth several threads."""
        whole = all(reduction.is_real for reduction in self.reductions)
        pays = not self.code.alone and self.work > SHARED
        return pays and whole and self.walk.sizes[0] >= PIECES

    @cached_property
    def work(self) -> int:
        """The operations, roughly."""
        return prod(self.shape) * (sum(map(_cost, self.nodes)) + CALL * len(self.reductions))

    def length(self, axis: int) -> str:
        """The length of an axis; a scalar is a single element."""
        return str(self.walk.sizes[axis]) if self.walk.sizes else "1"

    # Writing it

    def write_axis(self, axis: int, first: str, last: str) -> None:
        """The loop over an axis, what it reduces begun before and stored after it."""
        reductions = [reduction for reduction in self.reductions if self.level(reduction) == axis]
        self._begin(reductions)
        self._write_inside(axis, first, last)
        for reduction in reductions:
            self.code.line(f"{self._stored(reduction.node)} = {reduction.result};")

    def write_shared(self) -> None:
        """The loop in pieces, each a call; what they reduce is reduced again in their order."""
        count = int(self.length(0))
        per_piece = -(-count // PIECES)
        totals = [reduction for reduction in self.reductions if self.level(reduction) == 0]
        self.code.has_pieces = True
        signature = "const struct program *p, int64_t piece, void *data"
        with self.code.function(f"static void {self.name}({signature})"):
            self.code.line(f"double *const sums = (double *)data + piece * {len(totals)};")
            self.code.line(f"const int64_t first = piece * {per_piece};")
            self.code.line(f"const int64_t last = MINIMUM(first + {per_piece}, (int64_t){count});")
            self._begin(totals)
            self._write_inside(0, "first", "last")
            for k, reduction in enumerate(totals):
                self.code.line(f"sums[{k}] = {reduction.total};")
        self._write_call(totals)

    def _write_call(self, totals: Sequence[LoopReduction]) -> None:
        width = len(totals)
        with self.code.block():
            self.code.line(f"double sums[{PIECES * max(width, 1)}];")
            is_long = str(self.work > LONG).lower()
            self.code.line(f"in_threads(p, {self.name}, {PIECES}, sums, {is_long});")
            self._begin(totals)
            for k, reduction in enumerate(totals):
                with self.code.block(f"for (int64_t k = 0; k < {PIECES}; k++)"):
                    self.code.line(reduction.join(f"sums[k * {width} + {k}]"))
                self.code.line(f"{self._stored(reduction.node)} = {reduction.result};")

    def write_reducing_in_memory(self) -> None:
        """A reduction over other axes than the last: its results are what it adds to."""
        (reduction,) = self.reductions
        name = self.code.array(reduction.node)
        with self.code.block(f"for (int64_t k = 0; k < {reduction.node.size}; k++)"):
            self.code.line(f"{name}[k] = {reduction.identity};")
        with self.code.block():
            self._write_inside(0, "0", self.length(0))

    def _begin(self, reductions: Sequence[LoopReduction]) -> None:
        for reduction in reductions:
            self.code.line(f"{reduction.wide} {reduction.total} = {reduction.identity};")

    def _write_inside(self, axis: int, first: str, last: str) -> None:
        if axis == len(self.walk.sizes) - 2 and self.rows_are_short:
            self._write_short_rows(axis, first, last)
        elif axis < len(self.walk.sizes) - 1:
            with self.code.block(f"for (int64_t i{axis} = {first}; i{axis} < {last}; i{axis}++)"):
                self.write_axis(axis + 1, "0", self.length(axis + 1))
        elif self.reductions and self.walk.sizes and self.walk.sizes[-1] > TILE:
            with self.code.block(f"for (int64_t tile = {first}; tile < {last}; tile += {TILE})"):
                self.code.line(f"const int64_t end = MINIMUM(tile + {TILE}, (int64_t){last});")
                self._write_innermost("tile", "end")
        else:
            self._write_innermost(first, last)

    def _write_innermost(self, first: str, last: str) -> None:
        """The loop that becomes vector instructions, with what it reduces in variables."""
        axis = len(self.walk.sizes) - 1
        inside = [reduction for reduction in self.reductions if not self._is_direct(reduction)]
        for reduction in inside:
            self.code.line(reduction.declaration)
        operands = self.reduced if self.only_reduces else self.operands
        moves = {x: x in self.computed or self._moves(x) for x in operands}
        self._load([x for x in operands if not moves[x]])
        if self.walk.sizes:
            if self._is_independent:
                self.code.line(" ".join([SIMD, *(reduction.clause for reduction in inside)]))
            with self.code.block(f"for (int64_t i{axis} = {first}; i{axis} < {last}; i{axis}++)"):
                self._load([x for x in operands if moves[x]])
                self._write_elements()
        else:
            self._write_elements()
        for reduction in inside:
            self._hand_over(reduction)

    def _write_short_rows(self, axis: int, first: str, last: str) -> None:
        """The last two axes, many rows at a time, so that functions fill registers.

        What is not in one row is put into one, all are computed as one, and then reduced.
        """
        i, j = self.indices[axis:]
        n = self.walk.sizes[-1]
        step = max(TILE // n, 1)
        rows = f"for (int64_t {i} = tile; {i} < end; {i}++)"
        elements = f"for (int64_t {j} = 0; {j} < {n}; {j}++)"
        own = [x for x in self.reduced if x in self.members]
        spread = [x for x in self.operands if self.walk.strides[x][axis:] not in ((n, 1), (0, 0))]
        places = {x: f"{self._row(x)}[({i} - tile) * {n} + {j}]" for x in (*spread, *own)}
        with self.code.block(f"for (int64_t tile = {first}; tile < {last}; tile += {step})"):
            self.code.line(f"const int64_t end = MINIMUM(tile + {step}, (int64_t){last});")
            for x in places:
                self.code.line(f"{c_type(x.dtype)} {self._row(x)}[{step * n}];")
            for x in spread:
                self.code.line(f"{rows} {elements} {places[x]} = {self._read(x)};")
            self._write_as_one_row(axis, spread, own)
            if self.reductions:
                self.computed, self.only_reduces = {x: places[x] for x in own}, True
                with self.code.block(rows):
                    self.write_axis(axis + 1, "0", str(n))
                self.computed, self.only_reduces = {}, False

    def _write_as_one_row(self, axis: int, spread: list[Node], own: list[Node]) -> None:
        indices, self.indices = self.indices, [*self.indices[:axis], "tile", "k"]
        self.computed = {x: f"{self._row(x)}[k]" for x in spread}
        self.code.line(SIMD)
        with self.code.block(f"for (int64_t k = 0; k < (end - tile) * {self.walk.sizes[-1]}; k++)"):
            self._load(self.operands)
            self._compute()
            for x in own:
                self.code.line(f"{self._row(x)}[k] = {self.code.element(x)};")
        self.indices, self.computed = indices, {}

    def _row(self, x: Node) -> str:
        return f"row{self.code.numbers[x]}"

    def _hand_over(self, reduction: LoopReduction) -> None:
        """Add what an innermost loop has reduced to where it belongs."""
        if self.reductions_are_inside:
            self.code.line(reduction.join(reduction.partial))
        else:
            place = self._stored(reduction.node)
            self.code.line(f"{place} = {reduction.combined(place, reduction.partial)};")

    def _is_direct(self, reduction: LoopReduction) -> bool:
        """Whether each element goes to the result at once."""
        return reduction.is_in_order or self._walks_along(reduction)

    @property
    def _is_independent(self) -> bool:
        """Whether the innermost loop may run in any order."""
        return all(x.is_in_order <= self._walks_along(x) for x in self.reductions)

    def _walks_along(self, reduction: LoopReduction) -> bool:
        """Whether the reduction has another result at each element of the innermost loop."""
        return bool(self.walk.sizes and self.walk.strides[STORED, reduction.node][-1])

    def _moves(self, x: Node) -> bool:
        return bool(self.walk.sizes and self.walk.strides[x][-1])

    def _load(self, operands: Sequence[Node]) -> None:
        """A bool is read as a byte: of bools in memory, GCC makes no vectors."""
        for x in operands:
            kind, place = c_type(x.dtype), self._read(x)
            element = f"*(const uint8_t *)&{place} != 0" if kind == "bool" else place
            self.code.line(f"const {kind} {self.code.element(x)} = {element};")

    def _write_elements(self) -> None:
        if not self.only_reduces:
            self._compute()
        self._reduce()

    def _compute(self) -> None:
        """Each node of one element, and those stored that somebody else needs."""
        for node in self.nodes:
            elements = [self._element(x) for x in node.inputs]
            value = f"{self.code.element(node)} = {expression(node, elements)}"
            self.code.line(f"const {c_type(node.dtype)} {value};")
        for node in self.outputs:
            self.code.line(f"{self._stored(node)} = {self.code.element(node)};")

    def _reduce(self) -> None:
        for reduction in self.reductions:
            x = self._element(reduction.operand)
            if self._is_direct(reduction):
                place = self._stored(reduction.node)
                alone = self.reductions_are_inside  # nothing to add: the axes are of length 1
                self.code.line(f"{place} = {x if alone else reduction.combined(place, x)};")
            else:
                self.code.line(reduction.take(x))

    def _element(self, x: Node) -> str:
        """The name of an element, or the number itself."""
        return number_of(x) or self.code.element(root(x) if root(x) in self.members else x)

    def _read(self, x: Node) -> str:
        """Where an operand is read: what a subscript shows, in the array that it is of."""
        if x in self.computed:
            return self.computed[x]
        if x not in self.parts:
            return self._place(x, x)
        return self._place(x, x.inputs[0], self.parts[x].start)

    def _stored(self, x: Node) -> str:
        """Where a result is written."""
        return self._place((STORED, x), x)

    def _place(self, key: Any, array: Node, first: int = 0) -> str:
        return f"{self.code.array(array)}[{self.walk.offset(key, self.indices, first)}]"


def _cost(node: Node) -> int:
    """The operations that an element takes, roughly."""
    return CALL if "(" in expression(node, ["x"] * len(node.inputs)) else 1
