"""What the benchmarks share: contenders as plug-ins, interleaved timing, Markdown tables.

A contender is a function that is handed a job and returns `run(count)`, which does `count` units
of work and returns a number (a loss) that all contenders must agree on before anything is timed.
One whose library is not installed is skipped, with a line that says so.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import os
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Run = Callable[[int], float]


@dataclass(frozen=True)
class Contender:
    """One way to do a job."""

    name: str
    make: Callable[[Any], Run]
    needs: tuple[str, ...]  # modules, or a program written as "$cc"
    threads: int

    def missing(self) -> list[str]:
        """What of its needs is not here."""
        return [need for need in self.needs if not _is_there(need)]


def _is_there(need: str) -> bool:
    if need.startswith("$"):
        return shutil.which(need[1:]) is not None
    return importlib.util.find_spec(need) is not None


class Field:
    """The contenders of one workload, in the order they are declared."""

    def __init__(self) -> None:
        self.contenders: list[Contender] = []

    def contender(
        self, name: str, *, needs: Sequence[str] = (), threads: int = 1
    ) -> Callable[[Callable[[Any], Run]], Callable[[Any], Run]]:
        """Enter the decorated function under a name."""

        def enter(make: Callable[[Any], Run]) -> Callable[[Any], Run]:
            self.contenders.append(Contender(name, make, tuple(needs), threads))
            return make

        return enter

    def start(self, job: Any, only: str = "") -> dict[str, Run]:
        """The contenders that can run here, made ready for the job."""
        runs = {}
        for contender in self.contenders:
            if only and not any(part in contender.name for part in only.split("|")):
                continue
            if missing := contender.missing():
                print(f"skipped: {contender.name} (needs {', '.join(missing)})")
                continue
            set_threads(contender.threads)
            runs[contender.name] = contender.make(job)
        return runs

    @property
    def threads(self) -> dict[str, int]:
        """How many threads each contender is given."""
        return {contender.name: contender.threads for contender in self.contenders}


def set_threads(count: int) -> None:
    """Tell BLAS, PyTorch if it is there, and programs compiled later how many threads to use."""
    os.environ["OMP_NUM_THREADS"] = str(count)
    if importlib.util.find_spec("threadpoolctl"):
        from threadpoolctl import threadpool_limits

        threadpool_limits(count, user_api="blas")
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(count)


def agree(runs: Mapping[str, Run], count: int, tolerance: float = 1e-3) -> dict[str, float]:
    """Let every contender do the first `count` units; their losses must be equal."""
    losses = {name: float(run(count)) for name, run in runs.items()}
    middle = statistics.median(losses.values())
    wrong = {n: loss for n, loss in losses.items() if abs(loss - middle) > tolerance * abs(middle)}
    assert not wrong, f"losses differ from {middle}: {wrong}"
    return losses


def interleave(
    runs: Mapping[str, Run],
    units: float = 1,
    rounds: int = 7,
    target: float = 0.25,
    threads: Mapping[str, int] | None = None,
) -> dict[str, list[float]]:
    """Seconds a unit of each contender, `rounds` times, taking turns in random order.

    A slow moment of the machine so hits all of them. `target` is the length of a turn in seconds.
    """
    threads = threads or {}
    gc.collect()
    gc.freeze()  # objects of imported packages must not slow the collector for every contender
    counts = {name: _count_for(run, target, threads.get(name, 1)) for name, run in runs.items()}
    times: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in random.Random(number).sample(list(runs), len(runs)):
            set_threads(threads.get(name, 1))
            seconds = _seconds(runs[name], counts[name])
            times[name].append(seconds / counts[name] / units)
    set_threads(1)
    return times


def _count_for(run: Run, target: float, threads: int) -> int:
    """How many units fill a turn."""
    set_threads(threads)
    count = 1
    while (seconds := _seconds(run, count)) < target / 4:
        count = max(2 * count, int(count * min(50, target / 3 / max(seconds, 1e-7))))
    return max(1, round(count * target / seconds))


def _seconds(run: Run, count: int) -> float:
    start = time.perf_counter()
    run(count)
    return time.perf_counter() - start


def markdown_table(
    times: Mapping[str, Sequence[float]],
    unit: str,
    references: Iterable[str],
    extra: Mapping[str, Mapping[str, object]] | None = None,
    title: str = "",
) -> str:
    """Medians, quartiles, and ratios to each reference contender, fastest first."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    known = [name for name in references if name in medians]
    extra = extra or {}
    columns = list(next(iter(extra.values()), {}))
    head = ["contender", unit, "quartiles", *(f"× {name}" for name in known), *columns]
    lines = [f"### {title}\n"] if title else []
    lines += [_cells(head), _cells(["---", *["---:"] * (len(head) - 1)])]
    for name in sorted(medians, key=lambda name: medians[name]):
        low, high = np.quantile(times[name], [0.25, 0.75])
        cells = [name, f"{1 / medians[name]:,.0f}", f"{1 / high:,.0f}–{1 / low:,.0f}"]
        cells += [f"{medians[other] / medians[name]:.2f}" for other in known]
        lines.append(_cells([*cells, *(str(extra.get(name, {}).get(c, "")) for c in columns)]))
    return "\n".join(lines) + "\n"


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def options(description: str) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contender")
    parser.add_argument("--only", default="", help="parts of the names of contenders, a|b")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: that it runs, not how fast"
    )
    return parser
