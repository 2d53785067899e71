"""Programs: steps, passes over data, updates, plans by shape, and errors that name the node."""

import os
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeout
from itertools import pairwise

import numpy as np
import pytest
from compiled import EXECUTORS, Classifier, assert_same, samples
from hypothesis import settings

import autograd_lite as ag
from autograd_lite.compiler.program import Program
from autograd_lite.compiler.runtime import engine
from autograd_lite.errors import (
    ConfigError,
    DTypeError,
    FeedError,
    GraphError,
    LabelError,
    NonFiniteError,
    ShapeError,
    StaleError,
)

each_executor = pytest.mark.parametrize("executor", EXECUTORS)

NETWORKS = {
    "one sample": {},
    "one sample of a batch": {"batch": 1},
    "a batch": {"batch": 4},
    "float64": {"batch": 4, "dtype": "float64"},
    "momentum": {"batch": 4, "momentum": 0.5},
    "ReLU": {"batch": 4, "activation": ag.relu},
    "tanh, one sample": {"activation": ag.tanh, "dtype": "float64"},
}


def feeds_of(network, count=6):
    """As many feeds as steps."""
    batch = network.get("batch")
    x, y = samples(count * (batch or 1), dtype=network.get("dtype", "float32"))
    if batch is None:
        return [{"x": a, "y": b} for a, b in zip(x, y, strict=True)]
    return [{"x": x[i : i + batch], "y": y[i : i + batch]} for i in range(0, len(x), batch)]


@each_executor
@pytest.mark.parametrize("name", NETWORKS)
def test_training_is_the_interpreted_one(name, executor):
    network = NETWORKS[name]
    mine, theirs = Classifier(**network), Classifier(**network)
    program = mine.compile(executor)
    for feeds in feeds_of(network):
        for actual, expected in zip(program(**feeds), theirs.step(**feeds), strict=True):
            assert_same(actual, expected, program.source)
        for a, b in zip(mine.updates, theirs.updates, strict=True):
            assert_same(a.value, b.value, program.source)


@each_executor
@pytest.mark.parametrize("name", NETWORKS)
def test_scan_is_many_steps(name, executor):
    network = NETWORKS[name]
    batch = network.get("batch")
    mine, theirs = Classifier(**network), Classifier(**network)
    x, y = samples(30 if batch is None else 6 * batch, dtype=network.get("dtype", "float32"))
    losses, _ = mine.compile(executor).scan({"x": x, "y": y}, batch_size=batch or 1)
    each = [{"x": x[i], "y": y[i]} for i in range(len(x))] if batch is None else None
    each = each or [{"x": x[i : i + batch], "y": y[i : i + batch]} for i in range(0, len(x), batch)]
    expected = [theirs.step(**feeds)[0] for feeds in each]
    np.testing.assert_allclose(losses, expected, rtol=1e-4)
    for a, b in zip(mine.updates, theirs.updates, strict=True):
        np.testing.assert_allclose(a.value, b.value, rtol=1e-4, atol=1e-5)


@each_executor
@pytest.mark.parametrize("batch", [None, 4])
def test_a_shuffled_scan_takes_each_row_once_in_the_order_of_the_seed(executor, batch):
    x, y = samples(24)
    order = np.random.default_rng(7).permutation(24)
    mine, theirs = Classifier(batch=batch), Classifier(batch=batch)
    size = batch or 1
    losses, _ = mine.compile(executor).scan({"x": x, "y": y}, batch_size=size, shuffle=7)
    same, _ = theirs.compile(executor).scan({"x": x[order], "y": y[order]}, batch_size=size)
    np.testing.assert_array_equal(losses, same)


def test_a_shuffle_takes_a_generator_or_any_order():
    x, y = samples(24)
    first = Classifier().compile().scan({"x": x, "y": y}, shuffle=np.random.default_rng(7))
    second = Classifier().compile().scan({"x": x, "y": y}, shuffle=7)
    np.testing.assert_array_equal(first, second)
    assert len(Classifier().compile().scan({"x": x, "y": y}, shuffle=True)[0]) == 24


@each_executor
def test_data_is_converted_as_a_feed_is(executor):
    x, y = samples(20)
    images = (x * 10).astype("int8")
    mine, theirs = Classifier(), Classifier()
    data = {"x": images, "y": y.astype("uint8")}
    losses, _ = mine.compile(executor).scan(data, shuffle=3)
    expected, _ = theirs.compile(executor).scan({"x": images.astype("float32"), "y": y}, shuffle=3)
    np.testing.assert_array_equal(losses, expected)


@each_executor
def test_the_last_batch_may_be_smaller(executor):
    x, y = samples(10)
    mine, theirs = Classifier(batch=4), Classifier(batch=4)
    losses, _ = mine.compile(executor).scan({"x": x, "y": y}, batch_size=4)
    expected = [theirs.step(x=x[i : i + 4], y=y[i : i + 4])[0] for i in (0, 4, 8)]
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_a_pass_may_be_shorter_than_a_batch_or_empty():
    x, y = samples(3)
    program = Classifier(batch=4).compile()
    assert program.scan({"x": x, "y": y}, batch_size=4)[0].shape == (1,)
    assert program.scan({"x": x[:0], "y": y[:0]}, batch_size=4)[0].shape == (0,)


# The form of the outputs


def test_outputs_come_as_they_were_asked_for():
    network = Classifier()
    x, y = samples(1)
    feeds = {"x": x[0], "y": y[0]}
    bare = ag.compile(network.graph, network.loss, executor="numpy")(**feeds)
    assert isinstance(bare, np.float32)
    by_name = ag.compile(network.graph, {"loss": network.loss}, executor="numpy")
    assert by_name(**feeds) == {"loss": bare}
    assert by_name.scan({"x": x, "y": y}) == {"loss": [bare]}
    assert ag.compile(network.graph, [network.loss], executor="numpy")(**feeds) == (bare,)


def test_by_default_the_outputs_are_what_nobody_uses():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(), dtype="float64")
        w = ag.parameter(2.0)
        double = x * w
        new = w + 1.0
    assert ag.compile(graph, updates={w: new}, executor="numpy")(x=3.0) == 6.0
    assert w.value == 3.0
    with graph:
        ag.exp(double), ag.sqrt(double)
    assert len(ag.compile(graph, updates={w: new}, executor="numpy")(x=3.0)) == 2


@each_executor
def test_outputs_may_be_leaves_views_constants_and_repeated(executor):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 2), dtype="float64")
        w = ag.parameter([1.0, 2.0])
        flat, three = ag.reshape(x, (4,)), ag.constant([3.0, 3.0])
        new = w * 2.0
    outputs = [x, w, flat, three, flat, new, new]
    program = ag.compile(graph, outputs, {w: new}, executor=executor)
    fed = np.arange(4.0).reshape(2, 2)
    found = program(x=fed)
    expected = [fed, [1, 2], fed.ravel(), [3, 3], fed.ravel(), [2, 4], [2, 4]]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not any(np.shares_memory(a, b) for a, b in pairwise([fed, *found, w.value]))
    found[0][...] = 9.0
    assert fed.max() == 3.0


def test_only_the_inputs_that_are_needed_are_fed():
    network = Classifier()
    x, _ = samples(1)
    program = ag.compile(network.graph, network.graph["p"], executor="numpy")
    assert program(x=x[0]).shape == (3,)
    assert repr(program).splitlines()[0] == "Program of 11 nodes"
    assert repr(program).split() == str(program).split()
    assert repr(program.plan) == str(program.plan)


# Updates


@each_executor
def test_all_updates_are_computed_from_old_values(executor):
    with ag.Graph() as graph:
        a, b = ag.parameter([1.0, 2.0]), ag.parameter([3.0, 4.0])
        c = ag.parameter([5.0, 6.0])
        total = a + b
    program = ag.compile(graph, total, {a: b, b: a, c: c + total}, executor=executor)
    assert program().tolist() == [4.0, 6.0]
    assert [x.value.tolist() for x in (a, b, c)] == [[3, 4], [1, 2], [9, 12]]
    program()
    assert [x.value.tolist() for x in (a, b, c)] == [[1, 2], [3, 4], [13, 18]]


@each_executor
def test_an_output_may_need_the_old_value_and_the_new_one(executor):
    with ag.Graph() as graph:
        w = ag.parameter([[1.0, 2.0], [3.0, 4.0]])
        v = ag.input(name="v", shape=(2,), dtype="float64")
        new = w - 0.5 * (ag.reshape(v, (2, 1)) @ ag.reshape(v, (1, 2)))
        change = ag.sum(new * w)
    program = ag.compile(graph, change, {w: new}, executor=executor)
    assert program(v=[1.0, 1.0]) == 0.5 + 3.0 + 7.5 + 14.0
    assert w.value.tolist() == [[0.5, 1.5], [2.5, 3.5]]


def test_a_leaf_of_a_python_float_stays_one():
    with ag.Graph() as graph:
        w = ag.parameter([1.0, 2.0])
        rate = ag.Node(0.5)
        y = ag.sum(w) * rate
    program = ag.compile(graph, y, {rate: rate * 0.5}, executor="numpy")
    assert [float(program()) for _ in range(2)] == [1.5, 0.75]
    assert type(rate.value) is float
    assert rate.value == 0.125


@each_executor
def test_nothing_of_the_users_is_written(executor):
    given = np.array([[1.0, 2.0]])
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(1, 2), dtype="float64")
        w = ag.parameter(given)
        y = x * w
    before = w.value
    fed = np.ones((1, 2))
    fed.setflags(write=False)
    program = ag.compile(graph, y, {w: w + x}, executor=executor)
    program(x=fed)
    program.scan({"x": fed}, batch_size=1)
    assert given.tolist() == before.tolist() == [[1.0, 2.0]]
    assert fed.tolist() == [[1.0, 1.0]]
    assert w.value.tolist() == [[3.0, 4.0]]
    with pytest.raises(ValueError, match="read-only"):
        w.value[0] = 1.0


def test_assigned_values_are_seen_by_every_program():
    with ag.Graph() as graph:
        w = ag.parameter([1.0])
        double = w * 2.0
    train = ag.compile(graph, updates={w: w + 1.0}, outputs=[], executor="numpy")
    show = ag.compile(graph, double, executor="numpy")
    assert train() == ()
    assert show().tolist() == [4.0]
    w.assign([10.0])
    train()
    assert show().tolist() == [22.0]


def test_a_gradient_from_before_the_step_is_refused():
    network = Classifier()
    x, y = samples(1)
    network.graph.forward(x=x[0], y=y[0])
    network.compile()(x=x[0], y=y[0])
    with pytest.raises(StaleError, match="another value since"):
        network.graph.backward(network.loss)


# Plans


def test_plans_are_kept_by_shape_and_made_quietly():
    program = Classifier(batch=4).compile()
    for count in (4, 2, 4, 3):
        x, y = samples(count)
        program(x=x, y=y)
    assert len(program._plans) == 3
    assert program.plan.inputs["x"].shape == (3, 6)
    for count in range(1, 20):
        x, y = samples(count)
        program(x=x, y=y)
    assert len(program._plans) == 16


def test_before_the_first_run_the_plan_is_that_of_the_declared_shapes():
    program = Classifier(batch=4).compile()
    assert program.plan.inputs["x"].shape == (4, 6)
    assert "def step" in program.source


def test_passes_can_be_printed_and_chosen(capsys):
    network = Classifier()
    program = network.compile()
    program.print_passes()
    printed = capsys.readouterr().out
    assert "specialise: " in printed
    assert "RankOneUpdate" in printed
    assert next(iter(program.passes)) == "specialise"
    assert list(program.passes)[-1] == "results"
    plain = network.compile(passes=["dead"])
    assert list(plain.passes) == ["specialise", "dead", "results"]
    x, y = samples(1)
    kept = [w.value.copy() for w in network.weights]
    loss = plain(x=x[0], y=y[0])[0]
    for w, value in zip(network.weights, kept, strict=True):
        w.assign(value)
    np.testing.assert_allclose(loss, program(x=x[0], y=y[0])[0], rtol=1e-5)


def test_a_pass_of_your_own():
    seen = []
    network = Classifier()
    program = network.compile(passes={"look": lambda draft: seen.append(len(draft.graph)) or draft})
    x, y = samples(1)
    program(x=x[0], y=y[0])
    assert seen == [len(program.passes["specialise"])] * 2


# Progress


def test_progress_is_told_and_can_end_the_pass():
    x, y = samples(300)
    told = []
    program = Classifier().compile()
    program.scan({"x": x, "y": y}, progress=lambda done, steps: told.append((done, steps)))
    assert told[-1] == (300, 300)
    assert told == sorted(told)
    losses, _ = program.scan({"x": x, "y": y}, progress=lambda done, _: done < 64)
    assert len(losses) == 64


def test_progress_counts_the_smaller_last_batch():
    x, y = samples(10)
    told = []
    program = Classifier(batch=4).compile()
    program.scan({"x": x, "y": y}, batch_size=4, progress=lambda *done: told.append(done))
    assert told == [(2, 3), (3, 3)]


# Errors


def test_the_program_refuses_what_forward_refuses():
    program = Classifier().compile()
    x, _ = samples(2)
    kept = np.copy(program._request.leaves[0].value)
    for error, match, feeds in [
        (FeedError, "add y=", {"x": x[0]}),
        (FeedError, "leave out z=", {"x": x[0], "y": 1, "z": 1}),
        (ShapeError, "rank 1", {"x": x, "y": 1}),
        (DTypeError, "astype", {"x": x[0], "y": np.array(1.5)}),
        (ShapeError, r"VDot .*expected the last axis", {"x": x[0, :3], "y": 1}),
        (LabelError, r"Aref .*labels from 0 to 2", {"x": x[0], "y": 3}),
        (LabelError, r"labels from -1 to -1", {"x": x[0], "y": -1}),
    ]:
        with pytest.raises(error, match=match):
            program(**feeds)
    np.testing.assert_array_equal(program._request.leaves[0].value, kept)


def test_scan_refuses_data_that_does_not_fit():
    program = Classifier(batch=4).compile()
    x, y = samples(10)
    for error, match, data, options in [
        (FeedError, "add y=", {"x": x}, {}),
        (ShapeError, "one length", {"x": x, "y": y[:9]}, {}),
        (ShapeError, "all one axis more", {"x": x, "y": y[:, None]}, {}),
        (ShapeError, "all one axis more", {"x": x[0, 0], "y": y}, {}),
        (DTypeError, "astype", {"x": x, "y": y * 0.5}, {}),
        (ConfigError, "at least 1", {"x": x, "y": y}, {"batch_size": 0}),
        (ConfigError, "at least 1", {"x": x, "y": y}, {"batch_size": 2.0}),
        (LabelError, "labels from 0 to 2", {"x": x, "y": y + 1}, {"batch_size": 4}),
        (LabelError, "labels from 0 to 2", {"x": x[:9], "y": [0] * 8 + [3]}, {"batch_size": 4}),
        (FeedError, r"(?s)came:  list.*write \{'x': …, 'y': …\}", [x, y], {}),
        (ConfigError, "a seed or a Generator", {"x": x, "y": y}, {"shuffle": -3}),
        (ConfigError, "a seed or a Generator", {"x": x, "y": y}, {"shuffle": "yes"}),
        (ConfigError, r"a function of the steps done", {"x": x, "y": y}, {"progress": 5}),
    ]:
        with pytest.raises(error, match=match):
            program.scan(data, **options)
    with pytest.raises(ConfigError, match="without a batch axis"):
        Classifier().compile().scan({"x": x, "y": y}, batch_size=2)


@each_executor
@pytest.mark.parametrize("pick", [ag.aref, lambda p, y: p[y]])
def test_a_label_that_does_not_exist_is_told_in_a_pass_of_single_rows(executor, pick):
    with ag.Graph() as graph:
        x, y = ag.input(name="x", shape=(3,)), ag.input(name="y", shape=(), dtype="int64")
        picked = pick(ag.exp(x), y)
    program = ag.compile(graph, picked, executor=executor)
    data = {"x": np.zeros((9, 3), "float32"), "y": [0] * 8 + [3]}
    with pytest.raises(LabelError, match=r"(Aref|GetItem) (.|\n)*(labels from 3|index 3)"):
        program.scan(data)


def test_outputs_that_do_not_stack_are_refused_before_the_first_step():
    network = Classifier(batch=4)
    program = network.compile(outputs=[network.graph["p"]])
    x, y = samples(10)
    kept = network.weights[0].value.copy()
    with pytest.raises(ShapeError, match="divides the number of rows"):
        program.scan({"x": x, "y": y}, batch_size=4)
    np.testing.assert_array_equal(network.weights[0].value, kept)
    assert program.scan({"x": x[:8], "y": y[:8]}, batch_size=4)[0].shape == (2, 4, 3)


def test_compile_refuses_what_makes_no_sense():
    network = Classifier()
    w, other = network.weights[0], network.weights[1]
    for error, match, arguments in [
        (GraphError, "give nodes, not their values", {"outputs": [1.0]}),
        (GraphError, "a variable or parameter to update", {"updates": {network.loss: w}}),
        (ShapeError, r"update of .*W1.*\n.*came:  float32\[5\]", {"updates": {w: other}}),
        (DTypeError, "astype", {"updates": {w: w.astype("float64")}}),
        (ConfigError, "executor to be one of", {"executor": "fast"}),
        (ConfigError, "pass to be one of", {"passes": ["fast"]}),
        (ConfigError, r"pass to be one of(.|\n)*came:  'fast'", {"passes": "fast"}),
        (ConfigError, r"how many you mean to run(.|\n)*came:  -1", {"steps": -1}),
        (ConfigError, "how many you mean to run", {"steps": "many"}),
    ]:
        with pytest.raises(error, match=match):
            ag.compile(network.graph, **arguments)


def test_inputs_of_two_graphs_need_different_names():
    with ag.Graph() as first:
        x = ag.input(name="x", shape=())
    with ag.Graph() as second:
        y = ag.input(name="x", shape=())
    with ag.Graph() as both:
        total = x + y
    assert first is not second
    with pytest.raises(GraphError, match="'x' twice"):
        ag.compile(both, total)


class Fussy(ag.Op):
    """X, unless its first entry is negative."""

    def forward(xp, x):
        if x.reshape(-1)[0] < 0:
            raise ValueError("negative")
        return np.array(x)

    def vjp_x(xp, grad, out, x):
        return grad


del ag.ops.OPS["Fussy"]


def fussy_program(**options):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        w = ag.parameter([1.0, 1.0], name="w")
        y = Fussy(x).named("fussy") * w
    return w, ag.compile(graph, y, {w: w + x}, executor="numpy", **options)


def test_a_failure_in_the_middle_names_the_node_and_changes_nothing():
    w, program = fussy_program()
    program(x=[1.0, 1.0])
    with pytest.raises(ShapeError, match=r"Fussy 'fussy'.*\n.*negative.*\n.*test_compile.py"):
        program(x=[-1.0, 1.0])
    assert w.value.tolist() == [2.0, 2.0]
    data = np.ones((9, 2))
    data[5, 0] = -1.0
    with pytest.raises(ShapeError, match="Fussy 'fussy'"):
        program.scan({"x": data})
    assert w.value.tolist() == [7.0, 7.0]


def test_a_failure_of_the_executor_itself_is_not_hidden(monkeypatch):
    network = Classifier()
    program = network.compile()
    x, y = samples(2)
    program(x=x[0], y=y[0])

    def broken(*_):
        raise MemoryError

    runner = program._plans.latest().runner
    monkeypatch.setattr(runner, "run", broken)
    monkeypatch.setattr(runner, "scan", broken)
    with pytest.raises(MemoryError):
        program(x=x[0], y=y[0])
    with pytest.raises(MemoryError):
        program.scan({"x": x, "y": y})


def test_a_shape_that_depends_on_values_is_refused():
    class OnlyPositive(ag.Op):
        """The positive entries."""

        def forward(xp, x):
            return np.asarray(x)[np.asarray(x) > 0]

        vjp_x = None

    del ag.ops.OPS["OnlyPositive"]
    with ag.Graph() as graph:
        y = OnlyPositive(ag.input(name="x", shape=(2,)))
    program = ag.compile(graph, y, executor="numpy")
    assert program(x=[1.0, 2.0]).tolist() == [1.0, 2.0]
    with pytest.raises(ShapeError, match=r"OnlyPositive: .*shaped \[2\], as was inferred"):
        program(x=[1.0, -2.0])


def log_program(**options):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(), dtype="float32")
        w = ag.parameter(np.array([1.0, 2.0], "float32"), name="w")
        inner = (w * x).named("inner")
        y = ag.sum(ag.log(inner)).named("y")
    return w, ag.compile(graph, y, {w: w + inner}, executor="numpy", **options)


def test_check_finite_names_the_first_node_and_leaves_the_parameters():
    w, program = log_program(check_finite=True)
    program(x=1.0)
    with pytest.raises(NonFiniteError, match=r"Log(.|\n)*came:  NaN or infinity(.|\n)*'inner'"):
        program(x=0.0)
    assert w.value.tolist() == [2.0, 4.0]
    with pytest.raises(NonFiniteError, match="Log"):
        program.scan({"x": np.array([1.0, 1.0, -1.0, 1.0])})
    assert w.value.tolist() == [8.0, 16.0]
    with pytest.raises(NonFiniteError, match="Input 'x'(.|\n)*as it was given"):
        program(x=np.nan)


def test_a_nan_of_the_executors_own_is_told(monkeypatch):
    w, program = log_program(check_finite=True)
    runner = program._plans.latest().runner
    monkeypatch.setattr(runner, "run", lambda feeds: [np.array(np.nan)])
    with pytest.raises(NonFiniteError, match="does not appear when the step is run node by node"):
        program(x=1.0)
    assert w.value.tolist() == [1.0, 2.0]


def test_a_chunk_that_fails_as_a_whole_is_taken_step_by_step(monkeypatch):
    w, program = log_program(check_finite=True)
    expected = log_program()[1].scan({"x": [1.0, 1.0]})

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(program._plans.latest().runner, "scan", broken)
    assert program.scan({"x": [1.0, 1.0]}).tolist() == expected.tolist()
    assert w.value.tolist() == [4.0, 8.0]


def test_a_chunk_that_cannot_be_taken_back_fails(monkeypatch):
    w, program = log_program()

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(program._plans.latest().runner, "scan", broken)
    with pytest.raises(MemoryError):
        program.scan({"x": [1.0, 1.0]})
    assert w.value.tolist() == [1.0, 2.0]


@each_executor
def test_a_graph_without_inputs_is_told_how_many_steps(executor):
    with ag.Graph() as graph:
        w = ag.parameter([4.0, 2.0])
        loss = ag.sum(w * w)
        new = w - 0.25 * ag.gradients(loss, w)
    program = ag.compile(graph, loss, {w: new}, executor=executor)
    assert program.scan({}, steps=3).tolist() == [20.0, 5.0, 1.25]
    assert w.value.tolist() == [0.5, 0.25]
    for data, steps in [({}, None), ({"x": [1.0]}, 1)]:
        with pytest.raises((ConfigError, FeedError)):
            program.scan(data, steps=steps)


def test_without_check_finite_nan_is_a_number_like_others():
    w, program = log_program()
    assert np.isnan(program(x=-1.0))
    assert w.value.tolist() == [0.0, 0.0]


def test_a_program_says_what_it_is():
    assert isinstance(Classifier().compile(), Program)


# Shared programs, and calls that make no sense


@each_executor
def test_threads_may_share_a_program(executor):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(200,), dtype="float64")
        y = ag.sum(ag.tanh(x) * x)
    program = ag.compile(graph, y, executor=executor)
    feeds = [np.full(200, 0.1 * k) for k in range(8)]
    expected = [float(program(x=feed)) for feed in feeds]

    def calls(k):
        times = 3200 if settings.default.max_examples > 100 else 100  # in the profile long
        single = all(float(program(x=feeds[k])) == expected[k] for _ in range(times))
        return single and set(program.scan({"x": np.tile(feeds[k], (50, 1))})) == {expected[k]}

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(calls, range(8)))


@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="no forks here")
def test_a_fork_waits_until_programs_are_between_steps():
    with ag.Graph() as graph:
        w = ag.parameter([1.0, 2.0])
    program = ag.compile(graph, w * 2.0, {w: w + 1.0}, executor="numpy")
    program()
    engine._hold()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(program)
        with pytest.raises(FuturesTimeout):
            waiting.result(timeout=0.05)
        engine._release()
        assert waiting.result(timeout=10).tolist() == [4.0, 6.0]


@each_executor
def test_threads_may_share_a_program_that_learns(executor):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(30,), dtype="float64")
        w, c = ag.parameter(np.zeros(30), name="w"), ag.parameter(0.0, name="c")
    program = ag.compile(graph, c, {w: w + x, c: c + 1.0}, executor=executor)
    times, ones = 400 if settings.default.max_examples > 100 else 20, np.ones((7, 30))

    def learn(_):
        return sorted(
            float(x) for _ in range(times) for x in (program(x=ones[0]), *program.scan({"x": ones}))
        )

    with ThreadPoolExecutor(6) as pool:
        seen = [step for steps in pool.map(learn, range(6)) for step in steps]
    assert sorted(seen) == list(range(6 * times * 8))  # each step once, and whole
    assert set(w.value) == {float(c.value)} == {6.0 * times * 8}


MISUSED = {
    "no graph": (GraphError, "a graph first", lambda _, __: ag.compile(None)),
    "text": (GraphError, "a graph first", lambda _, __: ag.compile("g")),
    "passes": (ConfigError, "pass to be one of", lambda graph, _: ag.compile(graph, passes=5)),
    "steps": (ConfigError, "whole number", lambda _, program: program.scan({}, steps="a")),
    "half a step": (ConfigError, "whole number", lambda _, program: program.scan({}, steps=1.5)),
    "-1 steps": (ConfigError, "whole number", lambda _, program: program.scan({}, steps=-1)),
}


@pytest.mark.parametrize("case", MISUSED)
def test_calls_that_make_no_sense_change_nothing(case):
    error, match, call = MISUSED[case]
    with ag.Graph() as graph:
        w = ag.parameter(1.0)
    program = ag.compile(graph, w * 2.0, {w: w * 0.5})
    with pytest.raises(error, match=match):
        call(graph, program)
    assert w.value == 1.0


@each_executor
def test_scans_without_inputs_and_outputs(executor):
    with ag.Graph() as graph:
        w = ag.parameter([1.0, 2.0])
    program = ag.compile(graph, [], {w: w * 2.0}, executor=executor)
    assert program.scan({}, steps=3) == ()
    assert w.value.tolist() == [8.0, 16.0]
    assert ag.compile(graph, [], {}, executor=executor)() == ()
    assert ag.compile(graph, [], {}, executor=executor).scan({}, steps=2) == ()


@each_executor
def test_a_new_value_that_outgrows_its_leaf_is_refused(executor):
    with ag.Graph() as graph:
        x, w = ag.input(name="x", shape=(1,), dtype="float64"), ag.parameter([1.0])
    program = ag.compile(graph, [], {w: w + x}, executor=executor)
    with pytest.raises(ShapeError, match=r"float64\[1\]"):
        program(x=[1.0, 2.0])
    assert w.value.tolist() == [1.0]


@pytest.mark.filterwarnings("ignore:a step has .* through NumPy")
@each_executor
def test_negative_powers_of_integers_stop_a_scan_at_their_step(executor):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="int64")
        w = ag.parameter([1.0, 1.0])
        y = x**x
    program = ag.compile(graph, y, {w: w + 1.0}, executor=executor)
    with pytest.raises(ag.AutogradError, match="negative integer powers"):
        program.scan({"x": [[1, 2], [3, 2], [-1, 2]]})
    assert w.value.tolist() == [3.0, 3.0]


@each_executor
def test_parameters_of_no_elements_and_learning_rates_with_an_axis(executor):
    with ag.Graph() as graph:
        none, one = ag.parameter(np.ones(0)), ag.parameter([1.0])
        loss = ag.sum(none * none) + ag.sum(one * one)
        slopes = ag.gradients(loss, [none, one])
    rate = np.array([0.1])
    updates = {none: none - 0.1 * slopes[0], one: one - rate * slopes[1]}
    assert ag.compile(graph, loss, updates, executor=executor)() == 1.0
    assert (none.value.shape, one.value.tolist()) == ((0,), [0.8])
