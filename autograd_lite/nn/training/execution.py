"""How training steps are run: node by node, or compiled; both do the same within rounding."""

from collections.abc import Iterable
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import Graph
from autograd_lite.core.sweep import reached
from autograd_lite.frontend.assignment import assign_all
from autograd_lite.nn.checks import Array, refuse_unless
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.targets import Spread
from autograd_lite.nn.training.evaluation import Measure, measure
from autograd_lite.nn.training.recording import Recording
from autograd_lite.nn.training.samples import picks
from autograd_lite.nn.training.sources import EVALUATION_BATCH, Batch

EXECUTORS = {name: name for name in ("auto", "interpreted", "numpy", "native", "jax")}


class Interpreted:
    """Every node computed by its own rule, a Python call each: slow, and exact about errors."""

    executor = "interpreted"  # what runs the steps; never "auto"

    def __init__(self, recording: Recording, optimizer: Optimizer, batch_size: int | None) -> None:
        self.recording, self.optimizer = recording, optimizer
        self.batch_size = batch_size

    def run(self, images: Array, labels: Array) -> float:
        """Take the steps over these samples; NonFiniteError names the node of a NaN."""
        graph, loss, total = self.recording.graph, self.recording.loss, 0.0
        size, batched = self.batch_size or len(labels), self.recording.has_batches
        for pick in picks(len(labels), size, batched=batched):
            graph.forward(loss, x=images[pick], y=labels[pick])
            graph.backward(loss)
            fresh = {buffer: node.value for buffer, node in self.recording.updates.items()}
            self.optimizer.step()
            assign_all(fresh)
            count = len(labels[pick]) if self.recording.has_batches else 1
            total += loss.item() * count
        return total / len(labels)


class Compiled:
    """The steps as one program: forward, gradients and update planned together.

    Gradients and updates are listed in a graph of their own, so the recording stays what it was.
    """

    def __init__(
        self,
        recording: Recording,
        optimizer: Optimizer,
        batch_size: int | None,
        executor: str,
        steps: int,
        **devices: Any,
    ) -> None:
        with Graph().adopt(recording.graph) as graph:
            updates = optimizer.updates(ag.gradients(recording.loss, optimizer.parameters))
        updates |= recording.updates
        behind = reached(recording.loss, *updates.values())
        self.reads_labels = recording.y in behind  # a loss of one's own need not
        self.batch_size = batch_size
        self.program = ag.compile(
            graph,
            recording.loss,
            updates,
            executor=executor,
            steps=steps,
            check_finite=True,
            reproducible=True,
            **devices,
        )

    @property
    def executor(self) -> str:
        """What runs the program, whatever was asked for."""
        return self.program.plan.executor.partition(":")[0]

    def run(self, images: Array, labels: Array) -> float:
        """Take the steps over these samples; NonFiniteError names the node of a NaN."""
        size = self.batch_size or len(labels)
        data = {"x": images, "y": labels} if self.reads_labels else {"x": images}
        losses = self.program.scan(data, batch_size=size)
        return mean_of_samples(losses, sizes_of_batches(len(labels), size))


def make_execution(
    recording: Recording,
    optimizer: Optimizer,
    devices: dict[str, Any],
    *,
    batch_size: int | None,
    executor: str,
    steps: int,
) -> Interpreted | Compiled:
    """The way of that name to train for so many steps; an optimizer's own step is interpreted.

    Without a `batch_size` all samples that come together are one step.
    """
    frozen = [x.label() for x in optimizer.parameters if not x.requires_grad]
    hint = "make the optimizer from [x for x in model.parameters() if x.requires_grad]"
    refuse_unless(not frozen, "optimizer", frozen, "parameters that need a gradient", hint)
    right, expected = optimizer.accumulate <= max(steps, 1), f"at most the {steps} steps of the run"
    hint = "take smaller batches, or more epochs: else no weight would change"
    refuse_unless(right, "accumulate", optimizer.accumulate, expected, hint)
    if executor == "interpreted" or type(optimizer).step is not Optimizer.step:
        return Interpreted(recording, optimizer, batch_size)
    return Compiled(recording, optimizer, batch_size, executor, steps, **devices)


def refuse_uneven(mesh: Any, batch_size: int, count: int) -> None:
    """Raise ConfigError if the devices of a mesh cannot share each batch, also the last, evenly."""
    parts = 1 if mesh is None else mesh.shape[mesh.axis_names[0]]
    last = count % batch_size
    fits = batch_size % parts == 0 and last % parts == 0
    came = f"batches of {batch_size:,} and a last one of {last:,} on {parts} devices"
    hint = "choose a batch size and a number of samples that the devices divide"
    refuse_unless(fits, "mesh", came, "batches that devices share evenly", hint)


def make_measure(recording: Recording, *, executor: str, steps: int) -> Measure:
    """A function from samples to their accuracy and mean loss, by a recording for large batches."""
    size = EVALUATION_BATCH
    if executor == "interpreted":
        return lambda batches: measure(recording, batches, size)
    outputs = [recording.accuracy, recording.loss]
    program = ag.compile(
        recording.graph, outputs, executor=executor, steps=steps, reproducible=True
    )

    def compiled(batches: Iterable[Batch]) -> tuple[float, float]:
        found, spread = [], Spread()
        for images, labels in batches:
            spread.add(labels)
            figures = program.scan({"x": images, "y": labels}, batch_size=size)
            found.append((*figures, sizes_of_batches(len(labels), size)))
        accuracies, losses, sizes = map(np.concatenate, zip(*found, strict=True))
        accuracy = recording.targets.accuracy(mean_of_samples(accuracies, sizes), spread)
        return accuracy, mean_of_samples(losses, sizes)

    return compiled


def sizes_of_batches(count: int, batch_size: int) -> Array:
    """How many samples each batch has; the last may be smaller.

    >>> sizes_of_batches(5, 2).tolist()
    [2.0, 2.0, 1.0]
    """
    starts = np.arange(0, count, batch_size)
    return np.minimum(count - starts, batch_size).astype("float64")


def mean_of_samples(values: Array, sizes: Array) -> float:
    """The mean over all samples of means over batches of these sizes.

    >>> mean_of_samples(np.array([1.0, 4.0]), np.array([2.0, 1.0]))
    2.0
    """
    return float(values.astype("float64") @ sizes / sizes.sum())
