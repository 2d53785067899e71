"""784-128-10, ReLU, plain SGD, batches of 128 and 1,024, float32: samples a second.

    python benchmarks/minibatch.py [--batches 128,1024] [--dense] [--rounds 7] [--quick]

Every contender is given one thread and two; JAX chooses its own number, two on two cores.
"""

from __future__ import annotations

import numpy as np
from digits import Job, compiled, loop, weights
from frameworks import jax_scan, torch_eager
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


def on_one_and_two_threads(name, needs=()):
    """Enter a contender twice."""

    def enter(make):
        field.contender(f"{name}, 1 thread", needs=needs)(make)
        field.contender(f"{name}, 2 threads", needs=needs, threads=2)(make)
        return make

    return enter


@on_one_and_two_threads("NumPy by hand")
def numpy_by_hand(job):
    """What a careful person writes without a library: the control."""
    w1, b1, w2, b2 = weights()
    rows = np.arange(job.batch_size)

    def step(i):
        x, y = job.images[job.batch(i)], job.labels[job.batch(i)]
        a = x @ w1 + b1
        h = np.maximum(a, 0)
        z = h @ w2 + b2
        e = np.exp(z - z.max(1, keepdims=True))
        p = e / e.sum(1, keepdims=True)
        loss = -np.log(p[rows, y]).mean()
        p[rows, y] -= 1
        p /= job.batch_size
        dh = p @ w2.T
        dh[a <= 0] = 0
        w2[...] -= job.rate * (h.T @ p)
        b2[...] -= job.rate * p.sum(0)
        w1[...] -= job.rate * (x.T @ dh)
        b1[...] -= job.rate * dh.sum(0)
        return loss

    return loop(step)


@on_one_and_two_threads("autograd_lite, numpy executor")
def planned(job):
    return compiled(job, ag.relu, "numpy")


@on_one_and_two_threads("autograd_lite, native scan", needs=["$cc"])
def native(job):
    return compiled(job, ag.relu, "native")


@on_one_and_two_threads("PyTorch eager", needs=["torch"])
def torch_modules(job):
    return torch_eager(job, "ReLU", fused=True)


@field.contender("JAX lax.scan, its own threads", needs=["jax"], threads=2)
def jax_batches(job):
    return jax_scan(job, "relu", block=min(40, job.steps))


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--batches", default="128,1024", help="batch sizes, a,b")
    parser.add_argument("--dense", action="store_true", help="data without zeros")
    chosen = parser.parse_args()
    for size in map(int, chosen.batches.split(",")):
        samples = 40 * size if chosen.quick else 60_000 // (40 * size) * 40 * size
        job = Job.of(samples, size, 0.1, dense=chosen.dense)
        runs = field.start(job, chosen.only)
        losses = agree(runs, 40)
        target = 0.02 if chosen.quick else 0.4
        times = interleave(runs, size, chosen.rounds, target, field.threads)
        references = [
            "NumPy by hand, 2 threads",
            "PyTorch eager, 1 thread",
            "PyTorch eager, 2 threads",
            "JAX lax.scan, its own threads",
        ]
        extra = {name: {"loss, 40 steps": f"{loss:.6f}"} for name, loss in losses.items()}
        print(
            markdown_table(
                times,
                "samples/s",
                references,
                extra,
                f"Batches of {size:,}{', dense' * chosen.dense}",
            )
        )


if __name__ == "__main__":
    main()
