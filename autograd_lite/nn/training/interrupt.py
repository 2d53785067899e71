"""Ctrl-C and SIGTERM as requests that are heard between two training steps, not inside of one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = signal.SIGINT, signal.SIGTERM


class Interrupt:
    """`with Interrupt() as interrupt:` turns the first such signal into `interrupt.requested`.

    A second one raises KeyboardInterrupt at once. Afterwards the signals have their former handlers
    again. Outside the main thread, where Python allows no handlers, nothing is requested ever.

    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupt.requested, interrupt.number == signal.SIGINT
    (True, True)
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._listens = threading.current_thread() is threading.main_thread()
        self._former: dict[int, Any] = {}

    @property
    def requested(self) -> bool:
        """Whether a signal has come."""
        return self.number is not None

    def __enter__(self) -> Self:
        if self._listens:
            self._former = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, former in self._former.items():
            # A handler that was not set from Python is reported as None and cannot be set again.
            signal.signal(number, former or signal.SIG_DFL)

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature
        if self.requested:
            raise KeyboardInterrupt
        self.number = number
