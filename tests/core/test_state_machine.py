"""A random graph grows beside a naive twin that differentiates forwards, with dense Jacobians.

The twin shares nothing with the engine: no sweep, no rules, no accumulation. It keeps, for each
value, its derivative with respect to each leaf as one big array, and recomputes all from scratch.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

import autograd_lite as ag
from autograd_lite import errors

# name: (function, derivatives of each operand), both of them on plain arrays
UNARY = {
    "Tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "Neg": (np.negative, lambda x: -np.ones_like(x)),
    "Sigmoid": (lambda x: 0.5 + 0.5 * np.tanh(x / 2), lambda x: 0.25 / np.cosh(x / 2) ** 2),
}
BINARY = {
    "Add": (np.add, lambda x, y: (1.0, 1.0)),
    "Sub": (np.subtract, lambda x, y: (1.0, -1.0)),
    "Mul": (np.multiply, lambda x, y: (y, x)),
}


@dataclass
class Twin:
    """A value as the twin knows it: how to compute it again, and its dense derivatives."""

    compute: Any  # () -> (value, {leaf number: derivative of shape value.shape + leaf.shape})
    node: ag.Node


numbers = st.floats(-2, 2).map(lambda x: round(x, 3))


class GrowingGraph(RuleBasedStateMachine):
    nodes = Bundle("nodes")

    def __init__(self):
        super().__init__()
        self.graph = ag.Graph()
        self.leaves = []  # (node, value)
        self.stale = False

    @rule(target=nodes, values=st.lists(numbers, max_size=2), scalar=st.booleans())
    def leaf(self, values, scalar):
        value = np.asarray(values[0] if scalar and values else ([*values, 1.0, 2.0])[:2], float)
        with self.graph:
            node = ag.parameter(value)
        number = len(self.leaves)
        self.leaves.append([node, value])
        identity = np.eye(value.size).reshape(value.shape * 2)
        return Twin(lambda: (self.leaves[number][1], {number: identity}), node)

    @rule(target=nodes, name=st.sampled_from(sorted(UNARY)), x=nodes)
    def unary(self, name, x):
        function, derivative = UNARY[name]

        def compute():
            value, jacobian = x.compute()
            scale = derivative(value)
            return function(value), {k: _scaled(scale, d, value) for k, d in jacobian.items()}

        return Twin(compute, self._append(name, x))

    @rule(target=nodes, name=st.sampled_from(sorted(BINARY)), x=nodes, y=nodes)
    def binary(self, name, x, y):
        function, derivatives = BINARY[name]

        def compute():
            (a, da), (b, db) = x.compute(), y.compute()
            out = function(a, b)
            fa, fb = derivatives(a, b)
            parts = [{k: _scaled(f, _raised(d, v, out), out) for k, d in jac.items()}
                     for f, jac, v in ((fa, da, a), (fb, db, b))]  # fmt: skip
            return out, _added(*parts)

        return Twin(compute, self._append(name, x, y))

    @rule(target=nodes, x=nodes)
    def total(self, x):
        def compute():
            value, jacobian = x.compute()
            axes = tuple(range(value.ndim))
            return value.sum(), {k: d.sum(axis=axes) for k, d in jacobian.items()}

        return Twin(compute, self._append("Sum", x))

    @precondition(lambda self: self.leaves)
    @rule(data=st.data())
    def assign(self, data):
        leaf = data.draw(st.sampled_from(range(len(self.leaves))))
        node, old = self.leaves[leaf]
        self.leaves[leaf][1] = new = np.array(data.draw(st.lists(numbers, min_size=old.size, max_size=old.size))).reshape(old.shape)  # fmt: skip
        node.assign(new)
        self.stale = True

    @rule()
    def run_again(self):
        self.graph.forward()
        self.stale = False

    @precondition(lambda self: not self.stale)
    @rule(x=nodes, symbolic=st.booleans())
    def differentiate(self, x, symbolic):
        value, jacobian = x.compute()
        np.testing.assert_allclose(x.node.value, value, rtol=1e-12, atol=1e-12)
        cotangent = np.linspace(1, 2, value.size).reshape(value.shape)
        self.graph.backward(x.node, cotangent)
        for number, (node, leaf) in enumerate(self.leaves):
            if number in jacobian:
                expected = np.tensordot(cotangent, jacobian[number], axes=value.ndim)
                np.testing.assert_allclose(node.grad, expected, rtol=1e-9, atol=1e-12)
                assert node.grad.shape == leaf.shape
                if symbolic:
                    with ag.Graph():  # not in ours: it would grow without end
                        again = ag.gradients(x.node, node, cotangent=cotangent)
                    np.testing.assert_allclose(again.value, node.grad, rtol=1e-12, atol=1e-15)
            else:
                assert node.grad is None

    @precondition(lambda self: self.stale)
    @rule(x=nodes)
    def a_stale_gradient_is_refused_or_right(self, x):
        value, _ = x.compute()
        before = [node.grad for node, _ in self.leaves]
        try:
            self.graph.backward(x.node, np.ones(value.shape))
        except errors.StaleError:
            assert all(now is then.grad for now, (then, _) in zip(before, self.leaves, strict=True))
        else:
            np.testing.assert_allclose(x.node.value, value, rtol=1e-12, atol=1e-12)

    @invariant()
    def sound(self):
        self.graph.check()

    def _append(self, name, *twins):
        with self.graph:
            return ag.ops.OPS[name](*(t.node for t in twins))


def _scaled(scale, derivative, out):
    """A derivative of shape out.shape + leaf.shape, times an array of shape out.shape."""
    extra = derivative.ndim - np.ndim(out)
    return np.broadcast_to(scale, np.shape(out)).reshape(np.shape(out) + (1,) * extra) * derivative


def _raised(derivative, value, out):
    """A derivative of value as one of what value is broadcast to."""
    missing = np.ndim(out) - np.ndim(value)
    leaf_shape = derivative.shape[np.ndim(value) :]
    raised = derivative.reshape((1,) * missing + derivative.shape)
    return np.broadcast_to(raised, np.shape(out) + leaf_shape)


def _added(a, b):
    return {k: a.get(k, 0.0) + b.get(k, 0.0) for k in a | b}


TestGrowingGraph = GrowingGraph.TestCase
TestGrowingGraph.settings = settings(max_examples=25, stateful_step_count=25)


def test_the_twin_notices_a_wrong_rule(monkeypatch):
    monkeypatch.setattr(ag.ops.Tanh, "vjps", (lambda xp, grad, out, x: grad * (1.001 - out * out),))
    machine = GrowingGraph()
    x = machine.leaf(values=[0.5], scalar=True)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        machine.differentiate(x=machine.unary(name="Tanh", x=x), symbolic=False)
