"""One record of a function, made ready to run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from autograd_lite.autodiff.stand_ins import Kind, Traced
from autograd_lite.autodiff.trees import leaves_of, rebuild
from autograd_lite.compiler.executors.choice import Ready
from autograd_lite.compiler.executors.native.runner import NativeRunner
from autograd_lite.compiler.jit.arguments import CallKey, CallParts
from autograd_lite.compiler.jit.cuts import Placement
from autograd_lite.compiler.jit.quick import (
    Entries,
    Quick,
    kind_of,
    labelled,
    quick_call,
    way_in,
    way_out,
)
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.request import make_request
from autograd_lite.compiler.runtime.engine import Engine
from autograd_lite.compiler.runtime.leaf_buffers import LeafBuffers
from autograd_lite.compiler.runtime.plans import Plans
from autograd_lite.frontend.node import Node

NOTHING: Mapping[Any, Any] = {}
PATIENCE = 2.0  # seconds that the first call may take longer, to compile native code


class Record:
    """What was traced, with the program that computes it; the results are new at each call."""

    def __init__(self, traced: Traced, key: CallKey, placement: Placement) -> None:
        self.traced, self.key = traced, key
        self.pulls: dict[Any, Record] = {}  # to gradients, where the results are nodes
        self._placement = placement
        self._ways: dict[Any, Quick] = {}  # by who runs it, and how the call is written
        self.request = request = make_request(traced.graph, traced.outputs, None)
        buffers = LeafBuffers(request.leaves, ())
        self._plans = Plans(
            request,
            buffers,
            executor=placement.executor,
            steps=None,
            passes=PASSES,
            devices=placement.devices_for(traced.inputs, [*request.inputs.values()]),
            patience=PATIENCE,
        )
        self._engine = Engine(request, buffers, self._plans, check_finite=False)
        self._shapes = self._plans.declared()
        places = {node: i for i, node in enumerate(traced.inputs)}
        outside = {own: node for node, own in traced.captured.items()}
        self._sources = [places[x] if x in places else outside[x] for x in request.inputs.values()]
        self._specs = [x.spec for x in request.inputs.values()]
        self.carries_gradient = traced.carries_gradient()
        self._numbers = [x in traced.numbers for x in traced.outputs]
        self._arranged = _checked(_arranger(traced.result), traced.narrowed)

    def like(self, traced: Traced, kinds: tuple[Kind, ...]) -> "Record":
        """Another record, run in the same way."""
        return Record(traced, replace(self.key, kinds=kinds), self._placement)

    @property
    def ready(self) -> Ready:
        """The plan with its runner."""
        return self._engine.ready(self._shapes, 0)

    def fits(self) -> bool:
        """Whether the nodes from around the function still have the shapes they had."""
        return all(node.spec == own.spec for node, own in self.traced.captured.items())

    def has_values(self) -> bool:
        """Whether all nodes from around the function have a value."""
        return all(node._value is not None for node in self.traced.captured)

    def run(self, leaves: Sequence[Any], known: Mapping[Node, Any] = NOTHING) -> Any:
        """The result for these arguments, with these values of nodes, or else their own."""
        found = [leaves[x] if isinstance(x, int) else x for x in self._sources]
        values = [known.get(x, x._value) if isinstance(x, Node) else x for x in found]
        feeds = [
            np.asarray(value, spec.dtype, order="C")
            for value, spec in zip(values, self._specs, strict=True)
        ]
        outputs = self._engine.step(feeds) if self._numbers else []
        pairs = zip(outputs, self._numbers, strict=True)
        return self._arranged([x.item() if is_number else x[()] for x, is_number in pairs])

    def quick(self, call: CallParts) -> Quick | None:
        """The short way of calls that are written like this one, where native code runs them."""
        ready = self.ready if self._numbers else None
        if (
            ready is None
            or not isinstance(ready.runner, NativeRunner)
            or not ready.runner.is_native
        ):
            return None
        if ready.one_thread:
            return None
        way = ready.runner, call.by_position, call.by_name
        if way not in self._ways:
            self._ways[way] = self._quick_by(ready, ready.runner, call)
        return self._ways[way]

    def _quick_by(self, ready: Ready, runner: NativeRunner, call: CallParts) -> Quick:
        kinds: dict[Any, Any] = dict(enumerate(self.key.kinds))
        kinds |= {x: kind_of(x) for x in self.traced.captured}
        held: list[Any] = []
        enters = {x: way_in(runner, kind, None, held) for x, kind in kinds.items()}
        for source, name in zip(self._sources, self.request.inputs, strict=True):
            enter = way_in(runner, kinds[source], ready.plan.inputs[name], held)
            labels = ready.plan.labels.get(name)
            enters[source] = enter if labels is None else labelled(enter, labels)
        around = [(x, enters[x]) for x in self.traced.captured]
        outputs = zip(ready.plan.outputs, self._numbers, strict=True)
        return quick_call(
            runner.step,
            Entries(*call.outlined(range(len(call.leaves))), enters, around, held),
            [way_out(runner, *output) for output in outputs],
            self._arranged,
            self._engine.lock,
        )


def _arranger(result: Any) -> Callable[[list[Any]], Any]:
    """From the values of the nodes to all results, in the form in which they are returned."""
    if isinstance(result, Node):
        return itemgetter(0)
    if type(result) is tuple and all(isinstance(x, Node) for x in result):
        return tuple
    leaves = leaves_of(result)

    def arranged(values: list[Any]) -> Any:
        following = iter(values)
        own = [next(following) if isinstance(x, Node) else _own(x) for x in leaves]
        return rebuild(result, own)

    return arranged


def _checked(
    arranged: Callable[[list[Any]], Any], narrowed: Sequence[np.dtype[Any]]
) -> Callable[[list[Any]], Any]:
    """The same, where the last values fit these dtypes; else NumPy's OverflowError."""
    if not narrowed:
        return arranged

    def checked(values: list[Any]) -> Any:
        for value, dtype in zip(values[-len(narrowed) :], narrowed, strict=True):
            dtype.type(value)
        return arranged(values[: -len(narrowed)])

    return checked


def _own(constant: Any) -> Any:
    """A constant result; an array may be written to by who gets it."""
    return constant.copy() if isinstance(constant, np.ndarray) else constant
