"""Recording, printing, naming, running again, sharing and freeing graphs."""

import gc
import weakref

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors

APPENDED = ["VDot", "Add", "Sigmoid", "VDot", "Add", "SoftMax", "Aref", "Log", "Mul", "Accuracy"]


def classifier(**options):
    rng = np.random.default_rng(0)
    with ag.Graph(**options) as g:
        x = ag.input(name="x", shape=(4,))
        y = ag.input(name="y", shape=(), dtype="int64")
        w1 = ag.parameter(rng.normal(size=(4, 3)).astype("float32"), name="W1")
        b1 = ag.parameter(np.zeros(3, "float32"), name="b1")
        w2 = ag.parameter(rng.normal(size=(3, 2)).astype("float32"), name="W2")
        b2 = ag.parameter(np.zeros(2, "float32"), name="b2")
        h = ag.sigmoid(ag.vdot(x, w1) + b1).named("h")
        p = ag.softmax(ag.vdot(h, w2) + b2).named("p")
        (ag.log(ag.aref(p, y)) * -1).named("loss")
        ag.accuracy(p, y).named("accuracy")
    return g


def test_verbose_says_what_is_appended(capsys):
    classifier(verbose=True)
    lines = [f"Append <{name}> to the computational graph\n" for name in APPENDED]
    assert capsys.readouterr().out == "".join(lines)


def test_printed_one_line_a_node():
    assert (
        str(classifier())
        == "%0: float32[4] = Input 'x'\n%1: int64[] = Input 'y'\n%2: float32[4, 3] = Parameter 'W1'\n%3: float32[3] = Parameter 'b1'\n%4: float32[3, 2] = Parameter 'W2'\n%5: float32[2] = Parameter 'b2'\n%6: float32[3] = VDot(%0, %2)\n%7: float32[3] = Add(%6, %3)\n%8: float32[3] = Sigmoid(%7) 'h'\n%9: float32[2] = VDot(%8, %4)\n%10: float32[2] = Add(%9, %5)\n%11: float32[2] = SoftMax(%10) 'p'\n%12: float32[] = Aref(%11, %1)\n%13: float32[] = Log(%12)\n%14: float32[] = Constant -1.0\n%15: float32[] = Mul(%13, %14) 'loss'\n%16: float32[] = Accuracy(%11, %1) 'accuracy'"
    )


def test_parameters_that_differ_from_their_defaults_are_printed():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3))
        x.sum(axis=0)
        x[1, :, None]
        ag.constant([1.0, 2.0], name="c") * 2
    assert [line.split(" = ")[1] for line in str(g).splitlines()[1:]] == [
        "Sum(%0, axis=0)",
        "GetItem(%0, key=(1, :, None))",
        "Constant 'c'",
        "Constant 2.0",
        "Mul(%3, %4)",
    ]


def test_looking_at_a_graph():
    g = classifier()
    assert repr(g) == "<Graph of 17 nodes, 4 parameters>"
    assert [n.name for n in g.inputs] == ["x", "y"]
    assert [n.name for n in g.parameters] == ["W1", "b1", "W2", "b2"]
    assert len(g) == len(list(g)) == len(g.nodes) == 17
    assert g["h"] is g[8] is g.nodes[8]
    assert g["h"] in g
    assert ag.Node(1.0) not in g
    assert g[-1].op is ag.ops.Accuracy
    assert g["h"].graph is g
    assert g["h"].label() == "Sigmoid 'h'"
    assert g[7].label() == "Add %7"
    g.check()


def test_run_again_with_another_batch_size():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w = ag.parameter(np.ones((3, 2)))
        loss = ag.vdot(x, w).mean()
    dw = ag.gradients(loss, w)
    for size in (2, 5, 1):
        batch = np.random.default_rng(size).normal(size=(size, 3))
        g.forward(x=batch)
        g.backward(loss)
        expected = np.repeat(batch.sum(axis=0)[:, None], 2, axis=1) / (2 * size)
        np.testing.assert_allclose(w.grad, expected)
        np.testing.assert_allclose(dw.value, expected)
        assert x.shape == (size, 3)


def test_a_gradient_recorded_at_batch_size_one_is_right_at_others():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(1, 3), dtype="float64")
        y = ag.input(name="y", shape=(1, 3), dtype="float64", requires_grad=True)
        loss = (x * y).sum()
    dy = ag.gradients(loss, y)
    g.forward(x=np.arange(6.0).reshape(2, 3), y=np.ones((1, 3)))
    np.testing.assert_array_equal(dy.value, [[3.0, 5.0, 7.0]])
    g.forward(x=np.arange(6.0).reshape(2, 3), y=np.ones((2, 3)))
    np.testing.assert_array_equal(dy.value, np.arange(6.0).reshape(2, 3))


def test_backward_sets_gradients_afresh_or_accumulates():
    x = ag.Node(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 6.0
    y.backward(accumulate=True)
    assert x.grad == 12.0


def test_an_old_gradient_does_not_linger_off_the_way():
    with ag.Graph() as g:
        a, b = ag.parameter(2.0), ag.parameter(3.0)
        first, second = a * b, a * 2.0
    g.backward(first)
    assert b.grad == 2.0
    second.backward()
    assert (a.grad, b.grad) == (2.0, None)


def test_leaves_are_shared_by_graphs():
    w = ag.parameter(2.0, name="w")
    with ag.Graph() as g1:
        y1 = w * 3.0
    with ag.Graph() as g2:
        y2 = w * w
    g1.backward(y1)
    assert w.grad == 3.0
    g2.backward(y2)
    assert w.grad == 4.0
    w.assign(5.0)
    with pytest.raises(errors.StaleError):
        g1.backward(y1)
    g1.forward()
    g1.backward(y1)
    assert (y1.value, y2.value, w.grad) == (15.0, 4.0, 3.0)


def test_an_expression_from_outside_is_adopted_with_all_it_needs():
    x = ag.Node(2.0, name="x")
    square = x * x
    diamond = square + square * x
    with ag.Graph() as g:
        y = diamond * 2.0
    g.check()
    assert [n.op.name for n in g] == ["Variable", "Mul", "Mul", "Add", "Constant", "Mul"]
    x.assign(3.0)
    g.forward()
    g.backward(y)
    assert (y.value, x.grad) == (72.0, 2 * (2 * 3 + 3 * 9))


def test_an_operation_on_a_node_of_a_graph_is_appended_there():
    g = classifier()
    doubled = g["loss"] * 2
    assert doubled in g
    assert g[-1] is doubled


def test_graphs_nest():
    with ag.Graph() as outer:
        a = ag.parameter(1.0)
        with ag.Graph() as inner:
            b = ag.parameter(2.0)
        c = a * 2.0
    assert [len(outer), len(inner)] == [3, 1]
    assert b in inner
    assert c in outer


def test_a_scalar_input_and_an_empty_graph():
    ag.Graph().forward()
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(), dtype="float64", requires_grad=True)
        y = x * x
    g.forward(x=3)
    g.backward(y)
    assert x.grad == 6.0


class Together(ag.Op):
    """A sum as a Python float, or complex for a sum below 0."""

    def forward(xp, x):
        return float(np.sum(x)) if np.sum(x) >= 0 else np.emath.sqrt(x)

    vjp_x = None


RUN_AGAIN = {
    "one array": (ag.exp, [0.0, 1.0]),
    "two arrays, parameters": (lambda x: ag.einsum("i,i->", x, x), [1.0, 2.0]),
    "values that may be refused": (lambda x: ag.softmax(x)[ag.argmax(x)], [1.0, 2.0]),
    "three inputs": (lambda x: ag.where(x > 1.0, x, 0 * x), [1.0, 2.0]),
    "any number of inputs": (lambda x: ag.concat([x, x]), [1.0, 2.0]),
    "several outputs": (lambda x: ag.linalg.qr(x)[1], [[1.0, 2.0], [3.0, 4.0]]),
    "a scalar of NumPy": (ag.argmax, [1.0, 2.0]),
    "a Python float from an array": (Together, [1.0, 2.0]),
    "infinity": (lambda x: 1 / x, [0.0, 1.0]),
    "floats": (lambda x: ag.exp(x) * x - 1.0, 2.0),
    "a comparison of floats": (lambda x: x < 3.0, 2.0),
    "a boolean beside floats": (lambda x: ag.where(x < 3.0, x, 0.0), 2.0),
    "floats that `math` refuses": (lambda x: ag.log(0.0 * x), 2.0),
}


@pytest.mark.parametrize(("function", "value"), RUN_AGAIN.values(), ids=RUN_AGAIN)
def test_a_run_gives_what_building_anew_gives(function, value):
    with ag.Graph() as g, np.errstate(all="ignore"):
        y, new = function(ag.Node(value) * 1.0), function(ag.Node(value))
    g.forward()
    assert type(y.value) is type(new.value)
    np.testing.assert_array_equal(y.value, new.value)


def test_a_value_that_is_not_real_is_refused_when_it_comes():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        y = Together(x).named("y")
    g.forward(x=[1.0, 2.0])
    with pytest.raises(errors.OpDefinitionError, match=r"Together 'y': expected one array of real"):
        g.forward(x=[1.0, -2.0])
    assert y.value == 3.0


def test_an_input_may_get_another_name():
    with ag.Graph() as g:
        first = ag.input(name="x", shape=(), dtype="float64").named("first")
        second = ag.input(name="x", shape=(), dtype="float64")
        difference = first - second
    assert g.inputs == [first, second]
    g.forward(first=3.0, x=np.float32(1.0))
    assert difference.value == 2.0


def test_a_feed_that_overflows_its_dtype_is_infinite():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(1,), dtype="float32")
    g.forward(x=[1e300])
    assert x.value == np.inf


def test_feeds_and_arrays_belong_to_their_user():
    mine = np.ones(2)
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,), dtype="float64", requires_grad=True)
        w = ag.parameter(mine)
        loss = (x * w * mine).sum()
    feed = np.full(2, 3.0)
    g.forward(x=feed)
    feed[:] = mine[:] = 100.0
    cotangent = np.ones(())
    g.backward(loss, cotangent)
    np.testing.assert_array_equal(w.grad, [3.0, 3.0])
    assert cotangent.flags.writeable
    w.grad *= 2  # a leaf's gradient is the user's to change
    handed = np.zeros(2)
    w.assign(handed, copy=False)
    assert w.value is handed
    with pytest.raises(ValueError, match="read-only"):
        w.value[0] = 1.0


def test_an_eager_expression_is_freed_with_its_last_reference():
    gc.disable()
    try:
        x = ag.Node(np.ones(3))
        y = ag.exp(x) * 2.0
        middle = weakref.ref(y.inputs[0])
        y.sum().backward()
        assert middle() is not None
        del y
        assert middle() is None
    finally:
        gc.enable()


def test_a_graph_is_freed_with_its_last_reference():
    gc.disable()
    try:
        g = classifier()
        node, ghost = g["h"], weakref.ref(g)
        del g
        assert ghost() is None
        assert node.graph is None
        assert node.label() == "Sigmoid 'h'"
    finally:
        gc.enable()


@pytest.mark.parametrize("deferred", [False, True])
def test_a_long_chain_and_a_deep_diamond(deferred):
    depth = 20_000
    with ag.Graph() as g:
        x = (
            ag.input(name="x", shape=(), dtype="float64", requires_grad=True)
            if deferred
            else ag.Node(1.0)
        )
        y = x
        for _ in range(depth):
            y = (y + y) * 0.5
    if deferred:
        g.forward(x=1.0)
    g.backward(y)
    assert (y.value, x.grad) == (1.0, 1.0)
    assert len(g) <= 3 * depth + 2


def test_every_way_to_show_a_graph(tmp_path):
    g = classifier()
    assert g.render(tmp_path / "g.svg").read_text().startswith("<svg")
    assert g.to_dot().startswith("digraph")
    assert g.to_mermaid().startswith("flowchart")
    assert "<img" in g._repr_html_()
    again = ag.Graph.from_json(g.to_json())
    assert str(again) == str(g)
    digraph = pytest.importorskip("graphviz").Digraph
    assert isinstance(g.to_graphviz(), digraph)


class TestCheck:
    """`Graph.check` finds each kind of damage."""

    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (lambda g: g._nodes.reverse(), "numbered by its place"),
            (lambda g: g._members.pop(g[3]), "%3(.|\n)*numbered by its place"),
            (lambda g: setattr(g[8], "_first", g[9]), "%8 Sigmoid(.|\n)*after its user"),
            (lambda g: setattr(g[8], "serial", 0), "%8 Sigmoid(.|\n)*against the append order"),
            (lambda g: setattr(g[8], "_first", None), "%8 Sigmoid(.|\n)*an operation without"),
            (lambda g: setattr(g[8], "_spec", None), "%8 Sigmoid(.|\n)*neither a value nor"),
        ],
    )
    def test_damage(self, damage, message):
        g = classifier()
        damage(g)
        with pytest.raises(errors.GraphError, match=message):
            g.check()


def test_a_name_in_the_place_of_a_node():
    with ag.Graph() as g:
        ag.constant(1.0).named("loss")
    with pytest.raises(errors.GraphError, match=r"try:   write graph\['loss'\]"):
        g.backward("loss")
