"""The executors of scalar graphs: the same tape, played by C or as Python code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_lite.compiler.executors.interface import Array, BuildOptions
from autograd_lite.compiler.executors.tape.native import NativeTape
from autograd_lite.compiler.executors.tape.python_tape import PythonTape
from autograd_lite.compiler.executors.tape.tape import record
from autograd_lite.compiler.planning.plan import Plan


class ScalarRunner:
    """A tape, ready to be played."""

    register_bytes = 0
    notes: tuple[str, ...] = ()

    def __init__(self, plan: Plan, player: NativeTape | PythonTape) -> None:
        self.player, self.source = player, player.source
        self.dtypes = [node.dtype for node in plan.outputs]
        self.feeds = np.empty((len(plan.inputs), 1))

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
    """Plays plans whose every value is one float64; any other plan is refused."""

    def __init__(self, *, native: bool = True) -> None:
        self.native = native
        self.name = "native tape" if native else "python tape"

    def can_fuse(self, op: object) -> bool:  # noqa: ARG002
        """No loops: the plan is the user's graph as it is."""
        return False

    def build(self, plan: Plan, options: BuildOptions) -> ScalarRunner:
        """The plan, made ready to run; raises ExecutorUnavailable with the reason if it cannot."""
        tape = record(list(plan.inputs.values()), list(plan.leaves), plan.outputs, plan.updates)
        homes = [options.homes[user] for user in plan.leaves.values()]
        return ScalarRunner(plan, (NativeTape if self.native else PythonTape)(tape, homes))
