"""Recurrent networks unrolled over time: time to the first result, and then steps a second.

    python benchmarks/recurrent.py [--models lstm,gru] [--rounds 7] [--quick]

24 steps of 16 sequences, 32 inputs and 64 hidden units, float32, SGD on the mean square. The first
result takes recording or tracing, compiling, and a step; what a compiler keeps for the next time is
deleted before.
"""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


@dataclass(frozen=True)
class Job:
    """The sizes of a network, and how to train it."""

    cell: str
    steps: int = 24
    batch: int = 16
    inputs: int = 32
    hidden: int = 64
    batches: int = 8
    rate: float = 0.1

    def parameters(self) -> dict[str, np.ndarray]:
        """The weights that everyone begins with, by name."""
        rng, gates = np.random.default_rng(0), {"lstm": 4, "gru": 3}[self.cell]

        def drawn(*shape):
            return rng.normal(0, 1 / np.sqrt(shape[0]), shape).astype("f")

        return {
            "w": drawn(self.inputs, gates * self.hidden),
            "u": drawn(self.hidden, gates * self.hidden),
            "b": np.zeros(gates * self.hidden, "f"),
            "v": drawn(self.hidden, 1),
        }

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Sequences (N, steps, inputs), and what is to come out, (N, 1)."""
        rng, rows = np.random.default_rng(1), self.batches * self.batch
        x = rng.normal(size=(rows, self.steps, self.inputs)).astype("f")
        return x, np.tanh(x.mean(axis=(1, 2), keepdims=True)[:, 0]).astype("f")

    def rows(self, step: int) -> slice:
        """Those of a batch; passes follow one another."""
        start = step % self.batches * self.batch
        return slice(start, start + self.batch)


JOBS = {"lstm": Job("lstm"), "gru": Job("gru")}


def lstm(lib, p, x, state, n):
    """One step of long short-term memory."""
    h, c = state
    z = x @ p["w"] + h @ p["u"] + p["b"]
    i, f, o = (lib.sigmoid(z[:, k * n : (k + 1) * n]) for k in range(3))
    c = f * c + i * lib.tanh(z[:, 3 * n :])
    return o * lib.tanh(c), c


def gru(lib, p, x, state, n):
    """One step of a gated recurrent unit."""
    (h,) = state
    z, own = x @ p["w"] + p["b"], h @ p["u"]
    r, u = (lib.sigmoid((z + own)[:, k * n : (k + 1) * n]) for k in range(2))
    new = lib.tanh(z[:, 2 * n :] + r * own[:, 2 * n :])
    return ((1 - u) * h + u * new,)


def forward(lib, job, p, x):
    """The prediction, written once; `lib` has the functions of a library."""
    cell, count = {"lstm": (lstm, 2), "gru": (gru, 1)}[job.cell]
    state = tuple(lib.zeros((job.batch, job.hidden)) for _ in range(count))
    for t in range(job.steps):
        state = cell(lib, p, x[:, t], state, job.hidden)
    return state[0] @ p["v"]


def compiled(job, executor):
    """The recorded graph, compiled anew."""
    folder = tempfile.mkdtemp()
    os.environ["XDG_CACHE_HOME"] = folder
    names = SimpleNamespace(sigmoid=ag.sigmoid, tanh=ag.tanh, zeros=lambda s: np.zeros(s, "f"))
    x, y = job.data()
    with ag.Graph() as graph:
        nodes = [
            ag.input(name=name, shape=(job.batch, *a.shape[1:])) for name, a in (("x", x), ("y", y))
        ]
        p = {name: ag.parameter(w, name=name) for name, w in job.parameters().items()}
        loss = ag.mean((forward(names, job, p, nodes[0]) - nodes[1]) ** 2)
        grads = ag.gradients(loss, list(p.values()))
        updates = {w: w - job.rate * g for w, g in zip(p.values(), grads, strict=True)}
    program = ag.compile(graph, outputs=[loss], updates=updates, executor=executor)

    def run(count):
        losses = []
        while len(losses) < count:
            rows = slice(0, min(job.batches, count - len(losses)) * job.batch)
            data = {"x": x[rows], "y": y[rows]}
            losses += program.scan(data, batch_size=job.batch)[0].tolist()
        return losses[-1]

    return run


@field.contender("autograd_lite, numpy executor")
def planned(job):
    return compiled(job, "numpy")


@field.contender("autograd_lite, native, 1 thread", needs=["$cc"])
def native(job):
    return compiled(job, "native")


@field.contender("autograd_lite, native, 2 threads", needs=["$cc"], threads=2)
def native_on_two(job):
    return compiled(job, "native")


@field.contender("PyTorch eager, 1 thread", needs=["torch"])
def torch_eager(job):
    """As people write a cell of their own."""
    import torch

    names = SimpleNamespace(sigmoid=torch.sigmoid, tanh=torch.tanh, zeros=torch.zeros)
    p = {name: torch.tensor(w, requires_grad=True) for name, w in job.parameters().items()}
    optimizer = torch.optim.SGD(p.values(), job.rate, fused=True)
    xs, ys = map(torch.from_numpy, job.data())

    def step(i):
        rows = job.rows(i)
        loss = torch.nn.functional.mse_loss(forward(names, job, p, xs[rows]), ys[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return lambda count: float([step(i) for i in range(count)][-1])


@field.contender("JAX jit, its own threads", needs=["jax"], threads=2)
def jax_jit(job):
    """A jitted step, with its weights donated."""
    import jax
    import jax.numpy as jnp

    names = SimpleNamespace(sigmoid=jax.nn.sigmoid, tanh=jnp.tanh, zeros=jnp.zeros)

    def loss_of(p, x, y):
        return ((forward(names, job, p, x) - y) ** 2).mean()

    def update(p, x, y):
        loss, grads = jax.value_and_grad(loss_of)(p, x, y)
        return {name: w - job.rate * grads[name] for name, w in p.items()}, loss

    step = jax.jit(update, donate_argnums=0)
    p = {name: jnp.asarray(w) for name, w in job.parameters().items()}
    x, y = job.data()
    fed = [(jnp.asarray(x[job.rows(i)]), jnp.asarray(y[job.rows(i)])) for i in range(job.batches)]

    def run(count):
        nonlocal p
        for i in range(count):
            p, loss = step(p, *fed[i % job.batches])
        return float(loss)

    return run


def first_results(job, only):
    """The contenders that can run here, and the seconds each took to its first result."""
    runs, seconds = {}, {}
    for contender in field.contenders:
        begun = time.perf_counter()
        found = field.start(job, contender.name) if only in contender.name else {}
        for name, run in found.items():
            run(1)
            runs[name], seconds[name] = run, time.perf_counter() - begun
    return runs, seconds


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--models", default="lstm,gru", help="which, a,b")
    chosen = parser.parse_args()
    for name in chosen.models.split(","):
        job = replace(JOBS[name], steps=3, batches=2) if chosen.quick else JOBS[name]
        runs, seconds = first_results(job, chosen.only)
        losses = agree(runs, 7)
        target = 0.02 if chosen.quick else 0.25
        times = interleave(runs, 1, chosen.rounds, target, field.threads)
        extra = {
            n: {"first result, s": f"{seconds[n]:.2f}", "loss, 8 steps": f"{losses[n]:.6f}"}
            for n in runs
        }
        references = ["PyTorch eager, 1 thread", "JAX jit, its own threads"]
        title = f"Recurrent, {name}, {job.steps} steps"
        print(markdown_table(times, "steps/s", references, extra, title))


if __name__ == "__main__":
    main()
