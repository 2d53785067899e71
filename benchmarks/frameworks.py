"""PyTorch and JAX on the job of the training benchmarks, at any batch size.

At batch size 1 a sample of JAX's is a vector, as it is for everyone else there.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from digits import loop, weights


def torch_eager(job, activation, *, fused):
    """PyTorch as people write it; the activation is `torch.nn`'s.

    Its fused optimizer is faster on batches, and slower on single samples.
    """
    import torch

    layers = torch.nn.Linear(784, 128), getattr(torch.nn, activation)(), torch.nn.Linear(128, 10)
    net = torch.nn.Sequential(*layers)
    w1, b1, w2, b2 = weights()
    with torch.no_grad():
        for p, value in zip(net.parameters(), (w1.T, b1, w2.T, b2), strict=True):
            p.copy_(torch.from_numpy(np.ascontiguousarray(value)))
    optimizer = torch.optim.SGD(net.parameters(), lr=job.rate, fused=fused)
    xs, ys = torch.from_numpy(job.images), torch.from_numpy(job.labels)

    def step(i):
        rows = job.batch(i)
        loss = torch.nn.functional.cross_entropy(net(xs[rows]), ys[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return loop(step)


def jax_update(job, activation):
    """One step of JAX, for a sample or a batch; the activation is `jax.nn`'s."""
    import jax

    def loss_of(parameters, x, y):
        w1, b1, w2, b2 = parameters
        scores = jax.nn.log_softmax(getattr(jax.nn, activation)(x @ w1 + b1) @ w2 + b2)
        return -jax.numpy.take_along_axis(scores, y[..., None], -1).mean()

    def update(parameters, sample):
        loss, grads = jax.value_and_grad(loss_of)(parameters, *sample)
        return [p - job.rate * g for p, g in zip(parameters, grads, strict=True)], loss

    return update


def jax_scan(job, activation, block):
    """JAX at its best: `block` steps a call, over data that it has converted before."""
    import jax
    import jax.numpy as jnp

    one_pass = jax.jit(partial(jax.lax.scan, jax_update(job, activation)), donate_argnums=0)
    parameters = [jnp.asarray(w) for w in weights()]
    batch = () if job.batch_size == 1 else (job.batch_size,)
    blocks = []
    for start in range(0, job.steps - block + 1, block):
        rows = slice(start * job.batch_size, (start + block) * job.batch_size)
        images = jnp.asarray(job.images[rows].reshape(block, *batch, 784))
        labels = jnp.asarray(job.labels[rows].astype("int32").reshape(block, *batch))
        blocks.append((images, labels))
    taken = 0

    def run(count):
        nonlocal parameters, taken
        total = 0.0
        for _ in range(max(1, round(count / block))):
            parameters, losses = one_pass(parameters, blocks[taken % len(blocks)])
            total, taken = total + float(losses.sum()), taken + 1
        return total / max(count, block)

    return run
