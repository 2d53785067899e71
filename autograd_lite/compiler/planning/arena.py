"""Offsets in one block of memory, for values of which some never live at the same time."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from autograd_lite.core.shapes import Spec
from autograd_lite.core.values import Array

ALIGNMENT = 64  # a cache line, and the widest vector register


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

    Two orders of placing are tried, the largest first and the earliest first, and the better is
    taken: each value goes to the tightest gap that it fits into.

    >>> place([Lifetime(64, 0, 1), Lifetime(128, 1, 2), Lifetime(64, 2, 3)])
    ([128, 0, 128], 192)
    """
    by_size = sorted(range(len(lifetimes)), key=lambda i: (-lifetimes[i].size, lifetimes[i].first))
    by_time = sorted(range(len(lifetimes)), key=lambda i: (lifetimes[i].first, -lifetimes[i].size))
    return min((_placed(lifetimes, order) for order in (by_size, by_time)), key=lambda x: x[1])


def _placed(lifetimes: Sequence[Lifetime], order: Sequence[int]) -> tuple[list[int], int]:
    offsets, total = [0] * len(lifetimes), 0
    taken: list[tuple[int, int, Lifetime]] = []  # begin, end, whose; sorted
    for i in order:
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
