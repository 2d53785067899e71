"""A progress bar, where one is wanted and tqdm is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autograd_lite.nn.optional import optional


@contextmanager
def progress_bar(
    steps: int, title: str, *, done: int = 0, wanted: bool
) -> Iterator[Callable[[int], object]]:
    """A function to tell of so many steps taken; they are shown on stderr.

    >>> with progress_bar(3, "Epoch 0", wanted=False) as advance:
    ...     advance(2)
    """
    tqdm = optional("tqdm") if wanted else None
    if tqdm is None:
        yield _ignore
    else:
        with tqdm.tqdm(total=steps, initial=done, desc=title, unit="step", leave=False) as bar:
            yield bar.update


def _ignore(steps: int) -> None:
    """What advances when nobody looks."""
