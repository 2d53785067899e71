"""What a loop runs from its second turn on gives what the first turn gives, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPS, SAMPLES

import autograd_lite as ag
from autograd_lite.errors import FeedError, LabelError, StaleError
from autograd_lite.frontend import repeated

few = settings(max_examples=max(1, settings.default.max_examples // 20))


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Functions are written at the second turn."""
    monkeypatch.setattr(repeated, "USUAL", 1)


def bits(x):
    """A value or gradient with all that users can see of it."""
    if isinstance(x, tuple):
        return [*map(bits, x)]
    flags = x.flags.writeable if isinstance(x, np.ndarray) else None
    return type(x), getattr(x, "dtype", None), np.shape(x), np.asarray(x).tobytes(), flags


def seen(graph):
    return [(bits(node.value), bits(node.grad)) for node in graph.nodes if node.value is not None]


def turn(graph, loss, feeds, cotangent=None, **options):
    graph.forward(**feeds)
    graph.backward(loss, cotangent, **options)
    return seen(graph)


def generally(graph, *args, **options):
    """The same by the general ways."""
    graph._forward.key = graph._backward.key = None
    return turn(graph, *args, **options)


def small(batch=(4,)):
    """A small network with most kinds of lines: products, a label, parameters, a leaf used twice."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(*batch, 3), dtype="float64")
        y = ag.input(name="y", shape=batch, dtype="int64")
        w = ag.parameter(np.linspace(-1, 1, 6).reshape(3, 2), name="w")
        b = ag.parameter([0.5, -0.5], name="b")
        s = ag.parameter(np.array(2.0), name="s")
        p = ag.softmax(ag.sigmoid(x @ w + b) * s + b)
        loss = ag.mean(-ag.log(ag.aref(p, y))).named("loss")
    return graph, loss


def data(n=4):
    x = np.random.default_rng(n).normal(size=(n, 3))
    return {"x": x, "y": np.arange(n) % 2}


def used(graph):
    """Whether both of the written functions are there."""
    return {graph._forward.steps, graph._backward.steps}.isdisjoint({None, repeated._never})


@pytest.mark.parametrize("name", SAMPLES)
@few
@given(drawn=st.data())
def test_every_op(name, drawn):
    op, sample = OPS[name], SAMPLES[name]
    case = drawn.draw(sample.cases)
    with ag.Graph() as graph:
        leaves = [ag.parameter(x) if x.dtype.kind == "f" else ag.constant(x) for x in case.inputs]
        out = op(*leaves, **case.params)
    cotangent = np.linspace(-1, 2, out.size).reshape(out.shape).astype(out.dtype)
    if not out.requires_grad:
        graph.forward()
        expected = [bits(node.value) for node in graph.nodes]
        graph.forward()
        assert [bits(node.value) for node in graph.nodes] == expected
        return
    expected = generally(graph, out, {}, cotangent)
    for _ in range(2):
        assert turn(graph, out, {}, cotangent) == expected


def test_a_loop_runs_what_was_written_for_it():
    graph, loss = small()
    twin, other = small()
    for number in range(4):
        feeds = data()
        assert turn(graph, loss, feeds) == generally(twin, other, feeds)
        for g in (graph, twin):
            for p in g.parameters:
                p.assign(p.value - 0.1 * p.grad, copy=False)
        assert used(graph) == (number > 0)


def appended(graph):
    with graph:
        graph["loss"] * 2.0


CHANGES = {
    "another batch": lambda graph: None,
    "a parameter that rests": lambda graph: setattr(graph["w"], "requires_grad", False),
    "an operation that rests": lambda graph: setattr(graph.nodes[6], "requires_grad", False),
    "a number for an array": lambda graph: setattr(graph["s"], "value", 3.0),
    "one node more": appended,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changed_since_is_seen(change):
    graph, loss = small()
    twin, other = small()
    for _ in range(3):
        turn(graph, loss, data())
    for g in (graph, twin):
        change(g)
    for n in (3, 3, 5, 1, 1, 1):
        assert turn(graph, loss, data(n)) == generally(twin, other, data(n))


def test_gradients_add_up_and_start_anywhere():
    graph, loss = small()
    twin, other = small()
    for node, its_twin in ((loss, other), (graph["b"], twin["b"])):
        seed = np.full(node.shape, 2.0)
        for _ in range(3):
            found = turn(graph, node, data(), seed, accumulate=True)
            assert found == generally(twin, its_twin, data(), seed, accumulate=True)


def test_errors_are_those_of_the_first_turn_and_change_nothing():
    graph, loss = small()
    for _ in range(3):
        before = turn(graph, loss, data())
    with pytest.raises(LabelError, match="Aref"):
        graph.forward(**data() | {"y": [0, 1, 2, 0]})
    with pytest.raises(FeedError, match="add y="):
        graph.forward(x=data()["x"])
    assert seen(graph) == before
    for _ in range(2):
        turn(graph, loss, data())
    graph["w"].assign(graph["w"].value * 2.0)
    before = seen(graph)
    with pytest.raises(StaleError, match="'w' was given another value since"):
        graph.backward(loss)
    assert seen(graph) == before
    graph["x"].named("z")
    with pytest.raises(FeedError, match="add z="):
        graph.forward(**data())


def test_what_an_op_does_not_select_stays_0():
    with ag.Graph() as graph:
        x = ag.parameter([0.0, 4.0], name="x")
        y = ag.where(x > 0, ag.sqrt(x), 0.0).sum()
    for _ in range(3):
        graph.forward()
        graph.backward(y)
        assert x.grad.tolist() == [0.0, 0.25]


class Moody(ag.ops.Op):
    """x, until it is told to fail."""

    moods = []  # noqa: RUF012 - told by the test

    def forward(xp, x):
        return xp.exp(x)

    def vjp_x(xp, grad, out, x):
        if Moody.moods:
            raise ValueError("not today")
        return grad * out


def test_a_rule_that_fails_is_named():
    with ag.Graph() as graph:
        x = ag.parameter([1.0])
        y = Moody(x)
    for _ in range(3):
        before = turn(graph, y, {})
    Moody.moods.append("bad")
    with pytest.raises(ag.errors.GradientError, match="vjp_x of Moody %1(.|\n)*not today"):
        graph.backward(y)
    Moody.moods.clear()
    assert seen(graph) == before == turn(graph, y, {})


def test_joined_arrays_floats_and_long_graphs_go_the_general_ways(monkeypatch):
    monkeypatch.setattr(repeated, "MOST", 3)
    with ag.Graph() as graph:
        x = ag.parameter([1.0, 2.0], name="x")
        y = x
        for _ in range(5):
            y = y * y
        z = ag.concat([x, x])[:1].sum()
        s = ag.parameter(2.0)
        outputs = y.sum(), z, s * s, (s * x).sum()
    for output in outputs:
        results = [turn(graph, output, {}) for _ in range(3)]
        assert results[0] == results[1] == results[2]
    assert graph._forward.steps is graph._backward.steps is repeated._never
