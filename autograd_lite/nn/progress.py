"""A progress bar, where one is wanted and tqdm is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from autograd_lite.nn.optional import optional

T = TypeVar("T")


@contextmanager
def progress_bar(steps: Sequence[T], title: str, *, wanted: bool) -> Iterator[Iterable[T]]:
    """The same steps, shown on stderr as they are taken; as they are without tqdm."""
    tqdm = optional("tqdm") if wanted else None
    if tqdm is None:
        yield steps
    else:
        with tqdm.tqdm(steps, desc=title, unit="step", leave=False) as bar:
            yield bar
