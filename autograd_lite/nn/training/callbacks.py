"""Who is told of the steps and epochs of a run."""

from collections.abc import Callable
from typing import Any

from autograd_lite.nn.checks import function, of_type, refuse_unless
from autograd_lite.nn.training.history import History

CALLED = ("on_step", "on_epoch")
HINT = "name it on_epoch (after it was evaluated) or on_step, or without on_ if you call it"


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

    def __init_subclass__(cls) -> None:
        """Refuse a method that nobody would call: ConfigError."""
        for name in vars(cls):
            known = not name.startswith("on_") or name in CALLED
            refuse_unless(known, cls.__name__, name, "on_step and on_epoch, which are called", HINT)

    def on_step(self, trainer: Any) -> None:
        """After a step, or after a run of steps where an epoch has more than a hundred."""

    def on_epoch(self, trainer: Any) -> None:
        """After an epoch and its evaluation; `trainer.history.epochs[-1]` is the newest."""


def check_callback(given: Callback) -> Callback:
    """The callback, if it is one and its methods take the trainer; else a ConfigError."""
    of_type("callbacks", given, Callback, "MyCallback()")
    for name in CALLED:
        function(f"{type(given).__name__}.{name}", getattr(given, name), "of self and trainer")
    return given


class CallOnEpoch(Callback):
    """A function that is called with the history after every epoch, as a callback."""

    def __init__(self, call: Callable[[History], object]) -> None:
        self.function = function("on_epoch", call, "of the history")

    def on_epoch(self, trainer: Any) -> None:
        """Call it."""
        self.function(trainer.history)
