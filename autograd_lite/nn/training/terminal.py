"""A run and its terminal: a progress bar."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograd_lite.nn.checks import optional
from autograd_lite.serialize.files import is_first_process


@contextmanager
def progress_bar(
    steps: int | None, title: str, *, done: int = 0, wanted: bool
) -> Iterator[Callable[[int], object]]:
    """A function to tell of so many steps taken; they are shown on stderr if tqdm is installed.

    >>> with progress_bar(3, "Epoch 0", wanted=False) as advance:
    ...     advance(2)
    """
    shown = wanted and sys.stderr is not None and is_first_process()
    tqdm = optional("tqdm.auto") if shown else None  # in a notebook, a bar of its own kind
    if tqdm is None:
        yield lambda _: None
    else:
        with tqdm.tqdm(total=steps, initial=done, desc=title, unit="step", leave=False) as bar:
            yield bar.update
