"""A chain of scalar operations, from a thousand to a million: time and memory a node.

python benchmarks/scaling.py [--sizes 1000,10000,100000,1000000] [--only "eager|native"] [--quick]

y = y · 0.999, y = y + 0.001, and so on, then the gradient with respect to the start. Each contender
has a process of its own for each size, so that its memory is its own; all gradients must be equal.
Nodes are operations; times are the best of some runs, forward and backward, and for what is
recorded once, one replay of both.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from pathlib import Path

from harness import Field, options

import autograd_lite as ag

START, FACTOR, OFFSET = 1.5, 0.999, 1e-3
PATIENCE = 300  # seconds for one contender at one size
field = Field()


def chain(x, size):
    """The chain on any kind of number."""
    for _ in range(size // 2):
        x = x * FACTOR
        x = x + OFFSET
    return x


@field.contender("micrograd, recursion limit raised", needs=["micrograd"])
def micrograd(size):
    from micrograd.engine import Value

    sys.setrecursionlimit(10**5)

    def run(_):
        x = Value(START)
        chain(x, size).backward()
        return x.grad

    return run


@field.contender("autograd_lite, eager")
def eager(size):
    def run(_):
        x = ag.Node(START)
        chain(x, size).backward()
        return x.grad

    return run


def replayed(size, executor):
    """Recorded once, gradient included; what is timed is the tape."""
    with ag.Graph() as graph:
        x = ag.parameter(START)
        gradient = ag.gradients(chain(x, size), x)
        both = [graph[-1], gradient]
    program = ag.compile(graph, both, executor=executor)
    program()
    return lambda _: program()[1]


@field.contender("autograd_lite, generated Python replay")
def python_replay(size):
    return replayed(size, "numpy")


@field.contender("autograd_lite, native replay", needs=["$cc"])
def native_replay(size):
    return replayed(size, "native")


@field.contender("plain Python, a list")
def plain_python(size):
    """The control: two lists, and no engine at all."""

    def run(_):
        value, slopes = START, []
        for _ in range(size // 2):
            value = value * FACTOR
            slopes.append(FACTOR)
            value = value + OFFSET
            slopes.append(1.0)
        gradient = 1.0
        for slope in reversed(slopes):
            gradient = gradient * slope
        return gradient

    return run


@field.contender("PyTorch, 0-d tensors", needs=["torch"])
def torch_scalars(size):
    import torch

    def run(_):
        x = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        chain(x, size).backward()
        return float(x.grad)

    return run


@field.contender("HIPS autograd", needs=["autograd"])
def hips_autograd(size):
    from autograd import grad

    return lambda _: float(grad(lambda x: chain(x, size))(START))


def measure(name: str, size: int) -> None:
    """Print what one contender takes, as JSON; in a process of its own."""
    run = field.start(size, name)[name]
    gc.collect()
    gc.freeze()
    before, peak, best = memory("VmRSS"), 0, float("inf")
    for _ in range(max(3, min(30, 300_000 // size))):
        began = time.perf_counter()
        gradient = run(1)
        best = min(best, time.perf_counter() - began)
        peak = peak or memory("VmHWM")
    told = {"ns": best / size * 1e9, "bytes": (peak - before) / size, "gradient": gradient}
    print("RESULT", json.dumps(told))


def memory(kind: str) -> int:
    """Bytes of this process, now or at its peak; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(kind)), 0)


def measured(name: str, size: int) -> dict[str, float] | str:
    """What the process of one contender says, or why it says nothing."""
    command = [sys.executable, __file__, "--child", name, "--sizes", str(size)]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return f"over {PATIENCE} s"
    for line in run.stdout.splitlines():
        if line.startswith("RESULT"):
            return json.loads(line.removeprefix("RESULT"))
    return (run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1][:40]


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="")
    parser.add_argument("--child", default="", help="measure one contender, in this process")
    chosen = parser.parse_args()
    sizes = chosen.sizes or ("1000,4000" if chosen.quick else "1000,10000,100000,1000000")
    lengths = [int(size) for size in sizes.split(",")]
    if chosen.child:
        measure(chosen.child, lengths[0])
        return
    print("### A chain: ns (bytes) a node, forward and backward\n")
    print(f"| contender | {' | '.join(f'{n:,}' for n in lengths)} |")
    print(f"| --- |{' ---: |' * len(lengths)}")
    known: dict[int, float] = {}
    for contender in field.contenders:
        wanted = not chosen.only or any(part in contender.name for part in chosen.only.split("|"))
        if not wanted or contender.missing():
            continue
        cells = [cell(measured(contender.name, size), known, size) for size in lengths]
        print(f"| {contender.name} | {' | '.join(cells)} |", flush=True)


def cell(found: dict[str, float] | str, known: dict[int, float], size: int) -> str:
    """A cell of the table; the gradient must be that of the others."""
    if isinstance(found, str):
        return found
    expected = known.setdefault(size, found["gradient"])
    assert abs(found["gradient"] - expected) <= 1e-9 * abs(expected), (found, expected)
    return f"{found['ns']:,.1f} ({found['bytes']:,.0f})"


if __name__ == "__main__":
    main()
