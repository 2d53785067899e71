"""A program: a graph made ready to run many times, and all that a user sees of the compiler."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.choice import EXECUTORS, AnyPlan, make_devices
from autograd_lite.compiler.executors.native.executor import NativeExecutor
from autograd_lite.compiler.executors.native.export import export_c
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.pipeline import Pass, stages
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.request import Outputs, Request, make_request
from autograd_lite.compiler.runtime.engine import Engine
from autograd_lite.compiler.runtime.feeds import Data, accepted
from autograd_lite.compiler.runtime.leaf_buffers import LeafBuffers
from autograd_lite.compiler.runtime.plans import Plans
from autograd_lite.compiler.runtime.scanning import (
    FIRST,
    SECONDS,
    SECONDS_OF_A_GPU,
    Chunks,
    Progress,
    Rows,
    make_rows,
    refuse_other_progress,
)
from autograd_lite.core.values import Array
from autograd_lite.errors import ConfigError, OpCallError, ShapeError
from autograd_lite.frontend.drawable import Drawable
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.ops.table import aligned


class Program(Drawable):
    """What `compile` makes of a graph: call it for one step, `scan` for a pass over data.

    Leaves with updates change with every step, as if all new values were computed first and then
    assigned; `leaf.value` then is a read-only view of the program's memory, which the next step
    changes: copy what is to be kept. Values assigned to leaves in between are seen.
    """

    def __init__(
        self,
        request: Request,
        *,
        executor: str,
        steps: int | None,
        passes: Mapping[str, Pass],
        check_finite: bool,
        reproducible: bool = False,
        devices: Any = None,
    ) -> None:
        self._request = request
        self._has_warned = False
        self._devices = devices
        self._on_device = devices and devices.array_type
        buffers = LeafBuffers(request.leaves, request.updates)
        self._plans = Plans(
            request,
            buffers,
            executor=executor,
            steps=steps,
            passes=passes,
            devices=devices,
            reproducible=reproducible,
        )
        self._engine = Engine(request, buffers, self._plans, check_finite=check_finite)

    # Looking at it

    @property
    def plan(self) -> AnyPlan:
        """What is run: steps, buffers, bytes, what was fused, which executor and why. Print it.

        It is the plan used last; before the first run, that for the inputs as declared.
        """
        return self._plans.latest().told()

    @property
    def source(self) -> str:
        """The generated code of that plan."""
        return self._plans.latest().runner.source

    @property
    def passes(self) -> dict[str, NodeGraph]:
        """The graph after each pass, by the pass's name, for the inputs as declared."""
        return {name: draft.graph for name, draft in self.drafts.items()}

    @property
    def drafts(self) -> dict[str, Draft]:
        """The same with the roles of the nodes, and the user's nodes that they come from."""
        plans, request = self._plans, self._request
        shapes = dict(zip(request.inputs, plans.declared(), strict=True))
        return stages(request.outputs, request.updates, shapes, plans.passes)

    def print_passes(self) -> None:
        """Print the graph after each pass."""
        for name, graph in self.passes.items():
            print(f"{name}: {len(graph)} nodes\n{graph}\n")  # noqa: T201

    @checks_call
    def export_c(self, folder: str | PathLike[str]) -> Path:
        """Write C that computes the outputs without Python: source, header, main, and weights.

        For the inputs as declared, with the values that the leaves have now; the updates stay
        here. `cc -o predict main.c predict.c -lm` builds it. Raises ConfigError where an output
        needs an op that only NumPy can compute.
        """
        return export_c(self._plans.of_outputs(NativeExecutor().can_fuse), folder)

    @checks_call
    def to_onnx(self, path: str | PathLike[str], *, batch: str | None = None) -> Path:
        """Write the program as an ONNX file (extra `onnx`), which other programs run; return it.

        Outputs have the names that they were asked for by, or those of their nodes, and may be
        gradients. Without updates the values that the leaves have now are in the file; with
        updates it is a whole training step: each leaf is an input, its new value an output
        `NAME_new`. `batch` names an input whose first axis may then have any length, as may that
        of all inputs declared as long.

        Raises ConfigError, with node and line, for an op that ONNX cannot have.
        """
        export = exporter("onnx.model", "onnx")
        return export(self._request, path, batch)

    @checks_call
    def to_stablehlo(self, path: str | PathLike[str], *, batch: str | None = None) -> Path:
        """Write the program for CPUs, GPUs and TPUs as `jax.export` reads it (extra `jax`).

        `jax.export.deserialize(bytes).call(x=…, y=…)` runs it, without autograd_lite, and gives a
        dict of outputs. Names, updates and `batch` are as for `to_onnx`.
        """
        export = exporter("stablehlo", "jax")
        return export(self._request, path, batch)

    def __repr__(self) -> str:
        request = self._request
        rows = [
            *(("input", name, str(x.spec)) for name, x in request.inputs.items()),
            *(("output", x.name or x.op.name, str(x.spec)) for x in request.outputs),
            *(("update", x.name or x.op.name, str(x.spec)) for x in request.updates),
        ]
        head = f"Program of {len(request.nodes)} nodes"
        return f"{head}\n{aligned([('role', 'name', 'type'), *rows])}"

    # Running it

    def __call__(self, /, *others: Any, **feeds: ArrayLike) -> Any:
        """One step: the outputs, as arrays or NumPy scalars, in the form they were asked for.

        A feed for each input that the outputs or updates need, as for `Graph.forward`.
        Raises FeedError, ShapeError, DTypeError, LabelError, NonFiniteError; then nothing has
        changed.
        """
        if others:
            raise OpCallError(
                "a call of a program",
                expected=f"feeds by name: {', '.join(self._request.inputs) or 'it needs none'}",
                came=f"{len(others)} by position",
                suggestion="write program(x=…)",
            )
        outputs = self._engine.step(accepted(self._request.inputs, feeds, self._on_device))
        return self._request.arranged([x[()] for x in outputs])

    @checks_call
    def scan(
        self,
        data: Mapping[str, ArrayLike],
        *,
        batch_size: int = 1,
        shuffle: bool | int | np.random.Generator = False,
        steps: int | None = None,
        progress: Progress | None = None,
    ) -> Any:
        """A whole pass over the data: the outputs, stacked over the steps.

        An array for each input, all of one length. Where inputs are declared without a batch
        axis, each row is a step; else each batch is one, the last of them perhaps smaller. A
        program without inputs is told how many `steps` to take: `scan({}, steps=100)`.
        `shuffle` is a seed or a Generator, or True for any order. After some steps at a time
        `progress(done, steps)` is called; where it returns False, the pass ends. Ctrl-C is heard
        at these times, with every step taken whole.

        Raises what a step raises. Labels are checked before the first step; an error in the
        middle leaves the leaves as they were before the step that fails.
        """
        refuse_other_progress(progress)
        rows = make_rows(
            Data(self._request.inputs, data, steps, self._on_device), batch_size, shuffle
        )
        if self._devices and rows.data.batched:
            self._devices.refuse_uneven(rows.steps and batch_size, rows.rest)
        self._engine.expect(rows)
        self._warn_of_split(rows)
        self._engine.refuse_labels(rows)
        self._refuse_uneven(rows)
        collected: list[list[Array]] = []
        total = rows.steps + bool(rows.rest)
        for start, stop in self._chunks(rows):
            collected.append(self._engine.chunk(rows, start, stop))
            if progress is not None and progress(stop, total) is False:
                return self._stacked(collected)
        if rows.rest:
            collected.append([x[None] for x in self._engine.step(rows.remainder())])
            if progress is not None:
                progress(total, total)
        return self._stacked(collected or [self._nothing(rows)])

    def _chunks(self, rows: Rows) -> Iterator[tuple[int, int]]:
        """All steps in chunks; on devices the first one is as long as the last pass has shown."""
        if not (self._devices and rows.steps):
            yield from Chunks(rows.steps)
            return
        ready = self._engine.ready(rows.shapes, 0)
        seconds = SECONDS if self._devices.on_cpu else SECONDS_OF_A_GPU
        chunks = Chunks(rows.steps, max(ready.chunk, FIRST), seconds)
        yield from chunks
        ready.chunk = chunks.size

    def _warn_of_split(self, rows: Rows) -> None:
        """Say once that NumPy has a part in each step, so that the pass is a loop in Python."""
        plan = self._engine.ready(rows.shapes, 0).plan if rows.steps > 1 else None
        notes = plan.notes if isinstance(plan, Plan) and not self._has_warned else ()
        found = [note for note in notes if note.startswith("Through NumPy: ")]
        if found:
            self._has_warned = True
            warnings.warn(
                f"a step has {len(found)} operations that run through NumPy, so this pass is a "
                f"loop in Python; the plan tells of all of them. {found[0]}",
                RuntimeWarning,
                stacklevel=3,
            )

    def _stacked(self, collected: Sequence[Sequence[Array]]) -> Any:
        columns = zip(*collected, strict=True)
        return self._request.arranged([np.concatenate(column) for column in columns])

    def _nothing(self, rows: Rows) -> list[Array]:
        outputs = self._engine.ready(rows.shapes, 0).plan.outputs
        return [np.empty((0, *x.shape), x.dtype) for x in outputs]

    def _refuse_uneven(self, rows: Rows) -> None:
        """Raise ShapeError if the outputs of a last, smaller batch do not stack with the others."""
        if not (rows.steps and rows.rest):
            return
        rest = tuple(x.shape for x in rows.remainder())
        whole, last = (self._engine.ready(shapes, 0).plan for shapes in (rows.shapes, rest))
        for x, y in zip(whole.outputs, last.outputs, strict=True):
            if x.shape != y.shape:
                raise ShapeError(
                    "Program.scan",
                    expected="outputs of one shape, to be stacked over the steps",
                    came=f"{x.spec} from whole batches and {y.spec} from the last one",
                    suggestion="choose a batch_size that divides the number of rows",
                )


def exporter(module: str, library: str) -> Callable[..., Path]:
    """The function that writes a form of file. Raises ConfigError without the library."""
    try:
        return import_module(f"autograd_lite.export.{module}").export
    except ImportError as problem:
        raise ConfigError(
            "export",
            expected=f"the library {library}",
            came=str(problem),
            suggestion=f'pip install "autograd-lite[{library}]"',
        ) from problem


def make_program(
    graph: NodeGraph,
    outputs: Outputs,
    updates: Mapping[Node, Node] | None,
    *,
    executor: str,
    steps: int | None,
    passes: Sequence[str] | Mapping[str, Pass] | None,
    check_finite: bool,
    reproducible: bool,
    mesh: Any,
    shard: Mapping[Node, Any] | None,
    precision: str,
) -> Program:
    """What `autograd_lite.compile` gives; it says what the arguments are."""
    if executor not in EXECUTORS:
        raise _unknown("executor", executor, EXECUTORS)
    if steps is not None and (type(steps) is not int or steps < 0):
        raise ConfigError(
            "compile",
            expected="steps to be how many you mean to run, or None",
            came=repr(steps),
            suggestion="leave it out if you do not know",
        )
    request = make_request(graph, outputs, updates)
    devices = make_devices("compile", executor, mesh=mesh, shard=shard, precision=precision)
    if shard:
        devices = devices.sharing(shard, request.leaves)
    return Program(
        request,
        executor=executor,
        steps=steps,
        passes=_chosen(PASSES if passes is None else passes),
        check_finite=check_finite,
        reproducible=reproducible,
        devices=devices,
    )


def _chosen(passes: Sequence[str] | Mapping[str, Pass]) -> Mapping[str, Pass]:
    if isinstance(passes, Mapping):
        return passes
    names = [passes] if isinstance(passes, str) else passes
    if not isinstance(names, Sequence):
        raise _unknown("pass", names, tuple(PASSES))
    for name in names:
        if name not in PASSES:
            raise _unknown("pass", name, tuple(PASSES))
    return {name: PASSES[name] for name in names}


def _unknown(kind: str, came: object, known: Sequence[str]) -> ConfigError:
    return ConfigError(
        "compile",
        expected=f"{kind} to be one of {', '.join(known)}",
        came=repr(came),
        suggestion="check the spelling",
    )
