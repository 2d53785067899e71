"""The graph that training runs again and again: a classifier, its loss and its accuracy."""

from dataclasses import dataclass
from typing import Any

import autograd_lite as ag
from autograd_lite import Graph, Node
from autograd_lite.errors import ConfigError, ShapeError
from autograd_lite.nn.checks import refuse_unless, whole_number
from autograd_lite.nn.losses import Head, check_head, softmax_cross_entropy
from autograd_lite.nn.module import Module, check_model


@dataclass(frozen=True, eq=False)
class Recording:
    """A graph and the nodes of it that one asks for; made by `record`."""

    graph: Graph
    x: Node
    y: Node
    scores: Node
    probabilities: Node
    loss: Node
    accuracy: Node

    @property
    def classes(self) -> int:
        """The number of scores a sample."""
        return self.scores.shape[-1]

    @property
    def has_batches(self) -> bool:
        """Whether the inputs have an axis for the samples of a batch."""
        return self.y.ndim > 0

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return self.x.shape[self.y.ndim :]


def record(
    model: Module,
    sample_shape: tuple[int, ...],
    *,
    batch_size: int = 1,
    verbose: bool = False,
    head: Head = softmax_cross_entropy,
) -> Recording:
    """Record a classifier once: scores, probabilities, loss, accuracy.

    The inputs are `x`, one sample of `sample_shape` in the dtype of the model's parameters, and
    `y`, its label as int64; with a `batch_size` above 1 both get an axis for the batch, whose
    length may vary from feed to feed. `head` makes probabilities and the loss from scores and
    labels. `verbose` prints a line for every operation.

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
    batch_size = whole_number("batch_size", batch_size, least=1)
    batch = () if batch_size == 1 else (batch_size,)
    dtype = _first_parameter(model).dtype
    with Graph(verbose=verbose) as graph:
        x = ag.input(name="x", shape=(*batch, *sample_shape), dtype=dtype)
        y = ag.input(name="y", shape=batch, dtype="int64")
        scores = model(x)
        _check_scores(scores, batch)
        scores.name = scores.name or "scores"
        probabilities, loss = _applied(head, scores, y)
        accuracy = ag.accuracy(probabilities, y).named("accuracy")
    return Recording(
        graph, x, y, scores, probabilities.named("probabilities"), loss.named("loss"), accuracy
    )


def _first_parameter(model: Module) -> Node:
    check_model(model)
    for node in model.parameters():
        return node
    raise ConfigError(
        type(model).__name__,
        expected="a model with parameters",
        came="none",
        suggestion="keep them as attributes of the module: self.W = ag.parameter(…)",
    )


def _applied(head: Head, scores: Node, labels: Node) -> tuple[Node, Node]:
    found: Any = check_head(head)(scores, labels)
    are_nodes = isinstance(found, tuple) and [isinstance(x, Node) for x in found] == [True, True]
    refuse_unless(are_nodes, "head", found, "two nodes from it: probabilities and the loss")
    return found[0], found[1]


def _check_scores(scores: Any, batch: tuple[int, ...]) -> None:
    refuse_unless(isinstance(scores, Node), "model", scores, "a node of scores from it")
    if scores.ndim != len(batch) + 1 or scores.shape[:-1] != batch:
        raise ShapeError(
            scores.label(),
            expected=f"scores shaped {[*batch, 'classes']}".replace("'", ""),
            came=str(scores.spec),
            suggestion="let the model end in one row of scores for each sample",
        )
