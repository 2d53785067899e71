"""What a compiled step works on: arrays in fixed places, and the struct that points at them."""

import ctypes
from collections.abc import Callable, Sequence

import numpy as np

from autograd_lite.compiler.executors import blas
from autograd_lite.compiler.executors.cores import Threads
from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.native.source import CSource
from autograd_lite.compiler.planning.arena import aligned_array, aligned_memory, seen_as
from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node

SMALL = 32_768  # bytes up to which an array is copied sooner than asked for its address


class Memory:
    """The arrays of one plan, and `struct program`, a row of addresses.

    Small feeds are copied to a place that the struct knows already, and small outputs from one;
    for larger ones the struct is pointed at the caller's array.
    """

    def __init__(self, plan: Plan, options: BuildOptions, source: CSource) -> None:
        self.plan = plan
        self.threads = Threads() if source.is_shared else Threads(1)
        self.fixed = not source.is_native  # NumPy's steps find their arrays in one place
        self._slots = {node: i for i, node in enumerate(source.pointers, len(source.extra))}
        self._threads_slot = source.extra.index("threads")
        self._struct = np.zeros(len(source.extra) + len(source.pointers), np.uintp)
        self.address = self._struct.ctypes.data
        self._arena = aligned_memory(plan.arena_bytes)
        self._arrays: dict[Node, Array] = {}
        for node in source.pointers:
            array = self._settled(node, options)
            if array is not None:
                self._arrays[node] = array
                self._point(node, array)
        for slot, name in enumerate(source.extra):
            self._struct[slot] = self._value(name)
        self._feeds = [(node, self._arrays.get(node)) for node in plan.inputs.values()]
        self._outputs = [(node, self._arrays.get(node)) for node in plan.outputs]
        self._are_near = all(array is not None for _, array in self._outputs)

    def _value(self, name: str) -> int:
        """What a field beside the arrays holds; NULL where only a pass knows."""
        if name == "threads":
            return self.threads.now
        if name.endswith(("_float", "_double")):
            return blas.address(name)
        return int(self._arena.ctypes.data) if name == "arena" else 0

    def _settled(self, node: Node, options: BuildOptions) -> Array | None:
        """The array that a pointer keeps pointing at; None where the caller's is used."""
        if node in self.plan.leaves:
            return options.buffers[self.plan.leaves[node]]
        if self.plan.storage[node].place is Place.Constant:
            return np.ascontiguousarray(node._value).reshape(node.shape)  # 0-d stays 0-d
        if self.fixed or node.size * node.dtype.itemsize <= SMALL:
            return aligned_array(node.spec)
        return None

    def _point(self, node: Node, array: Array) -> None:
        self._struct[self._slots[node]] = address_of(array)

    def buffer(self, node: Node) -> Array | None:
        """The array of an input or output that lies in the same place in each step."""
        return self._arrays.get(node)

    def pointer(self, node: Node) -> Callable[[Array], None]:
        """What tells the struct where the array of an input or output is now."""
        struct, slot = self._struct, self._slots[node]

        def point(array: Array) -> None:
            struct[slot] = address_of(array)

        return point

    # For a step

    def count_threads(self) -> None:
        """Let as many threads work as there are free cores now."""
        if self.threads.most > 1:
            self._struct[self._threads_slot] = self.threads.count()

    def take(self, feeds: Sequence[Array]) -> None:
        """Copy the feeds, or point at them; they have to live until the step is over."""
        for (node, array), feed in zip(self._feeds, feeds, strict=True):
            if array is None:
                self._point(node, feed)
            else:
                array[...] = feed

    def room(self) -> list[Array]:
        """Where the outputs will be: new arrays for large ones, pointed at."""
        if self._are_near:
            return []
        return [self._new(node) if array is None else array for node, array in self._outputs]

    def results(self, room: Sequence[Array]) -> list[Array]:
        """The outputs of the step, each a new array."""
        if self._are_near:
            return [array.copy() for _, array in self._outputs]  # type: ignore[union-attr]
        pairs = zip(room, self._outputs, strict=True)
        return [new if array is None else array.copy() for new, (_, array) in pairs]

    def _new(self, node: Node) -> Array:
        array = np.empty(node.shape, node.dtype)
        self._point(node, array)
        return array

    # For steps that NumPy runs

    def array(self, node: Node) -> Array:
        """The array of a value; only where all are in fixed places."""
        storage = self.plan.storage[node]
        if storage.place is Place.Arena:
            return seen_as(self._arena, node.spec, storage.offset)
        if storage.of is not None:
            return self.array(storage.of).reshape(node.shape)
        return self._arrays.get(node, node._value)


def address_of(array: Array) -> int:
    """Where the elements are: what `array.ctypes.data` says, four times as fast.

    NumPy's binary interface has the address right behind the head of the object.
    """
    return _address_at(id(array) + _HEAD).value or 0


def _asked(array: Array) -> int:
    return array.ctypes.data


_HEAD = object.__basicsize__
_address_at = ctypes.c_void_p.from_address
if address_of(_probe := np.empty(1)) != _asked(_probe):  # another Python, another head
    address_of = _asked  # pragma: no cover
