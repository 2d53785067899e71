"""The code of a step in the making: lines, and the names of what they use.

All names are made here, from letters and numbers: no text of the user's gets into the code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.numpy.team import Share, Team
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.core.shapes import Shape
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node

Row = Callable[["StepSource", Node], "bool | None"]

ROWS: dict[Any, Row] = {}
"""How an op is written down; a row that returns False cannot write this node."""


def row(*ops: Any) -> Callable[[Row], Row]:
    """Register a function as the row of these ops."""

    def register(function: Row) -> Row:
        ROWS.update(dict.fromkeys(ops, function))
        return function

    return register


class StepSource:
    """Lines of code, and the objects that they refer to by name."""

    def __init__(self, plan: Plan, arrays: dict[Node, Array]) -> None:
        self.plan = plan
        self.arrays = arrays  # where a value lies that has a fixed place
        self.env: dict[str, Any] = {}
        self.lines: list[str] = []
        self.integers: set[Node] = set()  # labels that are used as Python integers
        self.dynamic: set[Node] = set()  # inputs and outputs that are used as arrays
        self._depth = 0
        self._bound: dict[Any, str] = {}
        self._local: dict[Node, str] = {}
        self._tiles: set[Node] = set()
        self._temporaries: dict[Any, Array] = {}
        self.team = Team()
        self.is_shared = False  # whether any of it is work for the team
        self.tile_shape: Shape = ()

    @property
    def share(self) -> Share:
        """What shares work between threads."""
        self.is_shared = True
        return self.team.share

    def emit(self, line: str) -> None:
        """Add a line."""
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Lines inside are the body of the line before."""
        self._depth += 1
        yield
        self._depth -= 1

    def bind(self, thing: Any, prefix: str = "c") -> str:
        """A name for an object that the code uses; arrays in one place have one name."""
        key = _address(thing) if isinstance(thing, np.ndarray) else id(thing)
        if key not in self._bound:
            self._bound[key] = f"{prefix}{len(self._bound)}"
            self.env[self._bound[key]] = thing
        return self._bound[key]

    def function(self, function: Any) -> str:
        """A function of NumPy's under its own name."""
        name = str(function.__name__)
        self.env[name] = function
        return name

    # Arrays by name

    def fixed(self, node: Node) -> Array | None:
        """The array of a value whose place is the same in every step."""
        storage = self.plan.storage[node]
        if storage.place is Place.View:
            base = None if storage.of is None else self.fixed(storage.of)
            return None if base is None else base.reshape(node.shape)
        return self.arrays.get(node)

    def array(self, node: Node) -> str:
        """The name of a value in its own shape."""
        return self.view(node, node.shape)

    def operand(self, node: Node) -> str:
        """The name of a value to be broadcast; a single element without axes, which is quicker.

        Beside a tile of flattened elements, axes of its own would not even fit.
        """
        in_place = self.fixed(node) is not None or bool(self._tiles)
        single = node.size == 1 and node not in self._local and in_place
        return self.view(node, () if single else node.shape)

    def view(self, node: Node, shape: Shape) -> str:
        """The name of a value in another shape."""
        if node in self._local:
            return self._reshaped(self._local[node], node, shape)
        array = self.fixed(node)
        if array is not None:
            return self.bind(array if array.shape == shape else array.reshape(shape), "a")
        return self._reshaped(self._dynamic(node), node, shape)

    def derived(self, node: Node, change: Any, code: str) -> str:
        """The name of a view made by `change`, or by `code` where the array is not known yet."""
        array = self.fixed(node)
        if array is not None and node not in self._local:
            return self.bind(change(array), "a")
        return code.format(self.array(node))

    def temporary(self, node: Node, dtype: np.dtype[Any], use: str) -> str:
        """Memory of the value's shape for one kernel; all kernels share it."""
        in_tile = node in self._tiles
        key = (use, dtype, self.tile_shape if in_tile else node.shape)
        if key not in self._temporaries:
            self._temporaries[key] = np.empty(key[2], dtype)
        name = self.bind(self._temporaries[key], "m")
        return f"{name}[:j - i]" if in_tile else name

    def is_whole(self, node: Node) -> bool:
        """Whether the name of a value stands for all of it, not for a tile."""
        return node not in self._tiles

    def integer(self, node: Node) -> str | None:
        """The name of a checked label as a Python integer, if the node is one."""
        name = self._input_name(node)
        if name is None or node.ndim or name not in self.plan.labels:
            return None
        self.integers.add(node)
        return f"i{self._number(node)}"

    def is_checked(self, node: Node) -> bool:
        """Whether the elements are labels that the program has checked."""
        return self._input_name(node) in self.plan.labels

    @contextmanager
    def locals(self, names: dict[Node, str], *, tiles: bool = False) -> Iterator[None]:
        """Inside, these values have these names; `tiles`: and are parts of them."""
        outer, self._local = self._local, {**self._local, **names}
        self._tiles = set(names) if tiles else set()
        yield
        self._local, self._tiles = outer, set()

    def _reshaped(self, name: str, node: Node, shape: Shape) -> str:
        return name if node.shape == shape else f"{name}.reshape({shape!r})"

    def _dynamic(self, node: Node) -> str:
        """The name of a value that lies elsewhere in every step."""
        storage = self.plan.storage[node]
        if storage.place is Place.View and storage.of is not None:
            return f"{self._dynamic(storage.of)}.reshape({node.shape!r})"
        self.dynamic.add(node)
        kind = "x" if storage.place is Place.Input else "o"
        return f"{kind}{self._number(node)}"

    def _number(self, node: Node) -> int:
        inputs = list(self.plan.inputs.values())
        nodes = inputs if self.plan.storage[node].place is Place.Input else self.plan.outputs
        return next(i for i, x in enumerate(nodes) if x is node)

    def _input_name(self, node: Node) -> str | None:
        return next((name for name, x in self.plan.inputs.items() if x is node), None)


def _address(array: Array) -> Any:
    """What is the same for two views that are the same."""
    place = array.__array_interface__["data"][0]
    return place, array.shape, array.strides, array.dtype.str
