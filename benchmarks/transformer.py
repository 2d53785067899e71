"""A transformer block with SGD, and small GPTs with AdamW, float32: steps a second.

    python benchmarks/transformer.py [--models block,small,medium] [--rounds 7] [--quick]

The block has 4 heads and takes 8 × 64 vectors of 128 numbers to targets. The GPTs read 8 × 64
characters and predict the next ones, with 410 thousand and 3.2 million parameters. "sequential" is
the block as its first version was: normalised behind each sum, and with ReLU.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
from harness import Field, agree, interleave, markdown_table, options, set_threads

import autograd_lite as ag
from autograd_lite import nn

field = Field()


@dataclass(frozen=True)
class Job:
    """The sizes of a model, and how to train it."""

    vocabulary: int  # 0: a block alone, fed with vectors
    width: int
    layers: int
    heads: int = 4
    batch: int = 8
    length: int = 64
    before: bool = True  # normalise what goes into a layer, not what comes out of it
    activation: str = "gelu"
    rate: float = 1e-3
    batches: int = 8

    def parameters(self) -> dict[str, np.ndarray]:
        """The weights that everyone begins with, by name."""
        rng, d = np.random.default_rng(0), self.width

        def drawn(*shape):
            return rng.normal(0, 0.02 if self.vocabulary else 0.1, shape).astype("f")

        found = {}
        if self.vocabulary:
            found = {"tokens": drawn(self.vocabulary, d), "places": drawn(self.length, d)}
        for k in range(self.layers):
            for name in ("query", "key", "value", "mix"):
                found[f"{k}.{name}"] = drawn(d, d)
            found |= {f"{k}.up": drawn(d, 4 * d), f"{k}.down": drawn(4 * d, d)}
            found |= {f"{k}.up_shift": np.zeros(4 * d, "f"), f"{k}.down_shift": np.zeros(d, "f")}
            for name in ("first", "second"):
                found |= {
                    f"{k}.{name}_gain": np.ones(d, "f"),
                    f"{k}.{name}_shift": np.zeros(d, "f"),
                }
        return found

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """What is fed, and what is to come out: (batches · batch, length, …)."""
        rng, rows = np.random.default_rng(1), self.batches * self.batch
        if self.vocabulary:
            text = rng.integers(0, self.vocabulary, (rows, self.length + 1))
            return text[:, :-1].copy(), text[:, 1:].copy()
        shape = (2, rows, self.length, self.width)
        x, y = rng.normal(size=shape).astype("f")
        return x, y

    def cut(self, data: np.ndarray) -> np.ndarray:
        """The data as batches."""
        return data.reshape(self.batches, self.batch, *data.shape[1:])


JOBS = {
    "block": Job(vocabulary=0, width=128, layers=1, rate=0.1),
    "sequential": Job(vocabulary=0, width=128, layers=1, rate=0.1, before=False, activation="relu"),
    "small": Job(vocabulary=65, width=128, layers=2),
    "medium": Job(vocabulary=65, width=256, layers=4),
}


def forward(lib, job, p, x):
    """The model, written once; `lib` says how a library calls what it needs."""

    def attention(x, k):
        shape = (job.batch, job.length, job.heads, job.width // job.heads)
        q, key, v = (
            lib.transpose(lib.reshape(x @ p[f"{k}.{name}"], shape), (0, 2, 1, 3))
            for name in ("query", "key", "value")
        )
        mixed = lib.attention(q, key, v, causal=bool(job.vocabulary))
        mixed = lib.reshape(lib.transpose(mixed, (0, 2, 1, 3)), (job.batch, job.length, job.width))
        return mixed @ p[f"{k}.mix"]

    def perceptron(x, k):
        hidden = getattr(lib, job.activation)(x @ p[f"{k}.up"] + p[f"{k}.up_shift"])
        return hidden @ p[f"{k}.down"] + p[f"{k}.down_shift"]

    def norm(x, name):
        return lib.norm(x, p[f"{name}_gain"], p[f"{name}_shift"])

    if job.vocabulary:
        x = lib.embedding(p["tokens"], x) + p["places"]
    for k in range(job.layers):
        for name, layer in (("first", attention), ("second", perceptron)):
            if job.before:
                x = x + layer(norm(x, f"{k}.{name}"), k)
            else:
                x = norm(x + layer(x, k), f"{k}.{name}")
    return lib.matmul(x, p["tokens"].T) if job.vocabulary else x


def attention_by(softmax, transpose):
    """Attention as a formula, for libraries that have no function of that name."""

    def attention(q, k, v, *, causal):
        scores = q @ transpose(k) * (1 / math.sqrt(q.shape[-1]))
        if causal:
            scores = scores + np.triu(np.full(q.shape[-2:-1] * 2, -1e9, "f"), 1)
        return softmax(scores) @ v

    return attention


OURS = SimpleNamespace(
    reshape=ag.reshape,
    transpose=ag.permute_dims,
    matmul=ag.matmul,
    norm=ag.layer_norm,
    embedding=ag.embedding,
    relu=ag.relu,
    gelu=lambda x: ag.gelu(x, approximate="tanh"),
    attention=attention_by(ag.softmax, ag.matrix_transpose),
)


def recorded(job):
    """The training step as a graph, its loss, the new weights, and the weights by name."""
    x, y = job.data()
    with ag.Graph() as graph:
        nodes = [
            ag.input(name=name, shape=(job.batch, *a.shape[1:]), dtype=a.dtype)
            for name, a in (("x", x), ("y", y))
        ]
        p = {name: ag.parameter(w, name=name) for name, w in job.parameters().items()}
        out = forward(OURS, job, p, nodes[0])
        if job.vocabulary:
            loss = ag.mean(ag.cross_entropy_with_logits(out, nodes[1]))
        else:
            loss = ag.mean((out - nodes[1]) ** 2)
        grads = ag.gradients(loss, list(p.values()))
        if job.vocabulary:
            optimizer = nn.AdamW(p.values(), job.rate, weight_decay=0.01)
        else:
            optimizer = nn.SGD(p.values(), job.rate)
        return graph, loss, optimizer.updates(grads), p


def compiled(job, executor):
    """The recorded graph, compiled; a scan goes over the batches inside the executor."""
    x, y = job.data()
    graph, loss, updates, p = recorded(job)
    program = ag.compile(graph, outputs=[loss], updates=updates, executor=executor)
    assert program.plan  # made here and now

    def run(count):
        losses = []
        while len(losses) < count:
            rows = min(job.batches, count - len(losses)) * job.batch
            losses += program.scan({"x": x[:rows], "y": y[:rows]}, batch_size=job.batch)[0].tolist()
        return losses[-1]

    run.weights = lambda: {name: leaf.value for name, leaf in p.items()}
    return run


def on_one_and_two_threads(name, needs=()):
    """Enter a contender twice."""

    def enter(make):
        field.contender(f"{name}, 1 thread", needs=needs)(make)
        field.contender(f"{name}, 2 threads", needs=needs, threads=2)(make)
        return make

    return enter


@on_one_and_two_threads("autograd_lite, numpy executor")
def planned(job):
    return compiled(job, "numpy")


@on_one_and_two_threads("autograd_lite, native", needs=["$cc"])
def native(job):
    return compiled(job, "native")


@on_one_and_two_threads("PyTorch eager", needs=["torch"])
def torch_eager(job):
    """As people write it, with PyTorch's own attention and its fused optimizers."""
    import torch
    from torch.nn import functional as F  # noqa: N812

    names = SimpleNamespace(
        reshape=torch.reshape,
        transpose=torch.permute,
        matmul=torch.matmul,
        norm=lambda x, gain, shift: F.layer_norm(x, gain.shape, gain, shift),
        embedding=lambda table, index: F.embedding(index, table),
        relu=F.relu,
        gelu=lambda x: F.gelu(x, approximate="tanh"),
        attention=lambda q, k, v, causal: F.scaled_dot_product_attention(q, k, v, is_causal=causal),
    )
    p = {name: torch.tensor(w, requires_grad=True) for name, w in job.parameters().items()}
    if job.vocabulary:
        optimizer = torch.optim.AdamW(p.values(), job.rate, weight_decay=0.01, fused=True)
    else:
        optimizer = torch.optim.SGD(p.values(), job.rate, fused=True)
    xs, ys = map(torch.from_numpy, job.data())

    def step(i):
        rows = slice(i % job.batches * job.batch, (i % job.batches + 1) * job.batch)
        y, target = forward(names, job, p, xs[rows]), ys[rows]
        if job.vocabulary:
            loss = F.cross_entropy(y.flatten(0, 1), target.flatten())
        else:
            loss = F.mse_loss(y, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    def run(count):
        return float([step(i) for i in range(count)][-1])

    run.weights = lambda: {name: w.detach().numpy() for name, w in p.items()}
    return run


def jax_names():
    """JAX's names."""
    import jax
    import jax.numpy as jnp

    def norm(x, gain, shift):
        x = x - x.mean(-1, keepdims=True)
        return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * gain + shift

    return SimpleNamespace(
        reshape=jnp.reshape,
        transpose=jnp.transpose,
        matmul=jnp.matmul,
        norm=norm,
        embedding=lambda table, index: table[index],
        relu=jax.nn.relu,
        gelu=jax.nn.gelu,  # the approximation
        attention=attention_by(jax.nn.softmax, lambda x: x.swapaxes(-1, -2)),
    )


def jax_update(job):
    """One step: the state, and what is fed, give the next state and the loss."""
    import jax
    import jax.numpy as jnp

    names = jax_names()

    def loss_of(p, x, y):
        out = forward(names, job, p, x)
        if not job.vocabulary:
            return ((out - y) ** 2).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(out), y[..., None], -1).mean()

    def adam_w(w, g, m, s, t):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        size = jnp.sqrt(s / (1 - 0.999**t)) + 1e-8
        return w - job.rate * (m / (1 - 0.9**t) / size + 0.01 * w), m, s

    def update(state, x, y):
        p, mean, square, t = state
        loss, grads = jax.value_and_grad(loss_of)(p, x, y)
        if not job.vocabulary:
            return ({k: w - job.rate * grads[k] for k, w in p.items()}, mean, square, t), loss
        new = {k: adam_w(w, grads[k], mean[k], square[k], t + 1) for k, w in p.items()}
        return (*({k: part[i] for k, part in new.items()} for i in range(3)), t + 1), loss

    return update


@field.contender("JAX jit, its own threads", needs=["jax"], threads=2)
def jax_jit(job):
    """A jitted step, with its state donated."""
    import jax
    import jax.numpy as jnp

    p = {name: jnp.asarray(w) for name, w in job.parameters().items()}
    mean, square = ({name: jnp.zeros_like(w) for name, w in p.items()} for _ in range(2))
    state = (p, mean, square, jnp.zeros(()))
    step = jax.jit(jax_update(job), donate_argnums=0)
    x, y = (a.astype("int32") if job.vocabulary else a for a in job.data())
    fed = [[jnp.asarray(a) for a in pair] for pair in zip(job.cut(x), job.cut(y), strict=True)]

    def run(count):
        nonlocal state
        for i in range(count):
            state, loss = step(state, *fed[i % job.batches])
        return float(loss)

    run.weights = lambda: {name: np.asarray(w) for name, w in state[0].items()}
    return run


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--models", default="block,sequential,small,medium", help="which, a,b")
    chosen = parser.parse_args()
    for name in chosen.models.split(","):
        job = JOBS[name]
        if chosen.quick:
            job = replace(job, width=16, layers=1, batch=2, length=8, batches=2)
        runs = field.start(job, chosen.only)
        losses = agree(runs, job.batches)
        target = 0.02 if chosen.quick else 0.25
        times = interleave(runs, 1, chosen.rounds, target, field.threads)
        references = [
            "PyTorch eager, 1 thread",
            "PyTorch eager, 2 threads",
            "JAX jit, its own threads",
        ]
        extra = {n: {f"loss, {job.batches} steps": f"{loss:.6f}"} for n, loss in losses.items()}
        size = sum(w.size for w in job.parameters().values())
        title = f"Transformer, {name}: {size:,} parameters"
        print(markdown_table(times, "steps/s", references, extra, title))
    set_threads(1)


if __name__ == "__main__":
    main()
