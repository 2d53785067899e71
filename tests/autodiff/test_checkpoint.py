"""A checkpointed function: the same values and gradients as the plain one, from less memory."""

import runpy
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.errors import GraphError
from autograd_lite.testing import check_gradients

RNG = np.random.default_rng(5)
W = ag.parameter(RNG.normal(size=(3, 3)), name="W")
X = RNG.normal(size=(2, 3))


def layer(x):
    """Uses W without being given it, and x several times."""
    return ag.tanh(x @ W) * 2.0 + ag.exp(x) * W[0]


def twice(f):
    return lambda x: (f(f(x)) ** 2).sum()


def nested(x):
    return ag.checkpoint(layer)(x) * x


@pytest.mark.parametrize("f", [layer, nested])
def test_values_and_gradients_are_identical(f):
    x = ag.Node(X)
    plain, kept = twice(f)(x), twice(ag.checkpoint(f))(x)
    assert plain.value == kept.value
    found = []
    for loss in (plain, kept):
        loss.backward()
        symbolic = ag.gradients(loss, [x, W])
        found.append([x.grad, W.grad, *(node.value for node in symbolic)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)


@pytest.mark.parametrize("f", [layer, nested])
def test_gradients_are_right_to_second_order(f):
    check_gradients(twice(ag.checkpoint(f))(ag.Node(X)), order=2, progress=False).raise_if_failed()


def test_transforms_see_through():
    f = ag.checkpoint(ag.tanh)
    t = np.tanh(0.3)
    third = ag.grad(ag.grad(ag.grad(f)))(0.3)
    assert third == pytest.approx((6 * t * t - 2) * (1 - t * t), rel=1e-13)
    inside = ag.checkpoint(lambda x: x * ag.grad(ag.exp)(x))
    assert ag.grad(inside)(1.0) == pytest.approx(2 * np.e, rel=1e-13)
    np.testing.assert_allclose(ag.jacobian(f)(np.zeros(2)), np.eye(2))


def test_scalars_stay_python_floats():
    x, y = ag.Node(0.5), ag.Node(0.5)
    plain, kept = (x * x).exp(), ag.checkpoint(lambda y: (y * y).exp())(y)
    plain.backward()
    kept.backward()
    assert type(kept.value) is type(y.grad) is float
    assert (kept.value, y.grad) == (plain.value, x.grad)


def test_in_a_graph_it_is_one_node_that_follows_values_and_batch():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        loss = twice(ag.checkpoint(nested))(x)
        slope = ag.gradients(loss, W)
    assert [node.op.name for node in g.nodes].count("Checkpoint") >= 2
    assert "segment=nested" in str(g)
    for feed in (X, RNG.normal(size=(4, 3))):
        g.forward(x=feed)
        g.backward(loss)
        plain = twice(nested)(ag.Node(feed))
        assert float(loss) == pytest.approx(float(plain.value), rel=1e-13)
        np.testing.assert_allclose(slope.value, W.grad, rtol=1e-12)
        plain.backward()
        np.testing.assert_allclose(slope.value, W.grad, rtol=1e-12)


def test_other_inputs_than_floats_and_inputs_without_gradient():
    labels, scale = ag.constant([2, 0]), ag.Node(2.0)
    mask = ag.Node(np.ones(2))

    @ag.checkpoint
    def loss(x):
        rows = ag.aref(ag.log_softmax(x), labels)
        return -(rows * ag.where(mask > 0, scale, 0.0)).sum()

    x = ag.Node(X)
    out = loss(x)
    out.backward()
    assert {node.name for node in out.inputs} == {None}
    np.testing.assert_array_equal(mask.grad, [0.0, 0.0])
    p = np.exp(X) / np.exp(X).sum(1, keepdims=True)
    np.testing.assert_allclose(x.grad, 2 * (p - np.eye(3)[[2, 0]]), rtol=1e-12, atol=1e-14)
    assert ag.gradients(out, scale).value == pytest.approx(scale.grad)
    first = ag.gradients(out, [x, mask])[1]
    np.testing.assert_array_equal(first.value, [0.0, 0.0])


def test_what_needs_no_recording_is_computed_plainly():
    f = ag.checkpoint(lambda x: x * 2.0)
    assert f(3.0) == 6.0
    x = ag.Node(1.0)
    with ag.no_grad():
        assert not f(x).inputs
    assert ag.checkpoint(lambda x: x)(x).op.name == "Checkpoint"
    assert ag.grad(ag.checkpoint(lambda x: x))(1.0) == 1.0
    assert ag.grad(lambda x: ag.checkpoint(lambda x: 1.0 if x > 5 else 3.0)(x) * x)(2.0) == 3.0


def test_options_and_containers_are_passed_on():
    f = ag.checkpoint(lambda p, *, scale: p["w"] * p["b"] * scale)
    assert ag.grad(lambda p: f(p, scale=2.0))({"w": 3.0, "b": 5.0}) == {"w": 10.0, "b": 6.0}


def test_several_results_are_refused():
    with pytest.raises(GraphError, match=r"checkpoint of <lambda>: (.|\n)*came:  tuple"):
        ag.checkpoint(lambda x: (x, x))(ag.Node(1.0))


def test_a_function_that_draws_again_is_refused():
    generator = np.random.default_rng(0)
    y = ag.checkpoint(lambda x: ag.dropout(x, 0.5, generator))(ag.Node(np.ones(50)))
    with pytest.raises(
        GraphError, match=r"does the same each time it is run\n  came:  another value"
    ):
        y.backward(np.ones(50))
    seeded = ag.checkpoint(lambda x: ag.dropout(x, 0.5, 1))(x := ag.Node(np.ones(50)))
    seeded.backward(np.ones(50))
    np.testing.assert_array_equal(x.grad, seeded.value)


def test_a_function_that_uses_something_else_is_refused():
    weights = [ag.Node(2.0)]
    y = ag.checkpoint(lambda x: x * weights[0])(ag.Node(3.0))
    weights[0] = ag.Node(2.0)
    with pytest.raises(GraphError, match="use of Variable, which was not used before"):
        y.backward()


def peak(f, x):
    tracemalloc.start()
    f(x).backward()
    return tracemalloc.get_traced_memory()[1], tracemalloc.stop()


def test_memory_is_saved():
    x = ag.Node(np.ones(20_000))

    def chain(x):
        for _ in range(10):
            x = ag.tanh(x)
        return x

    def deep(f):
        def loss(x):
            for _ in range(4):
                x = f(x)
            return x.sum()

        return loss

    plain, _ = peak(deep(chain), x)
    saved, _ = peak(deep(ag.checkpoint(chain)), x)
    assert saved < 0.5 * plain


@pytest.mark.skipif(
    not (BENCHMARK := Path(__file__).parents[2] / "benchmarks" / "checkpoint_memory.py").exists(),
    reason="an installed package has no benchmarks beside its tests",
)
def test_benchmark_prints_a_table(capsys):
    runpy.run_path(str(BENCHMARK))["main"](["--layers", "4", "--batch", "8", "--units", "4"])
    head, rule, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("| layers")
    assert set(rule) == set("|-:")
    assert len(rows) == 2
