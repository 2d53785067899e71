"""The job of the training benchmarks: 784-128-10 on MNIST, from the same weights for everyone."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

import autograd_lite as ag
from autograd_lite import datasets
from autograd_lite.compiler.executors import blas


@dataclass(frozen=True)
class Job:
    """Images (N, 784) in [0, 1], labels (N,), and how to train on them."""

    images: np.ndarray
    labels: np.ndarray
    batch_size: int
    rate: float

    @property
    def steps(self) -> int:
        """The whole batches of one pass."""
        return len(self.labels) // self.batch_size

    def batch(self, step: int) -> slice:
        """The rows of a step; passes follow one another."""
        start = step % self.steps * self.batch_size
        return slice(start, start + self.batch_size)

    @staticmethod
    def of(samples: int, batch_size: int, rate: float, *, dense: bool = False) -> Job:
        """A job on the first images of MNIST; `dense`: with faint noise in place of its zeros."""
        (images, labels), _ = datasets.mnist()
        flat = images[:samples].reshape(-1, 784).astype("float32") / np.float32(255)
        if dense:
            noise = np.random.default_rng(0).uniform(0.01, 0.1, flat.shape).astype("float32")
            flat = np.where(flat == 0, noise, flat)
        return Job(flat, labels[:samples].astype("int64"), batch_size, rate)


def weights() -> list[np.ndarray]:
    """Xavier-uniform weights and zero biases, the same for all contenders."""
    rng = np.random.default_rng(0)

    def xavier(n_in: int, n_out: int) -> np.ndarray:
        limit = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-limit, limit, (n_in, n_out)).astype("float32")

    return [xavier(784, 128), np.zeros(128, "f"), xavier(128, 10), np.zeros(10, "f")]


def loop(step):
    """`run(count)` from `step(i)`, which trains on the i-th batch; the mean loss comes back."""
    taken = 0

    def run(count: int) -> float:
        nonlocal taken
        total = 0.0
        for i in range(taken, taken + count):
            total += step(i)
        taken += count
        return float(total) / count

    return run


@contextmanager
def without_scipy():
    """Programs built inside find NumPy alone."""
    hidden = {name: sys.modules.get(name) for name in ("scipy.linalg", "scipy.special")}
    sys.modules.update(dict.fromkeys(hidden))
    for found in (blas.routines, blas.logistic):
        found.cache_clear()
    yield
    for name, module in hidden.items():
        sys.modules.pop(name)
        if module is not None:
            sys.modules[name] = module
    for found in (blas.routines, blas.logistic):
        found.cache_clear()


def recorded(job, activation):
    """The training step as a graph, its loss, and the new weights."""
    rows = () if job.batch_size == 1 else (job.batch_size,)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(*rows, 784))
        y = ag.input(name="y", shape=rows, dtype="int64")
        parameters = w1, b1, w2, b2 = [ag.parameter(w) for w in weights()]
        hidden = activation(ag.vdot(x, w1) + b1)
        probabilities = ag.softmax(ag.vdot(hidden, w2) + b2)
        loss = ag.mean(ag.log(ag.aref(probabilities, y)) * -1)
        grads = ag.gradients(loss, parameters)
        updates = {w: w - job.rate * g for w, g in zip(parameters, grads, strict=True)}
    return graph, loss, updates


def compiled(job, activation, executor):
    """The recorded graph, compiled; a scan goes over the samples inside the executor."""
    graph, loss, updates = recorded(job, activation)
    return passes(job, ag.compile(graph, outputs=[loss], updates=updates, executor=executor))


def passes(job, program):
    """`run(count)` of a program whose output is the loss of a step."""
    assert program.plan  # made here and now
    taken = 0

    def run(count: int) -> float:
        nonlocal taken
        total, left = 0.0, count
        while left:
            start = taken % job.steps
            now = min(left, job.steps - start)
            rows = slice(start * job.batch_size, (start + now) * job.batch_size)
            data = {"x": job.images[rows], "y": job.labels[rows]}
            (losses,) = program.scan(data, batch_size=job.batch_size)
            total, left, taken = total + float(losses.sum()), left - now, taken + now
        return total / count

    return run


def pinned_to_one_core() -> None:
    """Start JAX's threads on one core: for small steps its pool only gets in its own way."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})
    import jax

    jax.devices()
    os.sched_setaffinity(0, everywhere)
