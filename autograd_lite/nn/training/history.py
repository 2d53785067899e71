"""What happened in a training run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any, Self

from autograd_lite.nn.plots import Plot, plot_history


@dataclass(frozen=True)
class Epoch:
    """One pass over the training samples, with the losses and accuracies after it.

    The training figures are those of the whole training set under the weights at the end of the
    epoch. `seconds` is the time of the steps and the evaluations.

    >>> print(Epoch(0, seconds=51.57921, train_loss=0.31658, train_accuracy=0.90887))
    Epoch 0: train loss = 0.3166, accy = 0.9089, [51.579 secs]
    """

    number: int
    seconds: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    def __str__(self) -> str:
        return (
            f"Epoch {self.number}: train loss = {self.train_loss:.4f}, "
            f"accy = {self.train_accuracy:.4f}, [{self.seconds:.3f} secs]"
        )


@dataclass(frozen=True)
class Point:
    """A point of the loss curves: mean loss of the steps since the last one, and of validation."""

    step: int  # of the whole run
    train_loss: float
    validation_loss: float | None = None


@dataclass
class History:
    """The epochs of a run that were completed, and whether a signal ended it.

    `curve` has points within the epochs where they were asked for, `best_epoch` is the one whose
    weights were kept where training could stop early.

    >>> History([Epoch(0, 2.0, 0.5, 1.0)]).to_dict()["epochs"][0]["train_loss"]
    0.5
    """

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False
    curve: list[Point] = field(default_factory=list)
    best_epoch: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Numbers, strings and None only, as JSON has them; what is not finite becomes None."""
        found = asdict(self)
        for key in ("epochs", "curve"):
            found[key] = [{k: _finite_or_none(x) for k, x in row.items()} for row in found[key]]
        return found

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Self:
        """The history that `to_dict` or `dataclasses.asdict` took apart.

        >>> history = History([Epoch(0, 2.0, 0.5, 1.0)], curve=[Point(3, 0.5)])
        >>> History.from_dict(history.to_dict()) == history
        True
        """
        epochs = [Epoch(**row) for row in found["epochs"]]
        curve = [Point(**row) for row in found["curve"]]
        return cls(**{**found, "epochs": epochs, "curve": curve})

    def plot(self) -> Plot:
        """Curves of the loss and the accuracy over the epochs; it needs matplotlib."""
        return plot_history(self)


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
