"""How good a model is on samples it need not have seen."""

from __future__ import annotations

from numpy.typing import ArrayLike

from autograd_lite.nn.module import Module
from autograd_lite.nn.samples import picks, prepare


def evaluate(
    model: Module,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    batch_size: int = 1000,
) -> tuple[float, float]:
    """The accuracy and the mean cross-entropy over all samples, in this order.

    Images are floating (N, …), labels integers (N,). The batch size determines memory and speed,
    not the result: an uneven last batch counts by its samples. The model, its gradients and all
    graphs stay as they are. The loss is infinite if a label has a probability of 0.

    >>> import numpy as np
    >>> from autograd_lite.nn import MLP
    >>> model = MLP([2, 2])
    >>> model.set_weights([(np.zeros((2, 2)), np.zeros(2))])
    >>> accuracy, loss = evaluate(model, np.ones((3, 2)), [0, 0, 1])
    >>> round(accuracy, 4), round(loss, 4)
    (0.6667, 0.6931)

    Raises ConfigError, ShapeError, DTypeError or LabelError for what does not fit.
    """
    recording, images, labels = prepare(
        model, images, labels, batch_size=batch_size, subject="evaluation"
    )
    correct, total = 0, 0.0
    for pick in picks(len(labels), batch_size):
        recording.graph.forward(x=images[pick], y=labels[pick])
        count = labels[pick].size
        correct += round(recording.accuracy.item() * count)
        total += recording.loss.item() * count
    return correct / len(labels), total / len(labels)
