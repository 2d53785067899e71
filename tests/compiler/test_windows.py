"""Convolution and pooling in both executors: strides, padding, dilation, groups, and gradients."""

import native_plans
import numpy as np
import pytest
from compiled import assert_same, interpreted
from native_plans import assert_twins

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.compiler.executors import cores
from autograd_lite.compiler.executors.native import convolution, products
from autograd_lite.compiler.executors.numpy import windows

quick_compiling = native_plans.quick_compiling

# Each row: images, kernels, and how the window moves.
CONVOLUTIONS = {
    "plain": ((3, 2, 7, 6), (5, 2, 3, 3), {}),
    "one by one": ((2, 3, 5, 5), (4, 3, 1, 1), {}),
    "padding": ((2, 3, 5, 40), (4, 3, 3, 3), {"padding": (1, 2)}),
    "padding alone is shown": ((2, 1, 2, 2), (2, 1, 2, 2), {"padding": 3}),
    "stride": ((2, 2, 9, 8), (3, 2, 3, 2), {"stride": (2, 3), "padding": 1}),
    "dilation": ((2, 2, 9, 9), (3, 2, 3, 2), {"dilation": (2, 3), "padding": 2}),
    "groups": ((2, 4, 6, 6), (6, 2, 3, 3), {"groups": 2, "stride": 2}),
    "each channel alone": ((1, 3, 6, 6), (3, 1, 3, 3), {"groups": 3}),
    "many places": ((1, 1, 19, 35), (2, 1, 4, 4), {}),
    "many channels": ((1, 31, 5, 5), (70, 31, 3, 3), {"padding": 1}),
    "many kernels": ((1, 2, 4, 4), (270, 2, 2, 2), {}),
    "many kernels of small images": ((1, 3, 4, 4), (160, 3, 3, 3), {"padding": 1}),
    "many channels of small images": ((1, 160, 3, 5), (3, 160, 3, 3), {"padding": 1}),
}
SMALL = {  # so that images are cut into rows, columns and channels
    "ROOM": 2000,
    "CACHED": 1000,
    "LONGEST": 8,
    "DEEP": 16,
    "MOST_ELEMENTS": 20,
    "PARTS": 3,
}
POOLS = {
    "plain": ((2, 3, 6, 8), {"size": 2}),
    "rest": ((2, 3, 7, 5), {"size": 2}),
    "overlapping": ((2, 3, 7, 7), {"size": 3, "stride": 2, "padding": 1}),
    "far apart": ((2, 1, 9, 9), {"size": (1, 2), "stride": (4, 3)}),
    "many planes": ((20, 5, 4, 4), {"size": 2}),
    "large": ((1, 1, 10, 10), {"size": 9}),
}


def recorded(rows, record, dtype):
    """The rows of a table as one graph: the graph, its outputs, and what to feed."""
    outputs, feeds = [], {}
    with ag.Graph() as graph:
        for number, (*shapes, moves) in enumerate(rows):
            draw = np.random.default_rng(1)
            inputs = []
            for k, shape in enumerate(shapes):
                name = f"x{number}_{k}"
                feeds[name] = draw.integers(-9, 9, shape).astype(dtype)  # with ties
                inputs.append(ag.input(name=name, shape=shape, dtype=dtype, requires_grad=True))
            for y in record(*inputs, moves):
                outputs += [y, *ag.gradients(ag.sum(ag.sin(y)), inputs)]
    return graph, outputs, feeds


def convolved(x, w, moves):
    return [ag.conv2d(x, w, **moves)]


def pooled(x, moves):
    shown = ops.Windows2d(x, fill=2.5, **moves)
    return [ag.max_pool2d(x, **moves), ag.avg_pool2d(x, **moves), shown]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("table", "record"), [(CONVOLUTIONS, convolved), (POOLS, pooled)])
def test_by_numpy(table, record, dtype, monkeypatch):
    monkeypatch.setattr(windows, "ROOM", 2000)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setattr(cores.CORES, "free", lambda: 3)
    for name, row in table.items():
        graph, outputs, feeds = recorded([row], record, dtype)
        program = ag.compile(graph, outputs, executor="numpy")
        for a, b in zip(program(**feeds), interpreted(graph, outputs, feeds), strict=True):
            assert_same(a, b, f"{name}\n{program.source}")
        assert "call" not in program.source
        assert ("Threads: 3 of 3" in str(program.plan)) == (record is convolved)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("table", "record"), [(CONVOLUTIONS, convolved), (POOLS, pooled)])
@pytest.mark.parametrize("in_parts", [False, True])
def test_by_native_code(table, record, dtype, in_parts, monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1 if in_parts else 10**9)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    for name, size in SMALL.items() if in_parts else ():
        monkeypatch.setattr(convolution, name, size)
    assert_twins(*recorded(table.values(), record, dtype))


@pytest.mark.parametrize("odd", [np.inf, np.nan])
def test_padding_meets_no_kernel_that_is_not_finite(odd):
    """Gradients of images near the border are sums of what is inside alone."""
    graph, outputs, feeds = recorded([((2, 2, 5, 4), (3, 2, 3, 3), {"padding": 1})], convolved, "f")
    feeds["x0_1"][1, 0, 0, 2] = odd
    assert_twins(graph, outputs, feeds)


def test_what_has_no_row_runs_all_the_same(monkeypatch):
    """Integers, and windows of very many elements."""
    monkeypatch.setattr(convolution, "MOST_WINDOW", 4)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(1, 1, 12, 12), dtype="int64")
        y = ag.input(name="y", shape=(1, 1, 12, 12), dtype="float64")
        w = ag.constant(np.ones((1, 1, 3, 3)))
        outputs = [ag.max_pool2d(x, 3), ag.avg_pool2d(x, 2), ag.max_pool2d(y, 9), ag.conv2d(x, w)]
        outputs.append(ag.conv2d(y, w))
    feeds = {"x": np.arange(144).reshape(1, 1, 12, 12)}
    feeds["y"] = feeds["x"] * 0.5
    assert_twins(graph, outputs, feeds)
    program = ag.compile(graph, outputs, executor="numpy")
    for a, b in zip(program(**feeds), interpreted(graph, outputs, feeds), strict=True):
        assert_same(a, b)
