"""What happened in a training run."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any


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


@dataclass
class History:
    """The epochs of a run that were completed, and whether Ctrl-C ended it.

    >>> History([Epoch(0, 2.0, 0.5, 1.0)]).to_dict()["epochs"][0]["train_loss"]
    0.5
    """

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Numbers, strings and None only, as JSON has them; what is not finite becomes None."""
        epochs = [
            {key: _finite_or_none(value) for key, value in asdict(epoch).items()}
            for epoch in self.epochs
        ]
        return {"epochs": epochs, "interrupted": self.interrupted}


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
