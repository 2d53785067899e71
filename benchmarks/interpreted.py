"""The interpreted engine beside plain NumPy and PyTorch eager, on S0's job and on long chains.

    python benchmarks/interpreted.py [--rounds 9] [--quick]

S0's job is 784-128-10, sigmoid, one sample a step, learning rate 0.01, float32. All contenders
start from the same weights and must reach the same loss before anything is timed; rounds are
interleaved, so that a slow moment of the machine hits all of them. PyTorch is skipped if absent.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable

import numpy as np

import autograd_lite as ag
from autograd_lite import datasets

RATE = 0.01
Step = Callable[[int], float]


def weights() -> list[np.ndarray]:
    """Xavier-uniform weights and zero biases, the same for all contenders."""
    rng = np.random.default_rng(0)

    def xavier(n_in: int, n_out: int) -> np.ndarray:
        limit = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-limit, limit, (n_in, n_out)).astype("float32")

    zeros = np.zeros
    return [xavier(784, 128), zeros(128, "float32"), xavier(128, 10), zeros(10, "float32")]


def numpy_by_hand(images: np.ndarray, labels: np.ndarray) -> Step:
    """What a careful person writes without a library."""
    w1, b1, w2, b2 = weights()

    def step(i: int) -> float:
        x, y = images[i], labels[i]
        h = 1 / (1 + np.exp(-(x @ w1 + b1)))
        z = h @ w2 + b2
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss = -np.log(p[y])
        dz = p.copy()
        dz[y] -= 1
        da = (w2 @ dz) * h * (1 - h)
        w2[...] -= RATE * np.outer(h, dz)
        b2[...] -= RATE * dz
        w1[...] -= RATE * np.outer(x, da)
        b1[...] -= RATE * da
        return float(loss)

    return step


def autograd_lite_interpreted(images: np.ndarray, labels: np.ndarray) -> Step:
    """The recorded graph, run forward and backward node by node."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(784,))
        y = ag.input(name="y", shape=(), dtype="int64")
        w1, b1, w2, b2 = (ag.parameter(w) for w in weights())
        hidden = ag.sigmoid(ag.vdot(x, w1) + b1)
        probabilities = ag.softmax(ag.vdot(hidden, w2) + b2)
        loss = ag.log(ag.aref(probabilities, y)) * -1
        ag.accuracy(probabilities, y)
    rate = np.float32(RATE)

    def step(i: int) -> float:
        graph.forward(loss, x=images[i], y=labels[i])
        graph.backward(loss)
        for p in graph.parameters:
            p.assign(p.value - rate * p.grad, copy=False)
        return float(loss)

    return step


def torch_eager(images: np.ndarray, labels: np.ndarray) -> Step:
    """PyTorch as people write it, one thread (two are slower at batch 1)."""
    import torch

    torch.set_num_threads(1)
    params = [torch.tensor(w, requires_grad=True) for w in weights()]
    w1, b1, w2, b2 = params
    optimizer = torch.optim.SGD(params, lr=RATE)
    xs, ys = torch.from_numpy(images), torch.from_numpy(labels)

    def step(i: int) -> float:
        optimizer.zero_grad()
        z = torch.sigmoid(xs[i] @ w1 + b1) @ w2 + b2
        loss = torch.nn.functional.cross_entropy(z, ys[i])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def seconds(step: Step, count: int) -> float:
    """Wall time of a step, in seconds."""
    start = time.perf_counter()
    for i in range(count):
        step(i)
    return (time.perf_counter() - start) / count


def compare_training(rounds: int, count: int) -> None:
    """Print steps a second of each contender as a table."""
    (images, labels), _ = datasets.mnist()
    x = (images[:2000].reshape(-1, 784) / np.float32(255)).astype("float32")
    y = labels[:2000].astype("int64")
    contenders = {
        "NumPy by hand": numpy_by_hand,
        "autograd_lite, interpreted": autograd_lite_interpreted,
    }
    try:
        import torch  # noqa: F401

        contenders["PyTorch eager"] = torch_eager
    except ImportError:
        print("PyTorch is not installed: skipped")
    steps = {name: make(x, y) for name, make in contenders.items()}
    losses = {name: np.mean([step(i) for i in range(200)]) for name, step in steps.items()}
    assert np.ptp(list(losses.values())) < 1e-4, losses
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            times[name].append(seconds(step, count))
    reference = statistics.median(times["NumPy by hand"])
    print("\n| contender | steps/s (median) | best | x NumPy by hand |\n|---|---:|---:|---:|")
    for name, t in times.items():
        median = statistics.median(t)
        print(f"| {name} | {1 / median:,.0f} | {1 / min(t):,.0f} | {reference / median:.2f} |")


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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: that it runs, not how fast"
    )
    options = parser.parse_args()
    rounds, count = (2, 20) if options.quick else (options.rounds, 400)
    compare_training(rounds, count)
    compare_chains([1000, 10_000] if options.quick else [1000, 10_000, 100_000, 1_000_000])


if __name__ == "__main__":
    main()
