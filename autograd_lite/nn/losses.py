"""What training makes small."""

from __future__ import annotations

from typing import Any

import autograd_lite as ag


def cross_entropy(probabilities: Any, labels: Any, /) -> Any:
    """`-ln p[label]` of one sample, or its mean over a batch.

    Probabilities (n,) go with one integer label, (N, n) with N labels; the result is a scalar. The
    derivative with respect to the scores before softmax is p - y, with y the label as a unit
    vector, and 1/N of it in a batch. A label whose probability is 0 has an infinite loss.

    >>> round(float(cross_entropy([0.25, 0.75], 1)), 4)
    0.2877
    >>> round(float(cross_entropy([[0.25, 0.75], [0.5, 0.5]], [1, 0])), 4)
    0.4904

    Raises LabelError for a label that is out of range, DTypeError for one that is no integer.
    """
    losses = ag.log(ag.aref(probabilities, labels)) * -1
    return ag.mean(losses) if losses.ndim else losses
