"""Meshes of devices and several processes give what one device gives."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax", reason="JAX is not installed")
JOBS = Path(__file__).with_name("jax_jobs.py")


def started(*arguments):
    """A process that does one of the jobs."""
    command = [sys.executable, JOBS, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process):
    """What it printed last, when it has ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


@pytest.fixture(scope="module")
def devices():
    return told(started("devices"))


@pytest.mark.parametrize("name", ["2", "4", "8", "wide", "by rows"])
def test_losses_and_weights_are_those_of_one_device(devices, name):
    np.testing.assert_allclose(devices[name], devices["one"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["shuffled", "single"])
def test_other_orders_and_steps_of_one_sample(devices, name):
    np.testing.assert_allclose(devices[name], devices[f"one {name}"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("count", [2, 4, 8])
def test_devices_talk_once_a_step(devices, count):
    assert devices[f"talks {count}"] == 1


@pytest.mark.parametrize("name", ["by rows", "by weights"])
def test_a_function_under_jit_gives_what_it_gives_on_one_device(devices, name):
    np.testing.assert_allclose(devices[f"jit {name}"], devices["jit one"], rtol=1e-6, atol=1e-6)


def test_devices_talk_once_a_call_about_data_that_are_cut(devices):
    assert devices["talks of jit by rows"] == 1
    assert devices["talks of jit by weights"] > 1


def test_each_part_of_an_argument_has_its_cut_in_the_program_of_a_gradient_too(devices):
    assert devices["cuts of jit by weights"] == {
        "params['first'][0]": [None, "model"],
        "params['first'][1]": [],
        "params['second']": ["model"],
        "x": ["data"],
        "y": ["data"],
        "the cotangent": [],
    }


def test_the_plan_says_where_it_runs(devices):
    assert "by jax: one function of XLA on a mesh of {'data': 8}" in devices["plan"]


REFUSED = {
    "batch": "ShapeError: mesh: expected batches that 4 devices share evenly\n  came:  6 rows",
    "last batch": "ShapeError: mesh: expected batches that 4 devices share evenly\n  came:  2 rows",
    "axis": "expected for each axis None or an axis of the mesh (data, model)",
    "length": "expected axes that 2 devices share evenly\n  came:  Parameter 'W1' float32[6, 5]",
    "leaf": "expected shard={leaf: axes} of leaves of the program",
    "argument": "jit of distance: expected axes that 4 devices share evenly\n"
    "  came:  Input 'y' float64[16, 2] cut by (None, 'data')",
    "host": "expected ops that run on devices\n  came:  Staircase %1, which only NumPy can run",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_cut_is_refused(devices, name):
    assert REFUSED[name] in devices["refused"][name]


def test_two_processes_give_what_one_device_gives(devices):
    with socket.create_server(("localhost", 0)) as server:
        port = server.getsockname()[1]
    for result in map(told, [started("process", rank, port) for rank in range(2)]):
        assert (result["processes"], result["devices"]) == (2, 4)
        for name, one in {"whole": "one", "cut": "one", "jit": "jit one"}.items():
            np.testing.assert_allclose(result[name], devices[one], rtol=1e-6, atol=1e-6)
