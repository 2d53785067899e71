"""`jit`: what it takes and gives, what it keeps, what it refuses, and when it records again."""

import copy
import pickle
import threading
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest
from compiled import EXECUTORS, assert_same
from hypothesis import given
from hypothesis import strategies as st
from own_ops import Huber, Swish

import autograd_lite as ag
from autograd_lite.autodiff.trees import map_leaves
from autograd_lite.compiler.jit.jitted import KEPT
from autograd_lite.errors import (
    AutogradError,
    ConfigError,
    DTypeError,
    GraphError,
    OpCallError,
    StaleError,
)

X = np.array([0.5, -1.0, 2.0])
A = np.arange(6.0).reshape(2, 3)


v = ag.Node(X, requires_grad=False)


class Pair(NamedTuple):
    left: Any
    right: Any


def quick(f, **options):
    """A function under jit that is not compiled, so that a test takes no time."""
    return ag.jit(f, executor="numpy", **options)


def rosenbrock(x):
    return ag.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def assert_equal_trees(found, expected):
    """The same containers, types and values."""
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = tuple(found.values()), tuple(expected.values())
    if isinstance(expected, tuple | list):
        assert len(found) == len(expected)
        for a, b in zip(found, expected, strict=True):
            assert_equal_trees(a, b)
    elif isinstance(expected, str | bool | None):
        assert found == expected
    else:
        assert_same(found, expected)


# What comes and goes

CALLS = {
    "an array": (lambda x: x * 2.0, (X,)),
    "two arrays": (lambda x, a: a @ x, (X, A)),
    "float32": (lambda x: x * 2.0 + 1, (X.astype("float32"),)),
    "integers": (lambda n: n * 2 + 1, (np.arange(3),)),
    "no axes": (lambda x: x * x, (np.array(2.0),)),
    "a NumPy scalar": (lambda x: x * x, (np.float32(2.0),)),
    "nothing inside": (lambda x: x + 1.0, (np.ones((0, 2)),)),
    "not contiguous": (lambda x: x * 2.0, (A.T[::2],)),
    "another byte order": (lambda x: x * 2.0, (X.astype(">f8"),)),
    "a float": (lambda x: x * x + 1.0, (3.0,)),
    "an integer": (lambda n: n * n + 1, (3,)),
    "an integer divided": (lambda n: n / 2, (3,)),
    "a boolean": (lambda b: b & True, (True,)),
    "booleans, which count": (
        lambda a, b: (a + b, a - b, a * b, a // b, a % b, a**b, -a, a + True, True + a, a & b),
        (True, True),
    ),
    "a float beside float32": (lambda x, lr: x - lr * x, (X.astype("float32"), 0.1)),
    "an integer beside float32": (lambda x, n: x * n, (X.astype("float32"), 3)),
    "an integer beside int8": (lambda x, n: x + n, (np.ones(2, "int8"), 3)),
    "a float and its square beside float32": (lambda x, h: x * (h * h), (np.ones(2, "f4"), 0.1)),
    "a NumPy scalar beside float32": (lambda x, h: x * h, (np.ones(2, "f4"), np.float64(0.1))),
    "a dict": (lambda p: p["w"] @ p["b"], ({"w": A, "b": X},)),
    "a dict of lists": (lambda p: {"sums": [ag.sum(w) for w in p["w"]]}, ({"w": [A, X]},)),
    "a NamedTuple": (lambda p: Pair(p.right, p.left * 2.0), (Pair(X, A),)),
    "nothing, in a dict": (lambda p: p["w"] if p["b"] is None else None, ({"w": X, "b": None},)),
    "constants": (lambda x: (x * 2.0, 1.0, None, "told", True, np.ones(2), np.float32(2)), (X,)),
    "constants alone": (lambda _: [1.0, np.ones(2)], (X,)),
    "a container of one beside another result": (lambda x: ({"x": x * 2.0}, x + 1.0), (X,)),
    "a tuple in a tuple": (lambda x: ((x * 2.0,), x), (X,)),
    "the argument itself": (lambda x: (x, x), (X,)),
    "the same twice": (lambda x: [y := x * 2.0, y], (X,)),
    "no argument": (lambda: ag.exp(np.zeros(2)), ()),
    "an unused argument": (lambda x, _: x * 2.0, (X, A)),
    "an array from around": (lambda x: x * A, (X,)),
    "a float beside an array from around": (lambda h: A.astype("f4") * h, (0.1,)),
    "a float beside a list": (lambda h: ag.maximum(h, [1.0, 2.0]), (1.5,)),
    "a loop": (lambda x: [row * 2.0 for row in x], (A,)),
    "NumPy's functions": (lambda x: np.exp(x) + np.sum(x), (X,)),
    "indices": (lambda x, i: x[i], (X, np.array([2, 0]))),
    "a large output": (lambda x: x * np.ones((200, 3)), (np.ones((200, 3)),)),
    "large arrays": (lambda x: x.T * 2.0, (np.ones((100, 50)),)),
}


@pytest.mark.parametrize("what", CALLS)
def test_a_call_is_that_of_the_function(what):
    f, args = CALLS[what]
    jitted = quick(f)
    expected = f(*args)
    for _ in range(3):
        found = jitted(*args)
        if isinstance(expected, np.generic | np.ndarray) and np.ndim(expected) == 0:
            assert_same(found, expected)
        else:
            assert_equal_trees(found, expected)


leaves = st.sampled_from([X, A, 2.0, 3, None])
trees = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.lists(parts, max_size=3),
        st.lists(parts, max_size=3).map(tuple),
        st.builds(Pair, parts, parts),
        st.dictionaries(st.sampled_from("abc"), parts, max_size=3),
    ),
    max_leaves=6,
)


@given(tree=trees, others=trees)
def test_any_containers(tree, others):
    def f(p, q):
        return map_leaves(lambda x: x if x is None else x * 2, (p, [q, p]))

    assert_equal_trees(quick(f)(tree, others), f(tree, others))
    assert_equal_trees(quick(lambda *, q: f(q, q)[0])(q=tree), f(tree, tree)[0])


# Transforms, own ops, and one inside of another


def weights(x):
    return {"w": x * 2.0, "b": [x + 1.0]}


def descent(w, c):
    dw, dc = ag.grad(lambda w, c: ag.sum(w) * c, (0, 1))(w, c)
    return w - 0.5 * dw, c - 0.5 * dc


TRANSFORMS = {
    "value_and_grad": (ag.value_and_grad(rosenbrock), (X,)),
    "grad of a float": (ag.grad(lambda x: x**3), (2.0,)),
    "grad of a float, which is 0": (ag.grad(lambda x: 0.0 * x + 1.0), (2.0,)),
    "grad of what is not used": (ag.grad(lambda x: 1.0), (2.0,)),
    "grad of a float among arrays": (ag.grad(lambda x: ag.sum(x * X)), (2.0,)),
    "grad of a float beside float32": (
        ag.value_and_grad(lambda x: ag.sum(x * np.ones(3, "float32"))),
        (2.0,),
    ),
    "grad beside a float": (ag.grad(lambda x, lr: ag.sum(x * lr)), (X.astype("float32"), 0.1)),
    "grad of numbers, one of them a sum": (
        ag.grad(lambda p: ag.sum(p["w"] * p["b"]) * p["c"]),
        ({"w": X, "b": 2.0, "c": 3.0},),
    ),
    "a step of descent with a number beside float32": (descent, (X.astype("float32"), 3.0)),
    "grad of an integer": (ag.grad(lambda x: x**3), (2,)),
    "grad of an integer in a tree": (
        ag.grad(lambda p: ag.sum(p["w"] * p["b"])),
        ({"w": X, "b": 2},),
    ),
    "hessian of an integer in a tree": (
        lambda p: ag.hessian(lambda p: ag.sum(p["w"] * p["b"] ** 2))(p)["w"],
        ({"w": X, "b": 2},),
    ),
    "grad of several": (ag.grad(lambda x, y: ag.sum(x * y), (0, 1)), (X, X + 1.0)),
    "grad of a tree": (ag.grad(lambda p: ag.sum(p["w"] * p["b"][0])), (weights(X),)),
    "vjp": (lambda x, c: ag.vjp(ag.tanh, x)[1](c), (X, X)),
    "jvp": (lambda x, t: ag.jvp(ag.tanh, (x,), (t,)), (X, X)),
    "jvp of a float": (lambda x, t: ag.jvp(lambda x: x * x, (x,), (t,)), (2.0, 3.0)),
    "jacobian": (ag.jacobian(lambda x: ag.tanh(A @ x)), (X,)),
    "hessian": (ag.hessian(rosenbrock), (X,)),
    "hessian of a float": (ag.hessian(lambda x: x**4), (2.0,)),
    "hvp": (lambda x, v: ag.hvp(rosenbrock, x, v), (X, X)),
    "an own op": (ag.value_and_grad(lambda x: ag.sum(Swish(x) * Huber(x, delta=1.0))), (X,)),
    "checkpoint": (ag.grad(ag.checkpoint(lambda x: ag.sum(ag.tanh(x)))), (X,)),
    "stop_gradient": (ag.grad(lambda x: ag.sum(ag.stop_gradient(x) * x)), (X,)),
    "gradients": (
        lambda x: ag.gradients(ag.sum(x * x), x) if isinstance(x, ag.Node) else 2 * x,
        (X,),
    ),
    "a closed grad inside": (lambda x: x * ag.grad(lambda t: t * t)(3.0), (X,)),
    "a grad around an argument": (lambda x: ag.grad(lambda t: ag.sum(t * t * x))(X), (X,)),
    "a grad around an integer": (lambda n: ag.grad(lambda t: t * t * n)(3.0), (2,)),
}


@pytest.mark.parametrize("what", TRANSFORMS)
def test_a_transform_under_jit(what):
    f, args = TRANSFORMS[what]
    found, expected = quick(f)(*args), f(*args)
    if isinstance(expected, np.generic | np.ndarray) and np.ndim(expected) == 0:
        assert_same(found, expected)
    else:
        assert_equal_trees(found, expected)


INSIDE = {
    "grad": lambda f: ag.grad(lambda x: f(x) * 2.0),
    "value_and_grad": ag.value_and_grad,
    "jacobian": ag.jacobian,
    "hessian": ag.hessian,
    "vjp": lambda f: lambda x: ag.vjp(f, x)[1](1.0),
    "jvp": lambda f: lambda x: ag.jvp(f, (x,), (x,)),
    "jit": lambda f: quick(lambda x: f(x) + 1.0),
    "jit of grad": lambda f: quick(ag.grad(f)),
    "checkpoint": lambda f: ag.grad(ag.checkpoint(f)),
}


@pytest.mark.parametrize("what", INSIDE)
def test_jit_inside_of_a_transform(what):
    jitted = quick(rosenbrock)
    assert_equal_trees(INSIDE[what](jitted)(X), INSIDE[what](rosenbrock)(X))
    assert jitted.__name__ == "rosenbrock"


def test_in_a_graph_operations_are_recorded():
    jitted = quick(lambda x: ag.exp(x) * 2.0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        y = jitted(x)
        assert jitted(X).shape == (3,)  # numbers come and go
    assert [node.op.name for node in graph] == ["Input", "Exp", "Constant", "Mul"]
    graph.forward(x=[0.0, 1.0])
    assert_same(y.value, np.exp([0.0, 1.0]) * 2.0)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_what_is_around_is_recorded_in_a_graph(executor):
    c = ag.Node(2.0, requires_grad=False)
    jitted = ag.jit(lambda x: c * x, executor=executor)
    assert [jitted(3.0), jitted(3.0)] == [6.0, 6.0]
    with ag.Graph() as graph:
        y = jitted(3.0)
        with ag.no_grad():
            z = jitted(3.0)
    c.assign(5.0)
    graph.forward()
    assert (y.value, z.value) == (15.0, 15.0)
    with ag.no_grad():
        assert jitted(3.0) == 15.0
    assert ag.checkpoint(lambda x: x * jitted(3.0))(ag.Node(2.0)).value == 30.0


NODES = {
    "an array": (rosenbrock, (X,)),
    "two arrays": (lambda x, a: ag.sum(ag.tanh(a @ x)), (X, A)),
    "a float": (lambda x: x * x, (3.0,)),
    "a float beside an array": (lambda x, h: ag.sum(x * h), (X, 3.0)),
    "a float beside float32": (lambda x, h: ag.sum(x * h), (X.astype("float32"), 3.0)),
    "float32": (lambda x: ag.sum(ag.exp(x)), (X.astype("float32"),)),
    "no axes": (lambda x: x * x, (np.array(2.0),)),
    "what is not used": (lambda x, y: ag.sum(x * x), (X, A)),
    "its gradient": (lambda x: ag.sum(ag.grad(rosenbrock)(x) * X), (X,)),
}


@pytest.mark.parametrize("what", NODES)
def test_a_node_keeps_its_gradient(what):
    f, args = NODES[what]
    jitted = quick(f)
    for _ in range(2):
        nodes, others = ([ag.Node(x) for x in args] for _ in range(2))
        y, expected = jitted(*nodes), f(*others)
        assert_same(y.value, expected.value)
        assert type(y.value) is type(expected.value) or y.shape == ()
        assert y.op.name == "JitCall"
        y.backward()
        expected.backward()
        for x, other in zip(nodes, others, strict=True):
            if other.grad is not None:
                assert_same(x.grad, other.grad)
    first, *_ = ag.gradients(y, nodes[:1])
    if first.requires_grad:
        second = ag.grad(lambda *x: ag.sum(ag.grad(f)(*x)))(*args)
        assert_same(ag.gradients(ag.sum(first), nodes[0]).value, second)
    assert len(jitted.plans) == 1


def test_nodes_in_containers_and_beside_arrays():
    def f(p, x, h):
        return {"y": p["w"] * x, "z": [ag.sum(p["w"]) * h, ag.argmax(p["w"]), x + 1.0, "told"]}

    jitted, node = quick(f), ag.Node(X)
    found = jitted({"w": node}, X, 2.0)
    y, (z, index, other, told) = found["y"], found["z"]
    assert {y.op.name, z.op.name} == {"JitCall"}
    assert (index.value, index.requires_grad, told) == (2, False, "told")
    assert_same(other.value, X + 1.0)
    (ag.sum(y * y) + z).backward()
    assert_same(node.grad, 2.0 * X * X * X + 2.0)


def test_what_is_changed_later_is_not_the_gradients_business():
    node, x, p = ag.Node(X), X.copy(), {"a": [X.copy()]}
    y = quick(lambda w, x, p: ag.sum(w * x * p["a"][0]))(node, x, p)
    x[:], p["a"][0][:] = 7.0, 7.0
    p["a"].append(p.pop("a"))
    y.backward()
    assert_same(node.grad, X * X)


def test_one_node_in_several_places():
    w = ag.Node(X, name="w")
    jitted = quick(lambda x, y: ag.sum(x * y * y * w))
    jitted(w, w).backward()
    assert_same(w.grad, 4.0 * X**3)
    other = ag.Node(X)
    jitted(w, other).backward()
    assert_same(w.grad, 2.0 * X**3)
    assert_same(other.grad, 2.0 * X**3)
    jitted(X, other).backward()
    assert_same(other.grad, 2.0 * X**3)
    assert len(jitted.plans) == 2


def test_a_stale_gradient_is_refused():
    x = ag.Node(X)
    y = quick(rosenbrock)(x)
    x.assign(X * 2.0)
    with pytest.raises(StaleError):
        y.backward()


def test_a_node_is_computed_again_with_a_graph():
    x = ag.Node(2.0, name="x")
    y = quick(lambda x: x * x)(x)
    with ag.Graph() as graph:
        z = y + 1.0
    x.assign(3.0)
    graph.forward()
    assert (y.value, z.value) == (9.0, 10.0)
    assert str(graph).splitlines()[1] == "%1: float64[] = JitCall(%0, segment=<lambda>)"


def test_maps():
    f = lambda x: ag.sum(x * x * X)  # noqa: E731
    assert_same(ag.vmap(quick(f))(A), ag.vmap(f)(A))
    assert_same(quick(ag.vmap(f))(A), ag.vmap(f)(A))
    assert_same(quick(ag.vmap(ag.grad(f)))(A), ag.vmap(ag.grad(f))(A))
    assert_same(ag.vmap(lambda x: quick(lambda t: t * x)(2.0))(X), 2.0 * X)


def test_by_jax():
    pytest.importorskip("jax")
    f = ag.value_and_grad(lambda x, h: ag.sum(x * h * v))
    jitted = ag.jit(f, executor="jax")
    for x in (X, X * 2.0, X.astype("float32")):
        assert_equal_trees(jitted(x, 2.0), quick(f)(x, 2.0))


# What the function takes from around it


def test_a_parameter_is_read_at_each_call():
    w = ag.Node(X, requires_grad=False)
    jitted = quick(lambda x: ag.sum(w * x))
    assert jitted(X) == np.sum(X * X)
    w.assign(X * 2.0)
    assert jitted(X) == np.sum(2 * X * X)
    h = w * w  # computed outside: its value is what it was computed to be
    jitted = quick(lambda x: h + x)
    w.assign(X)
    assert_same(jitted(0.0), 4 * X * X)


@pytest.mark.parametrize("w", [ag.Node(2.0), ag.parameter([1.0, 2.0, 3.0])])
def test_the_gradient_of_a_parameter_is_not_lost(w):
    jitted = quick(lambda x: ag.sum(w * x))
    for _ in range(2):
        y = jitted(X)
        y.backward()
        assert isinstance(y, ag.Node)
        assert_same(w.grad, ag.grad(lambda w: ag.sum(w * X))(w.value))
    with ag.no_grad():
        y = jitted(X)
        assert (y.op.name, y.requires_grad) == ("Constant", False)
        assert_same(y.value, ag.sum(w * X).value)
        own = ag.Node(X)
        jitted(own).backward()
        assert_same(own.grad, np.broadcast_to(w.value, 3))
        with ag.no_grad():
            assert not jitted(own).requires_grad
    stopped = quick(lambda x: ag.sum(ag.stop_gradient(w) * x))
    assert not isinstance(stopped(X), ag.Node)


def test_a_node_of_another_shape_is_recorded_anew():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        h = x * 2.0
    jitted = quick(lambda c: ag.sum(h) * c)
    assert jitted(1.0).graph is graph  # nothing is there yet to compute with
    for feed in ([1.0, 2.0], [1.0, 2.0, 3.0], [1.0]):
        graph.forward(x=feed)
        assert jitted(1.0) == 2 * sum(feed)


def test_leaves_made_inside():
    def f(x):
        own = ag.Node(X)
        own.assign(X * 2.0)
        own.value = X * 3.0
        return x * own

    assert_same(quick(f)(X), X * X * 3.0)


def test_a_captured_node_inside_of_another_record():
    @quick
    def outer(x):
        return quick(lambda t: t * x)(2.0) + quick(lambda t: t * 3.0)(1.0)

    assert_same(outer(X), 2.0 * X + 3.0)
    assert ag.grad(lambda x: quick(lambda t: t * x)(3.0))(2.0) == 3.0


# Static arguments


def power(x, n=2, *, how="product"):
    if how == "product":
        for _ in range(n - 1):
            x = x * x if n == 0 else x * 2.0
        return x
    return x**n


@pytest.mark.parametrize(
    "options",
    [
        {"static_argnums": 1, "static_argnames": "how"},
        {"static_argnums": (1,), "static_argnames": ["how"]},
        {"static_argnums": -1, "static_argnames": ("how",)},
        {"static_argnames": ("n", "how")},
    ],
)
def test_static_arguments(options):
    jitted = quick(power, **options)
    calls = [((X, 3), {}), ((X, 2), {"how": "power"}), ((X,), {"n": 3, "how": "power"}), ((X,), {})]
    for args, names in calls * 2:
        assert_same(jitted(*args, **names), power(*args, **names))
    assert len(jitted.plans) == len(calls)


def test_static_values_of_different_kinds_are_different():
    jitted = quick(lambda x, n: x * n, static_argnums=1)
    found = [jitted(np.ones(1, "int64"), n) for n in (1, 1.0, True)]
    assert [x.dtype.kind for x in found] == ["i", "f", "i"]


def test_static_values_of_many_arguments():
    def f(*xs, **names):
        return xs[0] * (1.0 if xs[1] is np else 2.0) + names["c"]

    assert_same(quick(f, static_argnums=1)(X, np, c=1.0), X + 1.0)


def test_an_argument_of_the_name_of_an_option():
    def f(x, /, **options):
        return x - options["x"]

    assert quick(f)(3.0, x=2.0) == 1.0
    with pytest.raises(TypeError, match="multiple values"):
        quick(power)(X, x=X)


def test_a_method():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @ag.jit
        def broken(self, x):
            return x * self.factor

        def times(self, x):
            return x * self.factor

        times = quick(times, static_argnums=0)

    assert_same(Scale(2.0).times(X), X * 2.0)
    assert_same(Scale(3.0).times(X), X * 3.0)
    assert isinstance(Scale.times, type(quick(power)))
    with pytest.raises(DTypeError, match="static_argnames='self'"):
        Scale(2.0).broken(X)


# What is refused

w, graph = ag.Node(X, name="w"), ag.Graph()
with graph:
    fed = ag.input(name="fed", shape=(), dtype="float64")
    doubled = fed * 2.0
graph.forward(fed=1.0)
program = ag.compile(graph, doubled, {w: w * 2.0}, executor="numpy")


def branch(x):
    return x if x[0] > 0 else -x


def assignment(x):
    w.assign(X)
    return x


def assignment_by_value(x):
    w.value = X
    return x


def append_elsewhere(x):
    with graph:
        return x * 2.0


def forward(x):
    graph.forward(fed=2.0)
    return x


def step(x):
    program(fed=1.0)
    return x


def read_within_no_grad(x):
    with ag.no_grad():
        return x * float(w[0])


def caught(x):
    try:
        return branch(x)
    except Exception:  # noqa: BLE001
        return x * 7.0


def filled(x):
    found = np.zeros(3)
    found[0] = x[0]
    return found


NEEDS = "does the same for all values"
STAYS = "taken out, which would stay as it is now"
CHANGES = "changes nothing outside"
REFUSED = {
    "a branch": (branch, NEEDS),
    "a branch that catches what it is told": (caught, NEEDS),
    "an element of an array": (filled, NEEDS),
    "and": (lambda x: x[0] and x[1], NEEDS),
    "assert": (lambda x: x if bool(ag.all(x)) else 1 / 0, NEEDS),
    "while": (lambda x: iter(lambda: bool(x[0]), True).__next__(), NEEDS),
    "float": (lambda x: float(x[0]), NEEDS),
    "int": (lambda x: int(x[0]), NEEDS),
    "item": (lambda x: x[0].item(), NEEDS),
    "item inside of grad": (ag.grad(lambda x: x[0].item()), NEEDS),
    "value": (lambda x: x.value, NEEDS),
    "asarray": (lambda x: np.asarray(x) + 1.0, NEEDS),
    "an index": (lambda x: [1, 2][ag.argmax(x)], NEEDS),
    "range": (lambda x: list(range(ag.argmax(x))), NEEDS),
    "a format": (lambda x: f"{x[0]:.2f}", NEEDS),
    "an element to be found": (lambda x: x[0] in [1.0, 2.0], NEEDS),
    "backward": (lambda x: ag.sum(x).backward(), NEEDS),
    "dlpack": (np.from_dlpack, NEEDS),
    "a branch in a checkpoint": (ag.checkpoint(branch), NEEDS),
    "a value from around": (lambda x: x * w.value, STAYS),
    "a number from around": (lambda x: x * doubled.item(), STAYS),
    "a branch on what is around": (lambda x: x if doubled else 0.0, STAYS),
    "backward of what is around": (lambda x: (ag.sum(w).backward(), x)[1], NEEDS),
    "a number within no_grad": (read_within_no_grad, NEEDS),
    "assign": (assignment, CHANGES),
    "an assignment to value": (assignment_by_value, CHANGES),
    "an append to another graph": (append_elsewhere, CHANGES),
    "forward": (forward, CHANGES),
    "a step of a program": (step, CHANGES),
    "an object to be returned": (lambda x: object(), "to be returned"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_the_line(what):
    f, told = REFUSED[what]
    jitted, before = quick(f), w.value
    for _ in range(2):
        with pytest.raises(GraphError, match=told) as caught:
            jitted(X)
    assert caught.value.place.startswith(__file__)
    assert (len(jitted.plans), w.value is before, fed.value) == (0, True, 1.0)


def test_a_refusal_in_full():
    with pytest.raises(GraphError) as caught:
        quick(branch)(X)
    place = f"{__file__}:{branch.__code__.co_firstlineno + 1} in branch"
    assert str(caught.value) == (
        "jit of branch: expected a function that does the same for all values of its arguments\n"
        "  came:  a branch (if, while, assert) on Greater %3, bool[], or a value taken out of it by"
        " float, item, np.asarray or an index\n"
        f"  at:    {place}\n"
        "  try:   write ag.where(condition, a, b) for a branch; name an argument that is a setting"
        " in static_argnames"
    )


ARGUMENTS = {
    "a text": (
        ("relu",),
        DTypeError,
        "x to be real numbers.*\n.*came:  str\n.*\n.*static_argnames='x'",
    ),
    "a text in a dict": (({"a": ["relu"]},), DTypeError, r"x\['a'\]\[0\] to be real numbers"),
    "a complex number": ((1j,), DTypeError, "came:  complex"),
    "a complex array": ((np.ones(2) * 1j,), DTypeError, "came:  ndarray of complex128"),
    "objects": ((np.array([None]),), DTypeError, "ndarray of object"),
    "a masked array": ((np.ma.masked_array(X, X > 0),), DTypeError, "MaskedArray of float64"),
    "an integer of many digits": ((2**70,), DTypeError, "came:  int"),
    "an unhashable static": ((X, [1]), OpCallError, "a static argument n that can be a key"),
}


@pytest.mark.parametrize("what", ARGUMENTS)
def test_arguments_that_are_refused(what):
    args, error, told = ARGUMENTS[what]
    jitted = quick(lambda x, n=None: x, static_argnames="n")
    with pytest.raises(error, match=told):
        jitted(*args)
    assert not jitted.plans


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_an_integer_that_the_array_beside_it_cannot_hold(executor, dtype):
    wide = -1 if dtype.startswith("u") else 2**40
    jitted = ag.jit(lambda x, n: (x + n, x * (n * 1)), executor=executor)
    for _ in range(2):
        assert jitted(np.ones(2, dtype), 3)[0].tolist() == [4, 4]
        with pytest.raises(OverflowError, match=f"{wide} out of bounds for {dtype}"):
            jitted(np.ones(2, dtype), wide)


@pytest.mark.parametrize(
    ("f", "options", "told"),
    [
        (3, {}, "expected a function"),
        (abs, {"executor": "fast"}, "executor to be one of auto, numpy, native, jax"),
        (power, {"static_argnums": 2}, "static arguments among .*\n.*came:  2"),
        (power, {"static_argnums": "n"}, "came:  'n'"),
        (power, {"static_argnums": -3}, "came:  -3"),
        (power, {"static_argnames": "m"}, "came:  'm'"),
        (lambda: 1.0, {"static_argnames": "m"}, "among none"),
    ],
)
def test_options_that_are_refused(f, options, told):
    with pytest.raises(ConfigError, match=told):
        ag.jit(f, **options)


def test_a_function_without_a_signature():
    assert quick(max)((1.0,)) == 1.0
    with pytest.raises(TypeError, match="missing"):
        quick(power)()


def test_an_error_in_the_middle_names_the_users_node():
    jitted = quick(ag.aref)
    with pytest.raises(AutogradError) as caught:
        jitted(X, np.int64(5))
    assert caught.value.place.startswith(__file__)
    assert jitted(X, np.int64(2)) == 2.0


# What is kept


def test_results_are_the_callers_own():
    jitted = quick(lambda x: (x * 2.0, np.ones(2)))
    first = jitted(X)
    for x in first:
        x[:] = 7.0
    assert_equal_trees(jitted(X), (X * 2.0, np.ones(2)))
    assert_same(first[0], np.full(3, 7.0))


def test_an_argument_is_not_kept():
    x = X.copy()
    jitted = quick(lambda x: x * 2.0)
    jitted(x)
    x[:] = 1.0
    assert_same(jitted(x), np.full(3, 2.0))


def test_the_last_records_are_kept():
    jitted = quick(lambda x: x * 2.0)
    for n in range(KEPT + 3):
        jitted(np.ones(n))
    assert len(jitted.plans) == KEPT
    jitted(np.ones(5))
    assert [plan.outputs[0].shape for plan in jitted.plans[-2:]] == [(KEPT + 2,), (5,)]


def test_what_was_recorded_can_be_looked_at():
    jitted = quick(lambda x, p: x * p["w"])
    for look in ("source", "graph"):
        with pytest.raises(GraphError, match="a call before"):
            getattr(jitted, look)
    jitted(X, {"w": 2.0})
    assert "multiply" in jitted.source
    assert isinstance(jitted.graph, ag.Graph)
    assert [node.name for node in jitted.graph] == ["x", "p['w']", None]
    jitted(X.astype("float32"), {"w": 2.0})
    assert [plan.outputs[0].dtype.name for plan in jitted.plans] == ["float64", "float32"]
    assert jitted.graph["x"].dtype == np.float32
    assert repr(jitted) == "<jit of <lambda>: 2 kinds of arguments>"


def test_names_of_what_is_around():
    v, u = ag.Node(1.0, name="x", requires_grad=False), ag.Node(1.0, requires_grad=False)
    jitted = quick(lambda x: x * v * v * u)
    jitted(X)
    names = [node.name for node in jitted.graph.inputs]
    assert names == ["x", "x 1", "Variable"]


def told(capsys):
    return [line for line in capsys.readouterr().out.splitlines() if line.startswith("jit")]


def test_a_call_that_records_says_so(capsys):
    jitted = quick(lambda x, n=1: [x, n], static_argnames="n", explain=True)
    jitted(X)
    jitted(X)
    for x in (X[:2], X.astype("float32"), np.ones((1, 1), "int8"), 1.0, [X]):
        jitted(x)
    jitted(X, n=3)
    jitted(X, n=4)
    jitted(X)
    jitted(X[:1], n=5)
    jitted(X[:1])
    jitted(ag.Node(1.0))
    shape = "a new shape: float64[1] where it was float64[3]"
    node = "a new kind of argument: node float64[] where it was float64[1]"
    assert told(capsys) == [
        f"jit of <lambda>: {line}"
        for line in (
            "the first call; traced for x float64[3]",
            "a new shape: float64[2] where it was float64[3]; traced for x float64[2]",
            "a new dtype: float32[3] where it was float64[3]; traced for x float32[3]",
            "a new shape and dtype: int8[1, 1] where it was float32[3]; traced for x int8[1, 1]",
            "a new kind of argument: float where it was int8[1, 1]; traced for x float",
            "a new form of the arguments; traced for x[0] float64[3]",
            "a new static value: n=3; traced for x float64[3], n=3",
            "a new static value: n=4; traced for x float64[3], n=4",
            f"a new static value: n=5, {shape}; traced for x float64[1], n=5",
            "a new static value: no n; traced for x float64[1]",
            f"{node}; traced for x node float64[]",
        )
    ]


@quick
def decorated(x):
    return x * 2.0


def test_a_copy_is_the_same_function():
    jitted = quick(rosenbrock)
    assert copy.deepcopy({"f": jitted}) == {"f": jitted}
    assert pickle.loads(pickle.dumps(decorated)) is decorated  # noqa: S301 - our own
    assert copy.copy(decorated) is decorated
    with pytest.raises(pickle.PicklingError, match="not the same object"):
        pickle.dumps(jitted)  # the name is that of the function without jit
    with pytest.raises(pickle.PicklingError, match="jit of partial"):
        pickle.dumps(quick(partial(rosenbrock)))


def test_threads():
    jitted = quick(lambda x: ag.sum(x * x))
    wrong = []

    def work(k):
        for n in range(20):
            x = np.full(1 + (k + n) % 5, float(k))
            if jitted(x) != x.size * k * k:
                wrong.append((k, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# Native code, and the short way to it

NATIVE = {
    "a value and its gradient": (ag.value_and_grad(rosenbrock), (X,)),
    "numbers": (lambda x, n: (x * n, n + 1, x > 0), (2.0, 3)),
    "no axes": (lambda x: x * x, (np.array(2.0),)),
    "an unused argument": (lambda x, _, c: x * 2.0, (X, A, 1.0)),
    "constants": (lambda x: {"a": [x * 2.0, np.ones(2)], "b": None}, (X,)),
    "large arrays": (lambda x, y: (x.T * 2.0 + y, ag.sum(x)), (np.ones((80, 70)), np.ones(80))),
    "what is around": (lambda x: x * v + doubled, (X,)),
    "a product by BLAS": (lambda x: x @ x, (np.ones((110, 110)),)),
    "labels": (ag.aref, (X, np.int64(1))),
    "a label of many": (lambda p, i: ag.sum(ag.aref(p["w"], i)), ({"w": A}, np.array([0, 1]))),
    "through NumPy": (ag.linalg.inv, (np.eye(2),)),
}


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
@pytest.mark.parametrize("what", NATIVE)
def test_native(what):
    f, args = NATIVE[what]
    jitted = ag.jit(f)
    expected = quick(f)(*args)
    results = [jitted(*args) for _ in range(3)]
    for found in results:
        assert_equal_trees(found, expected)
    assert jitted.plans[0].executor.startswith("native")
    moved = [x * 2 if isinstance(x, np.ndarray | float) else x for x in args]
    assert_equal_trees(jitted(*moved), quick(f)(*moved))
    for found in results:  # none of them was a buffer that has changed since
        assert_equal_trees(found, expected)


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
def test_the_short_way_of_trees_and_names():
    def f(x, p, how, *, scale, n=None):
        return {"y": [x * p["w"][0] * scale], "z": p["w"][1].left, "how": how, "n": n}

    jitted = ag.jit(f, static_argnames=("how", "n"))
    for how, n in [("a", 1), ("b", None), ((1, 2), 1.5)] * 2:
        p = {"w": (X, Pair(2.0, None)), "b": []}
        assert_equal_trees(jitted(X, p, how, scale=2.0, n=n), f(X, p, how, scale=2.0, n=n))
        assert_equal_trees(jitted(X, p=p, n=n, how=how, scale=2.0), f(X, p, how, scale=2.0, n=n))
    p = {"b": [], "w": (X, Pair(2.0, None))}
    assert jitted(X, p, "a", scale=2.0)["z"] == 2.0
    p = {"b": [], "w": [X, Pair(2.0, None)]}
    assert jitted(X, p, "a", scale=2.0)["z"] == 2.0
    with pytest.raises(TypeError, match="how"):
        jitted(X, p, scale=2.0)
    for _ in range(2):
        with pytest.raises(KeyError):
            jitted(X, {"v": X}, "a", scale=2.0)


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
def test_what_was_used_last():
    jitted = ag.jit(lambda x: x * 2.0)
    calls = [np.ones(n) for n in (1, 2, 3)]
    for x in [*calls, calls[0], calls[0]]:
        jitted(x)
    assert [plan.outputs[0].shape for plan in jitted.plans] == [(2,), (3,), (1,)]
    assert jitted.graph["x"].shape == (1,)


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
def test_the_short_way_is_left_for_other_arguments():
    jitted = ag.jit(lambda x, n: x * n)
    large = np.ones((80, 70))
    for x, n in [(X, 2), (X, 3), (X, 2.0), (X, 3.0), (X[:2], 3.0), (X[::2], 3.0)]:
        assert_same(jitted(x, n), x * n)
    assert_same(jitted(X, n=2), X * 2)
    for x in (large, large.T.copy().T, large.astype("f4"), [1.0], large, large[::-1]):
        expected = [y * 2.0 for y in x] if isinstance(x, list) else x * 2.0
        f = jitted if not isinstance(x, list) else ag.jit(lambda x, n: [y * n for y in x])
        assert_equal_trees(f(x, 2.0), expected)
    for _ in range(2):
        jitted(X, 3)
        with pytest.raises(DTypeError):
            jitted(X, 2**70)
    with pytest.raises(TypeError):
        jitted(X)


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
def test_the_short_way_refuses_what_the_long_one_does():
    u = ag.Node(X, requires_grad=False)
    jitted = ag.jit(lambda i: u[i])
    for _ in range(2):
        assert jitted(np.array([1, 2])).tolist() == [-1.0, 2.0]
        with pytest.raises(AutogradError, match="GetItem"):
            jitted(np.array([1, 5]))
    u.assign(X * 2.0)
    assert jitted(np.array([1, 2])).tolist() == [-2.0, 4.0]


@pytest.mark.skipif("native" not in EXECUTORS, reason="there is no C compiler")
def test_what_takes_long_to_compile_runs_at_once(monkeypatch):
    monkeypatch.setattr("autograd_lite.compiler.jit.record.PATIENCE", 0.0)
    monkeypatch.setattr(
        "autograd_lite.compiler.executors.native.toolchain.is_compiled", lambda *_: 0
    )
    jitted = ag.jit(lambda x: x * 2.0 + 1.0)
    assert_same(jitted(X), X * 2.0 + 1.0)
    assert jitted.plans[0].executor.startswith("numpy: native code pays from")
