"""What a model is to give: classes, flags or numbers; how they are fed, checked and counted."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.core.shapes import Spec
from autograd_lite.errors import DTypeError, LabelError, ShapeError
from autograd_lite.nn.checks import Array, refuse_unless


@dataclass
class Spread:
    """How many targets there are and how they vary, gathered batch by batch.

    Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979.

    >>> spread = Spread()
    >>> for batch in ([1.0, 2.0], [3.0, 4.0, 5.0]):
    ...     spread.add(np.array(batch))
    >>> spread.count, spread.variance
    (5, 2.0)
    """

    rows: int = 0
    means: Any = 0.0  # one of each column of the targets
    squares: Any = 0.0  # of the differences to them, added up

    def add(self, targets: Array) -> None:
        """Count the targets of a batch."""
        batch = targets.reshape(len(targets), -1).astype("float64")
        total, away = self.rows + len(batch), batch.mean(axis=0) - self.means
        own = batch.var(axis=0) * len(batch)
        self.squares = self.squares + own + away**2 * (self.rows * len(batch) / total)
        self.means = self.means + away * (len(batch) / total)
        self.rows = total

    @property
    def count(self) -> int:
        """The number of targets, with each of a row counted."""
        return self.rows * int(np.size(self.means))

    @property
    def variance(self) -> float:
        """The mean square of the differences of targets to the mean of their column."""
        return float(np.mean(self.squares)) / self.rows


class Targets(ABC):
    """A kind of targets.

    How good predictions are is asked of the graph batch by batch: `mean_of` makes the node of a
    mean over a batch, and `accuracy` the result from the mean over all samples.
    """

    @abstractmethod
    def spec(self, outputs: Spec) -> Spec:
        """Shape and dtype of the targets that belong to these outputs."""

    @abstractmethod
    def mean_of(self, predictions: Node, targets: Node) -> Node:
        """A mean over a batch that says how good the predictions are."""

    @abstractmethod
    def accuracy(self, mean: float, spread: Spread) -> float:
        """How good all predictions are, 1 being perfect, from that mean over all samples."""

    @abstractmethod
    def refuse(self, targets: Array, outputs: Spec, subject: str) -> None:
        """Raise LabelError or DTypeError for values that cannot be targets."""

    def refuse_other(self, targets: Array, outputs: Spec, count: int, subject: str) -> None:
        """Raise ShapeError, DTypeError or LabelError unless `count` samples can have these targets.

        `outputs` are those of one sample. Where they are one number in an axis of its own, targets
        may leave that axis out.
        """
        wanted = self.spec(outputs)
        shape = (count, *wanted.shape)
        right = targets.shape == shape or (targets.shape == (count,) and prod(wanted.shape) == 1)
        expected = f"one target for each output of {count} samples, shaped {shape}"
        hint = "check that samples and targets belong together, and what the model gives"
        if wanted.dtype.kind == "i" and targets.shape[:-1] == shape:
            is_column = targets.shape[-1] == 1
            hint = "write labels[..., 0]" if is_column else "write labels.argmax(axis=-1)"
        refuse_unless(right, subject, targets, expected, hint, error=ShapeError)
        self.refuse(targets, outputs, subject)


class Classes(Targets):
    """Integers below the number of scores; the accuracy is the share with the largest score."""

    def spec(self, outputs: Spec) -> Spec:
        """One label for each row of scores."""
        return Spec(outputs.shape[:-1], np.dtype("int64"))

    def mean_of(self, predictions: Node, targets: Node) -> Node:
        """The share of right ones."""
        return ag.accuracy(predictions, targets)

    def accuracy(self, mean: float, spread: Spread) -> float:
        """That share; those of batches were rounded."""
        return round(mean * spread.count) / spread.count

    def refuse(self, targets: Array, outputs: Spec, subject: str) -> None:
        """Integers from 0 to the number of scores alone are labels."""
        hint = "convert the labels with labels.astype('int64'), or choose another loss: nn.LOSSES"
        if targets.dtype.kind in "UTSO":
            hint = "number the classes with names, labels = np.unique(labels, return_inverse=True)"
        is_label = targets.dtype.kind in "iu"
        refuse_unless(is_label, subject, targets, "integer labels", hint, error=DTypeError)
        classes = outputs.shape[-1]
        if not 0 <= targets.min() <= targets.max() < classes:
            raise LabelError(
                subject,
                expected=f"labels from 0 to {classes - 1}, one for each score of the model",
                came=f"labels from {targets.min()} to {targets.max()}",
                suggestion="check the labels, or give the last layer one unit for each class",
            )


class Flags(Targets):
    """0 or 1 for each output, or a probability; the accuracy is the share on the right side."""

    def spec(self, outputs: Spec) -> Spec:
        """One flag for each output."""
        return outputs

    def mean_of(self, predictions: Node, targets: Node) -> Node:
        """The share of predictions on the same side of one half as their flags."""
        right = ag.equal(predictions > 0.5, targets > 0.5)
        return ag.mean(right.astype(predictions.dtype))

    accuracy = Classes.accuracy

    def refuse(self, targets: Array, outputs: Spec, subject: str) -> None:  # noqa: ARG002
        """Whatever lies between 0 and 1 is a flag."""
        right = targets.dtype.kind in "biuf" and bool(((targets >= 0) & (targets <= 1)).all())
        expected = "0 or 1 for each output, or a probability between"
        refuse_unless(right, subject, targets, expected, "write labels == 1", error=LabelError)


class Numbers(Targets):
    """Finite numbers; the accuracy is R², the share of their variance that predictions explain."""

    spec = Flags.spec

    def mean_of(self, predictions: Node, targets: Node) -> Node:
        """The mean square of the errors."""
        return ag.mean((predictions - targets) ** 2)

    def accuracy(self, mean: float, spread: Spread) -> float:
        """1 - Σ (y - ŷ)² / Σ (y - ȳ)²; 0 is as good as always giving the mean."""
        return 1 - mean / spread.variance if spread.variance else float(mean == 0)

    def refuse(self, targets: Array, outputs: Spec, subject: str) -> None:  # noqa: ARG002
        """NaN and infinity are no numbers to come near to."""
        right = targets.dtype.kind in "biuf" and bool(np.isfinite(targets).all())
        hint = "leave out the samples with others"
        refuse_unless(right, subject, targets, "finite numbers", hint, error=LabelError)


CLASSES, FLAGS, NUMBERS = Classes(), Flags(), Numbers()
