"""What training makes small.

A loss is a function of a model's outputs and the targets: it gives a scalar node, or two nodes, the
predictions that are meant by the outputs, such as probabilities, and the scalar. All of them are
computed from scores, without overflow for any.

| loss | outputs | targets | predictions |
|---|---|---|---|
| `softmax_cross_entropy`, `logits_cross_entropy` | (N, classes) | N labels | probabilities |
| `sigmoid_cross_entropy` | (N, classes) | N labels | each class against all others |
| `binary_cross_entropy` | (N, …) | 0 or 1 for each output | probabilities |
| `mean_squared_error`, `mean_absolute_error` | (N, …) | a number for each | the outputs |
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.errors import ShapeError
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn import other_libraries
from autograd_lite.nn.checks import Array, choice, function, refuse_unless
from autograd_lite.nn.targets import CLASSES, FLAGS, NUMBERS, Targets

F = TypeVar("F", bound=Callable[..., Any])
Loss: TypeAlias = Callable[[Any, Any], Any]


def check_loss(loss: str | Loss) -> Loss:
    """The loss, also by its name; a ConfigError for what can be none."""
    what = "of outputs and targets that gives a loss, or predictions and a loss"
    if isinstance(loss, str):
        return choice("loss", loss, LOSSES, other_libraries.LOSSES)
    return function("loss", loss, what, 2)


def once_head(function: F) -> F:
    """The function, whose option `loss` may also be given by its first name, `head`."""

    @wraps(function)
    def call(*args: Any, **options: Any) -> Any:
        return function(*args, **{"loss" if k == "head" else k: x for k, x in options.items()})

    return cast("F", call)


def targets_of(loss: Loss, targets: Array | None = None) -> Targets:
    """The kind of targets that a loss takes; a user's own takes the kind that it is given.

    >>> type(targets_of(mean_squared_error)).__name__
    'Numbers'
    """
    for kind, losses in KINDS.items():
        if loss in losses:
            return kind
    of_dtype = {"f": NUMBERS, "b": FLAGS}
    return CLASSES if targets is None else of_dtype.get(targets.dtype.kind, CLASSES)


def applied(loss: Loss, outputs: Node, targets: Node) -> tuple[Node, Node]:
    """The nodes of the predictions and of the loss."""
    found = loss(outputs, targets)
    pair = found if isinstance(found, tuple) else (outputs, found)
    right = len(pair) == 2 and all(isinstance(x, Node) for x in pair) and not pair[1].ndim
    expected = "a scalar node from it, or predictions and a scalar node"
    hint = "end in ag.mean(…): the mean over the samples of a batch"
    refuse_unless(right, "loss", found, expected, hint)
    return pair[0], pair[1]


@checks_call
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


@checks_call
def softmax_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """Softmax, and the cross-entropy of its probabilities: step by step, as textbooks draw it."""
    probabilities = ag.softmax(scores)
    return probabilities, cross_entropy(probabilities, labels)


@checks_call
def logits_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """The same numbers with a loss straight from the scores, whose gradient is p - y at once.

    No score is large enough to make this loss infinite. The softmax is beside it, for those who
    want probabilities.
    """
    return ag.softmax(scores), _mean(ag.cross_entropy_with_logits(scores, labels))


@checks_call
def sigmoid_cross_entropy(scores: Node, labels: Node) -> tuple[Node, Node]:
    """One logistic regression for each class against all others, and the sum of their losses.

    With g = σ(z) and y = 1 for the label's class, 0 for others, a loss is
    -y ln g - (1 - y) ln(1 - g) = ln(1 + eᶻ) - y z. The probabilities are made independently, class
    by class, and need not add up to 1.
    """
    softplus = ag.sum(ag.softplus(scores), axis=-1)
    return ag.sigmoid(scores), _mean(softplus - ag.aref(scores, labels))


@checks_call
def binary_cross_entropy(scores: Any, targets: Any, /) -> tuple[Any, Any]:
    """A logistic regression for each score, and the mean of their losses.

    With g = σ(z) a loss is -y ln g - (1 - y) ln(1 - g) = ln(1 + eᶻ) - y z. Targets y, 0 or 1 or
    between, are shaped like the scores: (N, 1) for two classes, (N, n) for n labels at once.

    >>> probabilities, loss = binary_cross_entropy([0.0, 1e4], [1.0, 1.0])
    >>> probabilities.tolist(), round(float(loss), 4)
    ([0.5, 1.0], 0.3466)

    Raises ShapeError for targets of another shape.
    """
    _refuse_other_shape("binary_cross_entropy", scores, targets)
    losses = ag.subtract(ag.softplus(scores), ag.multiply(targets, scores))
    return ag.sigmoid(scores), ag.mean(losses)


@checks_call
def mean_squared_error(outputs: Any, targets: Any, /) -> Any:
    """`mean (z - y)²` over all outputs z and targets y, which have one shape.

    >>> float(mean_squared_error([1.0, 2.0], [1.0, 4.0]))
    2.0

    Raises ShapeError for targets of another shape.
    """
    _refuse_other_shape("mean_squared_error", outputs, targets)
    return ag.mean(ag.square(ag.subtract(outputs, targets)))


@checks_call
def mean_absolute_error(outputs: Any, targets: Any, /) -> Any:
    """`mean |z - y|`, which outliers move less; the derivative of |0| is taken as 0.

    >>> float(mean_absolute_error([1.0, 2.0], [1.0, 4.0]))
    1.0

    Raises ShapeError for targets of another shape.
    """
    _refuse_other_shape("mean_absolute_error", outputs, targets)
    return ag.mean(ag.abs(ag.subtract(outputs, targets)))


KINDS: dict[Targets, tuple[Loss, ...]] = {
    CLASSES: (softmax_cross_entropy, logits_cross_entropy, sigmoid_cross_entropy),
    FLAGS: (binary_cross_entropy,),
    NUMBERS: (mean_squared_error, mean_absolute_error),
}
LOSSES: dict[str, Loss] = {loss.__name__: loss for losses in KINDS.values() for loss in losses}
HEADS = LOSSES  # as it was called first


def _mean(losses: Any) -> Any:
    """The mean of the losses of a batch; a single sample's loss is its own."""
    return ag.mean(losses) if losses.ndim else losses


def _refuse_other_shape(loss: str, outputs: Any, targets: Any) -> None:
    expected = f"targets shaped {np.shape(outputs)}, as the outputs"
    hint = "reshape one of them: (N,) beside (N, 1) would be N · N pairs"
    right = np.shape(outputs) == np.shape(targets)
    refuse_unless(right, loss, np.shape(targets), expected, hint, error=ShapeError)
