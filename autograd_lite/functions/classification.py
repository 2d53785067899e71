"""What classifiers end in: probabilities, losses, accuracy."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from autograd_lite import ops
from autograd_lite.core.shapes import Axes
from autograd_lite.functions.signatures import of_first, of_pair, of_two, reduction

__all__ = [
    "accuracy", "cross_entropy_with_logits", "log_softmax", "logsumexp", "one_hot", "softmax",
]  # fmt: skip


@of_first
def softmax(x: Any, /, axis: int = -1) -> Any:
    """Probabilities along an axis, from scores of any size.

    >>> softmax([[0.0, 0.0], [1e4, 0.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    return ops.SoftMax(x, axis=axis)


@of_first
def log_softmax(x: Any, /, axis: int = -1) -> Any:
    """Logarithms of the probabilities along an axis, finite where the probability itself is 0.

    >>> log_softmax([1e4, 0.0]).tolist()
    [0.0, -10000.0]
    """
    return ops.LogSoftMax(x, axis=axis)


@reduction
def logsumexp(x: Any, /, axis: Axes = None, *, keepdims: bool = False) -> Any:
    """`ln Σ eˣ` over axes, from numbers of any size.

    >>> float(logsumexp([1000.0, 1000.0]) - 1000.0) == float(np.log(2.0)) or "rounded"
    'rounded'
    """
    return ops.LogSumExp(x, axis=axis, keepdims=keepdims)


@of_pair
def cross_entropy_with_logits(logits: Any, targets: Any, /, axis: int = -1) -> Any:
    """`-Σ t ln softmax(z)` along an axis, overflow-safe: one loss for each sample.

    `targets` are probabilities shaped like the logits, or integer labels shaped like the logits
    without the axis. With samples as rows the axis is -1, with samples as columns 0. The gradient
    is p - t; of the mean over N samples, `mean(…)`, it is (p - t)/N.

    >>> cross_entropy_with_logits([[0.0, 0.0], [1e4, 0.0]], [0, 1]).round(4).tolist()
    [0.6931, 10000.0]
    >>> cross_entropy_with_logits([[0.0, 0.0]], [[0.5, 0.5]]).round(4).tolist()
    [0.6931]

    Raises LabelError for a label out of range, DTypeError for one that is no integer, and
    ShapeError for shapes that do not belong together.
    """
    if np.ndim(targets) < np.ndim(logits):
        return ops.CrossEntropyWithLabels(logits, targets, axis=axis)
    return ops.CrossEntropyWithLogits(logits, targets, axis=axis)


@of_first
def one_hot(index: Any, /, depth: int, *, dtype: DTypeLike = "float64") -> Any:
    """Rows of zeros with 1 at the label's place: integers (…) give (…, depth).

    >>> one_hot([1, 0], 3).tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]

    Raises LabelError for a label outside 0 … depth - 1.
    """
    return ops.OneHot(index, depth=depth, dtype=np.dtype(dtype).name)


@of_two
def accuracy(scores: Any, labels: Any, /) -> Any:
    """The share of rows whose largest score is at the label; no gradient flows through it.

    >>> float(accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]))
    0.5
    """
    return ops.Accuracy(scores, labels)
