"""How data reach the device: where they are, as they lie in memory, or by and by in windows."""

from collections.abc import Iterator, Sequence
from ctypes import c_char
from functools import partial
from typing import Any

import numpy as np

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.jax.devices import Devices
from autograd_lite.compiler.executors.jax.loops import (
    Rows,
    as_it_lies,
    row_of_a_step,
    rows_of_a_batch,
)
from autograd_lite.compiler.planning.arena import ALIGNMENT, aligned_array
from autograd_lite.compiler.planning.planner import labels_of
from autograd_lite.core.shapes import Spec

Array = Any

WINDOW = 2**23  # bytes that a CPU is handed at a time: they are in its caches when it reads
WINDOW_OF_A_GPU = 2**26  # bytes that are copied there while it is at work on as many


class Feeding:
    """Hands the rows of a pass to the loop, which reads them by the step's number.

    Data of JAX stay where they are, and so does what a mesh shares. A CPU reads NumPy's arrays
    in place, if their rows are taken in order. All else comes in windows, two in turn: one is
    made ready while the other is read.
    """

    def __init__(self, devices: Devices, draft: Draft) -> None:
        self.devices = devices
        labels = labels_of(draft)
        self._bounds = [labels.get(name) for name in draft.inputs]
        self._in_place: Rows = partial(as_it_lies, [x.shape for x in draft.inputs.values()])
        self._batches: dict[int, Rows] = {}
        self._windows: dict[tuple[int, int], np.ndarray[Any, Any]] = {}
        self._data: tuple[Any, ...] = ()
        self._fitting: dict[int, Array] = {}  # labels on the device that were looked at

    def parts(
        self, data: Sequence[Array], order: Any, batch_size: int | None, start: int, stop: int
    ) -> Iterator[tuple[Rows, Any, int, int]]:
        """(how rows are found, data on the device, first step, last step), part by part."""
        by_numpy = data and all(isinstance(x, np.ndarray) for x in data)
        if self.devices.mesh is not None or not by_numpy:
            cut = self.devices.mesh is not None
            there = self._resident(data, order, batch_size, start)
            yield self._rows(None if cut else batch_size), there, start, stop
            return
        lying = [x for x in map(memory_of, data) if x and self.devices.on_cpu and order is None]
        if len(lying) == len(data):
            memories, begins = zip(*lying, strict=True)
            yield self._in_place, ([self.devices.put(x) for x in memories], begins), start, stop
        else:
            yield from self._in_windows(data, order, batch_size, start, stop)

    def _rows(self, batch_size: int | None) -> Rows:
        if batch_size is None:
            return row_of_a_step
        if batch_size not in self._batches:
            self._batches[batch_size] = partial(rows_of_a_batch, batch_size)
        return self._batches[batch_size]

    def _in_windows(
        self, data: Sequence[Array], order: Any, batch_size: int | None, start: int, stop: int
    ) -> Iterator[tuple[Rows, Any, int, int]]:
        size, rows = batch_size or 1, self._rows(batch_size)
        limit = WINDOW if self.devices.on_cpu else WINDOW_OF_A_GPU
        steps = limit // max(size * sum(x[:1].nbytes for x in data), 1)
        steps = max(min(steps, len(data[0]) // size), 1)
        for turn, first in enumerate(range(start, stop, steps)):
            part = slice(first * size, min(first + steps, stop) * size)
            windows = [
                self._window((i, turn % 2), x, steps * size, part, order)
                for i, x in enumerate(data)
            ]
            yield rows, (windows, None), 0, (part.stop - part.start) // size

    def _window(
        self, place: tuple[int, int], x: Array, length: int, rows: slice, order: Array | None
    ) -> Array:
        """Rows of an array in memory that is used again; aligned, a CPU takes it as it is."""
        if order is None and not self.devices.on_cpu and rows.stop - rows.start == length:
            return self.devices.put(x[rows])
        window = self._windows.get(place)
        spec = Spec((length, *x.shape[1:]), x.dtype)
        if window is None or (window.shape, window.dtype) != spec:
            window = self._windows[place] = aligned_array(spec)
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
            self._data = ()
            self._refuse_labels(data)
            put = self._cut if self.devices.mesh is not None else self._put
            self._data = key, put(data, order, batch_size), (data, order)
        return self._data[1]

    def _refuse_labels(self, data: Sequence[Array]) -> None:
        """Raise IndexError if a label on the device is outside; NumPy's were looked at before."""
        for i, (x, bound) in enumerate(zip(data, self._bounds, strict=True)):
            known = x is self._fitting.get(i) or not isinstance(x, self.devices.array_type)
            if bound and x.size and not known:
                low, high = self.devices.fetched([x.min(), x.max()])
                if low < 0 or high >= bound:
                    raise IndexError("a label is outside of what it picks from")
                self._fitting[i] = x

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


def memory_of(x: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], np.int64] | None:
    """The memory of an array, flat, from a cache line on, and where the array begins in it.

    XLA reads memory in place only from a cache line on, and NumPy's arrays mostly begin 16 bytes
    behind one. These bytes are in the same page, so they are there, and no step reads them. None
    for an array that does not lie in one piece, or not in whole elements behind the line.
    """
    before = x.ctypes.data % ALIGNMENT
    if not (x.size and x.flags.c_contiguous and x.dtype.isnative) or before % x.itemsize:
        return None
    memory = (c_char * (before + x.nbytes)).from_address(x.ctypes.data - before)
    flat = np.frombuffer(memoryview(memory), x.dtype)
    flat.flags.writeable = False
    return flat, np.int64(before // x.itemsize)
