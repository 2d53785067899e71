"""W2: 784-128-10, ReLU, plain SGD, batches of 128 and 1,024, float32: samples a second.

    python benchmarks/minibatch.py [--batches 128,1024] [--rounds 7] [--quick]

Every contender is given one thread and two; JAX chooses its own number, two on two cores.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from digits import Job, compiled, loop, weights
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
def torch_eager(job):
    """PyTorch as people write it, with its fused optimizer."""
    import torch

    layers = torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10)
    net = torch.nn.Sequential(*layers)
    w1, b1, w2, b2 = weights()
    with torch.no_grad():
        for p, value in zip(net.parameters(), (w1.T, b1, w2.T, b2), strict=True):
            p.copy_(torch.from_numpy(np.ascontiguousarray(value)))
    optimizer = torch.optim.SGD(net.parameters(), lr=job.rate, fused=True)
    xs, ys = torch.from_numpy(job.images), torch.from_numpy(job.labels)

    def step(i):
        rows = job.batch(i)
        loss = torch.nn.functional.cross_entropy(net(xs[rows]), ys[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return loop(step)


def jax_update(job):
    import jax

    def loss_of(parameters, x, y):
        w1, b1, w2, b2 = parameters
        scores = jax.nn.log_softmax(jax.nn.relu(x @ w1 + b1) @ w2 + b2)
        return -jax.numpy.take_along_axis(scores, y[:, None], 1).mean()

    def update(parameters, sample):
        loss, grads = jax.value_and_grad(loss_of)(parameters, *sample)
        return [p - job.rate * g for p, g in zip(parameters, grads, strict=True)], loss

    return update


@field.contender("JAX lax.scan, its own threads", needs=["jax"], threads=2)
def jax_scan(job):
    import jax
    import jax.numpy as jnp

    one_pass = jax.jit(partial(jax.lax.scan, jax_update(job)), donate_argnums=0)
    parameters = [jnp.asarray(w) for w in weights()]
    block, size = min(40, job.steps), job.batch_size
    blocks = []
    for start in range(0, job.steps - block + 1, block):
        rows = slice(start * size, (start + block) * size)
        images = jnp.asarray(job.images[rows].reshape(block, size, 784))
        blocks.append((images, jnp.asarray(job.labels[rows].astype("int32").reshape(block, size))))
    taken = 0

    def run(count):
        nonlocal parameters, taken
        total = 0.0
        for _ in range(max(1, round(count / block))):
            parameters, losses = one_pass(parameters, blocks[taken % len(blocks)])
            total, taken = total + float(losses.sum()), taken + 1
        return total / max(count, block)

    return run


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--batches", default="128,1024", help="batch sizes, a,b")
    chosen = parser.parse_args()
    for size in map(int, chosen.batches.split(",")):
        samples = 40 * size if chosen.quick else 60_000 // (40 * size) * 40 * size
        job = Job.of(samples, size, 0.1)
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
        print(markdown_table(times, "samples/s", references, extra, f"W2: batches of {size:,}"))


if __name__ == "__main__":
    main()
