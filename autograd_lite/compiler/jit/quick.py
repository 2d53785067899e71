"""The short way of a call like an earlier one, to native code.

It does what `Record.run` does and leaves out what such a call cannot need: looking for the record,
conversions. Each argument is compared with what is expected and handed over in one go. Anything
unusual is handed back, as `MISS`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.compiler.executors.native.runner import NativeRunner
from autograd_lite.compiler.jit.arguments import Static
from autograd_lite.compiler.runtime.feeds import labels_fit
from autograd_lite.core.context import NO_CONTEXT, context
from autograd_lite.core.shapes import Spec
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node

Enter = Callable[[Any], bool]  # hands an argument over, if it is as expected
NumericKind = Spec | type  # of an argument that is no node
Exit = tuple[Callable[[], None] | None, Callable[[], Any]]  # makes room, and takes an output out
Quick = Callable[[tuple[Any, ...], Mapping[str, Any]], Any]
MISS: Any = object()
COMPARED = (int, bool, str, type(None))  # static values that are equal if they look so


class Entries(NamedTuple):
    """Where the arguments go: outlines of them, with the numbers of leaves in their places."""

    args: Sequence[Any]
    options: Mapping[str, Any]
    leaves: Mapping[Any, Enter]
    around: Sequence[tuple[Node, Enter]]  # nodes from around the function
    held: list[Any]  # arrays that native code reads, which another thread may let go

    def by_position(self) -> list[Enter]:
        """What each positional argument goes through."""
        return [_enter(x, self.leaves) for x in self.args]

    def by_name(self) -> list[tuple[str, Enter]]:
        """What each keyword argument goes through."""
        return [(name, _enter(x, self.leaves)) for name, x in self.options.items()]


def quick_call(
    step: Callable[[], int],
    entries: Entries,
    outputs: Sequence[Exit],
    arranged: Callable[[list[Any]], Any],
    lock: AbstractContextManager[Any],
) -> Quick:
    """A function from the arguments to the result, or to `MISS`."""
    # Lists in place of generators, here and below: they take a third of the time.
    positions, names, around = entries.by_position(), entries.by_name(), entries.around
    held = entries.held
    counts = len(positions), len(names)
    begins = [begin for begin, _ in outputs if begin is not None]
    ends = [end for _, end in outputs]

    def call(args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        if (len(args), len(options)) != counts or (around and context.get() is not NO_CONTEXT):
            return MISS
        with lock:
            try:
                if not (
                    all([enter(x) for x, enter in zip(args, positions)])  # noqa: B905, C419
                    and all([name in options and enter(options[name]) for name, enter in names])  # noqa: C419
                    and all([enter(node._value) for node, enter in around])  # noqa: C419
                ):
                    return MISS
                for begin in begins:
                    begin()
                if step():
                    return MISS
                found = [end() for end in ends]
            finally:
                held.clear()
        return arranged(found)

    return call


# In


def _enter(outline: Any, leaves: Mapping[Any, Enter]) -> Enter:
    """What an argument goes through, by its outline."""
    if outline is None:
        return partial(_is_same, None)
    if isinstance(outline, int):
        return leaves[outline]
    if isinstance(outline, Static):
        return partial(_is_same, outline.value)
    if isinstance(outline, dict):
        return _enter_dict(outline, leaves)
    kind, parts = type(outline), [_enter(x, leaves) for x in outline]

    def enter(x: Any) -> bool:
        if type(x) is not kind or len(x) != len(parts):
            return False
        return all([part(y) for part, y in zip(parts, x)])  # noqa: B905, C419

    return enter


def _enter_dict(outline: dict[Any, Any], leaves: Mapping[Any, Enter]) -> Enter:
    kind, keys = type(outline), list(outline)
    parts = [_enter(x, leaves) for x in outline.values()]

    def enter(x: Any) -> bool:
        if type(x) is not kind or list(x) != keys:
            return False
        return all([part(y) for part, y in zip(parts, x.values())])  # noqa: B905, C419

    return enter


def _is_same(value: Any, x: Any) -> bool:
    return x is value or (type(x) is type(value) and type(x) in COMPARED and x == value)


def kind_of(node: Node) -> NumericKind:
    """As what the value of a node comes."""
    return float if type(node._value) is float else node.spec


def way_in(runner: NativeRunner, kind: NumericKind, node: Node | None, held: list[Any]) -> Enter:
    """What hands over a leaf of this kind to an input, or to nobody."""
    if node is None:
        return partial(_is_of, kind)
    buffer = runner.buffer(node)
    if isinstance(kind, type):
        return partial(_fill, kind, buffer)
    (shape, dtype), array, point = kind, np.ndarray, runner.pointer(node)

    def copy(x: Any) -> bool:
        if type(x) is not array or x.shape != shape or x.dtype != dtype:
            return False
        buffer[...] = x  # type: ignore[index]
        return True

    def hand_over(x: Any) -> bool:
        if not _is_of(kind, x) or not x.flags.c_contiguous:
            return False
        held.append(x)
        point(x)
        return True

    return hand_over if buffer is None else copy


def labelled(enter: Enter, count: int) -> Enter:
    """The same for labels, which have to be below a number."""

    def within(x: Any) -> bool:
        return enter(x) and labels_fit(("",), {"": count}, (np.asarray(x),))

    return within


def _is_of(kind: NumericKind, x: Any) -> bool:
    if isinstance(kind, type):
        return type(x) is kind
    return type(x) is np.ndarray and (x.shape, x.dtype) == kind


def _fill(kind: type, buffer: Any, x: Any) -> bool:
    if type(x) is not kind:
        return False
    try:
        buffer[...] = x
    except OverflowError:  # an integer that is told off elsewhere
        return False
    return True


# Out


def way_out(runner: NativeRunner, node: Node, is_number: bool) -> Exit:
    """What makes room for an output, unless there is, and what takes it out."""
    buffer = runner.buffer(node)
    if buffer is not None:
        if is_number:
            return None, buffer.item
        return None, buffer.copy if node.ndim else partial(buffer.__getitem__, ())
    shape, dtype, point = node.shape, node.dtype, runner.pointer(node)
    room: list[Array] = []

    def begin() -> None:
        room[:] = [np.empty(shape, dtype)]
        point(room[0])

    return begin, room.pop
