"""Gradients as graph: what they look like, that they are graph, and higher orders."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors


def names(nodes):
    return [node.op.name for node in nodes]


def test_what_is_appended_is_what_the_rules_say():
    with ag.Graph() as g:
        x = ag.parameter(3.0, name="x")
        y = ag.square(x)
        ag.gradients(y, x)
    assert names(g.nodes[2:]) == ["Constant", "Mul", "Constant", "Mul"]
    g.check()


def test_a_list_gives_a_list_and_a_node_a_node():
    x, y = ag.Node(3.0), ag.Node(4.0)
    assert [node.value for node in ag.gradients(x * y, [x, y])] == [4.0, 3.0]
    assert [node.value for node in ag.gradients(x * y, (x,))] == [4.0]
    assert ag.gradients(x * y, []) == []
    assert ag.gradients(x, x).value == 1.0


def test_with_respect_to_a_node_in_the_middle():
    x = ag.Node(2.0)
    middle = x * x
    assert ag.gradients(middle * middle * x, middle).value == 2 * 4.0 * 2.0


def test_a_cotangent_of_numbers_or_a_node():
    x = ag.Node(np.array([1.0, 2.0]))
    scale = ag.Node(np.array([10.0, 100.0]))
    for cotangent in (scale.value, scale):
        grad = ag.gradients(x * x, x, cotangent=cotangent)
        np.testing.assert_array_equal(grad.value, [20.0, 400.0])
    by_scale = ag.gradients(ag.gradients(x * x, x, cotangent=scale).sum(), scale)
    np.testing.assert_array_equal(by_scale.value, [2.0, 4.0])
    with pytest.raises(errors.ShapeError, match="cotangent of Mul"):
        ag.gradients(x * x, x, cotangent=np.ones(3))
    with pytest.raises(errors.ShapeError, match=r"cotangent of Mul: expected float64\[2\]"):
        ag.gradients(x * x, x, cotangent=ag.Node(1.0))


def test_only_what_leads_to_the_target_is_appended():
    with ag.Graph() as g:
        x, w = ag.parameter(2.0), ag.parameter(3.0)
        y = ag.exp(x) * ag.exp(w)
        before = len(g)
        ag.gradients(y, x)
    assert len(g) - before == 3  # the seed and one Mul for each of Mul and Exp


def test_the_gradient_of_a_deferred_graph_runs_with_it():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(), dtype="float64", requires_grad=True)
        y = x * x * x
    first = ag.gradients(y, x)
    second = ag.gradients(first, x)
    assert first in g
    for value in (2.0, -1.0):
        g.forward(x=value)
        assert (first.value, second.value) == (3 * value**2, 6 * value)


def test_a_gradient_can_be_trained_on():
    """∂/∂w (∂(w x²)/∂x)² by one backward through a gradient."""
    x, w = ag.Node(3.0), ag.Node(2.0)
    slope = ag.gradients(w * x * x, x)
    (slope * slope).backward()
    assert w.grad == 2 * (2 * 2.0 * 3.0) * 2 * 3.0


def test_dtypes_are_those_of_the_targets():
    half = ag.Node(np.ones(2, "float32"))
    wide = ag.Node(np.ones(2))
    grads = ag.gradients((half * wide).sum(), [half, wide])
    assert [str(grad.dtype) for grad in grads] == ["float32", "float64"]


def test_a_broadcast_target_gets_its_own_shape():
    row, matrix = ag.Node(np.ones(3)), ag.Node(np.ones((2, 3)))
    grads = ag.gradients((row * matrix).sum(), [row, matrix])
    assert [grad.shape for grad in grads] == [(3,), (2, 3)]


def test_a_deep_chain_has_a_symbolic_gradient_without_recursion():
    x = y = ag.Node(1.0)
    for _ in range(5000):
        y = y * 1.0001
    assert ag.gradients(y, x).value == pytest.approx(y.value)


def test_softmax_cross_entropy_is_p_minus_y():
    scores = ag.Node(np.array([1.0, -2.0, 0.5]))
    p = ag.softmax(scores)
    loss = ag.log(ag.aref(p, 2)) * -1
    np.testing.assert_allclose(ag.gradients(loss, scores).value, p.value - [0, 0, 1], rtol=1e-14)
    hessian = np.diag(p.value) - np.outer(p.value, p.value)
    slope = ag.gradients(loss, scores)
    for i in range(3):
        np.testing.assert_allclose(ag.gradients(slope[i], scores).value, hessian[i], atol=1e-14)


def test_a_stale_input_of_many_is_refused():
    x, y = ag.Node([1.0]), ag.Node([2.0])
    joined = ag.sum(ag.concat([x, y]))
    y.assign([3.0])
    with pytest.raises(errors.StaleError, match="Variable was given another value since"):
        joined.backward()


def test_a_rule_that_asks_numpy_gives_a_float_all_the_same():
    class NumPyExp(ag.Elementwise):
        """eˣ by NumPy, whatever x is."""

        def forward(xp, x):
            return float(np.exp(x))

        def vjp_x(xp, grad, out, x):
            return grad * np.exp(x)

    x = ag.Node(0.0)
    y = x * 2.0
    NumPyExp(y).backward()
    assert (type(y.grad), type(x.grad), x.grad) == (float, float, 2.0)


def test_the_gradient_of_a_number_that_does_not_move_is_a_number():
    x = ag.Node(1.5)
    slope = ag.gradients(ag.floor(x), x).value
    assert (type(slope), slope) == (float, 0.0)
