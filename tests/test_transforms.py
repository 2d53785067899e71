"""Derivatives of plain functions, alone and inside one another."""

from typing import NamedTuple

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors


def rosenbrock(x):
    return ((1 - x[:-1]) ** 2 + 100 * (x[1:] - x[:-1] ** 2) ** 2).sum()


def rosenbrock_gradient(x):
    a, b = x
    return [-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)]


def rosenbrock_hessian(x):
    a, b = x
    return [[2 - 400 * (b - 3 * a * a), -400 * a], [-400 * a, 200]]


@pytest.mark.parametrize("point", [[1.0, 1.0], [-1.2, 1.0], [0.3, -0.4]])
def test_rosenbrock(point):
    x = np.array(point)
    value, slope = ag.value_and_grad(rosenbrock)(x)
    assert value == pytest.approx(float(rosenbrock(x)))
    np.testing.assert_allclose(slope, rosenbrock_gradient(point), rtol=1e-13, atol=1e-13)
    curvature = ag.hessian(rosenbrock)(x)
    np.testing.assert_allclose(curvature, rosenbrock_hessian(point), rtol=1e-12)
    direction = np.array([0.5, -2.0])
    np.testing.assert_allclose(ag.hvp(rosenbrock, x, direction), curvature @ direction, rtol=1e-12)


def test_three_levels_of_tanh():
    x, t = 0.7, np.tanh(0.7)
    first = ag.grad(ag.tanh)
    second = ag.grad(first)
    third = ag.grad(second)
    s = 1 - t * t
    np.testing.assert_allclose(
        [first(x), second(x), third(x)], [s, -2 * t * s, s * (6 * t * t - 2)], rtol=1e-14
    )


def test_nested_calls_do_not_mix_their_variables():
    """The classic trap: d/dx x · (d/dy (x + y) at y = x) is 1, not 2."""
    assert ag.grad(lambda x: x * ag.grad(lambda y: x + y)(x))(3.0) == 1.0
    assert ag.grad(lambda x: x * ag.grad(lambda y: x * y)(2.0))(3.0) == 6.0


def test_logistic_regression_with_weight_decay():
    """S1: (1/N) Σ (g_i - y_i) x_ij + λ θ_j."""
    rng = np.random.default_rng(0)
    x, y, theta, decay = rng.normal(size=(7, 3)), rng.integers(0, 2, 7).astype(float), rng.normal(size=3), 0.1  # fmt: skip

    def cost(theta):
        g = ag.sigmoid(x @ theta)
        losses = -y * ag.log(g) - (1 - y) * ag.log(1 - g)
        return losses.mean() + decay / 2 * (theta * theta).sum()

    g = 1 / (1 + np.exp(-x @ theta))
    np.testing.assert_allclose(ag.grad(cost)(theta), x.T @ (g - y) / 7 + decay * theta, rtol=1e-12)
    hessian = x.T @ np.diag(g * (1 - g)) @ x / 7 + decay * np.eye(3)
    np.testing.assert_allclose(ag.hessian(cost)(theta), hessian, rtol=1e-12)


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


def test_what_is_used_without_gradient_is_refused():
    with pytest.raises(errors.GradientError, match="only operations without gradient lead"):
        ag.grad(lambda x: ag.where(x > 0, 1.0, 2.0))(3.0)


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
