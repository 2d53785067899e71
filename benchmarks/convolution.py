"""A convolutional network on MNIST, 1-8-16-64-10, SGD, batches of 64, float32: steps a second.

    python benchmarks/convolution.py [--models plain,padded,strided] [--rounds 7] [--quick]

"plain" has 3 × 3 kernels, each layer followed by ReLU and the largest of 2 × 2; "padded" keeps the
size of images and has the mean of 2 × 2; "strided" has steps of two instead, and kernels of 5 × 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag
from autograd_lite import datasets

field = Field()


@dataclass(frozen=True)
class Job:
    """A network, and how to train it."""

    pool: str  # max, mean, or nothing
    size: int = 3
    stride: int = 1
    padding: int = 0
    channels: tuple[int, ...] = (1, 8, 16)
    hidden: int = 64
    batch: int = 64
    batches: int = 8
    rate: float = 0.05

    def places(self) -> int:
        """The length of the images that the last layer gives."""
        length = 28
        for _ in self.channels[1:]:
            length = (length + 2 * self.padding - self.size) // self.stride + 1
            length //= 2 if self.pool else 1
        return length

    def parameters(self) -> dict[str, np.ndarray]:
        """The weights that everyone begins with, by name."""
        rng, found = np.random.default_rng(0), {}

        def drawn(inputs, *shape):
            return rng.normal(0, np.sqrt(2 / inputs), shape).astype("f")

        for k, (c, o) in enumerate(zip(self.channels, self.channels[1:], strict=False)):
            found[f"kernel{k}"] = drawn(c * self.size**2, o, c, self.size, self.size)
            found[f"shift{k}"] = np.zeros((o, 1, 1), "f")
        flat = self.channels[-1] * self.places() ** 2
        found |= {"w1": drawn(flat, flat, self.hidden), "b1": np.zeros(self.hidden, "f")}
        return found | {"w2": drawn(self.hidden, self.hidden, 10), "b2": np.zeros(10, "f")}

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Images (N, 1, 28, 28) in [0, 1], and labels (N,)."""
        (images, labels), _ = datasets.mnist()
        count = self.batch * self.batches
        pixels = images[:count, None].astype("f") / np.float32(255)
        return pixels, labels[:count].astype("int64")

    def rows(self, step: int) -> slice:
        """Those of a batch; passes follow one another."""
        start = step % self.batches * self.batch
        return slice(start, start + self.batch)


JOBS = {
    "plain": Job(pool="max"),
    "padded": Job(pool="mean", padding=1),
    "strided": Job(pool="", size=5, stride=2),
}


def forward(lib, job, p, x):
    """The scores, written once; `lib` says how a library calls what it needs."""
    for k in range(len(job.channels) - 1):
        x = lib.conv(x, p[f"kernel{k}"], stride=job.stride, padding=job.padding)
        x = lib.relu(x + p[f"shift{k}"])
        x = getattr(lib, job.pool)(x, 2) if job.pool else x
    x = lib.reshape(x, (job.batch, -1))
    return lib.relu(x @ p["w1"] + p["b1"]) @ p["w2"] + p["b2"]


OURS = SimpleNamespace(
    conv=ag.conv2d, relu=ag.relu, max=ag.max_pool2d, mean=ag.avg_pool2d, reshape=ag.reshape
)


def recorded(job):
    """The training step as a graph, its loss, and the new weights."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(job.batch, 1, 28, 28))
        y = ag.input(name="y", shape=(job.batch,), dtype="int64")
        p = {name: ag.parameter(w, name=name) for name, w in job.parameters().items()}
        probabilities = ag.softmax(forward(OURS, job, p, x))
        loss = ag.mean(ag.log(ag.aref(probabilities, y)) * -1)
        grads = ag.gradients(loss, list(p.values()))
        updates = {w: w - job.rate * g for w, g in zip(p.values(), grads, strict=True)}
    return graph, loss, updates


def compiled(job, executor):
    """The recorded graph, compiled; a scan goes over the batches inside the executor."""
    images, labels = job.data()
    graph, loss, updates = recorded(job)
    program = ag.compile(graph, outputs=[loss], updates=updates, executor=executor)
    assert program.plan  # made here and now

    def run(count):
        losses = []
        while len(losses) < count:
            rows = min(job.batches, count - len(losses)) * job.batch
            data = {"x": images[:rows], "y": labels[:rows]}
            losses += program.scan(data, batch_size=job.batch)[0].tolist()
        return losses[-1]

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
    """As people write it, with its fused optimizer."""
    import torch
    from torch.nn import functional as F  # noqa: N812

    names = SimpleNamespace(
        conv=F.conv2d, relu=F.relu, max=F.max_pool2d, mean=F.avg_pool2d, reshape=torch.reshape
    )
    p = {name: torch.tensor(w, requires_grad=True) for name, w in job.parameters().items()}
    optimizer = torch.optim.SGD(p.values(), job.rate, fused=True)
    images, labels = map(torch.from_numpy, job.data())

    def step(i):
        rows = job.rows(i)
        loss = F.cross_entropy(forward(names, job, p, images[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return lambda count: float([step(i) for i in range(count)][-1])


def jax_names():
    """JAX's names."""
    import jax
    import jax.numpy as jnp

    def pool(x, size, start, reduce):
        window = (1, 1, size, size)
        return jax.lax.reduce_window(x, start, reduce, window, window, "VALID")

    return SimpleNamespace(
        conv=lambda x, w, stride, padding: jax.lax.conv_general_dilated(
            x, w, (stride, stride), [(padding, padding)] * 2
        ),
        relu=jax.nn.relu,
        max=lambda x, size: pool(x, size, -jnp.inf, jax.lax.max),
        mean=lambda x, size: pool(x, size, 0.0, jax.lax.add) / size**2,
        reshape=jnp.reshape,
    )


def jax_update(job):
    """One step: the weights, and what is fed, give the next weights and the loss."""
    import jax
    import jax.numpy as jnp

    names = jax_names()

    def loss_of(p, x, y):
        scores = jax.nn.log_softmax(forward(names, job, p, x))
        return -jnp.take_along_axis(scores, y[:, None], -1).mean()

    def update(p, x, y):
        loss, grads = jax.value_and_grad(loss_of)(p, x, y)
        return {name: w - job.rate * grads[name] for name, w in p.items()}, loss

    return update


@field.contender("JAX jit, its own threads", needs=["jax"], threads=2)
def jax_jit(job):
    """A jitted step, with its weights donated."""
    import jax
    import jax.numpy as jnp

    step = jax.jit(jax_update(job), donate_argnums=0)
    p = {name: jnp.asarray(w) for name, w in job.parameters().items()}
    images, labels = job.data()
    fed = [
        (jnp.asarray(images[job.rows(i)]), jnp.asarray(labels[job.rows(i)].astype("int32")))
        for i in range(job.batches)
    ]

    def run(count):
        nonlocal p
        for i in range(count):
            p, loss = step(p, *fed[i % job.batches])
        return float(loss)

    return run


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--models", default="plain,padded,strided", help="which, a,b")
    chosen = parser.parse_args()
    for name in chosen.models.split(","):
        job = replace(JOBS[name], batch=4, batches=2) if chosen.quick else JOBS[name]
        runs = field.start(job, chosen.only)
        losses = agree(runs, job.batches)
        target = 0.02 if chosen.quick else 0.25
        times = interleave(runs, 1, chosen.rounds, target, field.threads)
        references = [f"PyTorch eager, {n}" for n in ("1 thread", "2 threads")]
        references += ["JAX jit, its own threads"]
        extra = {n: {f"loss, {job.batches} steps": f"{loss:.6f}"} for n, loss in losses.items()}
        print(markdown_table(times, "steps/s", references, extra, f"Convolution, {name}"))


if __name__ == "__main__":
    main()
