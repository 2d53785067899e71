"""A Gaussian process: log marginal likelihood and its gradient, float32: evaluations a second.

    python benchmarks/linear_algebra.py [--sizes 128,512] [--rounds 7] [--quick]

A squared-exponential kernel of n points in four dimensions, with a length for each of them, an
amplitude and a noise; one Cholesky factorization, two solutions, and all of it backwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from harness import Field, agree, interleave, markdown_table, options, set_threads

import autograd_lite as ag

field = Field()


@dataclass(frozen=True)
class Points:
    """Places x (n, 4) with values y (n,)."""

    x: np.ndarray
    y: np.ndarray

    @staticmethod
    def of(n: int) -> Points:
        """As many points, drawn at random."""
        rng = np.random.default_rng(0)
        x = rng.normal(size=(n, 4)).astype("float32")
        return Points(x, np.sin(x.sum(1)).astype("float32"))

    @property
    def start(self) -> list[np.ndarray]:
        """Lengths, amplitude, and noise."""
        return [np.ones(4, "float32"), np.ones((), "float32"), np.full((), 0.1, "float32")]


def kernel(xp, x, lengths, amplitude, noise):
    apart = (x[:, None, :] - x[None, :, :]) / lengths
    similar = amplitude * xp.exp(-0.5 * xp.sum(apart * apart, axis=-1))
    return similar + noise * np.eye(len(x), dtype="float32")


def likelihood(xp, x, y, *parameters):
    """Its negative logarithm, up to a constant; as one writes it with any array library."""
    factor = xp.linalg.cholesky(kernel(xp, x, *parameters))
    weight = xp.linalg.solve(factor.T, xp.linalg.solve(factor, y))
    return 0.5 * xp.sum(y * weight) + xp.sum(xp.log(xp.linalg.diagonal(factor)))


def evaluated(step):
    """`run(count)` from a function that gives loss and gradients; the sum of all of these."""

    def run(count):
        for _ in range(count):
            loss, *grads = step()
        return float(loss) + sum(float(g.sum()) for g in grads)

    return run


def compiled(points, executor):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=points.x.shape)
        y = ag.input(name="y", shape=points.y.shape)
        parameters = [ag.parameter(value) for value in points.start]
        loss = likelihood(ag, x, y, *parameters)
        outputs = [loss, *ag.gradients(loss, parameters)]
    program = ag.compile(graph, outputs, executor=executor, steps=10**6)
    return evaluated(lambda: program(x=points.x, y=points.y))


field.contender("autograd_lite, numpy executor")(lambda points: compiled(points, "numpy"))
field.contender("autograd_lite, native", needs=["$cc", "scipy"])(
    lambda points: compiled(points, "native")
)


def by_jax(points, loss_of):
    import jax
    import jax.numpy as jnp

    gradient = jax.jit(jax.value_and_grad(lambda p, x, y: loss_of(jnp, x, y, *p)))
    x, y = jnp.asarray(points.x), jnp.asarray(points.y)
    start = [jnp.asarray(value) for value in points.start]

    def step():
        loss, grads = jax.block_until_ready(gradient(start, x, y))
        return loss, *grads

    return evaluated(step)


@field.contender("JAX jit, as it is written", needs=["jax"], threads=2)
def jax_as_written(points):
    return by_jax(points, likelihood)


@field.contender("JAX jit, cho_solve", needs=["jax"], threads=2)
def jax_triangular(points):
    """With the function that JAX has for a factor: it is not found out there."""
    from jax.scipy.linalg import cho_solve

    def loss_of(xp, x, y, *parameters):
        factor = xp.linalg.cholesky(kernel(xp, x, *parameters))
        weight = cho_solve((factor, True), y)
        return 0.5 * xp.sum(y * weight) + xp.sum(xp.log(xp.diagonal(factor)))

    return by_jax(points, loss_of)


@field.contender("PyTorch eager, cholesky_solve", needs=["torch"])
def torch_eager(points):
    import torch

    x, y = torch.from_numpy(points.x), torch.from_numpy(points.y)
    parameters = [torch.tensor(value, requires_grad=True) for value in points.start]
    identity = torch.eye(len(x))

    def step():
        lengths, amplitude, noise = parameters
        apart = (x[:, None, :] - x[None, :, :]) / lengths
        similar = amplitude * torch.exp(-0.5 * torch.sum(apart * apart, dim=-1))
        factor = torch.linalg.cholesky(similar + noise * identity)
        weight = torch.cholesky_solve(y[:, None], factor)[:, 0]
        loss = 0.5 * torch.sum(y * weight) + torch.sum(torch.log(torch.diagonal(factor)))
        return loss.detach(), *torch.autograd.grad(loss, parameters)

    return evaluated(step)


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="128,512", help="numbers of points, a,b")
    chosen = parser.parse_args()
    for n in (16,) if chosen.quick else map(int, chosen.sizes.split(",")):
        points = Points.of(n)
        runs = field.start(points, chosen.only)
        losses = agree(runs, 1)
        target = 0.02 if chosen.quick else 0.2
        times = interleave(runs, 1, chosen.rounds, target, field.threads)
        references = [
            "JAX jit, as it is written",
            "JAX jit, cho_solve",
            "PyTorch eager, cholesky_solve",
        ]
        extra = {name: {"loss and gradients": f"{loss:.4f}"} for name, loss in losses.items()}
        title = f"A Gaussian process of {n} points"
        print(markdown_table(times, "evaluations/s", references, extra, title))
    set_threads(1)


if __name__ == "__main__":
    main()
