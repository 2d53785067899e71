"""The interpreted engine beside plain NumPy and PyTorch eager: a small network, long chains.

    python benchmarks/interpreted.py [--rounds 7] [--quick]

The network is 784-128-10, sigmoid, one sample a step, learning rate 0.01, float32. All contenders
start from the same weights and must reach the same loss before anything is timed; they take
turns, so that a slow moment of the machine hits all of them. PyTorch is skipped if absent.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from digits import Job
from harness import agree, interleave, markdown_table, options
from one_sample import field

import autograd_lite as ag


def compare_training(rounds: int, target: float) -> None:
    """Print steps a second of those that run node by node, and of NumPy by hand, as a table."""
    runs = field.start(Job.of(2000, 1, 0.01), "NumPy by hand|interpreted|PyTorch eager")
    losses = agree(runs, 200)
    times = interleave(runs, rounds=rounds, target=target)
    extra = {name: {"loss, 200 steps": f"{loss:.6f}"} for name, loss in losses.items()}
    print(markdown_table(times, "steps/s", ["NumPy by hand", "PyTorch eager"], extra))


def compare_chains(lengths: list[int]) -> None:
    """Print nanoseconds a node for chains of scalar nodes, and for diamonds.

    The collector stays on, as users have it; only what other packages left is put aside for it.
    """
    gc.collect()
    gc.freeze()
    print("\n| graph | nodes | forward ns | backward ns | both µs | free ns |")
    print("|---|---:|---:|---:|---:|---:|")
    for n in lengths:
        print(f"| chain | {n:,} | {_row(_chain, n)} |")
    for n in (1000, 10_000):
        print(f"| diamond, depth {n:,} | {2 * n:,} | {_row(_diamond, 2 * n)} |")


def _chain(n: int) -> tuple[ag.Node, ag.Node]:
    x = y = ag.Node(1.5)
    for _ in range(n // 2):
        y = y * 0.999
        y = y + 1e-3
    return x, y


def _diamond(n: int) -> tuple[ag.Node, ag.Node]:
    x = y = ag.Node(1.5)
    for _ in range(n // 2):
        y = y + y
        y = y * 0.5
    return x, y


def _row(build: Callable[[int], tuple[ag.Node, ag.Node]], n: int) -> str:
    best = [float("inf")] * 3
    for _ in range(3):
        t0 = time.perf_counter()
        x, y = build(n)
        t1 = time.perf_counter()
        y.backward()
        t2 = time.perf_counter()
        assert x.grad is not None
        del y
        t3 = time.perf_counter()
        best = [min(b, t / n * 1e9) for b, t in zip(best, (t1 - t0, t2 - t1, t3 - t2), strict=True)]
    forward, backward, free = best
    return f"{forward:,.0f} | {backward:,.0f} | {(forward + backward) / 1000:.2f} | {free:,.0f}"


def main() -> None:
    """Parse the options and print both tables."""
    chosen = options(__doc__.splitlines()[0]).parse_args()
    compare_training(chosen.rounds, 0.02 if chosen.quick else 0.3)
    compare_chains([1000, 10_000] if chosen.quick else [1000, 10_000, 100_000, 1_000_000])


if __name__ == "__main__":
    main()
