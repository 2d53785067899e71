"""Derivatives of plain functions, alone and inside one another."""

from typing import NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors


def test_nested_calls_do_not_mix_their_variables():
    """The classic trap: d/dx x · (d/dy (x + y) at y = x) is 1, not 2."""
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(x))(3.0) == 1.0
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6.0


class Layer(NamedTuple):
    w: object
    b: object


def test_containers_as_arguments():
    params = [Layer(np.full((2, 2), 0.5), np.zeros(2)), {"scale": 3.0}]

    def f(params, x):
        layer, rest = params
        return (x @ layer.w + layer.b).sum() * rest["scale"]

    grads = ag.grad(f)(params, np.array([1.0, 2.0]))
    assert isinstance(grads[0], Layer)
    np.testing.assert_array_equal(grads[0].w, [[3.0, 3.0], [6.0, 6.0]])
    np.testing.assert_array_equal(grads[0].b, [3.0, 3.0])
    assert grads[1] == {"scale": 3.0}


def test_argnums_and_keywords():
    def f(a, b, *, c):
        return a * b * c

    assert ag.grad(f, 1)(2.0, 3.0, c=4.0) == 8.0
    assert ag.grad(f, (1, 0))(2.0, 3.0, c=4.0) == (8.0, 12.0)
    assert ag.grad(f).__name__ == "f"
    with pytest.raises(errors.OpCallError, match=r"f: expected argnums among the 2 positional"):
        ag.grad(f, 2)(1.0, 2.0, c=1.0)


def test_what_is_not_used_has_the_gradient_zero():
    grads = ag.grad(lambda x, y: x * 2.0, argnums=(0, 1))(1.0, np.ones((2, 3)))
    assert grads[0] == 2.0
    np.testing.assert_array_equal(grads[1], np.zeros((2, 3)))
    assert ag.grad(lambda x: 1.0)(2.0) == 0.0
    assert ag.grad(ag.grad(lambda x: 2.0 * x))(3.0) == 0.0
    assert ag.jvp(lambda x: 1.0, (2.0,), (1.0,)) == (1.0, 0.0)


X = np.array([-1.5, 0.5, 2.0])

# Functions whose slope is constant between jumps and kinks: derivatives behind it are 0.
PIECEWISE = {
    "relu": ag.relu,
    "abs": ag.abs,
    "leaky": ag.leaky_relu,
    "sign": lambda x: ag.sign(x) * 2.0,
    "floor": ag.floor,
    "step": lambda x: ag.where(x > 0, 1.0, 2.0),
    "cast": lambda x: ag.astype(ag.astype(x, "int64"), "float64"),
    "max": ag.max,
    "clip": lambda x: ag.clip(x, -1.0, 1.0),
    "where": lambda x: ag.where(x > 0, x, 3.0 * x),
    "sort": ag.sort,
    "hinge": lambda x: ag.maximum(0.0, 1.0 - x),
    "concat": lambda x: ag.concat([x, 2.0 * x]),
    "index": lambda x: x[1:],
    "argmax": lambda x: ag.astype(ag.argmax(x), "float64"),
    "unused": lambda x: ag.constant(1.0),
}


@pytest.mark.parametrize("name", PIECEWISE)
def test_a_slope_that_is_constant_has_the_derivative_zero(name):
    def f(x):
        return ag.sum(PIECEWISE[name](x))

    np.testing.assert_array_equal(ag.hessian(f)(X), np.zeros((3, 3)))
    np.testing.assert_array_equal(ag.hvp(f, X, np.ones(3)), np.zeros(3))
    np.testing.assert_array_equal(ag.jacobian(ag.grad(f))(X), np.zeros((3, 3)))
    assert ag.grad(ag.grad(lambda x: f(x * X)))(1.0) == 0.0
    assert ag.jvp(ag.grad(f), (X,), (np.ones(3),))[1].tolist() == [0.0] * 3


# Transforms inside of transforms: numbers come back where numbers went in


def test_an_inner_transform_gives_numbers_to_an_outer_one_and_numbers_come_out():
    inner = ag.grad(lambda p: ag.grad(lambda x: p * x * x)(2.0))(3.0)
    assert (type(inner), inner) == (float, 4.0)
    assert ag.grad(lambda p: ag.hessian(lambda x: p * x * x)(2.0))(3.0) == 2.0
    assert ag.grad(lambda p: ag.jvp(lambda x: p * x * x, (2.0,), (1.0,))[1])(3.0) == 4.0
    assert ag.grad(lambda p: ag.vjp(lambda x: p * x * x, 2.0)[1](1.0)[0])(3.0) == 4.0
    assert ag.grad(lambda p: ag.value_and_grad(lambda x: p * x)(2.0)[0])(3.0) == 2.0


def test_a_node_closed_over_gives_nodes():
    w = ag.Node(3.0)
    slope = ag.grad(lambda x: w * x * x)(2.0)
    assert (type(slope), slope.value) == (ag.Node, 12.0)
    slope.backward()
    assert w.grad == 4.0


def test_tangents_cotangents_and_directions_may_be_nodes():
    assert ag.grad(lambda t: ag.jvp(lambda x: x * x, (3.0,), (t,))[1])(2.0) == 6.0
    assert ag.grad(lambda c: ag.vjp(lambda x: x * x, 3.0)[1](c)[0])(2.0) == 6.0
    assert ag.grad(lambda v: ag.hvp(lambda x: x * x * x, 2.0, v))(5.0) == 12.0
    assert ag.grad(lambda c: ag.vjp(lambda x: 1.0 + 0.0 * c, 3.0)[1](c)[0])(2.0) == 0.0
    assert ag.grad(lambda t: ag.jvp(lambda x: 1.0, (3.0,), (t,))[1])(2.0) == 0.0


@pytest.mark.parametrize("v", [np.ones((3, 2)), 1.0, [np.ones(2)] * 2])
def test_a_direction_has_the_form_of_x(v):
    with pytest.raises(errors.ShapeError, match="direction: expected the form and the shapes of x"):
        ag.hvp(lambda x: ag.sum(x * x * x), np.ones(2), v)
    with pytest.raises(errors.ShapeError, match="direction: expected the form and the shapes of x"):
        ag.jvp(lambda x: x * x, (np.ones(2),), (v,))


JACOBIANS = {
    "elementwise": lambda x: ag.exp(x) * x,
    "reduction": lambda x: ag.softmax(x) * x.sum(),
    "matrix": lambda x: ag.expand_dims(x, axis=1) * x,
}


@pytest.mark.parametrize("f", JACOBIANS.values(), ids=JACOBIANS)
def test_jacobian_vjp_and_jvp_agree(f):
    rng = np.random.default_rng(1)
    x, v = rng.normal(size=3), rng.normal(size=3)
    full = ag.jacobian(f)(x)
    value, pull = ag.vjp(f, x)
    u = rng.normal(size=value.shape)
    assert full.shape == value.shape + x.shape
    np.testing.assert_allclose(pull(u)[0], np.tensordot(u, full, value.ndim), rtol=1e-12)
    again, change = ag.jvp(f, (x,), (v,))
    np.testing.assert_array_equal(again, value)
    np.testing.assert_allclose(change, full @ v, rtol=1e-12)


def test_jacobian_of_several_arguments_and_inside_of_grad():
    first, second = ag.jacobian(lambda x, y: x * y, (0, 1))(np.array([1.0, 2.0]), np.array([3.0, 4.0]))  # fmt: skip
    np.testing.assert_array_equal(first, np.diag([3.0, 4.0]))
    np.testing.assert_array_equal(second, np.diag([1.0, 2.0]))
    squares = ag.jacobian(lambda x: x * x)
    slope = ag.grad(lambda x: (squares(x) ** 2).sum())(np.array([1.0, 3.0]))
    np.testing.assert_allclose(slope, [8.0, 24.0])
    assert ag.jacobian(lambda x: x)(np.zeros(0)).shape == (0, 0)


def test_vjp_of_containers():
    value, pull = ag.vjp(lambda p, q: {"sum": p + q, "product": p * q}, 2.0, 3.0)
    assert value == {"sum": 5.0, "product": 6.0}
    assert pull({"sum": 1.0, "product": 10.0}) == (31.0, 21.0)
    assert ag.jvp(lambda p, q: (p + q, p * q), (2.0, 3.0), (1.0, 0.5)) == ((5.0, 6.0), (1.5, 4.0))


def test_dtypes_are_kept():
    x = np.ones(2, "float32")
    value, slope = ag.value_and_grad(lambda x: (x * x).sum())(x)
    assert value.dtype == slope.dtype == np.float32


def test_a_gradient_belongs_to_the_caller():
    x = np.ones(2)
    slope = ag.grad(lambda x: (x * x).sum())(x)
    slope *= 3
    np.testing.assert_array_equal(x, np.ones(2))


def test_second_derivatives_of_several_arguments():
    def f(x, y):
        return (x * x * y).sum()

    x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    (xx, xy), (yx, yy) = ag.hessian(f, (0, 1))(x, y)
    np.testing.assert_array_equal(xx, np.diag(2 * y))
    np.testing.assert_array_equal(xy, np.diag(2 * x))
    np.testing.assert_array_equal(yx, np.diag(2 * x))
    np.testing.assert_array_equal(yy, np.zeros((2, 2)))
    parts = ag.hessian(lambda p: p["w"] ** 2 * p["b"])({"w": 3.0, "b": 5.0})
    assert parts == {"w": {"w": 10.0, "b": 6.0}, "b": {"w": 6.0, "b": 0.0}}


def test_what_lends_its_shape_alone_has_the_gradient_zero():
    np.testing.assert_array_equal(
        ag.hessian(lambda x: (3.0 * x).sum())(np.ones(2)), np.zeros((2, 2))
    )
    assert ag.grad(ag.grad(lambda x: ag.mean(x[None])))(2.0) == 0.0


def test_hessian_times_a_direction_in_containers():
    x, v = {"w": np.array([1.0, 2.0]), "b": [3.0]}, {"w": np.array([1.0, 0.0]), "b": [1.0]}
    product = ag.hvp(lambda p: (p["w"] * p["w"]).sum() * p["b"][0], x, v)
    np.testing.assert_array_equal(product["w"], [2 * 3 + 2 * 1, 4 * 1])
    assert product["b"] == [2.0]


def test_a_named_tuple_of_results_is_one_of_derivatives():
    layer = ag.jacobian(lambda x: Layer(w=x * x, b=x.sum()))(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(layer.w, [[2.0, 0.0], [0.0, 4.0]])
    np.testing.assert_array_equal(layer.b, [1.0, 1.0])


def cubes(x):
    return (x * x * x).sum()


ON_NODES = {
    "grad": (ag.grad(cubes), lambda x: 3 * x * x),
    "jacobian": (ag.jacobian(lambda x: x * x), lambda x: np.diag(2 * x)),
    "hessian": (ag.hessian(cubes), lambda x: np.diag(6 * x)),
    "hvp": (lambda x: ag.hvp(cubes, x, ag.constant([1.0, 2.0])), lambda x: 6 * x * [1.0, 2.0]),
    "vjp": (lambda x: ag.vjp(cubes, x)[1](2.0)[0], lambda x: 6 * x * x),
    "jvp": (lambda x: ag.jvp(cubes, (x,), (np.ones(2),))[1], lambda x: (3 * x * x).sum()),
}


@pytest.mark.parametrize(("transform", "expected"), ON_NODES.values(), ids=ON_NODES)
def test_transforms_of_a_graphs_nodes_are_nodes_of_the_graph(transform, expected):
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        y = transform(x)
    assert y in g
    for feed in ([1.0, 2.0], [-3.0, 0.5]):
        g.forward(x=feed)
        np.testing.assert_allclose(y.value, expected(np.array(feed)))


# Where a gradient shall not go


def test_a_stopped_gradient_counts_as_zero_and_is_no_mistake():
    assert ag.grad(lambda x: x * ag.stop_gradient(x))(3.0) == 3.0
    assert ag.grad(lambda x: ag.stop_gradient(x) * 2.0)(3.0) == 0.0
    assert ag.grad(lambda x, y: x * ag.stop_gradient(y * y), (0, 1))(3.0, 2.0) == (4.0, 0.0)
    assert ag.grad(ag.grad(lambda x: x * x * ag.stop_gradient(x)))(3.0) == 6.0


def test_no_grad_keeps_values_alone():
    x = ag.Node(np.ones(3))
    with ag.no_grad():
        y = ag.tanh(x) * 2.0
        z = y + 1.0
    assert not y.requires_grad
    assert not [*y.inputs, *z.inputs]
    total = (x * z).sum()
    total.backward()
    np.testing.assert_array_equal(x.grad, z.value)
    np.testing.assert_array_equal(ag.gradients(total, x).value, z.value)


def test_no_grad_decorates():
    @ag.no_grad()
    def square(x):
        return x * x

    x = ag.Node(3.0)
    assert square(x).value == 9.0
    assert not square(x).requires_grad
    assert ag.grad(lambda x: x * square(x))(3.0) == 9.0


def test_no_grad_in_a_graph_is_graph():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(), dtype="float64", requires_grad=True)
        with ag.no_grad():
            y = ag.exp(x) * x
        loss = x * y
        slope = ag.gradients(loss, x)
    assert [node.op.name for node in g.nodes].count("StopGradient") == 2
    for feed in (1.0, 2.0):
        g.forward(x=feed)
        g.backward(loss)
        assert x.grad == slope.value == np.exp(feed) * feed


def test_no_grad_leaves_grad_its_own_variables():
    w = ag.Node(3.0)
    with ag.no_grad():
        assert ag.grad(lambda x: w * x * x)(2.0) == 12.0
        assert ag.grad(lambda x: x * x * x)(ag.Node(2.0)) == 12.0
        nested = ag.grad(ag.grad(lambda x: w * x**3))(2.0)
    assert nested == 36.0


def test_no_grad_ends_with_an_error():
    with pytest.raises(ZeroDivisionError), ag.no_grad():
        raise ZeroDivisionError
    assert (ag.Node(1.0) * 2.0).requires_grad


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ag.grad(lambda x: x * x)(np.ones(2)), r"<lambda>: expected a function that returns a scalar\n  came:  float64\[2\]"),
        (lambda: ag.grad(lambda x: (x, x))(1.0), "one scalar or array\n  came:  tuple"),
        (lambda: ag.grad(lambda x: x)(np.arange(2)), r"Variable: expected floating-point values"),
    ],
)  # fmt: skip
def test_mistakes(call, message):
    with pytest.raises(errors.AutogradError, match=message):
        call()
