"""The graph that training runs again and again: a model, its loss and its accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import Graph, Node
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import Array, refuse_unless, whole_number
from autograd_lite.nn.losses import (
    Loss,
    applied,
    check_loss,
    once_head,
    softmax_cross_entropy,
    targets_of,
)
from autograd_lite.nn.modes import buffer_updates
from autograd_lite.nn.module import Module, parameters_of
from autograd_lite.nn.targets import Targets

LOOKING = {"Embedding", "OneHot"}  # ops that take integers to look something up


@dataclass(frozen=True, eq=False)
class Recording:
    """A graph and the nodes of it that one asks for; made by `record`."""

    graph: Graph
    x: Node
    y: Node
    scores: Node
    probabilities: Node  # the predictions: of a regression, the scores themselves
    loss: Node
    accuracy: Node  # the mean that the accuracy is made from: see nn.targets
    sample_shape: Shape
    targets: Targets
    updates: Mapping[Node, Node]  # of buffers, to be made in each step of training

    @property
    def outputs(self) -> Spec:
        """Shape and dtype of what the model gives for one sample."""
        spec = self.scores.spec
        return Spec(spec.shape[self.has_batches :], spec.dtype)

    @property
    def classes(self) -> int:
        """The number of scores a sample."""
        return self.outputs.shape[-1]

    @property
    def has_batches(self) -> bool:
        """Whether the inputs have an axis for the samples of a batch."""
        return self.x.ndim > len(self.sample_shape)

    def fed(self, images: Array, labels: Array) -> tuple[Array, Array]:
        """Samples as the inputs take them."""
        y = self.targets.spec(self.outputs)
        labels = labels.reshape(len(labels), *y.shape)
        with np.errstate(over="ignore"):  # an infinity is refused, with its node
            return images.astype(self.x.dtype, copy=False), labels.astype(y.dtype, copy=False)


@once_head
@checks_call
def record(
    model: Module,
    sample_shape: tuple[int, ...],
    *,
    batch_size: int = 1,
    verbose: bool = False,
    loss: str | Loss = softmax_cross_entropy,
    given: tuple[Array | None, Array | None] = (None, None),
) -> Recording:
    """Record a model once: scores, probabilities, loss, accuracy.

    The inputs are `x`, one sample of `sample_shape` in the dtype of the model's parameters, and
    `y`, its target, as the loss takes it: a label as int64, or numbers shaped like the scores. With
    a `batch_size` above 1, and for samples of several axes, both get an axis for the batch, whose
    length may vary from feed to feed. `loss` is one of `nn.LOSSES`, by name, or a function.
    `given` are samples and targets to see what they are: integers for a model that looks them up,
    as an Embedding does, and what kind of targets a function of your own takes. `verbose` prints a
    line for every operation.

    >>> from autograd_lite.nn import MLP
    >>> recording = record(MLP([4, 3, 2]), (4,), verbose=True)
    Append <VDot> to the computational graph
    Append <Add> to the computational graph
    Append <Sigmoid> to the computational graph
    Append <VDot> to the computational graph
    Append <Add> to the computational graph
    Append <SoftMax> to the computational graph
    Append <Aref> to the computational graph
    Append <Log> to the computational graph
    Append <Mul> to the computational graph
    Append <Accuracy> to the computational graph
    >>> recording.graph.forward(x=[0.1, 0.2, 0.3, 0.4], y=1)
    >>> recording.graph.backward(recording.loss)
    >>> recording.graph["layers.1.W"].grad.shape
    (3, 2)

    Raises ConfigError for a model without parameters and a bad `batch_size`, ShapeError for a model
    that does not give one row of scores for each sample.
    """
    batch_size, function = whole_number("batch_size", batch_size, least=1), check_loss(loss)
    expected = "a tuple of lengths, without that of the batch"
    is_shape = isinstance(sample_shape, tuple | list)
    refuse_unless(is_shape, "sample_shape", sample_shape, expected, "write (3,) for three features")
    batch = () if batch_size == 1 and len(sample_shape) < 2 else (batch_size,)
    (samples, labels), dtype = given, parameters_of(model)[0].dtype
    looks_up = samples is not None and samples.dtype.kind in "iu"
    targets = targets_of(function, labels)
    with Graph(verbose=verbose) as graph:
        shape = (*batch, *sample_shape)
        x = ag.input(name="x", shape=shape, dtype="int64" if looks_up else dtype)
        with buffer_updates() as updates:
            scores = _looked_up(model, x) if looks_up else model(x)
        _check_scores(scores, batch)
        scores.name = scores.name or "scores"
        spec = targets.spec(scores.spec)
        y = ag.input(name="y", shape=spec.shape, dtype=spec.dtype)
        probabilities, found = applied(function, scores, y)
        accuracy = targets.mean_of(probabilities, y).named("accuracy")
    if probabilities is not scores:
        probabilities.name = "probabilities"
    found.name = "loss"
    return Recording(
        graph,
        x,
        y,
        scores,
        probabilities,
        found,
        accuracy,
        tuple(sample_shape),
        targets,
        updates,
    )


def _looked_up(model: Module, x: Node) -> Node:
    """The scores for integers; DTypeError if the model does anything but look them up."""
    try:
        return model(x)
    finally:  # what comes of numbers may be an error, too: this one says why
        users = {node.op.name for node in x.graph if any(each is x for each in node.inputs)}
        if not users or users - LOOKING:
            raise DTypeError(
                x.label(),
                expected="floating-point features, where a model computes with them",
                came=str(x.spec),
                suggestion="write x.astype('float32'), or for pixels nn.as_features(x)",
            )


def _check_scores(scores: Any, batch: tuple[int, ...]) -> None:
    refuse_unless(isinstance(scores, Node), "model", scores, "a node of scores from it")
    if scores.ndim <= len(batch) or scores.shape[: len(batch)] != batch:
        raise ShapeError(
            scores.label(),
            expected=f"scores shaped {[*batch, 'classes']}".replace("'", ""),
            came=str(scores.spec),
            suggestion="let the model end in one row of scores for each sample",
        )
