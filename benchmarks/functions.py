"""Plain functions, differentiated as they are written: microseconds a call, one core.

python benchmarks/functions.py [--workload "hessian|chain"] [--rounds 7] [--only "HIPS"] [--quick]

Each function is written once, against operators, methods and a namespace `xp` of array functions,
and every library differentiates it the way its users do. The scalar programs bring a class
`Value` along, as such programs do; there the library's nodes take its place.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from harness import Field, agree, interleave, options
from scalar_programs import LanguageModel, Moons, Value

import autograd_lite as ag

Function = Callable[..., Any]
field, small_field, scalar_field = Field(), Field(), Field()


@dataclass(frozen=True)
class Workload:
    """A function of `xp` and an array, the array, and what is wanted of the function."""

    name: str
    function: Function
    x: np.ndarray
    wanted: str = "value_and_grad"


# The functions


def rosenbrock(_, x):
    """The valley in n dimensions."""
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def logistic(xp, w, *, rows, labels):
    """The loss of logistic regression, with labels of -1 and 1."""
    return xp.log1p(xp.exp(-labels * (rows @ w))).mean() + 0.01 * (w * w).sum()


def layers(xp, x, *, first, second):
    """Two layers without biases."""
    return xp.tanh(xp.tanh(x @ first) @ second)


def chain(_, x):
    """A hundred steps on a small array."""
    for _ in range(100):
        x = x * 1.01 + 0.5
    return x.sum()


def array_workloads() -> list[Workload]:
    """All of them, in double precision."""
    random = np.random.default_rng(0)
    rows, labels = random.normal(size=(1000, 20)), random.choice([-1.0, 1.0], 1000)
    first, second = random.normal(0, 0.1, (50, 80)), random.normal(0, 0.1, (80, 100))
    regression = partial(logistic, rows=rows, labels=labels)
    network = partial(layers, first=first, second=second)
    return [
        Workload("Rosenbrock, n = 10", rosenbrock, random.normal(size=10)),
        Workload("logistic regression, 1000 × 20", regression, random.normal(size=20)),
        Workload("chain of 200 operations on 10 floats", chain, random.normal(size=10)),
        Workload("Jacobian of two layers, 50 → 100", network, random.normal(size=50), "jacobian"),
        Workload("Hessian of Rosenbrock, n = 50", rosenbrock, random.normal(size=50), "hessian"),
    ]


SMALL: dict[str, tuple[Function, tuple[int, ...]]] = {
    "sum of squares, 3": (lambda xp, x: xp.sum(x * x), (3,)),
    "the largest of 20": (lambda xp, x: xp.max(x), (20,)),
    "means of 20 rows": (lambda xp, x: (xp.mean(x, axis=1) ** 2).sum(), (20, 5)),
    "a part of 20 rows": (lambda _, x: (x[3] * x[5, 2:4].sum()).sum(), (20, 5)),
    "reshaped and turned": (lambda xp, x: (xp.reshape(x, (4, 5)).T ** 2).sum(), (20,)),
    "three rows from one": (lambda xp, x: xp.stack([x, 2.0 * x, xp.sin(x)]).sum(), (20,)),
    "one of two": (lambda xp, x: xp.where(x > 0.0, x * x, xp.exp(x)).sum(), (20,)),
    "outer product": (lambda xp, x: (xp.einsum("i,j->ij", x, x) ** 2).sum(), (20,)),
    "distances": (lambda _, x: ((x[:, None] - x) ** 2).sum(), (20,)),
    "three equations": (lambda xp, x: xp.linalg.solve(x, x[0] + 1.0).sum(), (3, 3)),
    "determinant, 3 × 3": (lambda xp, x: xp.linalg.det(x), (3, 3)),
    "a layer, 20 → 5": (lambda xp, x: xp.tanh(x @ x.T).mean(), (20, 5)),
}
"""Functions of a few operations, where what stands around them counts."""


def small_workloads() -> list[Workload]:
    """A gradient of each."""
    random = np.random.default_rng(0)
    return [Workload(name, f, random.normal(size=shape)) for name, (f, shape) in SMALL.items()]


def repeat(call: Callable[[], Any]) -> Callable[[int], float]:
    """`run(count)` from a call that returns arrays: their sum, to be compared."""

    def run(count: int) -> float:
        for _ in range(count):
            found = call()
        parts = found if isinstance(found, tuple | list) else (found,)
        return float(sum(np.sum(np.asarray(part)) for part in parts))

    return run


# The contenders


@small_field.contender("autograd_lite")
@field.contender("autograd_lite")
def eager(job):
    differentiated = getattr(ag, job.wanted)(partial(job.function, ag))
    return repeat(lambda: differentiated(job.x))


@field.contender("autograd_lite, jit")
def jitted(job):
    """Recorded at the first call, and run as a program."""
    differentiated = ag.jit(getattr(ag, job.wanted)(partial(job.function, ag)))
    return repeat(lambda: differentiated(job.x))


@small_field.contender("HIPS autograd", needs=["autograd"])
@field.contender("HIPS autograd", needs=["autograd"])
def hips(job):
    import autograd
    import autograd.numpy as anp

    differentiated = getattr(autograd, job.wanted)(lambda x: job.function(anp, x))
    return repeat(lambda: differentiated(job.x))


@small_field.contender("PyTorch", needs=["torch"])
@field.contender("PyTorch", needs=["torch"])
def torch(job):
    """`backward` for a gradient, `torch.func` for more."""
    import torch

    if job.wanted == "value_and_grad":
        return repeat(lambda: torch_gradient(torch, in_torch(job), job.x))
    differentiated = getattr(torch.func, job.wanted.replace("jacobian", "jacrev"))(in_torch(job))
    x = torch.from_numpy(job.x)
    return repeat(lambda: differentiated(x).detach())


def torch_gradient(torch, function, x):
    """The value and the gradient, as a training loop asks for them."""
    node = torch.from_numpy(x).requires_grad_()
    node.grad = None
    value = function(node)
    value.backward()
    return value.detach(), node.grad


def in_torch(job):
    """The function with the arrays that it was given as tensors."""
    import torch

    function = job.function
    if isinstance(function, partial):
        tensors = {name: torch.from_numpy(a) for name, a in function.keywords.items()}
        function = partial(function.func, **tensors)
    return partial(function, torch)


@field.contender("JAX, jit", needs=["jax"])
def jax(job):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    differentiated = jax.jit(getattr(jax, job.wanted)(partial(job.function, jnp)))
    x = jnp.asarray(job.x)
    return repeat(lambda: jax.block_until_ready(differentiated(x)))


@scalar_field.contender("a plain Value class")
def plain(job):
    return job.training(Value)


@scalar_field.contender("autograd_lite")
def nodes(job):
    return job.training(ag.Node)


# The tables

RIVALS = {"JAX, jit": "autograd_lite, jit"}  # who is compared with another one than eager nodes


def cells(contenders, job, chosen) -> dict[str, str]:
    """Microseconds a call of each contender, and in brackets how many times faster we are."""
    runs = contenders.start(job, chosen.only)
    agree(runs, 1, tolerance=1e-9)
    times = interleave(runs, rounds=chosen.rounds, target=0.01 if chosen.quick else 0.2)
    medians = {name: statistics.median(ts) * 1e6 for name, ts in times.items()}
    found = {name: f"{median:,.1f}" for name, median in medians.items()}
    for name, median in medians.items():
        ours = medians.get(RIVALS.get(name, "autograd_lite"))
        if ours and not name.startswith("autograd_lite"):
            found[name] += f" ({median / ours:.2f} ×)"
    return found


def compare(contenders, jobs, chosen) -> None:
    """Print a table with a line for each job."""
    names = [contender.name for contender in contenders.contenders]
    print(f"\n| µs a call | {' | '.join(names)} |\n|---|{'---:|' * len(names)}")
    for job in jobs:
        if any(part in job.name for part in chosen.workload.split("|")):
            found = cells(contenders, job, chosen)
            print(f"| {job.name} | {' | '.join(found.get(name, '–') for name in names)} |")


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--workload", default="", help="parts of the names of workloads, a|b")
    chosen = parser.parse_args()
    compare(field, array_workloads(), chosen)
    compare(small_field, small_workloads(), chosen)
    compare(scalar_field, (LanguageModel(), Moons()), chosen)


if __name__ == "__main__":
    main()
