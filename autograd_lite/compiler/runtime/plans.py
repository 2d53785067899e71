"""The plans of a program: one for each set of input shapes, made when it is first needed."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.choice import (
    Ready,
    make_jax_ready,
    make_ready,
    make_scalar_ready,
)
from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.passes import PASSES, PORTABLE
from autograd_lite.compiler.pipeline import Pass, make_plan, stages
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.planning.planner import plan
from autograd_lite.compiler.request import Request
from autograd_lite.compiler.runtime.leaf_buffers import LeafBuffers
from autograd_lite.core.shapes import Shape
from autograd_lite.core.sweep import ancestors
from autograd_lite.frontend.node import Node

SHORT = 1200  # nodes, which take as long to plan as to compile: half a second
KEPT = 16  # plans; the one that has not been used for longest makes room


class Plans:
    """Makes plans ready to run, and keeps those that were used last."""

    def __init__(
        self,
        request: Request,
        buffers: LeafBuffers,
        *,
        executor: str,
        steps: int | None,
        passes: Mapping[str, Pass],
        devices: Any = None,
        patience: float = 0.0,
        reproducible: bool = False,
    ) -> None:
        self.request, self.buffers, self.devices = request, buffers, devices
        self.patience, self.reproducible = patience, reproducible
        self.executor, self.steps, self.passes = executor, steps, passes
        self._ready: OrderedDict[tuple[Shape, ...], Ready] = OrderedDict()
        self._is_scalar = all(not node.shape for node in request.nodes)

    def __len__(self) -> int:
        return len(self._ready)

    def ready_for(self, shapes: tuple[Shape, ...], steps: int = 1) -> Ready:
        """The plan for feeds of these shapes, in the order of the inputs, made ready.

        `steps` is how many are to be taken now. A plan that turns out to be run so often that
        native code pays is built again, at once or when a compiler beside it has ended.
        """
        ready = self._ready.get(shapes)
        if ready is None:
            ready = self._ready[shapes] = self._made(shapes, max(steps, self.steps or 0))
            if len(self._ready) > KEPT:
                self._ready.popitem(last=False)
        else:
            self._ready.move_to_end(shapes)
        if ready.by_native is not None and ready.is_due(steps):
            before, ready = ready, ready.by_native(ready.taken)
            ready.steps, ready.taken = before.steps, before.taken
            self._ready[shapes] = ready
        ready.steps += steps
        return ready

    def latest(self) -> Ready:
        """The plan that was used last, or one for the shapes as declared."""
        if self._ready:
            return next(reversed(self._ready.values()))
        return self.ready_for(self.declared(), 0)

    def declared(self) -> tuple[Shape, ...]:
        """The shapes that the inputs were declared with."""
        return tuple(node._spec.shape for node in self.request.inputs.values())

    def _made(self, shapes: tuple[Shape, ...], steps: int) -> Ready:
        options = BuildOptions(
            self.buffers.arrays,
            self.buffers.elsewhere,
            steps,
            self.patience,
            self.devices,
            self.reproducible,
        )
        named = dict(zip(self.request.inputs, shapes, strict=True))
        if self.executor == "jax":
            return make_jax_ready(self._portable(named), options)
        if self._is_scalar and not self._is_soon_compiled:
            ready = make_scalar_ready(self.request, self.executor, options)
            if ready is not None:
                return ready
        draft = self.draft(named)
        return make_ready(
            lambda executor: plan(draft, can_fuse=executor.can_fuse), self.executor, options
        )

    @property
    def _is_soon_compiled(self) -> bool:
        """Whether native code is wanted at once, and short: it is called faster than a tape."""
        has_time = self.patience > 0 and self.executor != "numpy"
        return has_time and len(self.request.nodes) <= SHORT

    def _portable(self, shapes: Mapping[str, Shape]) -> Draft:
        """The draft without what fits a step to a CPU: products by BLAS, copies of results."""
        request = self.request
        own = {x: y for x, y in self.passes.items() if x in PORTABLE or x not in PASSES}
        *_, last, _ = stages(request.outputs, request.updates, shapes, own).values()
        return last

    def of_outputs(self, can_fuse: Callable[[Node], bool]) -> Plan:
        """A plan of the outputs alone, for the inputs as declared."""
        request = self.request
        needed = set(ancestors(*request.outputs))
        shapes = {name: x._spec.shape for name, x in request.inputs.items() if x in needed}
        return make_plan(request.outputs, {}, shapes, passes=self.passes, can_fuse=can_fuse)

    def draft(self, shapes: Mapping[str, Shape]) -> Draft:
        """What the passes make of the request, for feeds of these shapes."""
        request = self.request
        return stages(request.outputs, request.updates, shapes, self.passes)["results"]
