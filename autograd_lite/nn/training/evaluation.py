"""How good a model is on samples it need not have seen."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.errors import LabelError
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import Array, as_array, describe, whole_number
from autograd_lite.nn.losses import Loss, once_head, softmax_cross_entropy
from autograd_lite.nn.modes import evaluating
from autograd_lite.nn.module import Module
from autograd_lite.nn.targets import Spread
from autograd_lite.nn.training.recording import Recording, record
from autograd_lite.nn.training.samples import check_images, picks
from autograd_lite.nn.training.sources import Batch, as_source

Measure = Callable[[Iterable[Batch]], tuple[float, float]]


@once_head
@checks_call
def evaluate(
    model: Module,
    images: Any,
    labels: ArrayLike | None = None,
    *,
    batch_size: int = 1000,
    loss: str | Loss = softmax_cross_entropy,
) -> tuple[float, float]:
    """The accuracy and the mean loss over all samples, in this order.

    Images are floating (N, …), labels integers (N,) or what else the loss takes (see `nn.LOSSES`),
    in memory or mapped from a file; or images are an iterable of pairs of both, and labels left
    out. Where labels are numbers, the accuracy is R², the share of their variance that the model
    explains. The batch size determines memory and speed, not the result: an uneven last batch
    counts by its samples. The model is recorded in use (nothing is dropped); it, its gradients and
    all graphs stay as they are. The loss is infinite if a label has a probability of 0.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP([2, 2])
    >>> model.set_weights([(np.zeros((2, 2)), np.zeros(2))])
    >>> accuracy, loss = evaluate(model, np.ones((3, 2)), [0, 0, 1])
    >>> round(accuracy, 4), round(loss, 4)
    (0.6667, 0.6931)

    Raises ConfigError, ShapeError, DTypeError or LabelError for what does not fit.
    """
    source = as_source(images, labels, "evaluation")
    with evaluating():
        given = source.images, source.labels
        recording = record(
            model, source.sample_shape, batch_size=batch_size, loss=loss, given=given
        )
    return measure(recording, source.fit_to(recording).batches(), batch_size)


def measure(recording: Recording, batches: Iterable[Batch], batch_size: int) -> tuple[float, float]:
    """The accuracy and the mean loss of samples that fit the recording."""
    total, spread = np.zeros(2), Spread()
    for images, labels in batches:
        spread.add(labels)
        for pick in picks(len(labels), batch_size, batched=recording.has_batches):
            recording.graph.forward(x=images[pick], y=labels[pick])
            means = np.array([recording.accuracy.item(), recording.loss.item()])
            total += means * (len(images[pick]) if recording.has_batches else 1)
    accuracy, loss = map(float, total / spread.rows)
    return recording.targets.accuracy(accuracy, spread), loss


@once_head
@checks_call
def predict(
    model: Module,
    images: ArrayLike,
    *,
    batch_size: int = 1000,
    loss: str | Loss = softmax_cross_entropy,
) -> Array:
    """The probabilities (N, classes) that a classifier gives to images (N, …), floating.

    With a loss for other targets it is what this loss makes of the outputs: a probability for each,
    or the numbers themselves. The model is recorded in use: nothing is dropped.

    >>> from autograd_lite.nn import MLP
    >>> model = MLP([2, 2])
    >>> model.set_weights([(np.zeros((2, 2)), np.log([1.0, 3.0]))])
    >>> predict(model, np.ones((1, 2))).round(4).tolist()
    [[0.25, 0.75]]

    Raises ConfigError, ShapeError or DTypeError for what does not fit.
    """
    images = check_images(images, "prediction images")
    size = max(whole_number("batch_size", batch_size, least=1), 2)
    with evaluating():
        given = images, None
        recording = record(model, images.shape[1:], batch_size=size, loss=loss, given=given)
    found, y = [], recording.y
    for pick in picks(len(images), size):
        batch = images[pick].astype(recording.x.dtype)
        recording.graph.forward(x=batch, y=np.zeros((len(batch), *y.shape[1:]), y.dtype))
        found.append(recording.probabilities.value)
    return np.concatenate(found)


@checks_call
def confusion_matrix(labels: ArrayLike, predictions: ArrayLike, classes: int) -> Array:
    """How often each label (row) was taken for each class (column): int64 (classes, classes).

    >>> confusion_matrix([0, 0, 1], [0, 1, 1], classes=2).tolist()
    [[1, 1], [0, 1]]

    Raises LabelError unless there are as many labels as predictions, all of them classes.
    """
    size = whole_number("classes", classes, least=1)
    rows, columns = as_array(labels), as_array(predictions)
    are_classes = all(
        x.ndim == 1 and (not x.size or (x.dtype.kind in "iu" and 0 <= x.min() <= x.max() < size))
        for x in (rows, columns)
    )
    if not are_classes or len(rows) != len(columns):
        raise LabelError(
            "confusion_matrix",
            expected=f"integers from 0 to {size - 1}, a prediction for each label",
            came=f"labels {_range(rows)} and predictions {_range(columns)}",
            suggestion="give as many classes as there are",
        )
    matrix = np.zeros((size, size), "int64")
    np.add.at(matrix, (rows.astype("int64"), columns.astype("int64")), 1)
    return matrix


def _range(numbers: Array) -> str:
    are_there = numbers.size and numbers.dtype.kind in "iuf"
    span = f", {numbers.min()} to {numbers.max()}" if are_there else ""
    return f"{describe(numbers)}{span}"
