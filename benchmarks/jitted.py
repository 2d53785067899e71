"""Functions that no other benchmark times, under `jit` here and in JAX: microseconds a call.

    taskset -c 0 python benchmarks/jitted.py [--workload "RNN|Kalman"] [--rounds 7] [--quick]

Each is written once, against `xp` and the transforms `of` one of the two; float64, one core.
"""

from __future__ import annotations

from functools import partial, reduce

import numpy as np
from functions import cells
from harness import Field, options

import autograd_lite as ag

field = Field()
RANDOM = np.random.default_rng(0)
LABELS = np.eye(10)[RANDOM.integers(0, 10, 64)]


def normal(*shape, scale=1.0):
    return RANDOM.normal(0, scale, shape)


# The functions


def network(xp, p, x, y):
    """The cross-entropy of two layers, for one example or many."""
    scores = xp.tanh(x @ p["w1"] + p["b1"]) @ p["w2"]
    return xp.mean(xp.log(xp.sum(xp.exp(scores), axis=-1)) - xp.sum(y * scores, axis=-1))


def layers(xp, p, x):
    return xp.sum(reduce(lambda x, layer: xp.tanh(x @ layer["w"] + layer["b"]), p, x) ** 2)


def recurrent(xp, p, xs):
    h = xp.zeros(32)
    for t in range(20):
        h = xp.tanh(xs[t] @ p["x"] + h @ p["h"])
    return xp.sum(h**2)


def kalman(xp, x, p, z):
    """A step of a filter: what is predicted, corrected by what is measured."""
    f, h = np.eye(4) + 0.1 * np.eye(4, k=2), np.eye(2, 4)
    x, p = f @ x, f @ p @ f.T + 0.1 * np.eye(4)
    gain = p @ h.T @ xp.linalg.inv(h @ p @ h.T + 0.1 * np.eye(2))
    return x + gain @ (z - h @ x), (np.eye(4) - gain @ h) @ p


def predators(_, p):
    x, y = p[4], p[5]
    for _ in range(25):
        x, y = x + 0.01 * (p[0] * x - p[1] * x * y), y + 0.01 * (p[2] * x * y - p[3] * y)
    return x * x + y


def filtered(xp, taps, x):
    n = x.shape[0] - 8
    return xp.mean(xp.tanh(sum(taps[i] * x[i : i + n] for i in range(8))) ** 2)


def process(xp, t, x, y):
    """The likelihood of a Gaussian process."""
    distances = xp.sum((x[:, None] - x[None]) ** 2, axis=2)
    k = xp.exp(t[0] - distances * xp.exp(t[1])) + 0.1 * np.eye(40)
    return y @ xp.linalg.solve(k, y) + xp.linalg.slogdet(k)[1]


def valley(xp, x):
    return xp.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def quadratic(_, x, m):
    return x @ m @ x


def regression(xp, w, x):
    return xp.mean(xp.log1p(xp.exp(x @ w)))


def tanh_layer(xp, x, m):
    return xp.tanh(x @ m)


def attention(xp, w, x):
    e = xp.exp(x @ w @ x.T / 4)
    return xp.sum((e / xp.sum(e, axis=1, keepdims=True)) @ x)


def matrices(xp, a, b):
    return xp.sum(xp.linalg.inv(xp.tanh(a @ b) + 3 * np.eye(3)))


def map_of_one(_, x, r):
    return reduce(lambda x, _: r * x * (1 - x), range(50), x)


def descent(_, p, g):
    return [a - 0.1 * b for a, b in zip(p, g, strict=True)]


NET = {"w1": normal(32, 64, scale=0.2), "b1": normal(64), "w2": normal(64, 10, scale=0.2)}
DEEP = [{"w": normal(16, 16, scale=0.3), "b": normal(16)} for _ in range(8)]
CELL = {"x": normal(8, 32, scale=0.3), "h": normal(32, 32, scale=0.2)}
MANY = [normal(20) for _ in range(100)]
EXAMPLES = normal(64, 32), LABELS
WORKLOADS = {  # which transform of which function, and of what
    "network, batch 64: gradient": ("value_and_grad", network, (NET, *EXAMPLES)),
    "network: gradient of each example": ("each gradient", network, (NET, *EXAMPLES)),
    "8 layers, a list of dicts: gradient": ("value_and_grad", layers, (DEEP, normal(16))),
    "RNN of 20 steps: gradient": ("value_and_grad", recurrent, (CELL, normal(20, 8))),
    "Kalman step": ("value", kalman, (normal(4), np.eye(4), normal(2))),
    "25 Euler steps: gradient": ("value_and_grad", predators, (np.full(6, 0.5),)),
    "filter of 8 taps: gradient": ("value_and_grad", filtered, (normal(8), normal(2000))),
    "Gaussian process, n = 40: gradient": (
        "value_and_grad", process, (np.full(2, 0.1), normal(40, 3), normal(40)),
    ),
    "valley, n = 100: Hessian times a vector": ("hvp", valley, (normal(100), normal(100))),
    "quadratic form, n = 50: Hessian": ("hessian", quadratic, (normal(50), normal(50, 50))),
    "regression, 500 × 20: Hessian": ("hessian", regression, (normal(20), normal(500, 20))),
    "tall, 200 → 5: Jacobian": ("jacobian", tanh_layer, (normal(200), normal(200, 5))),
    "wide, 5 → 200: Jacobian": ("jacobian", tanh_layer, (normal(5), normal(5, 200))),
    "attention, 32 × 16: gradient": (
        "value_and_grad", attention, (normal(16, 16, scale=0.2), normal(32, 16)),
    ),
    "100 matrices of 3 × 3: gradient": (
        "value_and_grad", matrices, (normal(100, 3, 3), normal(100, 3, 3)),
    ),
    "two numbers, 50 steps: gradient": ("value_and_grad", map_of_one, (0.3, 3.5)),
    "100 arrays changed": ("value", descent, (MANY, MANY)),
}  # fmt: skip


# The contenders


def sums(tree) -> float:
    """All numbers of a result in one, to be compared."""
    if isinstance(tree, dict):
        tree = [tree[name] for name in sorted(tree)]
    return sum(map(sums, tree)) if isinstance(tree, tuple | list) else float(np.sum(tree))


def repeated(call, args):
    def run(count):
        for _ in range(count):
            found = call(*args)
        return sums(found)

    return run


def transformed(of, hvp, wanted, f):
    """The function that is timed, by the transforms of a library."""
    if wanted == "each gradient":
        return of.vmap(of.grad(f), (None, 0, 0))
    if wanted == "hvp":
        return lambda x, v: hvp(f, x, v)
    return f if wanted == "value" else getattr(of, wanted)(f)


@field.contender("autograd_lite")
def ours(job):
    wanted, function, args = job
    return repeated(ag.jit(transformed(ag, ag.hvp, wanted, partial(function, ag))), args)


@field.contender("JAX", needs=["jax"])
def theirs(job):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def hvp(f, x, v):
        return jax.jvp(jax.grad(f), (x,), (v,))[1]

    wanted, function, args = job
    f = jax.jit(transformed(jax, hvp, wanted, partial(function, jnp)))
    return repeated(lambda *args: jax.block_until_ready(f(*args)), args)


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--workload", default="", help="parts of the names of workloads, a|b")
    chosen = parser.parse_args()
    print("| µs a call | autograd_lite | JAX |\n|---|---:|---:|")
    for name, job in WORKLOADS.items():
        if any(part in name for part in chosen.workload.split("|")):
            found = cells(field, job, chosen)
            print(f"| {name} | {found.get('autograd_lite', '–')} | {found.get('JAX', '–')} |")


if __name__ == "__main__":
    main()
