"""A compiled plan: what calls the C functions, and NumPy between them where it has to."""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.compiler.executors.native.memory import Memory
from autograd_lite.compiler.executors.native.reasons import reason
from autograd_lite.compiler.executors.native.source import CSource
from autograd_lite.compiler.planning.arena import aligned_array
from autograd_lite.compiler.planning.plan import Plan, Step
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node


class LabelOutside(IndexError):  # noqa: N818 - the program tells the user, with an error's name
    """A step met a label or an index outside of what it picks from."""


class NativeRunner:
    """Runs a plan as C; one step at a time, as the work space is this runner's own."""

    register_bytes = 0

    converts = False

    def __init__(self, plan: Plan, options: BuildOptions, written: CSource) -> None:
        self.plan = plan
        self.source = written.text
        self.through_numpy = [x for step in written.regions if step for x in step.nodes]
        by_blas = any(name.startswith("gemm_") for name in written.extra)
        self.uses_blas = by_blas or not written.is_native
        self._library = toolchain.load(written.text, written.kernels)
        self._memory = Memory(plan, options, written)
        if self._memory.fixed:
            self._step: Callable[[int], int] = self._by_regions(written.regions)
        else:
            self._step = _function(self._library.plan_region_0, 1)
            self._scan = _function(self._library.plan_scan, 2)

    # For who calls it step by step, and looks after the arrays

    @property
    def is_native(self) -> bool:
        """Whether all of a step is C."""
        return not self._memory.fixed

    def buffer(self, node: Node) -> Array | None:
        """The array to which an input is to be copied, or in which an output is found."""
        return self._memory.buffer(node)

    def pointer(self, node: Node) -> Callable[[Array], None]:
        """Where there is no such array: what is to be told which one to use."""
        return self._memory.pointer(node)

    def step(self) -> int:
        """Take a step, with the arrays as they are; 0 if nothing was refused."""
        self._memory.count_threads()
        return self._step(self._memory.address)

    @property
    def notes(self) -> list[str]:
        """The nodes that C has no row for, and how many threads there are."""
        named = [(self.plan.graph._line(x), reason(x)) for x in self.through_numpy]
        lines = [f"Through NumPy: {line}; {why}" for line, why in named]
        return [*lines, *self._memory.threads.notes]

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step: the outputs, each a new array."""
        memory = self._memory
        memory.count_threads()
        memory.take(feeds)
        room = memory.room()
        _refuse(self._step(memory.address))
        return memory.results(room)

    def scan(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,
        start: int,
        stop: int,
    ) -> list[Array]:
        """Many steps, with the loop in C."""
        outputs = [np.empty((stop - start, *x.shape), x.dtype) for x in self.plan.outputs]
        self._memory.count_threads()
        if self._memory.fixed:
            self._scan_in_python(data, order, batch_size, range(start, stop), outputs)
            return outputs
        gathers = batch_size is not None and order is not None
        buffers = [aligned_array(x.spec) for x in self.plan.inputs.values()] if gathers else []
        tables = [_addresses(arrays) for arrays in (data, buffers, outputs)]
        places = [table.ctypes.data for table in tables]
        ordered = 0 if order is None else order.ctypes.data
        about = np.array([*places, ordered, batch_size or 0, start, stop], np.uintp)
        _refuse(self._scan(self._memory.address, about.ctypes.data))
        return outputs

    # Where NumPy runs some of the steps

    def _by_regions(self, regions: Sequence[Step | None]) -> Callable[[int], int]:
        calls = [
            _function(self._library[f"plan_region_{number}"], 1)
            if step is None
            else self._by_numpy(step)
            for number, step in _numbered(regions)
        ]

        def step(address: int) -> int:
            return next(filter(None, (call(address) for call in calls)), 0)

        return step

    def _by_numpy(self, step: Step) -> Callable[[int], int]:
        """A step that NumPy runs, as a function that looks like those in C."""
        arrays = {
            x: self._memory.array(x)
            for node in step.nodes
            for x in node.inputs
            if x not in set(step.nodes)
        }
        targets = {node: self._memory.array(node) for node in step.outputs}

        def run(_: int) -> int:
            values: dict[Node, Any] = dict(arrays)
            with np.errstate(all="ignore"):
                for node in step.nodes:
                    operands = [values[x] for x in node.inputs]
                    values[node] = node.op.compute(operands, node.params)  # type: ignore[union-attr]
            for node, target in targets.items():
                target[...] = values[node]
            return 0

        return run

    def _scan_in_python(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,
        steps: range,
        outputs: Sequence[Array],
    ) -> None:
        for k, step in enumerate(steps):
            rows: Any = (
                step if batch_size is None else slice(step * batch_size, (step + 1) * batch_size)
            )
            rows = rows if order is None else order[rows]
            self._memory.take([x[rows] for x in data])
            _refuse(self._step(self._memory.address))
            for stacked, result in zip(outputs, self._memory.results([]), strict=True):
                stacked[k] = result


def _numbered(regions: Sequence[Step | None]) -> list[tuple[int, Step | None]]:
    """The regions, those in C with their numbers."""
    native = np.cumsum([step is None for step in regions]) - 1
    return list(zip(native.tolist(), regions, strict=True))


def _function(function: Any, arguments: int) -> Callable[..., int]:
    function.argtypes, function.restype = [ctypes.c_void_p] * arguments, ctypes.c_int64
    return function


def _addresses(arrays: Sequence[Array]) -> Array:
    return np.array([array.ctypes.data for array in arrays], np.uintp)


def _refuse(failed: int) -> None:
    if failed:
        raise LabelOutside(f"%{failed - 1}: a label or an index is outside of what it picks from")
