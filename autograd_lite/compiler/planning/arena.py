"""Offsets in one block of memory, for values of which some never live at the same time."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import prod

import numpy as np

from autograd_lite.core.shapes import Spec
from autograd_lite.core.values import Array

ALIGNMENT = 64  # a cache line, and the widest vector register
MANY = 3000  # values, from which on the time to place them counts
ENDLESS = 1 << 62


def aligned_memory(size: int) -> Array:
    """So many bytes, zeros, that begin at a cache line.

    >>> aligned_memory(100).ctypes.data % 64, len(aligned_memory(100))
    (0, 100)
    """
    raw = np.zeros(size + ALIGNMENT, np.uint8)
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + size]


def seen_as(memory: Array, spec: Spec, offset: int = 0) -> Array:
    """An array of this shape and dtype in some bytes, from an offset on."""
    end = offset + prod(spec.shape) * spec.dtype.itemsize
    return memory[offset:end].view(spec.dtype).reshape(spec.shape)


def aligned_array(spec: Spec) -> Array:
    """A new array of this shape and dtype that begins at a cache line."""
    return seen_as(aligned_memory(prod(spec.shape) * spec.dtype.itemsize), spec)


@dataclass(frozen=True)
class Lifetime:
    """From the step that writes a value to the last one that reads it, both included."""

    size: int  # bytes
    first: int
    last: int


def aligned(size: int) -> int:
    """The size, rounded up to whole cache lines; nothing takes one, too."""
    return max(-(-size // ALIGNMENT), 1) * ALIGNMENT


def liveness_bound(lifetimes: Sequence[Lifetime]) -> int:
    """The most bytes alive at once, each value rounded up to cache lines.

    >>> liveness_bound([Lifetime(64, 0, 1), Lifetime(64, 1, 2), Lifetime(64, 2, 3)])
    128
    """
    changes: dict[int, int] = {}
    for life in lifetimes:
        changes[life.first] = changes.get(life.first, 0) + aligned(life.size)
        changes[life.last + 1] = changes.get(life.last + 1, 0) - aligned(life.size)
    alive = most = 0
    for step in sorted(changes):
        alive += changes[step]
        most = max(most, alive)
    return most


def place(lifetimes: Sequence[Lifetime]) -> tuple[list[int], int]:
    """An offset for each, so that none overlaps another of its time; and the bytes in all.

    Two orders of placing are tried, the earliest first and, for not too many, the largest first,
    and the better is taken: each value goes to the tightest gap that it fits into.

    >>> place([Lifetime(64, 0, 1), Lifetime(128, 1, 2), Lifetime(64, 2, 3)])
    ([128, 0, 128], 192)
    """
    orders = [_largest_first] if len(lifetimes) <= MANY else []
    return min((order(lifetimes) for order in (*orders, _earliest_first)), key=lambda x: x[1])


def _largest_first(lifetimes: Sequence[Lifetime]) -> tuple[list[int], int]:
    offsets, total = [0] * len(lifetimes), 0
    taken: list[tuple[int, int, Lifetime]] = []  # begin, end, whose; sorted
    for i in sorted(range(len(lifetimes)), key=lambda i: (-lifetimes[i].size, lifetimes[i].first)):
        life = lifetimes[i]
        size = aligned(life.size)
        begin = _best_gap(taken, life, size)
        offsets[i], total = begin, max(total, begin + size)
        insort(taken, (begin, begin + size, life), key=lambda place: place[:2])
    return offsets, total


def _best_gap(taken: Sequence[tuple[int, int, Lifetime]], life: Lifetime, size: int) -> int:
    """Where the smallest gap begins that is large enough while the value lives."""
    free, best, best_size = 0, -1, 0
    for begin, end, other in taken:
        if other.last < life.first or life.last < other.first:
            continue
        gap = begin - free
        if gap >= size and (best < 0 or gap < best_size):
            best, best_size = free, gap
        free = max(free, end)
    return best if best >= 0 else free


def _earliest_first(lifetimes: Sequence[Lifetime]) -> tuple[list[int], int]:
    offsets, total = [0] * len(lifetimes), 0
    alive: list[tuple[int, int, int]] = []  # last use, begin, end; a heap
    gaps = _Gaps()
    for i in sorted(range(len(lifetimes)), key=lambda i: (lifetimes[i].first, -lifetimes[i].size)):
        while alive and alive[0][0] < lifetimes[i].first:
            gaps.give_back(*heappop(alive)[1:])
        size = aligned(lifetimes[i].size)
        offsets[i] = begin = gaps.take(size)
        total = max(total, begin + size)
        heappush(alive, (lifetimes[i].last, begin, begin + size))
    return offsets, total


class _Gaps:
    """What is free of a block of memory without an end."""

    def __init__(self) -> None:
        self.by_size: list[tuple[int, int]] = [(ENDLESS, 0)]  # size, begin; sorted
        self.end_of = {0: ENDLESS}
        self.begin_of = {ENDLESS: 0}

    def take(self, size: int) -> int:
        """The beginning of the tightest gap."""
        begin = self.by_size[bisect_left(self.by_size, (size, 0))][1]
        end = self._forget(begin)
        if begin + size < end:
            self._add(begin + size, end)
        return begin

    def give_back(self, begin: int, end: int) -> None:
        """Make a place free again, as one gap with what is free beside it."""
        if begin in self.begin_of:
            begin = self.begin_of[begin]
            self._forget(begin)
        if end in self.end_of:
            end = self._forget(end)
        self._add(begin, end)

    def _add(self, begin: int, end: int) -> None:
        self.end_of[begin], self.begin_of[end] = end, begin
        insort(self.by_size, (end - begin, begin))

    def _forget(self, begin: int) -> int:
        end = self.end_of.pop(begin)
        del self.begin_of[end]
        self.by_size.pop(bisect_left(self.by_size, (end - begin, begin)))
        return end
