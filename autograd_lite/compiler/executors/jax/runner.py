"""A step that runs on devices: one at a time, or in a loop that stays there."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.jax.devices import Devices
from autograd_lite.compiler.executors.jax.step import TracedStep
from autograd_lite.compiler.planning.arena import aligned_array
from autograd_lite.core.shapes import Spec

Array = Any

LONGEST = 1024  # steps whose outputs one call of the loop can hold
WINDOW = (
    2**23
)  # bytes of NumPy's data that it is handed: a CPU has them in its caches when it reads


class JaxRunner:
    """Runs a draft as a function that XLA compiles.

    A loop is told its first and last step as numbers, so it is compiled once for all lengths. Data
    of JAX stay on the device; those of NumPy are brought there by and by, in order of the steps.
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
        self._step = TracedStep(draft)
        self._data: tuple[Any, ...] = ()
        self._windows: dict[int, np.ndarray[Any, Any]] = {}
        self._loops: dict[Any, Callable[..., Any]] = {}
        with self._settings():
            self._constants = [devices.put(node._value) for node in self._step.large]
            self._run = jax.jit(self._step)
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
            batched = len({np.shape(x)[:1] for x in feeds} - {()}) == 1 and all(map(np.ndim, feeds))
            put = self.devices.put_batch if batched else self.devices.put
            there = [put(x) for x in feeds]
            leaves, outputs, outside = self._run(self._leaves(), self._constants, there)
            self._keep(leaves, float(outside))
            return [self.devices.whole(x) for x in outputs]

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
            loop = self._loop(batch_size)
            leaves, parts, outside = self._leaves(), [], 0.0
            for there, first, last in self._parts(data, order, batch_size, start, stop):
                leaves, outputs, count = loop(leaves, (self._constants, *there), first, last)
                parts.append([self.devices.whole(x)[: last - first] for x in outputs])
                outside += float(count)
            self._keep(leaves, outside)
            return [np.concatenate(column) for column in zip(*parts, strict=True)]

    # Where arrays lie

    def _leaves(self) -> list[Array]:
        pairs = zip(self.users, self.buffers, strict=True)
        return [self.devices.put_leaf(user, buffer.copy()) for user, buffer in pairs]

    def _keep(self, leaves: Sequence[Array], outside: float) -> None:
        """Put the new values into the buffers. Raises IndexError if a label was outside."""
        if outside:
            raise IndexError("a label is outside of what it picks from")
        for place in self.changed:
            np.copyto(self.buffers[place], self.devices.whole(leaves[place]))

    def _parts(
        self, data: Sequence[Array], order: Any, batch_size: int | None, start: int, stop: int
    ) -> Iterator[tuple[Any, int, int]]:
        """(what is on the device, first step, last step) of each call of the loop."""
        size, by_numpy = batch_size or 1, [x for x in data if isinstance(x, np.ndarray)]
        if self.devices.mesh is not None or not data or len(by_numpy) < len(data):
            there = self._resident(data, order, batch_size, start)
            for first in range(start, stop, LONGEST):
                yield there, first, min(first + LONGEST, stop)
            return
        steps = WINDOW // max(size * sum(x[:1].nbytes for x in data), 1)
        steps = max(min(steps, LONGEST, len(data[0]) // size), 1)
        for first in range(start, stop, steps):
            rows = slice(first * size, min(first + steps, stop) * size)
            windows = [self._window(i, steps * size, rows, order) for i in enumerate(data)]
            yield (windows, None), 0, (rows.stop - rows.start) // size

    def _window(
        self, numbered: tuple[int, Array], length: int, rows: slice, order: Array | None
    ) -> Array:
        """Rows of an array in memory that is used again; aligned, a CPU takes it as it is."""
        number, x = numbered
        window = self._windows.get(number)
        spec = Spec((length, *x.shape[1:]), x.dtype)
        if window is None or (window.shape, window.dtype) != spec:
            window = self._windows[number] = aligned_array(spec)
        part = window[: rows.stop - rows.start]
        if order is None:
            np.copyto(part, x[rows])
        else:
            np.take(x, order[rows], axis=0, out=part, mode="clip")  # which writes without detours
        return self.devices.put(window)

    def _resident(
        self, data: Sequence[Array], order: Array | None, batch_size: int | None, start: int
    ) -> tuple[list[Array], Array | None]:
        """All data on the device, brought there at the start of each pass."""
        key = (*map(id, data), id(order))
        if start == 0 or self._data[:1] != (key,):
            put = self._cut if self.devices.mesh is not None else self._put
            self._data = key, put(data, order, batch_size), (data, order)
        return self._data[1]

    def _put(self, data: Sequence[Array], order: Any, _: Any) -> tuple[list[Array], Array | None]:
        put = self.devices.put
        return [put(x) for x in data], None if order is None else put(order)

    def _cut(
        self, data: Sequence[Array], order: Any, batch_size: int | None
    ) -> tuple[list[Array], None]:
        """A row for each step, in the order of the steps, with the rows of a batch cut."""
        rows = data if order is None else [x[order] for x in data]
        if batch_size is None:
            return [self.devices.put(x) for x in rows], None
        steps = len(rows[0]) // batch_size
        batches = [x[: steps * batch_size].reshape(steps, batch_size, *x.shape[1:]) for x in rows]
        return [self.devices.put_batch(x, axis=1) for x in batches], None

    # What is compiled

    def _loop(self, batch_size: int | None) -> Callable[..., Any]:
        if batch_size not in self._loops:
            rows = None if self.devices.mesh is not None else batch_size
            self._loops[batch_size] = jax.jit(partial(self._steps, rows), donate_argnums=0)
        return self._loops[batch_size]

    def _steps(
        self,
        batch_size: int | None,
        leaves: Sequence[Array],
        fixed: tuple[Any, ...],
        first: Array,
        last: Array,
    ) -> Any:
        """The loop, to be traced; constants, data and their order do not change in it."""
        constants, data, order = fixed

        def body(i: Array, state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
            leaves, collected, outside = state
            feeds = [_rows(x, order, batch_size, i) for x in data]
            new, outputs, count = self._step(leaves, constants, feeds)
            put = partial(lax.dynamic_update_index_in_dim, index=i - first, axis=0)
            return (
                new,
                [put(x, y) for x, y in zip(collected, outputs, strict=True)],
                outside + count,
            )

        shapes = [x.spec for x in self.draft.outputs]
        collected = [jnp.zeros((LONGEST, *shape), dtype) for shape, dtype in shapes]
        return lax.fori_loop(
            first, last, body, (list(leaves), collected, self._step.none_outside())
        )

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


def _rows(x: Array, order: Array | None, batch_size: int | None, i: Array) -> Array:
    """What a step is fed of the data."""
    if batch_size is None:
        place = i if order is None else order[i]
        return lax.dynamic_index_in_dim(x, place, keepdims=False)
    if order is None:
        return lax.dynamic_slice_in_dim(x, i * batch_size, batch_size)
    return x[lax.dynamic_slice_in_dim(order, i * batch_size, batch_size)]
