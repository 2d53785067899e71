"""A step that runs on devices: one at a time, or in a loop that stays there."""

from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import jax
import numpy as np

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.jax.devices import Devices
from autograd_lite.compiler.executors.jax.feeding import Feeding
from autograd_lite.compiler.executors.jax.loops import Loops
from autograd_lite.compiler.executors.jax.step import TracedStep

Array = Any


class JaxRunner:
    """Runs a draft as a function that XLA compiles.

    The device works while the host makes the next call ready; the host waits for outputs of a call
    when the one after it is on its way. Leaves stay on the device, too, for as long as nobody
    assigns other values.
    """

    register_bytes = 0
    uses_blas = False
    converts = True  # data of another dtype are converted on the device, batch by batch

    def __init__(self, draft: Draft, options: BuildOptions) -> None:
        devices: Devices = options.devices
        self.draft, self.devices = draft, devices
        self.users = list(draft.leaves.values())
        self.buffers = [options.buffers[user] for user in self.users]
        self.changed = [i for i, leaf in enumerate(draft.leaves) if leaf in draft.updates]
        self._inputs = [draft.origin[x] for x in draft.inputs.values()]
        self._elsewhere = options.elsewhere
        self._step = TracedStep(draft)
        self._feeding = Feeding(devices, draft)
        self._loops = Loops(TracedStep(draft, fed_labels=False), in_blocks=not devices.on_cpu)
        with self._settings():
            self._constants = [devices.put(node._value) for node in self._step.large]
            self._run = jax.jit(self._step, donate_argnums=0)
            self._lowered = self._run.lower(*self._shapes())

    @property
    def through_numpy(self) -> list[Any]:
        """The nodes that are computed on the host."""
        return self._step.through_numpy

    @property
    def source(self) -> str:
        """The step as StableHLO."""
        return str(self._lowered.as_text())

    @property
    def notes(self) -> list[str]:
        """Lines for the plan."""
        line = self.draft.graph._line
        return [f"Through NumPy on the host: {line(node)}" for node in self.through_numpy]

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step."""
        with self._settings():
            there = self.devices.put_feeds(feeds, self._inputs)
            leaves, outputs, outside = self._run(self._leaves(), self._constants, there)
            self._keep(leaves, [outside])
            return [np.array(x) for x in self.devices.fetched(outputs)]

    def scan(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,
        start: int,
        stop: int,
    ) -> list[Array]:
        """Many steps, with the loop on the device."""
        with self._settings():
            leaves, outside, parts = self._leaves(), [], []
            on_the_way: list[tuple[list[Array], int]] = []
            for rows, there, first, last in self._feeding.parts(
                data, order, batch_size, start, stop
            ):
                for call in self._loops.calls(first, last):
                    fixed = self._constants, there
                    leaves, outputs, count = self._loops(rows, leaves, fixed, call)
                    outside.append(count)
                    on_the_way.append((outputs, call.last - call.first))
                    if len(on_the_way) > 1:
                        parts.append(self._arrived(*on_the_way.pop(0)))
            parts.append(self._arrived(*on_the_way.pop()))
            self._keep(leaves, outside)
            return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def _arrived(self, outputs: Sequence[Array], count: int) -> list[Array]:
        """The outputs of so many steps, when the device has computed them."""
        return [x[:count] for x in self.devices.fetched(outputs)]

    # Where leaves lie

    def _leaves(self) -> list[Array]:
        """The leaves on the device, where they are used up."""
        there = {user: self._elsewhere.pop(user, None) for user in self.users}
        pairs = zip(self.users, self.buffers, strict=True)
        missing = {user: buffer.copy() for user, buffer in pairs if there[user] is None}
        there |= self.devices.put_leaves(missing)
        return [there[user] for user in self.users]

    def _keep(self, leaves: Sequence[Array], outside: Sequence[Array]) -> None:
        """Put the new values into the buffers. Raises IndexError if a label was outside."""
        changed = [leaves[place] for place in self.changed]
        values = self.devices.fetched([*outside, *changed])
        if any(values[: len(outside)]):
            raise IndexError("a label is outside of what it picks from")
        for place, value in zip(self.changed, values[len(outside) :], strict=True):
            np.copyto(self.buffers[place], value)
        self._elsewhere.update(zip(self.users, leaves, strict=True))

    def _shapes(self) -> tuple[list[Any], ...]:
        nodes = self.draft.leaves, self._step.large, self.draft.inputs.values()
        return tuple([jax.ShapeDtypeStruct(x.shape, x.dtype) for x in some] for some in nodes)

    @contextmanager
    def _settings(self) -> Any:
        """64 bits and full products, around our own calls alone."""
        with ExitStack() as stack:
            stack.enter_context(jax.enable_x64(True))
            stack.enter_context(jax.default_matmul_precision(self.devices.precision))
            yield
