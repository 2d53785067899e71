"""What training makes small.

A head is what a classifier ends in: from scores and labels it makes the probabilities and the loss.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import function

Head: TypeAlias = Callable[[Node, Node], tuple[Node, Node]]


def check_head(head: Head) -> Head:
    """The head, or a ConfigError for what can be none."""
    return function("head", head, "that makes probabilities and a loss from scores and labels")


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
    return _mean(ag.log(ag.aref(probabilities, labels)) * -1)


def softmax_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """Softmax, and the cross-entropy of its probabilities: step by step, as textbooks draw it."""
    probabilities = ag.softmax(scores)
    return probabilities, cross_entropy(probabilities, labels)


def logits_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """The same numbers with a loss straight from the scores, whose gradient is p - y at once.

    No score is large enough to make this loss infinite. The softmax is beside it, for those who
    want probabilities.
    """
    return ag.softmax(scores), _mean(ag.cross_entropy_with_logits(scores, labels))


def sigmoid_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """One logistic regression for each class against all others, and the sum of their losses.

    With g = σ(z) and y = 1 for the label's class, 0 for others, a loss is
    -y ln g - (1 - y) ln(1 - g) = ln(1 + eᶻ) - y z. The probabilities are made independently, class
    by class, and need not add up to 1.
    """
    softplus = ag.sum(ag.softplus(scores), axis=-1)
    return ag.sigmoid(scores), _mean(softplus - ag.aref(scores, labels))


HEADS: dict[str, Head] = {
    head.__name__: head
    for head in (softmax_cross_entropy, logits_cross_entropy, sigmoid_cross_entropy)
}


def _mean(losses: Any) -> Any:
    """The mean of the losses of a batch; a single sample's loss is its own."""
    return ag.mean(losses) if losses.ndim else losses
