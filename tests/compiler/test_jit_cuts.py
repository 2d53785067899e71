"""How `jit` is told which arguments are cut over a mesh, and which cuts it refuses.

What is computed on many devices is in test_jax_devices.py.
"""

import numpy as np
import pytest
from compiled import assert_same

import autograd_lite as ag
from autograd_lite.autodiff.trees import leaves_of
from autograd_lite.errors import ConfigError

jax = pytest.importorskip("jax", reason="JAX is not installed")
MESH = jax.sharding.Mesh(np.array(jax.devices()[:1]).reshape(1, 1), ("data", "model"))
V = np.array([1.0, -2.0])


def f(x, y=2.0, n=0):
    """A function of an array or a container of arrays."""
    return leaves_of(x)[0] * y + n


NOT_FOR_JIT = {  # options of jit for one device, and what is told of them
    "another executor": ({"executor": "numpy"}, 'shard and precision with executor="jax" alone'),
    "mesh": ({"mesh": "eight"}, "mesh to be a jax.sharding.Mesh"),
    "shard alone": ({"mesh": None}, "a mesh, over which shard cuts arrays"),
    "no arguments": ({"shard": ("data",)}, r"shard={what is cut: axes}\n  came:  \('data',\)"),
    "position": ({"shard": {3: ()}}, "arguments to cut among x, y, n\n  came:  3"),
    "name": ({"shard": {"z": ()}}, "arguments to cut among x, y, n\n  came:  'z'"),
    "no name": ({"shard": {None: ()}}, "arguments to cut among x, y, n\n  came:  None"),
    "twice": ({"shard": {"x": (), 0: ()}}, "to name each argument once[^~]*came:  x, x"),
    "static": ({"shard": {"n": ()}}, "to name each argument once, and no static[^~]*came:  n"),
}


@pytest.mark.parametrize("name", NOT_FOR_JIT)
def test_options_that_make_no_sense_for_jit_are_refused(name):
    options, message = NOT_FOR_JIT[name]
    options = {"executor": "jax", "mesh": MESH, "shard": {0: ("data",)}} | options
    with pytest.raises(ConfigError, match=f"jit of f: expected .*{message}"):
        ag.jit(f, static_argnames="n", **options)


PART = "or for a container the axes of its parts"
NO_CUTS = {  # an argument, a cut that it cannot have, and what is told of it
    "axis": (V, ("rows",), r"for each axis None or an axis of the mesh \(data, model\)"),
    "axes": (V, ("data", "model"), r"or an axis[^~]*came:  \('data', 'model'\) for Input 'x'"),
    "a number": (1.0, ("data",), "or an axis[^~]*Input 'x' float64"),
    "a text": (V, "data", f"axes for x, {PART}\n  came:  'data'"),
    "a number as axis": (V, (0,), f"axes for x, {PART}"),
    "parts of an array": (V, {"w": ()}, f"axes for x, {PART}"),
    "another key": ({"w": V}, {"v": ()}, f"axes for x, {PART}"),
    "too many parts": ([V], [("data",), ("data",)], f"axes for x, {PART}"),
    "a list of a dict": ({"w": V}, [("data",)], f"axes for x, {PART}"),
    "a part of a part": ({"w": [V]}, {"w": [7]}, rf"axes for x\['w'\]\[0\], {PART}\n  came:  7"),
}


@pytest.mark.parametrize("name", NO_CUTS)
def test_cuts_that_an_argument_cannot_have_are_refused_before_anything_runs(name):
    x, cut, message = NO_CUTS[name]
    jitted = ag.jit(f, executor="jax", mesh=MESH, shard={"x": cut})
    with pytest.raises(ConfigError, match=f"jit of f: expected .*{message}"):
        jitted(x)
    assert not jitted.plans


CUTS = {  # an argument, its cut, and the cuts of its arrays
    "all of a container": (
        {"w": V, "b": [V]},
        ["data"],
        {"x['w']": ["data"], "x['b'][0]": ["data"]},
    ),
    "parts": (
        (V, None, V, V),
        (("data",), ("data",), None),
        {"x[0]": ("data",), "x[2]": (), "x[3]": ()},
    ),
    "names": (
        {"w": V, "b": None, "s": 1.0},
        {"w": ("data",), "b": {"v": ()}},
        {"x['w']": ("data",), "x['s']": ()},
    ),
}


@pytest.mark.parametrize("name", CUTS)
def test_containers_have_one_cut_or_one_for_each_part(name):
    x, cut, cuts = CUTS[name]
    jitted = ag.jit(f, executor="jax", mesh=MESH, shard={0: cut})
    assert_same(jitted(x), 2.0 * V)
    shard = jitted._latest()._plans.devices.shard
    assert {node.name: cut for node, cut in shard.items()} == cuts
