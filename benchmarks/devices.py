"""A pass by JAX: the recorded graph with executor="jax" beside a jit and lax.scan written by hand.

    python benchmarks/devices.py [--batches 1,128,1024] [--rounds 7] [--quick]

784-128-10, float32: with a batch of 1 sigmoid, else ReLU. Runs on whatever devices JAX has.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from digits import Job, pinned_to_one_core, weights
from frameworks import jax_update
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


def shaped(job):
    """Images and labels with a row, or a batch of rows, for each step."""
    steps, batch = job.steps, () if job.batch_size == 1 else (job.batch_size,)
    rows = slice(steps * job.batch_size)
    return job.images[rows].reshape(steps, *batch, 784), job.labels[rows].reshape(steps, *batch)


@field.contender("jit and lax.scan by hand, data on the device", needs=["jax"], threads=2)
def by_hand(job):
    import jax

    update = jax_update(job, "sigmoid" if job.batch_size == 1 else "relu")
    one_pass = jax.jit(partial(jax.lax.scan, update), donate_argnums=0)
    parameters = [jax.numpy.asarray(w) for w in weights()]
    images, labels = shaped(job)
    data = jax.device_put(images), jax.device_put(labels.astype("int32"))

    def run(passes):
        nonlocal parameters
        total = 0.0
        for _ in range(passes):
            parameters, losses = one_pass(parameters, data)
            total += float(np.asarray(losses).mean())
        return total / passes

    return run


def program_of(job):
    """The recorded training step."""
    rows = () if job.batch_size == 1 else (job.batch_size,)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(*rows, 784))
        y = ag.input(name="y", shape=rows, dtype="int64")
        parameters = w1, b1, w2, b2 = [ag.parameter(w) for w in weights()]
        hidden = (ag.relu if rows else ag.sigmoid)(ag.vdot(x, w1) + b1)
        loss = ag.mean(ag.log(ag.aref(ag.softmax(ag.vdot(hidden, w2) + b2), y)) * -1)
        grads = ag.gradients(loss, parameters)
    updates = {w: w - job.rate * g for w, g in zip(parameters, grads, strict=True)}
    return ag.compile(graph, [loss], updates, executor="jax")


def passes_of(job, data):
    program = program_of(job)

    def run(passes):
        total = 0.0
        for _ in range(passes):
            (losses,) = program.scan(data, batch_size=job.batch_size)
            total += float(losses.mean())
        return total / passes

    return run


@field.contender("program.scan, data on the device", needs=["jax"], threads=2)
def on_the_device(job):
    import jax

    return passes_of(job, {"x": jax.device_put(job.images), "y": jax.device_put(job.labels)})


@field.contender("program.scan, NumPy's arrays", needs=["jax"], threads=2)
def from_numpy(job):
    return passes_of(job, {"x": job.images, "y": job.labels})


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--batches", default="1,128,1024", help="batch sizes, a,b")
    chosen = parser.parse_args()
    for size in map(int, chosen.batches.split(",")):
        samples = 40 * size if chosen.quick else min(60_000, 60_000 // size * size)
        job = Job.of(samples, size, 0.01 if size == 1 else 0.1)
        if size == 1:
            pinned_to_one_core()
        runs = field.start(job, chosen.only)
        if not runs:
            continue
        agree(runs, 1)
        times = interleave(
            runs, job.steps * size, chosen.rounds, 0.02 if chosen.quick else 0.5, field.threads
        )
        print(
            markdown_table(
                times,
                "samples/s",
                ["jit and lax.scan by hand, data on the device"],
                title=f"One pass by JAX, batches of {size:,}",
            )
        )


if __name__ == "__main__":
    main()
