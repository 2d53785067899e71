"""Ops with several outputs: everywhere that ops with one can be."""

import copy

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors
from autograd_lite.core.op import Output
from autograd_lite.core.outputs import OutputTuple
from autograd_lite.ops import OPS, Op
from autograd_lite.ops.packed import packed
from autograd_lite.testing import CheckFailed, check_gradients, check_op


@pytest.fixture(autouse=True)
def _same_ops():
    known = dict(OPS)
    yield
    OPS.clear()
    OPS.update(known)


class Powers(Op):
    """X² · y and x³."""

    outputs = ("square", "cube")

    def forward(xp, x, y):
        return x * x * y, x * x * x

    def vjp_x(xp, grad, out, x, y):
        square, cube = grad
        return 2.0 * x * y * square + 3.0 * x * x * cube

    def vjp_y(xp, grad, out, x, y):
        return xp.where(y == 0, 1.0, grad[0] * out[0] / y)


class Ordered(Op):
    """The elements of each row in ascending order, and where they were."""

    outputs = ("values", "places")

    def forward(xp, x):
        places = ag.argsort(x)
        return ag.take_along_axis(x, places, axis=-1), places

    def vjp_x(xp, grad, out, x):
        return ag.take_along_axis(grad[0], ag.argsort(out[1]), axis=-1)


class Cut(Op):
    """The first n elements, and the others; any number of arrays is joined first."""

    outputs = ("head", "tail")

    def forward(xp, *arrays, n=1):
        x = xp.concat(arrays)
        return x[:n], x[n:]

    def vjp_arrays(xp, grad, out, *arrays, n, position):
        return ag.ops.SplitLike(xp.concat(grad), *arrays, axis=0, part=position)


class Wrong(Powers):
    """Powers with one factor that is 1 % off."""

    def vjp_y(xp, grad, out, x, y):
        return 1.01 * grad[0] * x * x


def f(x, y):
    """What Powers computes, from other ops."""
    return ag.sum(ag.exp(x * x * y) + x * x * x * y)


def with_powers(x, y):
    square, cube = Powers(x, y)
    return ag.sum(ag.exp(square) + cube * y)


X, Y = np.array([0.5, -1.5, 2.0]), np.array([1.0, 0.5, -2.0])


def test_a_call_gives_a_tuple_of_arrays_or_of_nodes():
    square, cube = Powers(X, Y)
    np.testing.assert_array_equal(square, X * X * Y)
    x = ag.Node(X)
    nodes = Powers(x, Y)
    assert type(nodes) is tuple
    assert [type(node) for node in nodes] == [ag.Node, ag.Node]
    np.testing.assert_array_equal(nodes[1].value, cube)
    assert not nodes[0].value.flags.writeable
    assert all(type(part) is tuple for part in (Powers(2.0, 3.0),))
    assert [node.value for node in Powers(ag.Node(2.0), 3.0)] == [12.0, 8.0]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_of_any_order_are_those_of_other_ops(order):
    def steeper(function):
        slope = ag.grad(function)
        return lambda x, y: ag.sum(ag.sin(slope(x, y)))

    def derived(function):
        for _ in range(order - 1):
            function = steeper(function)
        return ag.grad(function, argnums=(0, 1))(X, Y)

    for found, expected in zip(derived(with_powers), derived(f), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("used", [(0,), (1,), (0, 1), (0, 0, 1)])
def test_outputs_that_nobody_uses_count_as_zero(used):
    x, y = ag.Node(X), ag.Node(Y)
    outputs = Powers(x, y)
    loss = sum(ag.sum(ag.sin(outputs[i])) for i in used)
    loss.backward()
    parts = (X * X * Y, X**3)
    slopes = (2 * X * Y, 3 * X * X)
    expected = sum(np.cos(parts[i]) * slopes[i] for i in used)
    np.testing.assert_allclose(x.grad, expected)
    np.testing.assert_allclose(ag.gradients(loss, x).value, expected)
    np.testing.assert_allclose(y.grad, sum(np.cos(X * X * Y) * X * X for i in used if i == 0))


def test_recorded_and_fed_again_with_other_lengths():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,), dtype="float64", requires_grad=True)
        head, tail = Cut(x, x, n=2)
        loss = ag.sum(ag.exp(tail))
        slope = ag.gradients(loss, x)
    g.check()
    for length in (1, 2, 5):
        feed = np.linspace(0.0, 1.0, length)
        g.forward(x=feed)
        g.backward(loss)
        both = np.concatenate([feed, feed])
        np.testing.assert_array_equal(head.value, both[:2])
        kept = np.where(np.arange(2 * length) < 2, 0.0, np.exp(both))
        np.testing.assert_allclose(x.grad, kept[:length] + kept[length:])
        np.testing.assert_allclose(slope.value, x.grad)


def test_the_graph_prints_and_draws_them():
    with ag.Graph() as g:
        x = ag.parameter(X, name="x")
        with ag.scope("part"):
            values, places = Ordered(x)
        loss = ag.sum(values)
    g.backward(loss)
    assert str(g).splitlines()[1:4] == [
        "%1: (float64[3], int64[3]) = Ordered(%0)",
        "%2: float64[3] = Output(%1, index=0)",
        "%3: int64[3] = Output(%1, index=1)",
    ]
    assert not places.requires_grad
    assert repr(g[1]) == "Node((array([-1.5,  0.5,  2. ]), array([1, 0, 2])))"
    assert "Ordered" in g.to_mermaid()
    for options in ({}, {"collapse": True}):
        assert "Ordered" in g.to_dot(**options)
    assert g._repr_html_()


def test_saved_and_read_again():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        values, places = Ordered(x)
        ag.sum(values * 2.0).named("loss")
    g.forward(x=X)
    again = ag.Graph.from_json(g.to_json())
    assert str(again) == str(g)
    again.forward(x=-X)
    assert again["loss"].value == -2.0 * X.sum()
    with pytest.raises(errors.GraphError, match="Output: expected the node of an op with several"):
        ag.Graph.from_json(g.to_json().replace('"index": 1', '"index": 2'))
    np.testing.assert_array_equal(places.value, [1, 0, 2])


@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_compiled(executor):
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        y = ag.parameter(0.5, name="y")
        square, cube = Powers(x, y)
        values, places = Ordered(ag.sin(square))
        head, tail = Cut(values, cube, n=2)
        loss = ag.sum(head) * ag.sum(ag.exp(tail))
        slope = ag.gradients(loss, y)
    program = ag.compile(g, [loss, slope, places, head], executor=executor)
    for length in (3, 1, 6):
        feed = np.linspace(-1.0, 1.0, length) + 0.1
        g.forward(x=feed)
        for found, node in zip(program(x=feed), (loss, slope, places, head), strict=True):
            np.testing.assert_allclose(found, node.value, rtol=1e-12)
            assert found.dtype == node.dtype


def test_in_one_array_it_is_an_op_of_one_output():
    np.testing.assert_array_equal(packed(Cut)(X, Y, n=4), [*X, *Y])
    assert packed(ag.ops.Exp) is ag.ops.Exp
    mixed = packed(Ordered)(X)
    assert (mixed.dtype, mixed.tolist()) == (np.float64, [-1.5, 0.5, 2.0, 1.0, 0.0, 2.0])


def test_checked_node_by_node():
    for op, guilty in ((Powers, []), (Wrong, ["vjp_y of Wrong"])):
        square, cube = op(ag.Node(X), ag.Node(Y))
        report = check_gradients(ag.sum(ag.exp(square) * cube), order=2)
        assert [row.subject for row in report.guilty][: len(guilty) or None] == guilty
    values, _ = Ordered(ag.Node(X))
    assert check_gradients(ag.sum(values * Y))


def test_check_op():
    check_op(Cut, params={"n": 1}, arrays=None)
    check_op(Ordered, order=1)
    with pytest.raises(CheckFailed, match="op Wrong"):
        check_op(Wrong)


def test_in_a_checkpoint_in_no_grad_and_in_transforms():
    x, y = ag.Node(X), ag.Node(Y)
    ag.checkpoint(with_powers)(x, y).backward()
    np.testing.assert_allclose(x.grad, ag.grad(f)(X, Y))
    with ag.no_grad():
        outputs = Powers(x, y)
    assert [node.op.name for node in outputs] == ["Constant", "Constant"]
    np.testing.assert_allclose(ag.hessian(with_powers)(X, Y), ag.hessian(f)(X, Y), rtol=1e-12)
    np.testing.assert_allclose(
        ag.jvp(with_powers, (X, Y), (Y, X))[1], ag.jvp(f, (X, Y), (Y, X))[1], rtol=1e-12
    )


def test_thousands_of_outputs_cost_what_they_have():
    class Split(Op):
        """Each element by itself."""

        outputs = tuple(f"x{i}" for i in range(3000))

        def forward(xp, x):
            return tuple(x[i] for i in range(3000))

        def vjp_x(xp, grad, out, x):
            return xp.stack(grad)

    x = ag.Node(np.arange(3000.0))
    outputs = Split(x)
    total = outputs[0]
    for part in outputs[1:]:
        total = total + part * part
    total.backward()
    np.testing.assert_array_equal(x.grad, [1.0, *(2 * np.arange(1.0, 3000.0))])


def test_a_tuple_of_another_length_is_refused():
    class Undeclared(Op):
        """Two, without a word of it."""

        def forward(xp, x):
            return x, [x]

        vjp_x = None

    class Declared(Undeclared):
        """Three are declared, two come."""

        outputs = ("a", "b", "c")

    class Single(Op):
        """One array where two are declared."""

        outputs = ("a", "b")

        def forward(xp, x):
            return x

        vjp_x = None

    class Float(ag.Elementwise):
        """A pair from floats."""

        def forward(xp, x):
            return x, x

        vjp_x = None

    for x in (X, ag.Node(X), ag.Node(1.0), 1.0):
        with pytest.raises(errors.OpDefinitionError, match="op Undeclared: expected one array"):
            Undeclared(x)
        with pytest.raises(
            errors.OpDefinitionError, match=r"tuple of a, b, c from.*\n.*a tuple of 2"
        ):
            Declared(x)
        with pytest.raises(errors.OpDefinitionError, match="expected a tuple of a, b"):
            Single(x)
        with pytest.raises(errors.OpDefinitionError, match="op Float: expected one array"):
            Float(x)


@pytest.mark.parametrize("outputs", ["qr", ["q", "r"], ("q", "q"), ("q", 1), ("not one",)])
def test_unclear_outputs_are_refused_when_defined(outputs):
    with pytest.raises(errors.OpDefinitionError, match="expected outputs as a tuple of names"):
        type("Unclear", (Powers,), {"outputs": outputs})


def test_an_elementwise_op_has_one_output():
    with pytest.raises(errors.OpDefinitionError, match="expected one output of an elementwise op"):
        type("Pair", (ag.ops.Exp,), {"outputs": ("a", "b")})


def test_the_node_behind_the_outputs_is_no_array():
    x = ag.Node(X)
    (whole,) = Powers(x, Y)[0].inputs
    assert (whole.shape, whole.dtype) == ((6,), np.float64)
    for attempt in (whole.backward, lambda: ag.gradients(whole, x)):
        with pytest.raises(errors.GradientError, match="expected one array to differentiate"):
            attempt()
    with pytest.raises(errors.ShapeError, match="Mul"):
        whole * 2.0
    with pytest.raises(errors.ShapeError, match="Output: expected the node of an op with several"):
        Output(x, index=0)
    with ag.Graph(), pytest.raises(errors.ShapeError, match="Output: expected the node"):
        Output(ag.input(name="x", shape=(2,)), index=0)
    pair = copy.deepcopy(whole.value)
    assert isinstance(pair, OutputTuple)
    assert copy.deepcopy(whole.spec).parts == whole.spec.parts
