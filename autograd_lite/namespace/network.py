"""What networks are made of."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops
from autograd_lite.ops.shapes import Shape

__all__ = [
    "accuracy",
    "logsumexp",
    "relu",
    "sigmoid",
    "softmax",
]

Axes = int | Shape | None


def sigmoid(x: Any, /) -> Any:
    """`1/(1 + e⁻ˣ)`, without overflow for any x.

    >>> sigmoid([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    return ops.Sigmoid(x)


def relu(x: Any, /) -> Any:
    """`max(x, 0)`; the derivative at 0 is taken as 0.

    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    return ops.ReLU(x)


def softmax(x: Any, /, *, axis: int = -1) -> Any:
    """Probabilities along an axis, from scores of any size.

    >>> softmax([[0.0, 0.0], [1e4, 0.0]]).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    return ops.SoftMax(x, axis=axis)


def logsumexp(x: Any, /, *, axis: Axes = None, keepdims: bool = False) -> Any:
    """`ln Σ eˣ` over axes, from numbers of any size.

    >>> float(logsumexp([1000.0, 1000.0]) - 1000.0) == float(np.log(2.0)) or "rounded"
    'rounded'
    """
    return ops.LogSumExp(x, axis=axis, keepdims=keepdims)


def accuracy(scores: Any, labels: Any, /) -> Any:
    """The share of rows whose largest score is at the label; no gradient flows through it.

    >>> float(accuracy([[0.1, 0.9], [0.8, 0.2]], [1, 1]))
    0.5
    """
    return ops.Accuracy(scores, labels)
