"""Who is told of the steps and epochs of a run."""

from collections.abc import Callable
from typing import Any

from autograd_lite.nn.checks import function
from autograd_lite.nn.training.history import History


class Callback:
    """Something that is told of steps and epochs; override what you need.

    It may look at the `nn.Trainer` (its model, optimizer, history) and call `trainer.stop()`.

    >>> from autograd_lite import nn
    >>> class StopAtOnce(nn.Callback):
    ...     def on_epoch(self, trainer):
    ...         trainer.stop()
    >>> model = nn.MLP([1, 2])
    >>> trainer = nn.Trainer(model, epochs=9, callbacks=[StopAtOnce()])
    >>> len(trainer.fit([[0.0], [1.0]], [0, 1]).epochs)
    1
    """

    def on_step(self, trainer: Any) -> None:
        """After a step, or after a run of steps where an epoch has more than a hundred."""

    def on_epoch(self, trainer: Any) -> None:
        """After an epoch and its evaluation; `trainer.history.epochs[-1]` is the newest."""


class CallOnEpoch(Callback):
    """A function that is called with the history after every epoch, as a callback."""

    def __init__(self, call: Callable[[History], object]) -> None:
        self.function = function("on_epoch", call, "of the history")

    def on_epoch(self, trainer: Any) -> None:
        """Call it."""
        self.function(trainer.history)
