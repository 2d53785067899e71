"""What test_jax_devices.py runs in processes of their own: devices are chosen when JAX starts.

python jax_jobs.py devices            8 devices of one host
python jax_jobs.py process RANK PORT  one of two processes with 2 devices each
"""

import json
import os
import sys

import numpy as np
from compiled import Classifier, samples

import autograd_lite as ag
from autograd_lite.errors import AutogradError

BATCH = 8


def start(devices):
    """JAX with so many devices on this host."""
    os.environ["XLA_FLAGS"] = f"--xla_force_host_platform_device_count={devices}"
    os.environ["JAX_PLATFORMS"] = "cpu"
    import jax  # noqa: PLC0415 - not before its settings

    return jax


def losses_of(executor, batch=BATCH, passes=2, shuffle=False, cut=None, **options):
    """The losses of two passes and the weights after them; with how often devices talk a step."""
    network, (x, y) = Classifier(batch=batch), samples(4 * BATCH)
    if cut is not None:
        options["shard"] = dict(zip(network.weights, cut, strict=False))
    program = network.compile(executor, outputs=[network.loss], **options)
    found = []
    for _ in range(passes):
        (losses,) = program.scan({"x": x, "y": y}, batch_size=batch or 1, shuffle=shuffle)
        found.append(losses)
    rows = 0 if batch is None else slice(batch)
    (last,) = program(x=x[rows], y=y[rows])
    weights = np.concatenate([w.value.ravel() for w in network.weights])
    return [*np.concatenate(found).tolist(), float(last), *weights.tolist()], program


def collectives(program):
    """The all-reduces in one compiled step."""
    runner = program._plans.latest().runner
    with runner._settings():
        leaves, inputs = runner._leaves(), runner.draft.inputs.values()
        there = [runner.devices.put_batch(np.zeros(x.shape, x.dtype)) for x in inputs]
        text = runner._run.lower(leaves, runner._constants, there).compile().as_text()
    return text.count(" all-reduce(") + text.count(" all-reduce-start(")


def refusals(jax, mesh):
    """The messages for what cannot be cut."""
    network, (x, y) = Classifier(batch=6), samples(6)
    w1 = network.weights[0]
    found = {}
    for name, job in {
        "batch": lambda: network.compile("jax", mesh=mesh)(x=x, y=y),
        "last batch": lambda: last_batch(mesh),
        "axis": lambda: network.compile("jax", mesh=mesh, shard={w1: ("rows",)}),
        "length": lambda: network.compile("jax", mesh=mesh, shard={w1: (None, "model")}),
        "leaf": lambda: network.compile("jax", mesh=mesh, shard={network.loss: ("data",)}),
        "host": lambda: host_op(jax, mesh),
    }.items():
        try:
            job()
        except AutogradError as problem:
            found[name] = f"{type(problem).__name__}: {problem}"
    return found


def last_batch(mesh):
    """A pass whose last batch cannot be shared; no step of it is taken."""
    network, (x, y) = Classifier(batch=4), samples(10)
    before = network.weights[0].value.copy()
    try:
        network.compile("jax", mesh=mesh).scan({"x": x, "y": y}, batch_size=4)
    finally:
        assert (network.weights[0].value == before).all()


def host_op(jax, mesh):
    """A rule that only NumPy can run, on a mesh."""

    class Staircase(ag.Elementwise):
        """Floor by NumPy's own function."""

        def forward(xp, x):
            return np.floor(x)

        vjp_x = None

    with ag.Graph() as graph:
        y = Staircase(ag.input(name="x", shape=(8,), dtype="float64"))
    ag.compile(graph, y, executor="jax", mesh=mesh)(x=np.zeros(8))


def on_devices():
    jax = start(8)

    def mesh(*shape, names=("data", "model")):
        count = int(np.prod(shape))
        devices = np.array(jax.devices()[:count]).reshape(shape)
        return jax.sharding.Mesh(devices, names[: len(shape)])

    found = {"one": losses_of("jax")[0]}
    for count in (2, 4, 8):
        found[str(count)], program = losses_of("jax", mesh=mesh(count))
        found[f"talks {count}"] = collectives(program)
    found["plan"] = str(program.plan)
    cuts = [(None, "model"), ("model",), ("model", None)]
    wide = mesh(4, 1)
    found["wide"], _ = losses_of("jax", mesh=wide, cut=cuts)
    found["shuffled"], _ = losses_of("jax", mesh=mesh(4), shuffle=3)
    found["one shuffled"], _ = losses_of("jax", shuffle=3)
    found["by rows"], _ = losses_of("jax", mesh=mesh(4, 2), cut=[("model", None)])
    found["single"], _ = losses_of("jax", batch=None, mesh=mesh(2), passes=1)
    found["one single"], _ = losses_of("jax", batch=None, passes=1)
    found["refused"] = refusals(jax, mesh(4, 2))
    print(json.dumps(found))  # noqa: T201 - to the test


def on_processes(rank, port):
    jax = start(2)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(f"localhost:{port}", 2, rank)
    mesh = jax.sharding.Mesh(np.array(jax.devices()).reshape(2, 2), ("data", "model"))
    found = {"processes": jax.process_count(), "devices": len(jax.devices())}
    found["whole"], _ = losses_of("jax", mesh=jax.sharding.Mesh(np.array(jax.devices()), ("data",)))
    found["cut"], _ = losses_of("jax", mesh=mesh, cut=[("model", None)])
    jax.distributed.shutdown()
    print(json.dumps(found))  # noqa: T201 - to the test


if __name__ == "__main__":
    if sys.argv[1] == "devices":
        on_devices()
    else:
        on_processes(int(sys.argv[2]), sys.argv[3])
