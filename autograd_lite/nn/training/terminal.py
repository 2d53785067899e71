"""A run and its terminal: a progress bar, and signals that are heard between two steps."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from autograd_lite.nn.checks import optional

SIGNALS = signal.SIGINT, signal.SIGTERM


@contextmanager
def heard_signals() -> Iterator[list[int]]:
    """A list that gets the number of the first Ctrl-C or SIGTERM, instead of what it would do.

    A second one raises KeyboardInterrupt at once. Afterwards the signals have their former handlers
    again. Outside the main thread, where Python allows no handlers, nothing is heard ever.

    >>> with heard_signals() as heard:
    ...     signal.raise_signal(signal.SIGINT)
    ...     heard == [signal.SIGINT]
    True
    """
    heard: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature
        if heard:
            raise KeyboardInterrupt
        heard.append(number)

    listens = threading.current_thread() is threading.main_thread()
    former = {number: signal.signal(number, hear) for number in SIGNALS if listens}
    try:
        yield heard
    finally:
        for number, handler in former.items():
            # A handler that was not set from Python is reported as None and cannot be set again.
            signal.signal(number, handler or signal.SIG_DFL)


@contextmanager
def progress_bar(
    steps: int, title: str, *, done: int = 0, wanted: bool
) -> Iterator[Callable[[int], object]]:
    """A function to tell of so many steps taken; they are shown on stderr if tqdm is installed.

    >>> with progress_bar(3, "Epoch 0", wanted=False) as advance:
    ...     advance(2)
    """
    tqdm = optional("tqdm") if wanted and sys.stderr is not None else None
    if tqdm is None:
        yield lambda _: None
    else:
        with tqdm.tqdm(total=steps, initial=done, desc=title, unit="step", leave=False) as bar:
            yield bar.update
