"""Running steps safely: what is refused is told by the user's node, and changes nothing."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from threading import RLock
from typing import Any
from weakref import WeakSet

import numpy as np

from autograd_lite.compiler.executors.choice import Ready
from autograd_lite.compiler.executors.threads import one_thread
from autograd_lite.compiler.request import Request
from autograd_lite.compiler.runtime.feeds import labels_fit
from autograd_lite.compiler.runtime.leaf_buffers import LeafBuffers
from autograd_lite.compiler.runtime.plans import Plans
from autograd_lite.compiler.runtime.scanning import Rows
from autograd_lite.compiler.runtime.signals import Uninterrupted
from autograd_lite.core.shapes import Shape
from autograd_lite.core.values import Array
from autograd_lite.errors import NonFiniteError
from autograd_lite.frontend.evaluate import evaluate, refuse_first_nonfinite
from autograd_lite.frontend.node import Node


class Engine:
    """Takes steps, one or a chunk of them, and keeps the leaves right whatever happens."""

    def __init__(
        self, request: Request, buffers: LeafBuffers, plans: Plans, *, check_finite: bool
    ) -> None:
        self.request, self.buffers, self.plans = request, buffers, plans
        self.check_finite = check_finite
        self.lock = RLock()  # buffers and work space are for one thread at a time
        _ENGINES.add(self)

    def step(self, feeds: Sequence[Array]) -> list[Array]:
        """One step."""
        with self.lock:
            return self._step(self.ready(tuple(x.shape for x in feeds)), feeds)

    def chunk(self, rows: Rows, start: int, stop: int) -> list[Array]:
        """Some steps in a row: the outputs, stacked."""
        with self.lock:
            ready = self.ready(rows.shapes, 0)
            outputs = self._taken(ready, partial(rows.run, ready.runner, start, stop))
            if not isinstance(outputs, Exception):
                ready.taken += stop - start
                return outputs
            if not self._can_take_back(ready):
                raise outputs
            # Again one by one, to stop before the one that fails
            steps = [self._step(ready, rows.feeds(step)) for step in range(start, stop)]
            return [np.stack(column) for column in zip(*steps, strict=True)]

    def ready(self, shapes: tuple[Shape, ...], steps: int = 1) -> Ready:
        """The plan for feeds of these shapes, of which some steps are about to be taken."""
        with self.lock:
            return self.plans.ready_for(shapes, steps)

    def expect(self, rows: Rows) -> None:
        """Choose the executor for all steps at once: it must not depend on how long chunks take."""
        if rows.steps:
            self.ready(rows.shapes, rows.steps)

    def refuse_labels(self, rows: Rows) -> None:
        """Raise LabelError if any row of the data has a label outside of its axis."""
        ready = self.ready(rows.shapes, 0) if rows.steps else None
        if ready is not None and not self._labels_fit(ready, rows.data.arrays):
            for step in range(rows.steps):
                self._refuse_labels(ready, rows.feeds(step))
        if rows.rest:
            feeds = rows.remainder()
            self._refuse_labels(self.ready(tuple(x.shape for x in feeds), 0), feeds)

    def _step(self, ready: Ready, feeds: Sequence[Array]) -> list[Array]:
        self._refuse_labels(ready, feeds)
        outputs = self._taken(ready, partial(ready.runner.run, feeds))
        if not isinstance(outputs, Exception):
            ready.taken += 1
            return outputs
        fresh = rerun(self.request.nodes, self._fed(feeds))
        if isinstance(outputs, NonFiniteError):
            refuse_first_nonfinite(self.request.nodes, fresh)
        raise outputs

    def _taken(self, ready: Ready, take: Callable[[], list[Array]]) -> list[Array] | Exception:
        """What `take` gives, by whole steps; or why it failed, and then no leaf has changed."""
        self.buffers.fill()
        may_be_half_done = ready.can_fail and not ready.writes_last
        saved = self.buffers.saved() if self.check_finite or may_be_half_done else None
        with Uninterrupted():
            try:
                outputs = self._run(ready, take)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the user's node is named
                if saved is not None:
                    self.buffers.restore(saved)
                return problem
            self.buffers.show()
        return outputs

    def _run(self, ready: Ready, take: Callable[[], list[Array]]) -> list[Array]:
        """What `take` gives; NonFiniteError if that, or a new value, is to be finite and is not."""
        if ready.one_thread:
            with one_thread():
                outputs = take()
        else:
            outputs = take()
        if self.check_finite and not self._are_finite(outputs):
            raise NonFiniteError(
                "Program",
                expected="finite outputs and new values",
                came="NaN or infinity, which does not appear when the step is run node by node",
                suggestion="lower the learning rate: the values are near the end of their range",
            )
        return outputs

    def _can_take_back(self, ready: Ready) -> bool:
        """Whether there are copies of what a step changes, because it may fail."""
        return self.check_finite or ready.can_fail

    def _refuse_labels(self, ready: Ready, feeds: Sequence[Array]) -> None:
        if not self._labels_fit(ready, feeds):
            rerun(self.request.nodes, self._fed(feeds))

    def _labels_fit(self, ready: Ready, feeds: Sequence[Array]) -> bool:
        labels = ready.plan.labels
        return not labels or labels_fit(self.request.inputs, labels, feeds)

    def _are_finite(self, outputs: Sequence[Array]) -> bool:
        return all(np.isfinite(x).all() for x in outputs) and self.buffers.are_finite()

    def _fed(self, feeds: Sequence[Array]) -> Mapping[Node, Array]:
        return dict(zip(self.request.inputs.values(), feeds, strict=True))


_ENGINES: WeakSet[Engine] = WeakSet()
_held: list[Engine] = []


def _hold() -> None:
    """Before a fork: wait until every program is between two steps, as its child finds it."""
    _held[:] = sorted(_ENGINES, key=id)
    for engine in _held:
        engine.lock.acquire()


def _release() -> None:
    while _held:
        _held.pop().lock.release()


at_fork = getattr(os, "register_at_fork", lambda **_: None)  # where there are forks
at_fork(before=_hold, after_in_parent=_release, after_in_child=_release)


def rerun(nodes: Sequence[Node], feeds: Mapping[Node, Array]) -> dict[Node, Any]:
    """The value of every node, by its own rule; nothing is written to the nodes.

    Raises the error that `Graph.forward` would, which names the node and the line.
    """
    return evaluate(nodes, feeds)
