"""How training steps are run: node by node, or compiled; both do the same within rounding."""

from math import ceil
from typing import Any, Protocol

import numpy as np

import autograd_lite as ag
from autograd_lite import Graph
from autograd_lite.nn.checks import Array, refuse_unless
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.training.classifier import Recording
from autograd_lite.nn.training.evaluation import Measure, measure
from autograd_lite.nn.training.samples import picks

EXECUTORS = {name: name for name in ("auto", "interpreted", "numpy", "native", "jax")}
ON_DEVICES = ("mesh", "shard", "precision")  # what compile takes with executor="jax"
EVALUATION_BATCH = 1000


class Execution(Protocol):
    """A way to take steps."""

    @property
    def executor(self) -> str:
        """What runs the steps; never "auto"."""

    def run(self, images: Array, labels: Array) -> float:
        """Take the steps over these samples, in their order; the mean of the losses."""


class Interpreted:
    """Every node computed by its own rule, a Python call each: slow, and exact about errors."""

    executor = "interpreted"

    def __init__(self, recording: Recording, optimizer: Optimizer, batch_size: int) -> None:
        self.recording, self.optimizer = recording, optimizer
        self.batch_size = batch_size

    def run(self, images: Array, labels: Array) -> float:
        """Take the steps over these samples; NonFiniteError names the node of a NaN."""
        graph, loss, total = self.recording.graph, self.recording.loss, 0.0
        for pick in picks(len(labels), self.batch_size):
            graph.forward(loss, x=images[pick], y=labels[pick])
            graph.backward(loss)
            self.optimizer.step()
            total += loss.item() * labels[pick].size
        return total / len(labels)


class Compiled:
    """The steps as one program: forward, gradients and update planned together.

    Gradients and updates are listed in a graph of their own, so the recording stays what it was.
    """

    def __init__(
        self,
        recording: Recording,
        optimizer: Optimizer,
        batch_size: int,
        executor: str,
        steps: int,
        **devices: Any,
    ) -> None:
        with Graph().adopt(recording.graph) as graph:
            updates = optimizer.updates(ag.gradients(recording.loss, optimizer.parameters))
        self.batch_size = batch_size
        self.program = ag.compile(
            graph,
            recording.loss,
            updates,
            executor=executor,
            steps=steps,
            check_finite=True,
            **devices,
        )

    @property
    def executor(self) -> str:
        """What runs the program, whatever was asked for."""
        return self.program.plan.executor.partition(":")[0]

    def run(self, images: Array, labels: Array) -> float:
        """Take the steps over these samples; NonFiniteError names the node of a NaN."""
        losses = self.program.scan({"x": images, "y": labels}, batch_size=self.batch_size)
        return mean_of_batches(losses, self.batch_size, len(labels))


def make_execution(
    recording: Recording,
    optimizer: Optimizer,
    devices: dict[str, Any],
    *,
    batch_size: int,
    executor: str,
    epochs: int,
    count: int,
) -> Execution:
    """The way of that name to train on so many samples; an optimizer's own step is interpreted."""
    refuse_uneven(devices, batch_size, count)
    if executor == "interpreted" or type(optimizer).step is not Optimizer.step:
        return Interpreted(recording, optimizer, batch_size)
    steps = epochs * ceil(count / batch_size)
    return Compiled(recording, optimizer, batch_size, executor, steps, **devices)


def refuse_uneven(devices: dict[str, Any], batch_size: int, count: int) -> None:
    """Raise ConfigError if the devices of a mesh cannot share each batch, also the last, evenly."""
    unknown = ", ".join(devices.keys() - set(ON_DEVICES))
    refuse_unless(
        not unknown, "Trainer", unknown, f"options as {', '.join(ON_DEVICES)}", "see help"
    )
    mesh = devices.get("mesh")
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
        return lambda images, labels: measure(recording, images, labels, size)
    outputs = [recording.accuracy, recording.loss]
    program = ag.compile(recording.graph, outputs, executor=executor, steps=steps)

    def compiled(images: Array, labels: Array) -> tuple[float, float]:
        accuracies, losses = program.scan({"x": images, "y": labels}, batch_size=size)
        accuracy = mean_of_batches(accuracies, size, len(labels))
        correct = round(accuracy * len(labels))  # the shares of batches are rounded themselves
        return correct / len(labels), mean_of_batches(losses, size, len(labels))

    return compiled


def mean_of_batches(values: Array, batch_size: int, count: int) -> float:
    """The mean over `count` samples of means over batches, of which the last may be smaller.

    >>> mean_of_batches(np.array([1.0, 4.0]), batch_size=2, count=3)
    2.0
    """
    sizes = np.full(len(values), float(batch_size))
    sizes[-1] = count - batch_size * (len(values) - 1)
    return float(values.astype("float64") @ sizes / count)
