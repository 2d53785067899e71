"""Updates that wait for the end of a block of steps: the same numbers, and only where they can."""

import sys

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.executors import blas
from autograd_lite.compiler.executors.interface import BLOCK
from autograd_lite.compiler.runtime.scanning import Chunks

ROWS, COLUMNS = 512, 64  # just large enough
SAMPLES = 2 * BLOCK + 7


class Linear:
    """One layer on data, or several: the loss of a step, and the updates of the weights."""

    def __init__(self, build, *shapes, dtype="float32", shape=(ROWS,)):
        random = np.random.default_rng(0)
        self.data = {"x": random.normal(size=(SAMPLES, *shape)).astype(dtype)}
        with ag.Graph() as self.graph:
            x = ag.input(name="x", shape=shape, dtype=dtype)
            self.weights = [
                ag.parameter(random.normal(scale=0.05, size=s).astype(dtype)) for s in shapes
            ]
            self.outputs, self.updates = build(x, *self.weights)
        self.program = ag.compile(self.graph, self.outputs, self.updates, executor="numpy")

    @property
    def waits(self):
        """How many matrices wait."""
        return len(self.program.plan.notes)

    def both_ways(self, order=None):
        """Outputs and weights after a scan, and after the same steps one by one."""
        start = [w.value.copy() for w in self.weights]
        scanned = self.program.scan(self.data, shuffle=False if order is None else order)
        after = [w.value.copy() for w in self.weights]
        for w, value in zip(self.weights, start, strict=True):
            w.assign(value)
        rows = range(SAMPLES)
        if order is not None:
            rows = np.random.default_rng(order).permutation(SAMPLES)
        steps = [self.program(x=self.data["x"][i]) for i in rows]
        stacked = [np.stack(column) for column in zip(*steps, strict=True)]
        return [*scanned, *after], [*stacked, *(w.value for w in self.weights)]

    def check(self, waits, order=None):
        """Both ways agree, and so many matrices wait."""
        assert self.waits == waits, self.program.plan
        actual, expected = self.both_ways(order)
        tolerance = 2e-4 if expected[0].dtype == np.float32 else 1e-11
        for a, b in zip(actual, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def sgd(loss, *weights, rate=0.01):
    grads = ag.gradients(loss, weights)
    return {w: w - rate * g for w, g in zip(weights, grads, strict=True)}


def plain(x, w):
    h = ag.tanh(ag.vdot(x, w))
    loss = ag.mean(h * h)
    return [loss, h], sgd(loss, w)


def with_bias(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w, b)


def bias_at_another_rate(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w) | sgd(loss, b, rate=0.5)


def bias_that_stays(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w)


def bias_read_twice(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h) + ag.sum(b * b)
    return [loss], sgd(loss, w) | {b: b - 0.01 * ag.gradients(ag.mean(h * h), b)}


def bias_that_is_told(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h)
    updates = sgd(loss, w, b)
    return [loss, ag.sum(updates[b])], updates


def one_number_as_bias(x, w, b):
    h = ag.tanh(ag.vdot(x, w) + b)
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w, b)


def bias_subtracted(x, w, b):
    h = ag.tanh(ag.vdot(x, w) - b)
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w, b)


def product_read_twice(x, w, b):
    z = ag.vdot(x, w)
    h = ag.tanh(z + b) * z
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w, b)


def shared_delta(x, w, v):
    h = ag.tanh(ag.vdot(x, w) + ag.vdot(x, v))
    loss = ag.mean(h * h)
    return [loss], sgd(loss, w, v)


def two_layers_on_data(x, w, v):
    loss = ag.mean(ag.tanh(ag.vdot(x, w))) + ag.sum(ag.square(ag.vdot(x, v)))
    return [loss], sgd(loss, w, v, rate=1e-4)


def matrix_that_is_read(x, w):
    loss = ag.mean(ag.tanh(ag.vdot(x, w))) + 0.01 * ag.sum(w * w)
    return [loss], {w: w - 0.01 * ag.gradients(ag.mean(ag.tanh(ag.vdot(x, w))), w)}


def matrix_times_something_else(x, w):
    loss = ag.mean(ag.tanh(ag.vdot(x, w)) + ag.vdot(ag.tanh(x), w))
    return [loss], {w: w - 0.01 * ag.gradients(ag.mean(ag.tanh(ag.vdot(x, w))), w)}


def no_data(x, w):
    loss = ag.mean(ag.tanh(ag.vdot(ag.tanh(x), w)))
    return [loss], sgd(loss, w)


def new_value_that_is_told(x, w):
    loss = ag.mean(ag.tanh(ag.vdot(x, w)))
    updates = sgd(loss, w)
    return [loss, ag.sum(updates[w])], updates


def never_multiplied(x, w):
    step = ag.expand_dims(x, axis=1) @ ag.expand_dims(x[:COLUMNS], axis=0)
    return [ag.sum(x)], {w: w - 0.01 * step}


def delta_before_the_product(x, w):
    step = ag.expand_dims(x, axis=1) @ ag.expand_dims(ag.sin(x[:COLUMNS]), axis=0)
    return [ag.sum(ag.tanh(ag.vdot(x, w)))], {w: w - 0.01 * step}


def matrix_that_is_only_read(x, w):
    step = ag.expand_dims(x, axis=1) @ ag.expand_dims(x[:COLUMNS], axis=0)
    return [ag.sum(w * w)], {w: w - 0.01 * step}


def weight_decay(x, w):
    loss = ag.mean(ag.tanh(ag.vdot(x, w)))
    return [loss], {w: w * 0.99 - 0.01 * ag.gradients(loss, w)}


W, B, SMALL = (ROWS, COLUMNS), (COLUMNS,), (ROWS, COLUMNS - 1)
WAITING = {
    "plain": (plain, [W], 1),
    "with a bias": (with_bias, [W, B], 1),
    "a bias at another rate": (bias_at_another_rate, [W, B], 1),
    "a bias that stays": (bias_that_stays, [W, B], 1),
    "a bias that is read twice": (bias_read_twice, [W, B], 1),
    "a bias that is told": (bias_that_is_told, [W, B], 1),
    "one number as bias": (one_number_as_bias, [W, ()], 1),
    "a bias subtracted": (bias_subtracted, [W, B], 1),
    "a product that is read twice": (product_read_twice, [W, B], 1),
    "a delta for two": (shared_delta, [W, W], 2),
    "two layers on the data": (two_layers_on_data, [W, W], 2),
    "a matrix that is never multiplied": (never_multiplied, [W], 1),
    "a delta before the product": (delta_before_the_product, [W], 1),
    "a matrix that is only read": (matrix_that_is_only_read, [W], 0),
    "long rows": (with_bias, [(2, 17_000), (17_000,)], 1),
    "too small": (plain, [SMALL], 0),
    "a matrix that is read": (matrix_that_is_read, [W], 0),
    "a matrix times something else": (matrix_times_something_else, [W], 0),
    "not the data": (no_data, [W], 0),
    "a new value that is told": (new_value_that_is_told, [W], 0),
    "weight decay": (weight_decay, [W], 0),
}


@pytest.mark.parametrize("order", [None, 3])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", WAITING)
def test_a_scan_is_its_steps(name, dtype, order):
    build, shapes, waits = WAITING[name]
    Linear(build, *shapes, dtype=dtype, shape=shapes[0][:1]).check(waits, order)


def test_pictures_are_rows_of_data():
    Linear(lambda x, w, b: with_bias(ag.reshape(x, (ROWS,)), w, b), W, B, shape=(32, 16)).check(1)


def test_numpy_alone_waits_too(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.linalg", None)
    blas.routines.cache_clear()
    try:
        network = Linear(with_bias, W, B)
        network.check(1)
        assert "gemm" not in network.program.source
    finally:
        monkeypatch.undo()
        blas.routines.cache_clear()


def test_the_plan_says_what_waits():
    told = str(Linear(plain, W).program.plan)
    assert "In a scan %" in told
    assert "RankOneUpdate" in told
    size = BLOCK * (COLUMNS + BLOCK) * 4
    assert f"waits: {BLOCK} steps are added at once, from {size:,} bytes" in told


def steep(x, w, b, v):
    """A layer with a gradient that overflows as soon as an input is large, and another leaf."""
    z = ag.vdot(x, w) + b
    loss = ag.sum(z * z) + ag.sum(v * v)
    return [loss, z], sgd(loss, w, b) | {v: v * 0.5}


AWKWARD = {
    "NaN in the data": (with_bias, [W, B], np.nan),
    "infinity in the data": (with_bias, [W, B], np.inf),
    "minus infinity in the data": (with_bias, [W, B], -np.inf),
    "an infinite gradient": (steep, [W, B, (3,)], 1e38),
    "an infinite overlap": (with_bias, [W, B], 3e19),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_what_is_not_finite_spreads_as_it_does_step_by_step(name):
    build, shapes, awkward = AWKWARD[name]
    network = Linear(build, *shapes)
    network.data["x"][40, 3] = awkward
    network.data["x"][41:, 5] = 0.0
    actual, expected = network.both_ways()
    with np.errstate(all="ignore"):
        for a, b in zip(actual, expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-3)


def test_a_nan_is_told_by_its_node_after_the_steps_before_it():
    network, twin = Linear(with_bias, W, B), Linear(with_bias, W, B)
    network.data["x"][40, 3] = np.nan
    program = ag.compile(
        network.graph, network.outputs, network.updates, executor="numpy", check_finite=True
    )
    with pytest.raises(ag.errors.NonFiniteError, match="Input 'x'"):
        program.scan(network.data)
    for row in twin.data["x"][:40]:
        twin.program(x=row)
    for w, v in zip(network.weights, twin.weights, strict=True):
        np.testing.assert_allclose(w.value, v.value, rtol=1e-4, atol=1e-4)


def test_chunks_are_whole_blocks_however_long_they_take():
    for block in (1, BLOCK):
        chunks = list(Chunks(10_000, block))
        assert [start for start, _ in chunks[1:]] == [stop for _, stop in chunks[:-1]]
        assert all(start % block == 0 for start, _ in chunks)
        assert chunks[-1][1] == 10_000
