"""What may be told of a training run while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from autograd_lite.nn.training.history import History

if TYPE_CHECKING:
    from autograd_lite.nn.training.trainer import Trainer


class Callback:
    """Something that is told of steps and epochs; override what you need.

    A callback may look at the trainer (its model, optimizer, history) and call `trainer.stop()`.

    >>> from autograd_lite import nn
    >>> class StopAtOnce(nn.Callback):
    ...     def on_epoch(self, trainer):
    ...         trainer.stop()
    >>> model = nn.MLP([1, 2])
    >>> trainer = nn.Trainer(model, epochs=9, callbacks=[StopAtOnce()])
    >>> len(trainer.fit([[0.0], [1.0]], [0, 1]).epochs)
    1
    """

    def on_step(self, trainer: Trainer) -> None:
        """After a step, or after a run of steps where an epoch has more than a hundred."""

    def on_epoch(self, trainer: Trainer) -> None:
        """After an epoch and its evaluation; `trainer.history.epochs[-1]` is the newest."""


class CallOnEpoch(Callback):
    """A function that is called with the history after every epoch, as a callback."""

    def __init__(self, function: Callable[[History], object]) -> None:
        self.function = function

    def on_epoch(self, trainer: Trainer) -> None:
        """Call it."""
        self.function(trainer.history)
