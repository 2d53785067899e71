"""Loops over the results of products, which run on each tile as soon as it is known."""

import native_plans
import numpy as np
import pytest
from native_plans import arrays, built, compiled_with

import autograd_lite as ag
from autograd_lite.compiler.executors.native import products
from autograd_lite.compiler.executors.native.executor import NativeExecutor

quick_compiling = native_plans.quick_compiling
HIGH, DEEP, WIDE = 29, 37, 45  # no multiples of anything


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1000)


class Apart(NativeExecutor):
    """Each loop after its product."""

    def can_finish(self, node):
        return False


def leaf(*shape, dtype="float32"):
    return ag.parameter(np.random.default_rng(shape).normal(size=shape).astype(dtype))


def fed(*shape, dtype="float32"):
    return ag.input(name="x", shape=shape, dtype=dtype)


def bias():
    x, w, b = fed(HIGH, DEEP), leaf(DEEP, WIDE), leaf(WIDE)
    return [ag.relu(x @ w + b)], {}


def doubles():
    x, w, b = fed(HIGH, DEEP, dtype="float64"), leaf(DEEP, WIDE, dtype="float64"), leaf(HIGH, 1)
    return [ag.sigmoid(x @ w * 0.5 - b)], {}


def places():
    """The rows of the product are two axes of the loop."""
    x, w, b = fed(3, HIGH, DEEP), leaf(DEEP, WIDE), leaf(HIGH, WIDE)
    return [ag.tanh(x @ w + b)], {}


def residual():
    """Written where the residual lay, which dies."""
    x, w = fed(HIGH, HIGH), leaf(HIGH, HIGH)
    r = ag.exp(x)
    return [ag.sum((x @ w + r) * ag.exp(r @ w), axis=0)], {}


def dying_operand():
    """Of the shape of the result, and read until the last tile."""
    x, w = fed(HIGH, HIGH), leaf(HIGH, HIGH)
    return [ag.matrix_transpose(ag.relu(ag.tanh(x) @ w)) * 2.0], {}


def mask():
    x, v, w = fed(HIGH, DEEP), leaf(DEEP, WIDE), leaf(WIDE, HIGH)
    return [ag.gradients(ag.sum(ag.square(ag.relu(x @ v) @ w)), v)], {}


def result_kept():
    x, w = fed(HIGH, DEEP), leaf(DEEP, WIDE)
    y = x @ w
    return [y, ag.exp(y), ag.sum(y * y, axis=0)], {}


def another_type():
    return [fed(HIGH, DEEP) @ leaf(DEEP, WIDE) > 0.5], {}


def two_products():
    x = fed(HIGH, DEEP)
    return [ag.tanh(x @ leaf(DEEP, WIDE) + ag.relu(x) @ leaf(DEEP, WIDE))], {}


def stack():
    x, y = fed(2, 3, HIGH, DEEP), leaf(2, 3, WIDE, DEEP)
    return [ag.sigmoid(x @ ag.matrix_transpose(y) * 0.2 + leaf(HIGH, WIDE))], {}


def turned_stack():
    """The result lies with its axes in another order."""
    x, y = fed(4, HIGH, DEEP), leaf(4, DEEP, WIDE)
    return [ag.exp(ag.permute_dims(x @ y, (1, 0, 2)) + leaf(4, WIDE))], {}


def momentum():
    """Three new values in the loop over a gradient."""
    x, w, m = fed(HIGH, DEEP), leaf(DEEP, WIDE), leaf(DEEP, WIDE)
    mean = 0.9 * m + 0.1 * ag.gradients(ag.sum(ag.sin(x @ w)), w)
    return [], {m: mean, w: w - 0.1 * mean / (1 + ag.abs(mean))}


def changed_operand():
    """The new value of what the product reads has to wait for all of it."""
    x, w = fed(HIGH, HIGH), leaf(HIGH, HIGH)
    return [], {w: ag.tanh(w - x @ w)}


def sum_behind():
    return [ag.sum(ag.relu(fed(HIGH, DEEP) @ leaf(DEEP, WIDE)))], {}


def another_row_length():
    y = fed(HIGH, DEEP) @ leaf(DEEP, 48)
    return [ag.relu(ag.reshape(y, (HIGH, 4, 12)) + leaf(4, 12))], {}


def several_rows_for_one():
    """The loop reads each entry of the product several times."""
    y = fed(HIGH, DEEP) @ leaf(DEEP, WIDE)
    return [ag.relu(ag.reshape(y, (1, HIGH, WIDE)) + leaf(3, 1, WIDE))], {}


INSIDE = dict.fromkeys((bias, doubles, places, dying_operand, result_kept, another_type, two_products, stack, turned_stack, momentum), 1) | {residual: 2, mask: 3}  # fmt: skip
OUTSIDE = dict.fromkeys((changed_operand, sum_behind, another_row_length, several_rows_for_one), 0)


def results(case, executor=NativeExecutor):
    """What a step gives and leaves; and its plan."""
    with ag.Graph() as graph:
        outputs, updates = case()
    (x,) = (node for node in graph if node.name == "x")
    feeds = {"x": np.random.default_rng(7).normal(size=x.shape)}
    feeds["x"].flat[3] = np.nan
    runner, plan, buffers = built(outputs, updates, feeds, executor)
    given = runner.run(arrays(plan, feeds))
    return [*given, *buffers.arrays.values()], plan


@pytest.mark.parametrize("case", {**INSIDE, **OUTSIDE}, ids=lambda case: case.__name__)
def test_results_are_the_same_to_the_last_bit(case, monkeypatch):
    expected, apart = results(case, Apart)
    assert not any(step.in_product for step in apart.steps)
    for threads in (1, 3):
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        actual, plan = results(case)
        assert sum(step.in_product for step in plan.steps) == {**INSIDE, **OUTSIDE}[case]
        for a, b in zip(actual, expected, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("case", [bias, doubles, momentum], ids=lambda case: case.__name__)
def test_by_blas(case):
    with compiled_with("-DBLAS_PAYS=0"):
        for a, b in zip(results(case)[0], results(case, Apart)[0], strict=True):
            np.testing.assert_array_equal(a, b)


def test_small_products_are_left_alone(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 10**9)
    for case in (bias, stack):
        assert not any(step.in_product for step in results(case)[1].steps)


def test_the_plan_says_which_loops_are_inside():
    told = str(results(result_kept)[1])
    assert "Inside of products, on each tile: the loops of steps 0\n" in told
    assert "Inside of products" not in str(results(result_kept, Apart)[1])
