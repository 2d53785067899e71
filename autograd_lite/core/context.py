"""What is around an operation when it is called: the clock, the active graph, mode and scope."""

from contextvars import ContextVar
from itertools import count
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

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


NO_CONTEXT = Context(None, None, "")
context: ContextVar[Context] = ContextVar("context", default=NO_CONTEXT)


class _Part(Generic[T]):
    """One part of the context, entered and left on its own."""

    def __init__(self, field: str) -> None:
        self.field = field

    def get(self) -> T:
        """What there is now."""
        found: T = getattr(context.get(), self.field)
        return found

    def set(self, value: T) -> T:
        """Enter it, and get what to go back to."""
        outer = self.get()
        _become(context.get()._replace(**{self.field: value}))  # type: ignore[arg-type]
        return outer

    reset = set  # noqa: A003 - the names that a ContextVar has


def _become(around: Context) -> None:
    context.set(NO_CONTEXT if around == NO_CONTEXT else around)


def enter_graph(graph: Recorder | None) -> None:
    """Append to this graph from now on, or to none, in this thread or task."""
    around = context.get()
    _become(around._replace(graph=graph, entered=(*around.entered, graph)))


def leave_graph(graph: Recorder | None) -> bool:
    """Append again to what was entered before; False if this one was not entered here.

    Graphs may be left in another order than they were entered: the last one that is still entered
    is the active one.
    """
    around = context.get()
    entered = list(around.entered)
    if graph not in entered:
        return False
    del entered[len(entered) - 1 - entered[::-1].index(graph)]
    _become(around._replace(graph=entered[-1] if entered else None, entered=tuple(entered)))
    return True


active_mode: _Part[Mode | None] = _Part("mode")
active_scope: _Part[str] = _Part("scope")


def checked_name(name: Any) -> Any:
    """The name of a node or scope; GraphError for what is no text."""
    if isinstance(name, str):
        return name
    advice = f"write the name in quotes, for example {str(name)!r}"
    raise GraphError("a name", expected="a text", came=repr(name), suggestion=advice)
