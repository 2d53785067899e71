"""The story of the library, in order of complexity; it reads in five minutes and runs in two seconds."""

import math

import numpy as np

import autograd_lite as ag


def test_a_number_that_can_be_differentiated():
    x = ag.Node(3.0)
    y = x * x
    y.backward()
    assert y.value == 9.0
    assert x.grad == 6.0


def test_a_value_used_twice_collects_both_gradients():
    a = ag.Node(2.0)
    b = a + a
    (b * a).backward()  # 2a²
    assert a.grad == 8.0


def test_the_example_of_the_readme():
    a, b = ag.Node(2.0, name="a"), ag.Node(-3.0, name="b")
    c = (a * b + a.exp()).log1p()
    c.backward()
    inner = 1 + 2.0 * -3.0 + math.exp(2.0)
    assert math.isclose(a.grad, (-3.0 + math.exp(2.0)) / inner)
    assert math.isclose(b.grad, 2.0 / inner)


def test_arrays_broadcast_and_gradients_come_back_in_shape():
    rows, bias = ag.Node(np.ones((3, 2))), ag.Node(np.zeros(2))
    (rows * 2.0 + bias).sum().backward()
    np.testing.assert_array_equal(rows.grad, np.full((3, 2), 2.0))
    np.testing.assert_array_equal(bias.grad, [3.0, 3.0])


def test_float32_stays_float32():
    x = ag.Node(np.ones(3, "float32"))
    y = (x * 2.0 + 1).mean()
    y.backward()
    assert y.dtype == x.grad.dtype == np.float32


def test_a_graph_is_recorded_once_and_run_again():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(), dtype="float64")
        w = ag.parameter(2.0, name="w")
        y = (x * w).named("y")
    for value in (1.0, 5.0):
        g.forward(x=value)
        g.backward(y)
        assert (g["y"].value, w.grad) == (2 * value, value)


def test_the_gradient_is_graph_again():
    x = ag.Node(2.0)
    first = ag.gradients(x * x * x, x)
    second = ag.gradients(first, x)
    third = ag.gradients(second, x)
    assert [first.value, second.value, third.value] == [12.0, 12.0, 6.0]


def test_an_op_of_your_own():
    class Square(ag.Elementwise):
        """x²."""

        def forward(xp, x):
            return x * x

        def vjp_x(xp, grad, out, x):
            return grad * 2 * x

    x = ag.Node(5.0)
    y = Square(x)
    y.backward()
    assert (y.value, x.grad) == (25.0, 10.0)
    assert ag.gradients(ag.gradients(Square(x), x), x).value == 2.0
    assert Square(np.array([1.0, 2.0])).tolist() == [1.0, 4.0]
    del ag.ops.OPS["Square"]


def test_a_classifier_learns_one_sample():
    rng = np.random.default_rng(0)
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(4,))
        y = ag.input(name="y", shape=(), dtype="int64")
        weight = ag.parameter(rng.normal(size=(4, 3)).astype("float32"), name="W")
        bias = ag.parameter(np.zeros(3, "float32"), name="b")
        probabilities = ag.softmax(ag.vdot(x, weight) + bias)
        loss = ag.log(ag.aref(probabilities, y)) * -1
    sample = rng.normal(size=4).astype("float32")
    losses = []
    for _ in range(20):
        g.forward(x=sample, y=2)
        g.backward(loss)
        losses.append(float(loss))
        for p in g.parameters:
            p.assign(p.value - np.float32(0.1) * p.grad)
    assert losses[-1] < 0.3 < losses[0]
    assert probabilities.value.argmax() == 2


def test_a_long_chain_needs_no_recursion():
    x = y = ag.Node(1.0)
    for _ in range(50_000):
        y = y + 1.0
    y.backward()
    assert (y.value, x.grad) == (50_001.0, 1.0)
