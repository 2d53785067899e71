"""How many cores are free: those that nobody else keeps busy, looked at again and again."""

import os
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

WINDOW = 0.1  # seconds between two looks
STATISTICS = Path("/proc/stat")  # where Linux tells what each core has done
QUOTA = Path("/sys/fs/cgroup/cpu.max")  # how much of the machine a container may use
TICKS = 100  # a second, in which it counts
BUSY = (0, 2, 5, 6, 7)  # fields that count: user, system, interrupts, and stolen; not what is nice


def allowed() -> int:
    """How many threads there may be: OMP_NUM_THREADS, as elsewhere, else all cores."""
    named = os.environ.get("OMP_NUM_THREADS", "")
    count = int(named) if named.isdecimal() else 0
    return count or max(1, min(len(own_cores()), _quota()))


def own_cores() -> set[int]:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return os.sched_getaffinity(0)
    return set(range(os.cpu_count() or 1))


def _quota() -> int:
    """The cores that a container may use, rounded up."""
    quota, period = _text(QUOTA).split() or ("max", "1")
    return os.cpu_count() or 1 if quota == "max" else -(-int(quota) // int(period))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


class Look(NamedTuple):
    """What was seen at some time, in seconds."""

    time: float
    own: float  # what this process has computed
    total: float  # what its cores have

    @classmethod
    def now(cls) -> "Look":
        """A look at the machine."""
        names = {f"cpu{number}" for number in own_cores()}
        lines = [line.split() for line in _text(STATISTICS).splitlines() if line.startswith("cpu")]
        ticks = sum(int(x[1 + field]) for x in lines if x[0] in names for field in BUSY)
        return cls(perf_counter(), process_time(), ticks / TICKS)


class Cores:
    """The cores of this process, and how many of them are free."""

    def __init__(self) -> None:
        self._seen = Look.now()
        self._free = len(own_cores())

    def free(self) -> int:
        """How many cores nobody else uses, at least one, as of at most a tenth of a second ago."""
        if perf_counter() - self._seen.time >= WINDOW:
            before, self._seen = self._seen, Look.now()
            self._free = _free(before, self._seen, len(own_cores()))
        return self._free


def _free(before: Look, after: Look, count: int) -> int:
    """The cores that others did not use between two looks; all, where the system does not tell."""
    busy = (after.total - before.total) - (after.own - before.own)
    return max(1, min(count, round(count - busy / (after.time - before.time))))


CORES = Cores()
"""Those of this process."""


class Threads:
    """How many threads a runner takes: as many as are allowed, if there are free cores."""

    def __init__(self, most: int | None = None) -> None:
        self.most = self.now = most or allowed()

    def count(self) -> int:
        """The number for what is to be run now."""
        self.now = min(self.most, CORES.free())
        return self.now

    @property
    def notes(self) -> list[str]:
        """A line for the plan, if there is a choice."""
        why = "all that are allowed" if self.now == self.most else "as others use the other cores"
        return [f"Threads: {self.now} of {self.most}, {why}"] if self.most > 1 else []
