"""784-128-10, sigmoid, plain SGD, one sample a step, in order, float32: steps a second.

python benchmarks/one_sample.py [--dense] [--rounds 7] [--only "native|JAX"] [--quick]
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from digits import Job, compiled, loop, pinned_to_one_core, weights, without_scipy
from frameworks import jax_scan, jax_update, torch_eager
from harness import Field, agree, interleave, markdown_table, options

import autograd_lite as ag

field = Field()


@field.contender("NumPy by hand")
def numpy_by_hand(job):
    """What a careful person writes without a library: the control."""
    w1, b1, w2, b2 = weights()

    def step(i):
        x, y = job.images[i % job.steps], job.labels[i % job.steps]
        h = 1 / (1 + np.exp(-(x @ w1 + b1)))
        z = h @ w2 + b2
        e = np.exp(z - z.max())
        p = e / e.sum()
        loss = -np.log(p[y])
        dz = p.copy()
        dz[y] -= 1
        da = (w2 @ dz) * h * (1 - h)
        w2[...] -= job.rate * np.outer(h, dz)
        b2[...] -= job.rate * dz
        w1[...] -= job.rate * np.outer(x, da)
        b1[...] -= job.rate * da
        return loss

    return loop(step)


@field.contender("autograd_lite, interpreted")
def interpreted(job):
    """Forward and backward node by node."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(784,))
        y = ag.input(name="y", shape=(), dtype="int64")
        w1, b1, w2, b2 = (ag.parameter(w) for w in weights())
        hidden = ag.sigmoid(ag.vdot(x, w1) + b1)
        probabilities = ag.softmax(ag.vdot(hidden, w2) + b2)
        loss = ag.log(ag.aref(probabilities, y)) * -1
    down = np.float32(-job.rate)

    def step(i):
        graph.forward(loss, x=job.images[i % job.steps], y=job.labels[i % job.steps])
        graph.backward(loss)
        for p in graph.parameters:  # NumPy adds in the memory of the product
            p.assign(p.value + down * p.grad, copy=False)
        return float(loss)

    return loop(step)


@field.contender("autograd_lite, numpy executor (NumPy and SciPy)", needs=["scipy"])
def planned(job):
    return compiled(job, ag.sigmoid, "numpy")


@field.contender("autograd_lite, numpy executor (NumPy alone)")
def planned_without_scipy(job):
    with without_scipy():
        return compiled(job, ag.sigmoid, "numpy")


@field.contender("autograd_lite, native scan", needs=["$cc"])
def native(job):
    return compiled(job, ag.sigmoid, "native")


def c_kernel(job, name):
    """A whole pass in hand-written C, of the file beside this one."""
    folder = Path(tempfile.mkdtemp(prefix="one_sample"))
    source = Path(__file__).with_name("one_sample.c")
    flags = "-O3 -march=native -ffast-math -fPIC -shared".split()
    library = folder / "one_sample.so"
    subprocess.run(["cc", *flags, str(source), "-o", str(library), "-lm"], check=True)
    kernel = getattr(ctypes.CDLL(str(library)), name)
    kernel.restype = ctypes.c_double
    parameters = weights()
    pointers = [ctypes.c_void_p(w.ctypes.data) for w in parameters]
    taken = 0

    def run(count):
        nonlocal taken
        total, left = 0.0, count
        while left:
            start = taken % job.steps
            now = min(left, job.steps - start)
            x, y = job.images[start : start + now], job.labels[start : start + now]
            data = [ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data)]
            total += kernel(*pointers, *data, ctypes.c_long(now), ctypes.c_float(job.rate))
            left, taken = left - now, taken + now
        assert parameters  # the pointers above do not keep them alive
        return total / count

    return run


field.contender("C by hand, two passes over W1", needs=["$cc"])(
    partial(c_kernel, name="two_passes")
)
field.contender("C by hand, update fused with the next forward", needs=["$cc"])(
    partial(c_kernel, name="fused")
)
field.contender("C by hand, zero pixels skipped", needs=["$cc"])(partial(c_kernel, name="skipping"))


@field.contender("PyTorch eager", needs=["torch"])
def torch_modules(job):
    return torch_eager(job, "Sigmoid", fused=False)


@field.contender("JAX jit a step", needs=["jax"])
def jax_step(job):
    pinned_to_one_core()
    import jax
    import jax.numpy as jnp

    update = jax.jit(jax_update(job, "sigmoid"), donate_argnums=0)
    parameters = [jnp.asarray(w) for w in weights()]
    labels = job.labels.astype("int32")
    taken = 0

    def run(count):
        nonlocal parameters, taken
        losses = []
        for i in range(taken, taken + count):
            sample = job.images[i % job.steps], labels[i % job.steps]
            parameters, loss = update(parameters, sample)
            losses.append(loss)
        taken += count
        return float(jnp.stack(losses[-512:]).mean())

    return run


@field.contender("JAX lax.scan, one core", needs=["jax"])
def jax_on_one_core(job):
    pinned_to_one_core()
    return jax_scan(job, "sigmoid", block=200)


def main() -> None:
    parser = options(__doc__.splitlines()[0])
    parser.add_argument("--dense", action="store_true", help="data without zeros")
    chosen = parser.parse_args()
    job = Job.of(2000 if chosen.quick else 20_000, 1, 0.01, dense=chosen.dense)
    runs = field.start(job, chosen.only)
    losses = agree(runs, 400)
    times = interleave(runs, rounds=chosen.rounds, target=0.02 if chosen.quick else 0.3)
    references = ["NumPy by hand", "PyTorch eager", "JAX jit a step", "JAX lax.scan, one core"]
    references.append("C by hand, update fused with the next forward")
    references.append("C by hand, zero pixels skipped")
    extra = {name: {"loss, 400 steps": f"{loss:.6f}"} for name, loss in losses.items()}
    print(
        markdown_table(
            times, "steps/s", references, extra, f"One sample a step{', dense' * chosen.dense}"
        )
    )


if __name__ == "__main__":
    main()
