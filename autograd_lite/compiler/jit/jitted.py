"""The function that `jit` returns: it knows its records, and which of them a call is for."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import update_wrapper
from time import perf_counter
from types import MethodType
from typing import Any, Self

from autograd_lite.autodiff.stand_ins import trace
from autograd_lite.compiler.executors.choice import EXECUTORS, AnyPlan
from autograd_lite.compiler.jit.arguments import Arguments, CallKey, CallParts
from autograd_lite.compiler.jit.cuts import Cuts
from autograd_lite.compiler.jit.one_node import as_nodes, is_apart, is_recorded
from autograd_lite.compiler.jit.quick import MISS, Quick
from autograd_lite.compiler.jit.reasons import reason
from autograd_lite.compiler.jit.record import Record
from autograd_lite.errors import ConfigError, GraphError
from autograd_lite.frontend.node import NodeGraph

WAYS = 4  # that are tried before a call is taken apart
KEPT = 32  # records; the one that has not been used for longest makes room


class Jitted:
    """A function that is recorded once for each kind of arguments, and run as a program."""

    def __init__(
        self,
        f: Callable[..., Any],
        *,
        graph: Callable[[], NodeGraph],
        static_argnums: int | Sequence[int],
        static_argnames: str | Sequence[str],
        executor: str,
        mesh: Any,
        shard: Mapping[int | str, Any] | None,
        explain: bool,
    ) -> None:
        _refuse_other(f, executor)
        self._f, self._new_graph = f, graph
        self._arguments = Arguments(f, static_argnums, static_argnames)
        self._cuts = Cuts(self._arguments, executor, mesh, shard)
        self._explain = explain
        self._ways: tuple[tuple[Quick, CallKey], ...] = ()  # of calls like the last ones
        self._records: OrderedDict[CallKey, Record] = OrderedDict()
        update_wrapper(self, f, updated=())

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """As a method, where it is a function of a class."""
        return self if instance is None else MethodType(self, instance)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself, as any function."""
        return self

    def __reduce__(self) -> str:
        """Under which name `pickle` finds it, as any function."""
        return str(getattr(self, "__qualname__", self))

    def __call__(self, /, *args: Any, **options: Any) -> Any:
        """What the function returns."""
        for number, (quick, key) in enumerate(self._ways):
            found = quick(args, options)
            if found is not MISS:
                if number:
                    self._used(quick, key)
                return found
        return self._call(args, options)

    def _call(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        call = self._arguments.taken_apart(args, options)
        if call.nodes and not is_apart(call.nodes):
            return self._f(*args, **options)
        record = self._record(call)
        around = [*record.traced.captured]
        if record.carries_gradient or call.nodes:
            is_one = is_apart(around)
            return as_nodes(self._f, call, record) if is_one else self._f(*args, **options)
        if around and (is_recorded() or not record.has_values()):
            return self._f(*args, **options)
        found, quick = record.run(call.leaves), record.quick(call)
        if quick is not None:
            self._used(quick, record.key)
        return found

    def _used(self, quick: Quick, key: CallKey) -> None:
        """Try this way first from now on."""
        others = [way for way in self._ways if way[0] is not quick]
        self._ways = ((quick, key), *others[: WAYS - 1])
        self._touch(key)

    def _touch(self, key: CallKey) -> None:
        """Keep a record for longest."""
        with suppress(KeyError):  # it had to make room in the meantime
            self._records.move_to_end(key)

    # Looking at it

    @property
    def plans(self) -> tuple[AnyPlan, ...]:
        """What is run, one for each kind of arguments, that of the last call at the end."""
        return tuple(record.ready.plan for record in self._records.values())

    @property
    def source(self) -> str:
        """The generated code for arguments like those of the last call."""
        return self._latest().ready.runner.source

    @property
    def graph(self) -> NodeGraph:
        """What was recorded for arguments like those of the last call, to be printed and drawn."""
        return self._latest().traced.graph

    def __repr__(self) -> str:
        return f"<jit of {self._arguments.name}: {len(self._records)} kinds of arguments>"

    def _latest(self) -> Record:
        if not self._records:
            raise GraphError(
                f"jit of {self._arguments.name}",
                expected="a call before, as the record is for the shapes of its arguments",
                came="none yet",
                suggestion="call it once",
            )
        return next(reversed(self._records.values()))

    # Recording

    def _record(self, call: CallParts) -> Record:
        """The record for calls like this; whatever goes wrong in making it, nothing is kept."""
        key = call.key()
        record = self._records.get(key)
        if record is None or not record.fits():
            record = self._recorded(call, key)
            self._records[key] = record
            if len(self._records) > KEPT:
                self._records.popitem(last=False)
        self._touch(key)
        return record

    def _recorded(self, call: CallParts, key: CallKey) -> Record:
        begun, name, placement = perf_counter(), self._arguments.name, self._cuts.of(call)
        kinds = zip(call.paths(), key.kinds, strict=True)
        traced = trace(name, self._new_graph(), list(kinds), lambda own: call.run(self._f, own))
        record = Record(traced, key, placement)
        if self._explain:
            executor = record.ready.plan.executor
            seconds = perf_counter() - begun
            why = reason(key, list(self._records))
            print(f"jit of {name}: {why}; traced for {call.told()}")  # noqa: T201
            print(f"  run by {executor}; ready in {seconds:.2f} s")  # noqa: T201
        return record


def _refuse_other(f: Any, executor: Any) -> None:
    if not callable(f):
        raise ConfigError(
            "jit",
            expected="a function",
            came=repr(f),
            suggestion="write ag.jit(f), or @ag.jit above a definition",
        )
    if executor not in EXECUTORS:
        raise ConfigError(
            "jit",
            expected=f"executor to be one of {', '.join(EXECUTORS)}",
            came=repr(executor),
            suggestion="check the spelling",
        )
