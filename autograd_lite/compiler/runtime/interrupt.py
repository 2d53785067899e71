"""Ctrl-C between steps instead of in the middle of one, where some updates would be missing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard_afterwards() -> Iterator[None]:
    """Inside, Ctrl-C is only noted; KeyboardInterrupt is raised at the end.

    A handler that somebody else has installed is left to do its work.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    noted: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: noted.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if noted:
        raise KeyboardInterrupt
