"""The short way of a call whose arguments are like those of the last one, to native code.

It does what `Record.run` does and leaves out what such a call cannot need: taking containers
apart, looking for the record, conversions. Anything unusual is handed back, as `MISS`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.autodiff.stand_ins import Kind
from autograd_lite.compiler.executors.native.runner import NativeRunner
from autograd_lite.core.shapes import Spec
from autograd_lite.frontend.node import Node

Array = np.ndarray[Any, Any]
Quick = Callable[[tuple[Any, ...]], Any]
MISS: Any = object()


def quick_call(
    runner: NativeRunner,
    arguments: Sequence[tuple[Kind, Node | None]],
    captured: Sequence[tuple[Node, Node]],
    *,
    numbers: Sequence[bool],
    arranged: Callable[[list[Any]], Any],
    lock: AbstractContextManager[Any],
) -> Quick:
    """A function from the arguments to the result, or to `MISS`.

    Beside the kind of each argument stands the input that it is fed to, if one reads it; beside
    each node from around the function, too. `numbers` says which outputs are Python numbers.
    """
    step, count = runner.step, len(arguments)
    enters = [_way_in(runner, kind, node) for kind, node in arguments]
    outside = [(x, _way_in(runner, _kind_of(x), node)) for x, node in captured]
    outputs = [_way_out(runner, *pair) for pair in zip(runner.plan.outputs, numbers, strict=True)]
    begins = [begin for begin, _ in outputs if begin is not None]
    ends = [end for _, end in outputs]

    def call(args: tuple[Any, ...]) -> Any:
        if len(args) != count:
            return MISS
        with lock:
            for x, enter in zip(args, enters):  # noqa: B905 - as many
                if not enter(x):
                    return MISS
            for node, enter in outside:
                if not enter(node._value):
                    return MISS
            for begin in begins:
                begin()
            if step():
                return MISS
            found = [end() for end in ends]
        return arranged(found)

    return call


def _kind_of(node: Node) -> Kind:
    return float if type(node._value) is float else node.spec


def _way_in(runner: NativeRunner, kind: Kind, node: Node | None) -> Callable[[Any], bool]:
    """What hands an argument over, if it is of this kind."""
    if node is None:  # nobody reads it
        return partial(_is_of, kind)
    buffer = runner.buffer(node)
    if not isinstance(kind, Spec):
        return partial(_fill, kind, buffer)
    shape, dtype = kind
    array = np.ndarray
    point = runner.pointer(node)

    def copy(x: Any) -> bool:
        if type(x) is not array or x.shape != shape or x.dtype != dtype:
            return False
        buffer[...] = x  # type: ignore[index]
        return True

    def hand_over(x: Any) -> bool:
        if type(x) is not array or x.shape != shape or x.dtype != dtype:
            return False
        if not x.flags.c_contiguous:
            return False
        point(x)
        return True

    return hand_over if buffer is None else copy


def _is_of(kind: Kind, x: Any) -> bool:
    if isinstance(kind, Spec):
        return type(x) is np.ndarray and x.shape == kind.shape and x.dtype == kind.dtype
    return type(x) is kind


def _fill(kind: type, buffer: Any, x: Any) -> bool:
    if type(x) is not kind:
        return False
    try:
        buffer[...] = x
    except OverflowError:  # an integer that is told off elsewhere
        return False
    return True


def _way_out(
    runner: NativeRunner, node: Node, is_number: bool
) -> tuple[Callable[[], None] | None, Callable[[], Any]]:
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
