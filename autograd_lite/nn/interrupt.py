"""Ctrl-C as a request that is heard between two training steps, not in the middle of one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class Interrupt:
    """`with Interrupt() as interrupt:` turns the first Ctrl-C into `interrupt.requested`.

    A second one raises KeyboardInterrupt at once. Afterwards the signal has its former handler
    again. Outside the main thread, where Python allows no handlers, nothing is requested ever.

    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGINT)
    ...     interrupt.requested
    True
    """

    def __init__(self) -> None:
        self.requested = False
        self._listens = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._listens:
            self._former = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listens:
            # A handler that was not set from Python is reported as None and cannot be set again.
            signal.signal(signal.SIGINT, self._former or signal.SIG_DFL)

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
