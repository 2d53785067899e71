"""Signals at the right time: a step is taken whole or not at all, whatever comes in the middle.

Python runs the handler of a signal between any two instructions of the main thread, and Ctrl-C
raises KeyboardInterrupt there: in the middle of a step, where some of the new values are missing.
"""

import signal

# Those of `signal` make enums of what they return, in 3 µs.
from _signal import getsignal  # type: ignore[import-not-found]
from _signal import signal as set_handler
from contextlib import ExitStack
from types import FrameType
from typing import Any, ClassVar


def _known(*names: str) -> tuple[int, ...]:
    return tuple(int(getattr(signal, name)) for name in names if hasattr(signal, name))


class Uninterrupted:
    """Inside, signals are only noted; at the end each does what it would have done.

    It changes nothing for signals that no Python code handles, and outside of the main thread,
    where Python runs no handlers.

    >>> with Heard() as outside:
    ...     with Uninterrupted():
    ...         signal.raise_signal(signal.SIGINT)
    ...         print("in the middle:", outside)
    ...     print("at the end:", outside)
    in the middle: []
    at the end: [2]
    """

    numbers: ClassVar = _known("SIGINT", "SIGTERM", "SIGALRM")

    def __init__(self) -> None:
        self.noted: list[int] = []
        self._former: dict[int, Any] = {}

    def __enter__(self) -> list[int]:
        try:
            for number in self.numbers:
                handler = getsignal(number)
                if self.takes(handler):
                    self._former[number] = handler or 0  # the default, if it is not of Python
                    set_handler(number, self.hear)
        except ValueError:
            self._former.clear()  # this is not the main thread
        except BaseException:  # by the handler of one that was not taken yet
            self._restore()
            raise
        return self.noted

    def __exit__(self, *_: object) -> None:
        self._restore()
        if self.noted:
            self.leave()

    def takes(self, handler: Any) -> bool:
        """Whether a signal with this handler is noted."""
        return callable(handler)

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Note a signal."""
        self.noted.append(number)

    def leave(self) -> None:
        """Do what was put off, all of it, whatever the handlers raise."""
        with ExitStack() as handlers:
            for number in reversed(self.noted):
                handlers.callback(signal.raise_signal, number)

    def _restore(self) -> None:
        try:
            for number, handler in self._former.items():
                set_handler(number, handler)
        except BaseException:  # by the handler of one that has just been given back
            self._restore()
            raise


class Heard(Uninterrupted):
    """Inside, a first Ctrl-C or SIGTERM is only noted, and a second raises KeyboardInterrupt.

    >>> with Heard() as noted:
    ...     signal.raise_signal(signal.SIGINT)
    ...     noted == [signal.SIGINT]
    True
    """

    numbers: ClassVar = _known("SIGINT", "SIGTERM")

    def takes(self, handler: Any) -> bool:  # noqa: ARG002 - any
        """Whoever else would have got it."""
        return True

    def hear(self, number: int, frame: FrameType | None) -> None:
        """Note a signal, or end it all."""
        if self.noted:
            raise KeyboardInterrupt
        super().hear(number, frame)

    def leave(self) -> None:
        """Nothing is left to do."""
