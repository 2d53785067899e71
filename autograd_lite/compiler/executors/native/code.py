"""C under construction: lines, and the names and places of values."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

from autograd_lite.compiler.executors.native.c_types import c_type, literal
from autograd_lite.compiler.lowered import GemmUpdate
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

INDENT = "    "


class Fragment(NamedTuple):
    """Lines, and the arrays that they use."""

    lines: list[str]
    arrays: dict[Node, None]


class Code:
    """The functions of one plan. Values are named after their numbers in its graph alone.

    `a7` is the array of %7, `x7` one element of it.
    """

    def __init__(self, plan: Plan, *, alone: bool) -> None:
        self.plan = plan
        self.alone = alone  # without BLAS and threads, for a program that stands alone
        self.numbers = {node: i for i, node in enumerate(plan.graph)}
        self.kinds: set[str] = set()  # of real numbers in products with vectors: float, double
        self.matrix_kinds: set[str] = set()  # of those in products of matrices
        self.large_kinds: set[str] = set()  # of those in large ones, by several threads or BLAS
        self.ordered_kinds: set[str] = set()  # of numbers that are sorted, or searched for
        self.has_long_loops = False
        self.has_draws = False  # random numbers
        self.stack_kinds: set[str] = set()  # of those in stacks of matrices
        self.window_kinds: set[str] = set()  # of those in images that are convolved
        self.sparse_kinds: set[str] = set()  # of those in batches whose zeros a pass may leave out
        self.has_pieces = False  # for several threads, beside those of large products
        self.few_kinds: set[str] = set()  # of those in matrices with few rows
        self.lapack: set[str] = set()  # routines of LAPACK, each with its type
        self.functions: list[str] = []
        self.skipped: dict[Node, None] = {}  # matrices of which a pass leaves out rows
        self.turned: dict[Node, None] = {}  # those that a pass keeps transposed
        self.constants: dict[Node, None] = {}  # those that are read from memory
        self._lines: list[str] = []
        self._arrays: dict[Node, None] = {}
        self._depth = 1

    @property
    def is_shared(self) -> bool:
        """Whether several threads may work on it."""
        return self.has_pieces or bool(self.large_kinds)

    @cached_property
    def readers(self) -> dict[Node, list[Node]]:
        """Who reads the array of each value, in the order of the steps."""
        found: dict[Node, list[Node]] = {}
        for step in self.plan.steps:
            for node in step.nodes:
                for x in dict.fromkeys(map(root, node.inputs)):
                    found.setdefault(x, []).append(node)
        return found

    # Lines

    def line(self, text: str) -> None:
        """Add a line."""
        self._lines.append(INDENT * self._depth + text)

    def comment(self, *nodes: Node) -> None:
        """Say which nodes the next lines compute."""
        for node in nodes:
            self.line(f"/* {self.describe(node)} */")

    @contextmanager
    def block(self, head: str = "") -> Iterator[None]:
        """Lines inside of braces."""
        self.line(f"{head} {{".lstrip())
        self._depth += 1
        yield
        self._depth -= 1
        self.line("}")

    @contextmanager
    def function(self, signature: str, end: str = "") -> Iterator[None]:
        """A function of its own, with the arrays that it uses declared at its top."""
        outer = self._lines, self._arrays, self._depth
        self._lines, self._arrays, self._depth = [], {}, 1
        yield
        lines = [*self._declarations(), *self._lines, *([INDENT + end] if end else [])]
        self.functions.append("\n".join([f"{signature} {{", *lines, "}"]))
        self._lines, self._arrays, self._depth = outer

    @contextmanager
    def apart(self) -> Iterator[Fragment]:
        """Lines that are kept, to be put in somewhere."""
        outer = self._lines, self._arrays
        self._lines, self._arrays = [], {}
        yield Fragment(self._lines, self._arrays)
        self._lines, self._arrays = outer

    def insert(self, fragment: Fragment) -> None:
        """Put in lines that were kept."""
        self._lines += fragment.lines
        self._arrays |= fragment.arrays

    # Values

    def describe(self, node: Node) -> str:
        """The node as `print(graph)` shows it, without anything that a user wrote."""
        inputs = ", ".join(f"%{self.numbers[x]}" for x in node.inputs)
        return f"%{self.numbers[node]}: {node.spec} = {_plain(node)}({inputs})"

    def array(self, node: Node) -> str:
        """The name of the array in which a value lies."""
        self._arrays[node] = None
        return self.name(node)

    def name(self, node: Node) -> str:
        """The same, for code that does not read it here."""
        return f"a{self.numbers[node]}"

    def element(self, node: Node) -> str:
        """The name of one element."""
        return f"x{self.numbers[node]}"

    def field(self, node: Node) -> str:
        """The name of the pointer in `struct program`."""
        if node.op is Leaf.Constant:
            self.constants[node] = None
        return f"p->a{self.numbers[node]}"

    def ordered_kind(self, x: Node) -> str:
        """The C type of numbers to be put in order; its functions become part of the program."""
        kind = c_type(x.dtype)
        self.ordered_kinds.add(kind)
        return kind

    def nonzero(self, w: Node) -> str:
        """The pointer to the lists of what counts for a matrix; NULL outside of a pass."""
        self.skipped[w] = None
        if self.plan.updates[w].op is not GemmUpdate:
            return f"p->nonzero{self.numbers[w]}"
        self.sparse_kinds.add(c_type(w.dtype))
        return f"p->sparse{self.numbers[w]}"

    def _declarations(self) -> list[str]:
        return [f"{INDENT}{self._declaration(node)}" for node in self._arrays]

    def _declaration(self, node: Node) -> str:
        return f"{self.pointer_type(node)}const {self.name(node)} = {self.pointer(node)};"

    def pointer_type(self, node: Node) -> str:
        """The type of a pointer to the array."""
        return f"{'' if self._is_written(node) else 'const '}{c_type(node.dtype)} *"

    def pointer(self, node: Node) -> str:
        """Where the array is, as an expression of `p`."""
        storage = self.plan.storage[node]
        if storage.place is Place.Arena:
            return f"({c_type(node.dtype)} *)(p->arena + {storage.offset})"
        if storage.of is None:
            return self.field(node)
        return self.pointer(storage.of)

    def _is_written(self, node: Node) -> bool:
        return not isinstance(node.op, Leaf) and self.plan.storage[node].place is not Place.View


def number_of(node: Node) -> str | None:
    """A constant of one element as a literal; None for any other node."""
    if node.op is not Leaf.Constant or node.size != 1:
        return None
    return literal(node._value.item(), node.dtype)


def _plain(node: Node) -> str:
    """The name of the op; one that a user defined is called so, as its name is a user's text."""
    op = node.op
    known = isinstance(op, Leaf) or op.__module__.startswith("autograd_lite.")
    return op.name if known else "user-defined"
