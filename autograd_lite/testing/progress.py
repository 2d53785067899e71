"""A progress bar on stderr, for checks that take longer than two seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 2.0  # seconds


def with_progress(steps: Iterable[T], total: int, *, wanted: bool) -> Iterator[T]:
    """The same steps, counted on stderr once two seconds have passed, if tqdm is installed."""
    if not wanted:
        return iter(steps)
    try:
        tqdm = import_module("tqdm")
    except ImportError:
        return iter(steps)
    bar = tqdm.tqdm(steps, "check", total, leave=False, delay=PATIENCE, unit="rule")
    return iter(bar)
