"""What the tests of the native executor share: plans that are compiled quickly, and a twin."""

from contextlib import contextmanager

import numpy as np
import pytest

from autograd_lite.compiler.executors.interface import BuildOptions, ExecutorUnavailable
from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.compiler.executors.native.executor import NativeExecutor
from autograd_lite.compiler.executors.numpy import NumPyExecutor
from autograd_lite.compiler.pipeline import make_plan
from autograd_lite.compiler.runtime.leaf_buffers import LeafBuffers

FULL = toolchain.FLAGS


@pytest.fixture
def optimized(monkeypatch):
    """The compiler as users have it: vector instructions and all."""
    monkeypatch.setattr(toolchain, "FLAGS", FULL)
    toolchain._asked.cache_clear()
    yield
    toolchain._asked.cache_clear()


@contextmanager
def compiled_with(*flags):
    """The compiler with some flags more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(toolchain, "FLAGS", (*toolchain.FLAGS, *flags))
        toolchain._asked.cache_clear()
        yield
    toolchain._asked.cache_clear()


@pytest.fixture(autouse=True, scope="module")
def quick_compiling(tmp_path_factory):
    """A cache of the tests' own, and a compiler that does not try hard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(toolchain, "FLAGS", tuple(f.replace("-O3", "-O0") for f in toolchain.FLAGS))
        patch.setattr(toolchain, "WORTH_A_WORD", 1000.0)
        toolchain._asked.cache_clear()
        try:
            toolchain.find_compiler()
        except ExecutorUnavailable as reason:
            pytest.skip(str(reason))
        yield
        toolchain._asked.cache_clear()


def built(outputs, updates, feeds, executor=NativeExecutor):
    """A runner of its own, with the leaves' arrays."""
    ready = executor()
    shapes = {name: np.shape(x) for name, x in feeds.items()}
    plan = make_plan(outputs, updates, shapes, can_fuse=ready.can_fuse)
    buffers = LeafBuffers(plan.leaves.values(), updates)
    buffers.fill()
    return ready.build(plan, BuildOptions(buffers.arrays)), plan, buffers


def arrays(plan, feeds):
    """The feeds as a runner wants them."""
    return [np.asarray(feeds[name], x.dtype, order="C") for name, x in plan.inputs.items()]


def outputs_of(outputs, feeds, executor=NativeExecutor):
    """The outputs of one step."""
    runner, plan, _ = built(outputs, {}, feeds, executor)
    return runner.run(arrays(plan, feeds))


def assert_close(actual, expected, told="", units=64):
    """Equal up to some roundings, with NaN and infinities in the same places."""
    expected = np.asarray(expected)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype), told
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(actual, expected, told)
        return
    eps = np.finfo(expected.dtype).eps
    size = np.max(np.abs(expected[np.isfinite(expected)]), initial=1.0)
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(actual, expected, units * eps, units * eps * size, err_msg=told)


def assert_twins(graph, outputs, feeds):
    """What the native executor computes is what the graph computes."""
    graph.forward(**feeds)
    expected = [node.value for node in outputs]
    for node, a, b in zip(outputs, outputs_of(outputs, feeds), expected, strict=True):
        assert_close(a, b, node.label())


__all__ = [
    "NumPyExecutor", "arrays", "assert_close", "assert_twins", "built", "compiled_with", "optimized", "outputs_of", "quick_compiling",
]  # fmt: skip
