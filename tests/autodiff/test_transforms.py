"""Derivatives of plain functions, alone and inside one another."""

from collections import OrderedDict, defaultdict
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors
from autograd_lite.core.sweep import ancestors


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


def test_none_stays_where_it_is():
    def f(params, x):
        y = params["w"] * x
        return (y if params["b"] is None else y + params["b"]), None

    params = {"w": 2.0, "b": None}
    assert ag.grad(lambda p: f(p, 3.0)[0])(params) == {"w": 3.0, "b": None}
    assert ag.jacobian(f)(params, 3.0) == ({"w": 3.0, "b": None}, None)
    assert ag.jvp(f, (params, 3.0), ({"w": 1.0, "b": None}, 0.0)) == ((6.0, None), (3.0, None))
    assert ag.jit(f, executor="numpy")(params, 3.0) == (6.0, None)
    stack, nothing = ag.vmap(f, in_axes=(None, 0))(params, np.arange(2.0))
    assert (stack.tolist(), nothing) == ([0.0, 2.0], None)
    with pytest.raises(errors.GradientError, match="NoneType"):
        ag.grad(lambda x: None)(1.0)


@pytest.mark.parametrize("kind", [dict, OrderedDict, partial(defaultdict, float)], ids=repr)
def test_dicts_keep_their_sort(kind):
    params = kind({"w": 2.0, "b": 1.0})
    grads = ag.grad(lambda p: p["b"] * p["w"])(params)
    assert type(grads) is type(params)
    assert list(grads.items()) == [("w", 1.0), ("b", 2.0)]
    assert params == {"w": 2.0, "b": 1.0}


def test_argnums_and_keywords():
    def f(a, b, *, c):
        return a * b * c

    assert ag.grad(f, 1)(2.0, 3.0, c=4.0) == 8.0
    assert ag.grad(f, (1, 0))(2.0, 3.0, c=4.0) == (8.0, 12.0)
    assert ag.grad(f).__name__ == "f"
    with pytest.raises(errors.OpCallError, match=r"f: expected argnums among the 2 positional"):
        ag.grad(f, 2)(1.0, 2.0, c=1.0)
    with pytest.raises(errors.OpCallError, match=r"each of them once\n  came:  \(0, 0\)"):
        ag.grad(f, (0, 0))(1.0, 2.0, c=1.0)  # which of both would f have got?


def test_what_is_not_used_has_the_gradient_zero():
    grads = ag.grad(lambda x, y: x * 2.0, argnums=(0, 1))(1.0, np.ones((2, 3)))
    assert grads[0] == 2.0
    np.testing.assert_array_equal(grads[1], np.zeros((2, 3)))
    assert ag.grad(lambda x: 1.0)(2.0) == 0.0
    assert ag.grad(ag.grad(lambda x: 2.0 * x))(3.0) == 0.0
    assert ag.jvp(lambda x: 1.0, (2.0,), (1.0,)) == (1.0, 0.0)


FLAT = {  # piecewise constant: the derivative is 0 where there is one
    "where": lambda x: ag.where(x > 0, 1.0, 2.0),
    "sign": ag.sign,
    "floor": ag.floor,
    "comparison": lambda x: (x > 0).astype("float64"),
    "cast": lambda x: x.astype("int64").astype("float64"),
    "stopped": ag.stop_gradient,
    "slope of relu": ag.grad(lambda x: ag.sum(ag.relu(x))),
    "slope of abs": ag.grad(lambda x: ag.sum(ag.abs(x))),
    "slope of max": ag.grad(ag.max),
    "slope of clip": ag.grad(lambda x: ag.sum(ag.clip(x, -1.0, 1.0))),
    "slope of sort": ag.grad(lambda x: ag.sum(ag.sort(x) * np.arange(3.0))),
    "slope of hinge": ag.grad(lambda x: ag.sum(ag.maximum(0.0, 1.0 - x))),
    "slope of concat": ag.grad(lambda x: ag.sum(ag.concat([x, 2.0 * x]))),
    "slope of index": ag.grad(lambda x: x[1] * 2.0),
    "another argument": lambda x: ag.constant(np.ones(3)) * 2.0,
}


@pytest.mark.parametrize("flat", FLAT.values(), ids=FLAT)
def test_what_is_piecewise_constant_has_the_gradient_zero(flat):
    x = np.array([0.5, -1.5, 2.5])
    zeros = np.zeros(3)

    def total(x):
        return ag.sum(flat(x))

    np.testing.assert_array_equal(ag.grad(total)(x), zeros)
    np.testing.assert_array_equal(ag.jacobian(flat)(x), np.zeros((3, 3)))
    np.testing.assert_array_equal(ag.hessian(total)(x), np.zeros((3, 3)))
    np.testing.assert_array_equal(ag.hvp(total, x, x), zeros)
    np.testing.assert_array_equal(ag.vjp(flat, x)[1](x)[0], zeros)
    np.testing.assert_array_equal(ag.jvp(flat, (x,), (x,))[1], zeros)
    node = ag.Node(x)
    output = total(node)
    if node in set(ancestors(output)):
        slope = ag.gradients(output, node)
        np.testing.assert_array_equal(slope.value, zeros)
        np.testing.assert_array_equal(ag.gradients(ag.sum(slope), node).value, zeros)


def test_integers_have_no_gradient_to_give():
    for f in (ag.argmax, lambda x: ag.sum(x > 0), lambda x: x[0].astype("int32")):
        with pytest.raises(errors.GradientError, match="expected floating-point numbers, which"):
            ag.grad(f)(np.ones(2))
        with pytest.raises(errors.GradientError, match="expected floating-point numbers, which"):
            ag.jvp(f, (np.ones(2),), (np.ones(2),))
    assert ag.grad(lambda x: 3)(1.0) == 0.0  # has nothing to do with x


def total(p):
    return ag.sum(p["w"] * p["n"])


OF_INTEGERS = {  # what is differentiated has an array of integers in it
    "alone": ag.grad(total),
    "under jit": ag.jit(ag.grad(total), executor="numpy"),
    "mapped": ag.vmap(ag.grad(total)),
    "as a node": lambda p: ag.grad(total)({"w": p["w"], "n": ag.constant(p["n"])}),
    "jvp under jit": ag.jit(lambda p: ag.jvp(total, (p,), (p,)), executor="numpy"),
    "vjp under jit": ag.jit(lambda p: ag.vjp(total, p)[1](1.0), executor="numpy"),
    "jacobian mapped": ag.vmap(ag.jacobian(total)),
    "hessian as a node": lambda p: ag.hessian(lambda n: ag.sum(p["w"] * n))(ag.constant(p["n"])),
}


@pytest.mark.parametrize("f", OF_INTEGERS.values(), ids=OF_INTEGERS)
@pytest.mark.parametrize("dtype", ["int64", "int8", "bool"])
def test_integers_among_what_is_differentiated_are_refused(f, dtype):
    with pytest.raises(errors.AutogradError, match="expected floating-point"):
        f({"w": np.ones((2, 3)), "n": np.ones((2, 3), dtype)})


# What is asked for by nodes is nodes; numbers else, however deep


def cube_slope(x):
    return ag.grad(lambda x: x * x * x)(x)


NESTED = {  # a function of a number, and its derivative at 3
    "own variable inside": (lambda p: ag.grad(lambda x: p * x * x)(2.0), 4.0),
    "inside not involved": (lambda p: p * ag.grad(lambda x: x * x)(2.0), 4.0),
    "both": (lambda p: ag.grad(lambda x: p * p * x * x * p)(2.0), 108.0),
    "twice": (lambda p: cube_slope(cube_slope(p)), 3 * 2 * 27.0 * 18.0),
    "value": (lambda p: ag.value_and_grad(lambda x: p * x)(2.0)[0], 2.0),
    "jvp along p": (lambda p: ag.jvp(lambda x: x * x, (2.0,), (p,))[1], 4.0),
    "jvp at p": (lambda p: ag.jvp(lambda x: x * x, (p,), (2.0,))[1], 4.0),
    "vjp with p": (lambda p: ag.vjp(lambda x: x * x, 2.0)[1](p)[0], 4.0),
    "vjp at p": (lambda p: ag.vjp(lambda x: x * x, p)[1](2.0)[0], 4.0),
    "hvp along p": (lambda p: ag.hvp(lambda x: x * x * x, 2.0, p), 12.0),
    "hvp at p": (lambda p: ag.hvp(lambda x: x * x * x, p, 2.0), 12.0),
    "hessian": (lambda p: ag.hessian(lambda x: p * x * x * x)(2.0), 12.0),
    "jacobian": (lambda p: ag.sum(ag.jacobian(lambda x: p * x * x)(np.array([1.0, 2.0]))), 6.0),
    "leaf inside": (lambda p: p * ag.Node(2.0), 2.0),
    "checkpoint": (lambda p: ag.grad(ag.checkpoint(lambda x: p * x * x))(2.0), 4.0),
}


@pytest.mark.parametrize(("f", "expected"), NESTED.values(), ids=NESTED)
def test_nested_transforms_give_numbers(f, expected):
    def number(found):
        assert not isinstance(found, ag.Node)
        return float(found)

    assert number(ag.grad(f)(3.0)) == expected
    assert number(ag.jvp(f, (3.0,), (1.0,))[1]) == expected
    assert number(ag.vjp(f, 3.0)[1](1.0)[0]) == expected
    assert number(ag.jacobian(f)(3.0)) == expected
    assert isinstance(ag.grad(f)(ag.Node(3.0)), ag.Node)


def test_a_variable_from_outside_keeps_the_result_a_node():
    w = ag.Node(2.0)
    slope = ag.grad(lambda x: w * x * x)(3.0)
    assert ag.gradients(slope, w).value == 6.0


MISFITS = {
    "hvp": lambda: ag.hvp(lambda x: ag.sum(x * x), np.ones(2), np.ones((3, 2))),
    "hvp of a node": lambda: ag.hvp(lambda x: ag.sum(x * x), np.ones(2), ag.Node(np.ones(3))),
    "hvp of another form": lambda: ag.hvp(lambda x: x["a"] * 2.0, {"a": 1.0}, [1.0, 2.0]),
    "jvp": lambda: ag.jvp(ag.exp, (np.ones(2),), (np.ones((3, 2)),)),
    "jvp of too many": lambda: ag.jvp(ag.exp, (np.ones(2),), (np.ones(2), np.ones(2))),
    "vjp": lambda: ag.vjp(ag.exp, np.ones(2))[1](np.ones(3)),
    "vjp of a node": lambda: ag.vjp(ag.exp, np.ones(2))[1](ag.Node(np.ones(3))),
    "vjp of what is flat": lambda: ag.vjp(ag.sign, np.ones(2))[1](np.ones(3)),
    "vjp of too many": lambda: ag.vjp(lambda x: (x, x), 1.0)[1]((1.0, 2.0, 3.0)),
}


@pytest.mark.parametrize("attempt", MISFITS.values(), ids=MISFITS)
def test_directions_and_cotangents_of_another_shape_are_refused(attempt):
    with pytest.raises(
        (errors.ShapeError, errors.GradientError), match=r"(direction|tangents?|cotangent).* of "
    ):
        attempt()


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
    assert ag.grad(lambda x: ag.where(x > 0, 1.0, 2.0) + ag.stop_gradient(x))(3.0) == 0.0


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


def test_a_function_of_nothing_does_not_change():
    assert ag.jvp(lambda: 2.0, (), ()) == (2.0, 0.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, v: ag.vjp(np.square, x)[1](v),
        lambda x, v: ag.jvp(np.square, (x,), (v,)),
        lambda x, v: ag.hvp(lambda y: (y * y * y).sum(), x, v),
        lambda x, v: ag.gradients((y := ag.Node(x)) * y, y, cotangent=v),
        lambda x, v: (ag.Node(x) * 2.0).backward(v),
    ],
)
def test_what_a_transform_is_given_stays_writable(call):
    x, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    call(x, v)
    x += 1.0
    v += 1.0
    assert (x.tolist(), v.tolist()) == ([2.0, 3.0], [4.0, 5.0])


TALL = {
    "any number of inputs": lambda x: ag.concat([x, x * x, ag.sin(x)]),
    "one of several outputs": lambda x: ag.tile(ag.linalg.qr(ag.reshape(x, (2, 2)))[1], (2, 1)),
    "all of several outputs": lambda x: ag.concat(
        [ag.reshape(y, (-1,)) for y in ag.linalg.svd(ag.reshape(x, (2, 2)))]
    ),
}


@pytest.mark.parametrize("f", TALL.values(), ids=TALL)
def test_rows_that_are_pulled_together_are_those_of_vjp(f):
    x = np.array([1.0, 2.0, 0.5, -1.0])
    rows = ag.jacobian(f)(x)
    out, pull = ag.vjp(f, x)
    units = np.eye(out.size).reshape(-1, *out.shape)
    assert len(units) > 4  # fewer are pulled one by one
    one_by_one = np.stack([pull(unit)[0] for unit in units]).reshape(rows.shape)
    np.testing.assert_allclose(rows, one_by_one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("count", [3, 6])  # rows one by one, or all at once
def test_rows_of_a_jacobian_know_zeros_and_what_is_stale(count):
    x = np.arange(count) * 1.0
    rows = ag.jacobian(lambda y: ag.where(y > 0.0, ag.sqrt(y), y))(x)
    np.testing.assert_allclose(rows, np.diag([1.0, *0.5 / np.sqrt(x[1:])]))

    def changing(y):
        w = ag.Node(np.ones(count))
        found = y * w
        w.assign(2.0 * w.value)
        return found

    with pytest.raises(errors.StaleError):
        ag.jacobian(changing)(x)
