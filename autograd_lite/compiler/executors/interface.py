"""What turns a plan into something that runs: the interface that every executor fulfils.

An executor is told a plan and nothing else; it never sees the user's graph. The program has
checked the feeds before a runner gets them (shape, dtype, range of labels), and it alone talks to
the user: a runner that fails may fail in any way, the program runs the step again, interpreted,
and raises the error that names the user's node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node


class ExecutorUnavailable(Exception):  # noqa: N818 - it is a state of the machine, not a mistake
    """The executor cannot run the plan here; the text is one line saying why."""


@dataclass(frozen=True)
class BuildOptions:
    """What an executor is told beside the plan.

    `buffers` holds the array of each of the user's leaves, so that of a leaf of the plan is
    `buffers[plan.leaves[leaf]]`: C-contiguous, 64-byte aligned, the same array for as long as the
    program lives, shared by all of its plans. Values that the user assigns are copied into it
    before a run; a step with updates writes there. `elsewhere` is for what an executor keeps of
    the same values, on a device: a leaf is taken out of it when its buffer is changed by others.
    """

    buffers: Mapping[Node, Array] = field(default_factory=dict)
    elsewhere: dict[Node, Any] = field(default_factory=dict)
    steps: int | None = None  # how many steps are meant to be run, if that is known
    patience: float = 0.0  # seconds that the building may take, however few steps there will be
    devices: Any = None  # of the JAX executor: where arrays lie
    reproducible: bool = False  # nothing may depend on how long something takes


class Runner(Protocol):
    """A plan made ready to run."""

    register_bytes: int  # what its loops need beside the plan's work space
    uses_blas: bool  # so that BLAS is told to take one thread
    converts: bool  # whether a scan may be given data of other dtypes that cast to the inputs'

    @property
    def source(self) -> str:
        """The code it runs, to be read."""

    @property
    def notes(self) -> Sequence[str]:
        """Lines for the plan: what it does that the steps do not say."""

    def run(self, feeds: Sequence[Array]) -> list[Array]:
        """One step: the outputs in the order of `plan.outputs`, each a new array.

        `feeds` come in the order of `plan.inputs`, C-contiguous, of the input's exact shape and
        dtype, and are never written to. Updates are written into the buffers of the leaves.
        """

    def scan(
        self,
        data: Sequence[Array],
        order: Array | None,
        batch_size: int | None,
        start: int,
        stop: int,
    ) -> list[Array]:
        """The steps `start` … `stop` - 1 of a pass over the data: the outputs, stacked.

        `data` are C-contiguous arrays of the inputs' dtypes, all of one length, in the order of
        `plan.inputs`. Step i feeds `d[i]` where `batch_size` is None, and else the rows
        `d[i * batch_size : (i + 1) * batch_size]`, always as many. With `order` (int64, of the
        data's length) they are the rows `d[order[i]]`, `d[order[i * batch_size : …]]`.
        """


class Executor(Protocol):
    """One way to run plans."""

    name: str

    def can_fuse(self, node: Node) -> bool:
        """Whether a node may be in a loop of a plan made for this executor.

        That is an elementwise one, or a subscript, with which a loop may begin.
        """

    def build(self, plan: Plan, options: BuildOptions) -> Runner:
        """The plan, made ready to run; raises ExecutorUnavailable with the reason if it cannot."""
