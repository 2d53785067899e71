"""What is around an operation when it is called: the clock, the active graph, mode and scope."""

from contextvars import ContextVar
from itertools import count
from typing import Any, NamedTuple, Protocol, TypeVar

from autograd_lite.errors import GraphError

T = TypeVar("T")

clock = count(1)  # hands out serials and stamps
tick = clock.__next__


class Recorder(Protocol):
    """A graph, as far as a new node has to do with it."""

    def record(self, node: Any, /) -> None:
        """List a new operation."""

    def record_leaf(self, node: Any, /) -> None:
        """List a new leaf."""


class Mode(Protocol):
    """How appending is not as usual for a while, as in a `no_grad` block."""

    def operands(self, op: Any, operands: tuple[Any, ...], /) -> tuple[Any, ...]:
        """What an operation is given where the user wrote these."""

    def appended(self, node: Any, /) -> None:
        """Called with each node that was appended."""


class Context(NamedTuple):
    """All that an operation may find around it, in one variable: most find nothing."""

    graph: Recorder | None
    mode: Mode | None
    scope: str
    entered: tuple[Recorder | None, ...] = ()  # the graphs that have been entered, the last on top

    def entering(self, graph: Recorder | None) -> "Context":
        """The same after a graph was entered."""
        return self._replace(graph=graph, entered=(*self.entered, graph))

    def leaving(self, graph: Recorder) -> "Context":
        """The same after a graph was left, if it was entered."""
        entered = list(self.entered)
        for i in [i for i, x in enumerate(entered) if x is graph][-1:]:
            del entered[i]
        left = self._replace(graph=entered[-1] if entered else None, entered=tuple(entered))
        return NO_CONTEXT if left == NO_CONTEXT else left


NO_CONTEXT = Context(None, None, "")
context: ContextVar[Context] = ContextVar("context", default=NO_CONTEXT)


def replace(variable: ContextVar[T], value: T) -> T:
    """Set a variable; where a signal raises right after, it has its value from before again."""
    before = variable.get()
    try:
        variable.set(value)
    except BaseException:
        variable.set(before)
        raise
    return value


def checked_name(name: Any) -> Any:
    """The name of a node or scope; GraphError for what is no text."""
    if isinstance(name, str):
        return name
    advice = f"write the name in quotes, for example {str(name)!r}"
    raise GraphError("a name", expected="a text", came=repr(name), suggestion=advice)
