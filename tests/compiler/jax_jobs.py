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


def collectives(plans):
    """The all-reduces in one compiled step."""
    runner = plans.latest().runner
    with runner._settings():
        leaves, inputs = runner._leaves(), runner.draft.inputs.values()
        zeros = [np.zeros(x.shape, x.dtype) for x in inputs]
        there = runner.devices.put_feeds(zeros, runner._inputs)
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
        "argument": lambda: jitted(mesh, {"y": (None, "data")}),
    }.items():
        try:
            job()
        except AutogradError as problem:
            found[name] = f"{type(problem).__name__}: {problem}"
    return found


def distance(params, x, y, scale=1.0):
    """A loss of two layers, whose parameters are in containers."""
    hidden = ag.tanh(x @ params["first"][0] + params["first"][1])
    return scale * ag.mean((hidden @ params["second"] - y) ** 2.0)


def arguments():
    """What `distance` is called with."""
    rng = np.random.default_rng(3)
    shapes = [(6, 4), (4,), (4, 2), (16, 6), (16, 2)]
    w, b, v, x, y = (rng.normal(size=shape) for shape in shapes)
    return {"first": (w, b), "second": v}, x, y


JIT = {  # the mesh, and how arguments are cut over it
    "one": (None, None),
    "by rows": ((8,), {1: ("data",), "y": ("data", None)}),
    "by weights": (
        (4, 2),
        {"params": {"first": [(None, "model")], "second": ["model"]}, 1: ["data"], -2: ["data"]},
    ),
}


def jitted(mesh, shard):
    """Values and gradients by plain arguments and through nodes, and what ran for them."""
    options = {"executor": "jax", "mesh": mesh, "shard": shard}
    params, x, y = arguments()
    f = ag.jit(ag.value_and_grad(distance), **options)
    loss, slopes = f(params, x, y, scale=0.5)
    w, v = ag.Node(params["first"][0]), ag.Node(params["second"])
    on_nodes = ag.jit(distance, **options)
    through = on_nodes({"first": (w, params["first"][1]), "second": v}, x, y)
    through.backward()
    arrays = loss, *slopes["first"], slopes["second"], through.value, w.grad, v.grad
    (pull,) = on_nodes._latest().pulls.values()
    return np.concatenate([np.ravel(x) for x in arrays]).tolist(), f._latest()._plans, pull._plans


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
        found[f"talks {count}"] = collectives(program._plans)
    found["plan"] = str(program.plan)
    cuts = [(None, "model"), ("model",), ("model", None)]
    wide = mesh(4, 1)
    found["wide"], _ = losses_of("jax", mesh=wide, cut=cuts)
    found["shuffled"], _ = losses_of("jax", mesh=mesh(4), shuffle=3)
    found["one shuffled"], _ = losses_of("jax", shuffle=3)
    found["by rows"], _ = losses_of("jax", mesh=mesh(4, 2), cut=[("model", None)])
    found["single"], _ = losses_of("jax", batch=None, mesh=mesh(2), passes=1)
    found["one single"], _ = losses_of("jax", batch=None, passes=1)
    for name, (shape, shard) in JIT.items():
        found[f"jit {name}"], plans, pull = jitted(shape and mesh(*shape), shard)
        found[f"talks of jit {name}"] = collectives(plans)
        found[f"cuts of jit {name}"] = {x.name: cut for x, cut in pull.devices.shard.items()}
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
    found["jit"] = jitted(mesh, JIT["by weights"][1])[0]
    jax.distributed.shutdown()
    print(json.dumps(found))  # noqa: T201 - to the test


if __name__ == "__main__":
    if sys.argv[1] == "devices":
        on_devices()
    else:
        on_processes(int(sys.argv[2]), sys.argv[3])
