"""A pass over data in chunks: long enough to stay inside the executor, short enough to be heard."""

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from autograd_lite.compiler.runtime.feeds import Data
from autograd_lite.core.values import Array
from autograd_lite.errors import ConfigError

Progress = Callable[[int, int], Any]

FIRST = 64  # steps in the first chunk
SECONDS = 0.1  # what a chunk should take
SECONDS_OF_A_GPU = 0.5  # there weights are copied back after each


class Chunks:
    """Ranges of steps, made longer or shorter so that each takes as long as it should.

    `size` is how many steps the first one has; then, how many the next one has.
    """

    def __init__(self, steps: int, size: int = FIRST, seconds: float = SECONDS) -> None:
        self.steps, self.size, self.seconds = steps, size, seconds

    def __iter__(self) -> Iterator[tuple[int, int]]:
        start = 0
        while start < self.steps:
            stop = min(start + self.size, self.steps)
            begun = perf_counter()
            yield start, stop
            rate = (stop - start) / max(perf_counter() - begun, 1e-6)
            self.size = max(int(min(rate * self.seconds, self.size * 4)), 1)
            start = stop


class Rows:
    """Which rows of the data each step takes."""

    def __init__(self, data: Data, batch_size: int, order: Array | None) -> None:
        self.data, self.batch_size, self.order = data, batch_size, order
        self.steps, self.rest = divmod(data.length, batch_size)
        self.shapes = tuple(data.shapes(batch_size).values())
        self._whole = data.as_they_are()

    def of(self, start: int, stop: int) -> list[Array]:
        """The rows of some steps, converted and in the order of the steps."""
        begin, end = start * self.batch_size, stop * self.batch_size
        places = slice(begin, end) if self.order is None else self.order[begin:end]
        return self.data.rows(places)

    def feeds(self, step: int) -> list[Array]:
        """The feeds of one step."""
        rows = self.of(step, step + 1)
        return rows if self.data.batched else [x[0, ...] for x in rows]

    def remainder(self) -> list[Array]:
        """The feeds of the last, smaller batch."""
        begin = self.steps * self.batch_size
        return self.data.rows(slice(begin, None) if self.order is None else self.order[begin:])

    def run(self, runner: Any, start: int, stop: int) -> list[Array]:
        """Let a runner take some steps; data that fits is handed over as it is."""
        size = self.batch_size if self.data.batched else None
        whole = self.data.arrays if runner.converts else self._whole
        if whole is not None:
            return runner.scan(whole, self.order, size, start, stop)
        return runner.scan(self.of(start, stop), None, size, 0, stop - start)


def make_rows(data: Data, batch_size: Any, shuffle: Any) -> Rows:
    """The rows of each step; ConfigError for a batch size that makes no sense."""
    if type(batch_size) is not int or batch_size < 1:
        raise _no_batch_size("a whole number of rows, at least 1", batch_size)
    if not data.batched and batch_size != 1:
        raise _no_batch_size("1, because the inputs are declared without a batch axis", batch_size)
    order = None if shuffle is False else _random(shuffle).permutation(data.length)
    return Rows(data, batch_size, order)


def _random(shuffle: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(None if shuffle is True else shuffle)
    except (TypeError, ValueError) as problem:
        raise ConfigError(
            "Program.scan",
            expected="shuffle to be True, False, a seed or a Generator",
            came=f"{shuffle!r} ({problem})",
            suggestion="seeds are whole numbers, at least 0",
        ) from None


def refuse_other_progress(progress: Any) -> None:
    """Raise ConfigError for what is not to be called, before the first step."""
    if progress is not None and not callable(progress):
        raise ConfigError(
            "Program.scan",
            expected="progress to be a function of the steps done and of all steps",
            came=repr(progress),
            suggestion="write progress=lambda done, steps: print(done, steps)",
        )


def _no_batch_size(expected: str, came: Any) -> ConfigError:
    return ConfigError(
        "Program.scan",
        expected=f"batch_size to be {expected}",
        came=repr(came),
        suggestion="declare the inputs with a leading axis to take batches",
    )
