"""Blocks of code in which something around an operation is another."""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar
from typing import Generic, Self, TypeVar

from autograd_lite.core.context import replace

T = TypeVar("T")


class Within(ContextDecorator, Generic[T]):
    """A block, or decorated function, in which a variable has another value.

    Ctrl-C and other signals that raise find the block begun and the value changed, or neither.
    """

    def __init__(self, variable: ContextVar[T], change: Callable[[T], T]) -> None:
        self.variable, self.change = variable, change

    def __enter__(self) -> T:
        self.before = self.variable.get()
        return replace(self.variable, self.change(self.before))

    def __exit__(self, *_: object) -> None:
        self.variable.set(self.before)

    def _recreate_cm(self) -> Self:  # each call of a function it decorates has one of its own
        return type(self)(self.variable, self.change)
