"""Losses and gradients of small graphs that no other benchmark times: evaluations a second.

    python benchmarks/others.py [--rounds 7] [--quick]

One parameter each, float32; where one of ours is behind, there is a cliff to look at.
"""

from __future__ import annotations

import numpy as np
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


def chain(xp, x):
    """Springs between neighbours, written element by element."""
    energy = 0.0
    for i in range(len(x) - 1):
        energy = energy + (x[i + 1] - x[i]) ** 2 + xp.sin(x[i]) * x[0]
    return energy


def walk(xp, x):
    """A recurrence over the rows of x."""
    state = x[0]
    for t in range(1, len(x)):
        state = xp.tanh(state + x[t])
    return xp.sum(state)


GRAPHS = {
    "elements": ((100,), chain),
    "rows": ((200, 30), walk),
    "determinants": ((500, 4, 4), lambda xp, x: xp.sum(xp.linalg.det(x))),
    "columns of three": ((4000, 3), lambda xp, x: xp.sum(xp.tanh(x * x[0]))),
    "sums of short rows": ((5000, 10), lambda xp, x: xp.sum(xp.sqrt(xp.sum(xp.exp(x), -1)))),
    "tanh": ((100_000,), lambda xp, x: xp.sum(xp.tanh(x))),
    "powers": ((300, 300), lambda xp, x: xp.sum(x**3 + x**4) + xp.sum((x**2 + 1) ** -2)),
    "gram matrix": ((5000, 20), lambda xp, x: xp.sum((x.T @ x) ** 2)),
    "columns": ((1000, 300), lambda xp, x: xp.sum(xp.sum(xp.exp(x), 0) ** 2)),
    "distances": ((200, 3), lambda xp, x: xp.sum(xp.exp(-xp.sum((x[:, None] - x[None]) ** 2, -1)))),
    "differences": ((1000, 100), lambda xp, x: xp.sum(xp.abs(x[1:] - x[:-1]))),
    "short rows": ((40, 100, 30), lambda xp, x: xp.sum(xp.tanh(x * x[:, :1]))),
    "masks": ((500, 500), lambda xp, x: xp.sum(xp.where((x > 0) & (x < 1), x**2, -x))),
}


def repeated(step):
    """`run(count)` from a function that gives a loss and its gradient."""

    def run(count):
        for _ in range(count):
            loss, _gradient = step()
        return float(loss)

    return run


def compiled(job, executor):
    start, function = job
    with ag.Graph() as graph:
        x = ag.parameter(start)
        loss = function(ag, x)
        outputs = [loss, *ag.gradients(loss, [x])]
    return repeated(ag.compile(graph, outputs, executor=executor, steps=10**6))


field.contender("autograd_lite, numpy executor")(lambda job: compiled(job, "numpy"))
field.contender("autograd_lite, native", needs=["$cc"])(lambda job: compiled(job, "native"))


@field.contender("PyTorch eager", needs=["torch"])
def torch_eager(job):
    import torch

    x = torch.tensor(job[0], requires_grad=True)

    def step():
        x.grad = None
        loss = job[1](torch, x)
        loss.backward()
        return loss.detach(), x.grad

    return repeated(step)


@field.contender("JAX jit", needs=["jax"])
def jax_jit(job):
    import jax
    import jax.numpy as jnp

    x, step = jnp.asarray(job[0]), jax.jit(jax.value_and_grad(lambda x: job[1](jnp, x)))
    return repeated(lambda: jax.block_until_ready(step(x)))


def main() -> None:
    chosen = options(__doc__.splitlines()[0]).parse_args()
    for name, (shape, function) in GRAPHS.items():
        start = np.random.default_rng(0).normal(size=shape).astype("f")
        runs = field.start((start, function), chosen.only)
        agree(runs, 1)
        times = interleave(runs, 1, chosen.rounds, 0.02 if chosen.quick else 0.25)
        print(markdown_table(times, "steps/s", ["PyTorch eager", "JAX jit"], {}, name))


if __name__ == "__main__":
    main()
