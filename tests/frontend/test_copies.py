"""Copied nodes and graphs are apart from the originals."""

import copy
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.errors import GraphError, StaleError

COPIES = [copy.copy, copy.deepcopy]


@pytest.mark.parametrize("make", COPIES)
@pytest.mark.parametrize("value", [2.0, np.array([2.0])])
def test_a_copied_leaf_has_a_gradient_of_its_own(make, value):
    m = ag.Node(value, name="m")
    c = make(m)
    ag.sum(m * m + 3.0 * c).backward()
    np.testing.assert_array_equal([m.grad, c.grad], [m.grad * 0 + 4.0, m.grad * 0 + 3.0])
    c.assign(value * 3)
    assert (float(m), float(c), c.name) == (2.0, 6.0, "m")


@pytest.mark.parametrize("make", COPIES)
def test_a_copied_expression_is_differentiated_by_itself(make):
    x = ag.Node(3.0)
    y = x * x
    y.backward()
    other = make(y)
    assert other.grad == 1.0
    leaf = other.inputs[0]
    assert (leaf is x) == (make is copy.copy)
    (other * 2.0).backward()
    assert (leaf.grad, y.grad) == (12.0, 1.0)


def test_copies_are_younger_than_what_they_use_and_as_stale():
    x = ag.Node(2.0)
    y = ag.exp(x * x)
    z = copy.deepcopy([y, x])
    assert z[0].inputs[0].inputs[0] is z[1]
    assert z[0].serial > z[0].inputs[0].serial > z[1].serial > y.serial
    x.assign(1.0)
    with pytest.raises(StaleError):
        copy.deepcopy(y).backward()


def test_a_long_chain_is_copied_without_recursion():
    x = y = ag.Node(1.0)
    for _ in range(20_000):
        y = y + x
    copy.deepcopy(y).backward()
    assert x.grad is None


def network():
    with ag.Graph(verbose=False) as graph:
        x = ag.input(name="x", shape=(2,))
        w = ag.parameter([1.0, 2.0], name="w")
        ag.sum(x * w).named("l")
    return graph


@pytest.mark.parametrize("make", COPIES)
def test_a_copied_graph_runs_by_itself(make):
    graph = network()
    twin = make(graph)
    twin.check()
    assert (type(twin), str(twin)) == (type(graph), str(graph))
    ag.exp(twin["l"])
    assert (len(graph), len(twin)) == ((4, 5) if make is copy.deepcopy else (5, 4))


def test_a_deeply_copied_graph_has_nodes_of_its_own():
    graph = network()
    twin, leaf = copy.deepcopy([graph, graph["w"]])
    assert leaf is twin["w"]
    assert all(node.graph is twin for node in twin if node.inputs)
    twin.forward(x=[3.0, 4.0])
    twin.backward(twin["l"])
    assert (twin["w"].grad.tolist(), graph["w"].grad, graph["l"].value) == ([3.0, 4.0], None, None)


def test_what_is_copied_together_is_copied_once():
    x = ag.Node(2.0)
    leaf, square, other = copy.deepcopy([x, x * x, ag.exp(x)])
    assert square.inputs[0] is leaf is other.inputs[0]
    graph = network()
    leaf, twin = copy.deepcopy([graph["w"], graph])
    assert leaf is twin["w"]


def test_what_was_computed_stays_in_its_process():
    with ag.Graph() as graph:
        w = ag.parameter(2.0, name="w")
        program = ag.compile(graph, w * w)
    for thing in (w * w, ag.input(name="x", shape=()), graph, ag.Graph(), program):
        with pytest.raises(GraphError, match="expected a node to stay in its process"):
            pickle.dumps(thing)


@pytest.mark.parametrize(
    "leaf",
    [
        ag.Node(2.0, name="a"),
        ag.Node(np.array([1, 2]), requires_grad=False),
        ag.parameter([1.0, 2.0], name="w"),
        ag.constant(np.float32(1.0)),
    ],
)
def test_leaves_go_to_other_processes(leaf):
    pair = pickle.loads(pickle.dumps((leaf, leaf)))  # noqa: S301 - our own bytes
    assert pair[0] is pair[1] is not leaf
    for name in ("op", "name", "spec", "requires_grad"):
        assert getattr(pair[0], name) == getattr(leaf, name)
    np.testing.assert_equal(pair[0].value, leaf.value)
    assert type(pair[0].value) is type(leaf.value)
