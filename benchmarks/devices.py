"""A pass by JAX: the recorded graph with executor="jax" beside a jit and lax.scan written by hand.

    python benchmarks/devices.py [--works 1,128,1024,convolution,block] [--precision fast] [--quick]

1, 128 and 1024 are batches of 784-128-10 on MNIST, one sample with sigmoid, batches with ReLU; then
a convolutional network and a transformer block, and with "large" before their names such as fill a
GPU. float32, on whatever devices JAX has; both sides with the same precision of products.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import convolution
import digits
import numpy as np
import transformer
from frameworks import jax_update
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()
BY_HAND = "jit and lax.scan by hand, data on the device"


@dataclass(frozen=True)
class Work:
    """One training, told twice: as a recorded graph, and as a step by hand."""

    title: str
    data: tuple[np.ndarray, np.ndarray]
    batch: int
    recorded: Callable[[], Any]  # graph, loss, updates
    update: Callable[[], Any]  # (state, (x, y)) to (state, loss)
    state: Any
    precision: str = "highest"

    @property
    def samples(self) -> int:
        """How many of them a pass has."""
        return len(self.data[0])

    def named(self, put: Callable[[np.ndarray], Any] = lambda x: x) -> dict[str, Any]:
        """The data by the names of the inputs."""
        return dict(zip("xy", map(put, self.data), strict=True))

    def steps(self) -> list[np.ndarray]:
        """The data with a row, or a batch of rows, for each step."""
        lead = (-1,) if self.batch == 1 else (-1, self.batch)
        return [x.reshape(*lead, *x.shape[1:]) for x in self.data]


def classifier(size, *, quick):
    """784-128-10 with batches of this size."""
    samples = 40 * size if quick else min(60_000, 60_000 // size * size)
    job = digits.Job.of(samples, size, 0.01 if size == 1 else 0.1)
    name = "sigmoid" if size == 1 else "relu"
    return Work(
        f"784-128-10, batches of {size:,}",
        (job.images, job.labels),
        size,
        partial(digits.recorded, job, getattr(ag, name)),
        partial(jax_update, job, name),
        digits.weights(),
    )


def images(*, quick, **sizes):
    """A convolutional network on MNIST."""
    job = replace(convolution.JOBS["plain"], **({"batch": 4, "batches": 2} if quick else sizes))

    def update():
        one = convolution.jax_update(job)
        return lambda p, sample: one(p, *sample)

    return Work(
        f"Convolutions of {job.channels} channels, batches of {job.batch}",
        job.data(),
        job.batch,
        partial(convolution.recorded, job),
        update,
        job.parameters(),
    )


def block(*, quick, **sizes):
    """A transformer block that takes vectors to vectors."""
    small = {"width": 16, "batch": 2, "length": 8, "batches": 2}
    job = replace(transformer.JOBS["block"], **(small if quick else sizes))

    def update():
        one = transformer.jax_update(job)
        return lambda state, sample: one(state, *sample)

    nothing = {name: np.zeros((), "f") for name in job.parameters()}
    return Work(
        f"Transformer block, width {job.width}, batches of {job.batch} × {job.length}",
        job.data(),
        job.batch,
        lambda: transformer.recorded(job)[:3],
        update,
        (job.parameters(), nothing, nothing, np.zeros((), "f")),
    )


WORKS = {
    "1": partial(classifier, 1),
    "128": partial(classifier, 128),
    "1024": partial(classifier, 1024),
    "convolution": partial(images, batches=64),
    "block": partial(block, batches=64),
    "large convolution": partial(images, channels=(1, 32, 64), hidden=256, batch=512, batches=64),
    "large block": partial(block, width=1024, heads=16, batch=16, length=128, batches=64),
}


@field.contender(BY_HAND, needs=["jax"], threads=2)
def by_hand(work):
    import jax

    jitted = jax.jit(partial(jax.lax.scan, work.update()), donate_argnums=0)
    x, y = work.steps()
    data = jax.device_put((x, y.astype("int32") if y.dtype.kind == "i" else y))
    state = jax.tree.map(jax.numpy.array, work.state)

    def run(passes):
        nonlocal state
        total = 0.0
        with jax.default_matmul_precision("highest" if work.precision == "highest" else "default"):
            for _ in range(passes):
                state, losses = jitted(state, data)
                total += float(np.asarray(losses).mean())
        return total / passes

    return run


def passes_of(work, data):
    """Passes of the recorded graph over the data."""
    graph, loss, updates = work.recorded()
    program = ag.compile(graph, [loss], updates, executor="jax", precision=work.precision)

    def run(passes):
        total = 0.0
        for _ in range(passes):
            (losses,) = program.scan(data, batch_size=work.batch)
            total += float(losses.mean())
        return total / passes

    return run


@field.contender("program.scan, data on the device", needs=["jax"], threads=2)
def on_the_device(work):
    import jax

    with jax.enable_x64(True):  # labels are int64
        return passes_of(work, work.named(jax.device_put))


@field.contender("program.scan, NumPy's arrays", needs=["jax"], threads=2)
def from_numpy(work):
    return passes_of(work, work.named())


def device():
    """What JAX runs on."""
    import jax

    found = jax.devices()
    return f"{len(found)} × {found[0].device_kind} ({found[0].platform}), JAX {jax.__version__}"


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--works", default="1,128,1024,convolution,block", help=", ".join(WORKS))
    parser.add_argument("--precision", default="highest", help="highest or fast")
    chosen = parser.parse_args()
    works = chosen.works.split(",")
    if "1" in works and not shutil.which("nvidia-smi"):
        digits.pinned_to_one_core()
    print(f"{device()}, precision {chosen.precision}\n")
    for name in works:
        work = replace(WORKS[name](quick=chosen.quick), precision=chosen.precision)
        runs = field.start(work, chosen.only)
        if not runs:
            continue
        losses = agree(runs, 1, 1e-2)  # GPUs add up in other orders; the table has the digits
        seconds = 0.02 if chosen.quick else 0.5
        times = interleave(runs, work.samples, chosen.rounds, seconds, field.threads)
        extra = {key: {"loss of the first pass": f"{x:.6f}"} for key, x in losses.items()}
        print(markdown_table(times, "samples/s", [BY_HAND], extra, work.title), flush=True)


if __name__ == "__main__":
    main()
