"""Large products in pieces, shared between threads: no result depends on how many there are."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import pairwise

import numpy as np

from autograd_lite.compiler.executors.cores import Threads

LARGE = 8_000_000  # multiplications from which a second thread pays
PIECES, SHORT = 4, 16  # into which a product is cut, and the rows that a piece has at least

Work = Callable[[int, int], object]
Ranges = Sequence[tuple[int, int]]
Share = Callable[[Work, Ranges], None]


class Team:
    """Threads that help where cores are free."""

    def __init__(self) -> None:
        self.threads = Threads()

    def share(self, work: Work, ranges: Ranges) -> None:
        """Call `work` for each of the ranges, by several threads if there are cores for them."""
        left = deque(ranges)
        helpers = min(self.threads.count(), len(ranges)) - 1
        pool = _threads(os.getpid()) if helpers > 0 else None
        helping = [pool.submit(_do, work, left) for _ in range(helpers)] if pool else []
        _do(work, left)
        for future in helping:
            if not future.cancel():
                future.result()


def _do(work: Work, left: deque[tuple[int, int]]) -> None:
    with np.errstate(all="ignore"):
        while True:
            try:
                piece = left.popleft()
            except IndexError:  # asked for and taken at once, whoever else does so
                return
            work(*piece)


@lru_cache(maxsize=1)
def _threads(process: int) -> ThreadPoolExecutor:  # noqa: ARG001 - a forked one has none
    return ThreadPoolExecutor(max_workers=64, thread_name_prefix="autograd_lite")


def ranges(rows: int, multiplications: int) -> Ranges:
    """The rows of each piece of a product: all in one, unless it is large."""
    count = min(PIECES, rows // SHORT) if multiplications >= LARGE else 1
    ends = [rows * k // max(count, 1) for k in range(max(count, 1) + 1)]
    return list(pairwise(ends))
