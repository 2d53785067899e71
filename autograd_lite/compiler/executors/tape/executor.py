"""The executors of scalar graphs: the same tape, played by C or as Python code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.tape.native import NativeTape
from autograd_lite.compiler.executors.tape.python_tape import PythonTape
from autograd_lite.compiler.executors.tape.tape import record
from autograd_lite.compiler.planning.plan import fed
from autograd_lite.compiler.request import Request
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node


@dataclass(frozen=True, repr=False)
class TapePlan:
    """What is played: the operations of a graph of single numbers, in their order."""

    inputs: Mapping[str, Node]  # name of a feed → its leaf in the graph
    outputs: tuple[Node, ...]
    operations: int
    executor: str
    labels: Mapping[str, int] = field(default_factory=dict)  # no feed is a label

    def __repr__(self) -> str:
        return f"Plan for {fed(self.inputs)}: {self.operations} operations by {self.executor}"


class ScalarRunner:
    """A tape, ready to be played."""

    register_bytes = 0
    uses_blas = False
    converts = False
    notes: tuple[str, ...] = ()

    def __init__(self, request: Request, player: NativeTape | PythonTape) -> None:
        self.player, self.source = player, player.source
        self.dtypes = [node.dtype for node in request.outputs]
        self.feeds = np.empty((len(request.inputs), 1))

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step: the outputs, each a new array."""
        for cell, feed in zip(self.feeds, feeds, strict=True):
            cell[0] = feed
        row = self.player.play(list(self.feeds), None, 0, 1)[0]
        return [np.array(value, dtype) for value, dtype in zip(row, self.dtypes, strict=True)]

    def scan(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,  # noqa: ARG002 - None: an input is one number
        start: int,
        stop: int,
    ) -> list[Array]:
        """The steps `start` … `stop` - 1 of a pass over the data: the outputs, stacked."""
        rows = self.player.play(data, order, start, stop)
        return [column.astype(dtype) for column, dtype in zip(rows.T, self.dtypes, strict=True)]


class ScalarExecutor:
    """Plays graphs whose every value is one float64; any other is refused."""

    def __init__(self, *, native: bool) -> None:
        self.native = native
        self.name = "native tape" if native else "python tape"

    def build(self, request: Request, options: BuildOptions) -> tuple[TapePlan, ScalarRunner]:
        """The graph on a tape; raises ExecutorUnavailable with the reason if that cannot be."""
        inputs, leaves = list(request.inputs.values()), list(request.leaves)
        tape = record(inputs, leaves, request.outputs, request.updates)
        buffers = [options.buffers[leaf] for leaf in leaves]
        player = (NativeTape if self.native else PythonTape)(tape, buffers)
        why = f"{self.name}: single numbers only"
        plan = TapePlan(request.inputs, request.outputs, len(tape), why)
        return plan, ScalarRunner(request, player)


TAPE_EXECUTORS = (ScalarExecutor(native=True), ScalarExecutor(native=False))
