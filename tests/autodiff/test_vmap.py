"""`vmap`: trees and axes, nesting with every transform, graphs, and what is refused."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.autodiff import rows
from autograd_lite.errors import (
    AutogradError,
    ConfigError,
    DTypeError,
    GraphError,
    LabelError,
    OpCallError,
    ShapeError,
)
from autograd_lite.ops.batching import looping, stacked

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=(4, 3))
W = RANDOM.normal(size=(3, 3))


def energy(x):
    return ag.sum(ag.tanh(x @ W) * x)


def layer(x):
    return ag.tanh(x @ W) * x


def each(f, *stacks):
    """What a loop gives."""
    return [f(*args) for args in zip(*stacks, strict=True)]


def assert_equal(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


# Arguments and results


def test_trees_of_arguments_and_axes():
    def f(x, tree, *, shift):
        return {"a": x * tree["w"] + shift, "b": (tree["v"][0], x.shape)}

    tree = {"w": X.T, "v": [np.float64(2.0)]}
    axes = (0, {"w": 1, "v": None})
    found = ag.vmap(f, axes, {"a": 1, "b": (0, None)})(X[:, 0], tree, shift=1.0)
    assert_equal(found["a"], (X[:, :1] * X + 1).T)
    assert_equal(found["b"][0], [2.0] * 4)
    assert found["b"][1] == ()


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_axes_from_either_end(axis):
    stack = np.moveaxis(X[:, :, None] * Y[:, None, :], 0, axis)
    found = ag.vmap(lambda x: x + ag.sum(x), axis, axis)(stack)
    expected = np.stack([x + x.sum() for x in np.moveaxis(stack, axis, 0)], axis)
    assert_equal(found, expected)


def test_in_axes_for_each_argument():
    assert_equal(ag.vmap(ag.multiply, [0, None])(X, Y[0]), X * Y[0])
    assert_equal(ag.vmap(ag.multiply, (None, 1))(X[0], Y.T), X[0] * Y)


def test_results_that_are_the_same_for_all():
    repeated, once, number = ag.vmap(lambda x: (W[0] + 0.0, W[0] * 2.0, 1.0), 0, (0, None, 0))(X)
    assert_equal(repeated, [W[0]] * 4)
    assert_equal(once, W[0] * 2)
    assert_equal(number, np.ones(4))
    repeated[0] = 0.0  # they are the caller's own
    assert_equal(repeated[1], W[0])


def test_results_are_not_the_arguments():
    found = ag.vmap(lambda x: x)(X)
    found[:] = 0.0
    assert X.any()


def test_several_outputs():
    matrices = X[:, :, None] * Y[:, None, :] + 3 * np.eye(3)
    for found, single in zip(
        ag.vmap(ag.linalg.svd)(matrices), np.linalg.svd(matrices), strict=True
    ):
        assert_equal(found, single)
    w = ag.Node(W)
    logarithms = ag.vmap(lambda _: ag.linalg.slogdet(w)[1])(X)
    assert_equal(logarithms.value, [np.linalg.slogdet(W)[1]] * 4)
    assert_equal(ag.vmap(lambda _: ag.linalg.slogdet(ag.Node(W))[1])(X), logarithms.value)


def test_numbers_are_not_told_from_zero_dimensional_arrays():
    single = ag.vmap(lambda x: x * ag.exp(np.float32(1.0)))(np.float32(X[0]))
    assert single.dtype == np.float32
    double = ag.vmap(lambda x: x * ag.constant(np.array(1.0)))(np.float32(X[0]))
    assert double.dtype == np.float64  # as one call has it


def test_numpy_s_own_functions():
    assert_equal(ag.vmap(lambda x: np.concatenate([np.exp(x), 2.0 * x]))(X)[:, :3], np.exp(X))


# Nesting


NESTED = {
    "grad": ag.grad(energy),
    "value_and_grad": lambda x: ag.value_and_grad(energy)(x)[1],
    "vjp": lambda x: ag.vjp(layer, x)[1](x)[0],
    "jvp": lambda x: ag.jvp(layer, (x,), (x,))[1],
    "jacobian": ag.jacobian(layer),
    "hessian": ag.hessian(energy),
    "hvp": lambda x: ag.hvp(energy, x, x),
    "vmap": ag.vmap(lambda x: ag.sin(x) * x),
    "checkpoint": ag.checkpoint(layer),
    "grad of checkpoint": ag.grad(lambda x: ag.sum(ag.checkpoint(layer)(x))),
    "no_grad": ag.no_grad()(layer),
    "jacobian of several outputs": ag.jacobian(
        lambda x: ag.linalg.eigvalsh(x[:, None] * x + np.diag([1.0, 2.0, 4.0]))
    ),
    "jacobian of vmap": ag.jacobian(ag.vmap(lambda x: ag.sin(x) * x)),
}


@pytest.mark.parametrize("name", NESTED)
def test_vmap_of_transforms(name):
    assert_equal(ag.vmap(NESTED[name])(X), np.stack(each(NESTED[name], X)))


def total(x):
    return ag.sum(ag.vmap(energy)(x) ** 2)


def total_in_a_loop(x):
    return sum(energy(x[k]) ** 2 for k in range(4))


TRANSFORMS = {
    "grad": ag.grad,
    "hessian": ag.hessian,
    "jacobian": ag.jacobian,
    "jvp": lambda f: lambda x: ag.jvp(f, (x,), (Y,))[1],
    "hvp": lambda f: lambda x: ag.hvp(f, x, Y),
    "checkpoint": lambda f: ag.grad(ag.checkpoint(f)),
    "vmap": lambda f: lambda x: ag.vmap(f)(np.stack([x, Y])),
    "vmap of grad": lambda f: lambda x: ag.vmap(ag.grad(f))(np.stack([x, Y])),
    "grad of vmap of grad": lambda f: ag.grad(
        lambda x: ag.sum(ag.vmap(ag.grad(f))(ag.stack([x, Y])))
    ),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_of_vmap(name):
    transform = TRANSFORMS[name]
    assert_equal(transform(total)(X), transform(total_in_a_loop)(X))


def test_a_checkpoint_inside_keeps_what_is_around_it():
    w = ag.Node(W)

    def f(x):
        return ag.checkpoint(lambda x: ag.sum(ag.tanh(x @ w)))(x)

    ag.sum(ag.vmap(f)(X)).backward()
    found = w.grad
    sum(each(f, X)).backward()
    assert_equal(found, w.grad)


def test_gradients_reach_nodes_from_around():
    w = ag.Node(W, name="w")

    def f(x):
        return ag.sum(ag.tanh(x @ w) * ag.exp(w))

    ag.sum(ag.vmap(f)(X)).backward()
    found = w.grad
    sum(each(f, X)).backward()
    assert_equal(found, w.grad)
    single = ag.vmap(lambda x: ag.gradients(f(x), w))(X)
    assert_equal(single.value, [ag.gradients(f(x), w).value for x in X])


def test_per_example_gradients_of_a_network():
    W1, W2, labels = RANDOM.normal(size=(3, 5)), RANDOM.normal(size=(5, 4)), np.array([0, 3, 1, 1])

    def loss(weights, x, label):
        scores = ag.relu(x @ weights["first"]) @ weights["second"]
        return ag.cross_entropy_with_logits(scores, label)

    weights = {"first": W1, "second": W2}
    found = ag.vmap(ag.grad(loss), in_axes=(None, 0, 0))(weights, X, labels)
    for k in range(4):
        single = ag.grad(loss)(weights, X[k], labels[k])
        assert_equal(found["first"][k], single["first"])
        assert_equal(found["second"][k], single["second"])


def test_only_labels_are_mapped():
    found = ag.vmap(ag.grad(lambda w, i: ag.sum(w[i] ** 2)), (None, 0))(W, np.array([2, 0]))
    assert_equal(found, [ag.grad(lambda w, i=i: ag.sum(w[i] ** 2))(W).tolist() for i in (2, 0)])


PICKS = {
    "an element": (lambda x, i: x[i], X, np.array([2, 0, -1, 1])),
    "elements": (lambda x, i: x[i], X, np.array([[2, 0], [0, 0], [1, -1], [1, 2]])),
    "rows": (lambda x, i: x[i], X[:, :, None] * Y[:, None, :], np.array([[2], [0], [1], [1]])),
    "of one table": (lambda _, i: ag.constant(W)[i], X, np.array([2, 0, -1, 1])),
    "looked up in one table": (
        lambda _, i: ag.embedding(ag.constant(W), i),
        X,
        np.array([2, 0, 1, 1]),
    ),
    "a column": (lambda x, i: x[:, i], X[:, :, None] * Y[:, None, :], np.array([2, 0, 1, 1])),
    "of a part": (lambda x, i: x[i, 1:], X[:, :, None] * Y[:, None, :], np.array([2, 0, 1, 1])),
    "rows of tables": (ag.embedding, X[:, :, None] * Y[:, None, :], np.array([2, 0, 1, 1])),
    "far apart": (lambda x, _: x[[0, 1], :, [1, 1]], np.ones((4, 3, 2, 2)), np.zeros(4, int)),
    "labels that rows share": (ag.aref, X[:, :, None] * Y[:, None, :], np.array([2, 0, 1, 1])),
}


@pytest.mark.parametrize("name", PICKS)
def test_picking_with_mapped_places(name):
    f, x, i = PICKS[name]
    assert_equal(ag.vmap(f)(x, i), np.stack(each(lambda x, i: f(ag.constant(x), i).value, x, i)))
    weights = RANDOM.normal(size=np.shape(ag.vmap(f)(x, i)))
    found = ag.grad(lambda x: ag.sum(ag.vmap(f)(x, i) * weights))(x)
    single = ag.grad(lambda x: sum(ag.sum(f(x[k], i[k]) * weights[k]) for k in range(4)))(x)
    assert_equal(found, single)
    rows = ag.vmap(ag.grad(lambda x, i: ag.sum(f(x, i) ** 2)))(x, i)
    assert_equal(rows, each(ag.grad(lambda x, i: ag.sum(f(x, i) ** 2)), x, i))


def test_dropout_of_one_seed_and_of_many():
    one = ag.vmap(lambda x: ag.dropout(x, 0.5, seed=3))(X)
    assert_equal(one, each(lambda x: ag.dropout(x, 0.5, seed=3), X))
    seeds = np.arange(4)
    many = ag.vmap(lambda x, seed: ag.dropout(x, 0.5, seed))(X, seeds)
    assert_equal(many, each(lambda x, seed: ag.dropout(x, 0.5, seed), X, seeds))
    with pytest.raises(ConfigError, match="a seed that each forward run is fed"):
        ag.vmap(lambda x: ag.dropout(x, 0.5, np.random.default_rng(0)))(X)


def test_images_of_every_example_or_none():
    images, kernels = RANDOM.normal(size=(2, 3, 1, 4, 4)), RANDOM.normal(size=(2, 2, 1, 3, 3))
    assert_equal(ag.vmap(ag.conv2d)(images, kernels), each(ag.conv2d, images, kernels))
    assert ag.vmap(ag.conv2d, (0, None))(images[:, :0], kernels[0]).shape == (2, 0, 2, 2, 2)
    assert ag.vmap(ag.conv2d)(images[:0], kernels[:0]).shape == (0, 3, 2, 2, 2)


# Ops of one's own


class TwiceTheLast(ag.Op):
    def forward(xp, x):
        return 2 * x[..., -1]

    def vjp_x(xp, grad, out, x):
        raise NotImplementedError


class Flipped(ag.Op):
    """Along an axis; it states its rule."""

    batching = stacked

    def forward(xp, x, *, axis=0):
        return xp.flip(x, axis=axis)

    def vjp_x(xp, grad, out, x, *, axis):
        return xp.flip(grad, axis=axis)


class Sorted(ag.Op):
    """Of two outputs, without a rule."""

    outputs = ("low", "high")

    def forward(xp, x):
        return xp.min(x), xp.max(x)

    def vjp_x(xp, grad, out, x):
        return xp.where(x == out[0], grad[0], 0.0) + xp.where(x == out[1], grad[1], 0.0)


def test_own_ops_are_looped_or_state_a_rule():
    assert_equal(ag.vmap(TwiceTheLast)(X), 2 * X[:, -1])
    assert looping()["TwiceTheLast"] == "it states no batching rule"
    assert "Flipped" not in looping()
    assert_equal(ag.vmap(Flipped)(X), X[:, ::-1])
    assert_equal(ag.jacobian(Flipped)(X[0]), np.eye(3)[::-1])
    low, high = ag.vmap(Sorted)(X)
    assert_equal(low, X.min(1))
    assert_equal(high, X.max(1))
    none, _ = ag.vmap(Sorted)(X[:0])
    assert none.shape == (0,)
    for i in (0, 1):
        found = ag.jacobian(lambda x, i=i: Sorted(x)[i] * x)(X[0])
        single = [ag.grad(lambda x, k=k, i=i: (Sorted(x)[i] * x)[k])(X[0]) for k in range(3)]
        assert_equal(found, single)


def test_our_ops_have_a_rule_or_a_reason():
    library = {op for op in ag.ops.OPS.values() if op.__module__.startswith("autograd_lite.ops")}
    assert {op.name for op in library} & looping().keys() == {
        "Accuracy", "Aref", "Dropout", "GetItem", "IndexAdd", "ScatterAdd", "SearchSorted",
    }  # fmt: skip


# Graphs


def test_a_recorded_stack_follows_the_feed():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w = ag.parameter(W, name="w")
        y = ag.vmap(lambda x: (ag.sum(ag.tanh(x @ w).reshape(-1)), w[0], ag.stack([x, w[1]])))(x)
        total = sum(ag.sum(part * part) for part in y)
        dw = ag.gradients(total, w)
    program = ag.compile(g, [*y, dw], executor="numpy")
    for feed in (X, X[:1], X[:2]):
        g.forward(x=feed)
        node = ag.Node(W)
        sums = [ag.sum(ag.tanh(x @ node)) for x in feed]
        stacks = [ag.stack([x, node[1]]) for x in feed]
        expected = sum(s * s for s in sums) + sum(ag.sum(s * s) for s in stacks)
        expected = expected + len(feed) * ag.sum(node[0] * node[0])
        expected.backward()
        assert_equal(y[0].value, [s.value for s in sums])
        assert_equal(y[1].value, [W[0]] * len(feed))
        assert_equal(dw.value, node.grad)
        for found, recorded in zip(program(x=feed), [*y, dw], strict=True):
            assert_equal(found, recorded.value)


def test_nodes_are_called_as_in_the_function_and_stand_there():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")

        def f(x):
            with ag.scope("inner"):
                return ag.sum(x).named("total")

        ag.vmap(f)(x)
    assert g["total"].scope == "inner"
    assert g["total"].place.endswith("in f")
    assert str(g).splitlines()[-1] == "%1: float64[2] = Sum(%0, axis=(-1,)) 'total'"


def test_a_loop_is_recorded_for_one_length():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(4, 3), dtype="float64")
        y = ag.vmap(TwiceTheLast)(x)
    g.forward(x=X)
    assert_equal(y.value, 2 * X[:, -1])
    with pytest.raises(ShapeError, match="axis 0 is 2"):
        g.forward(x=X[:2])


# Refused


def branch(x):
    return x if ag.sum(x) > 0 else -x


def caught(x):
    try:
        return branch(x)
    except Exception:  # noqa: BLE001
        return x * 7.0


def filled(x):
    found = np.zeros(3)
    found[0] = x[0]
    return found


REFUSED = {
    "lengths": (
        lambda: ag.vmap(ag.multiply)(X, Y[:2]), ShapeError,
        (
            r"vmap of multiply: expected mapped axes of one length\n"
            r"  came:  axis 0 of float64\[4, 3\], axis 0 of float64\[2, 3\]\n"
        ),
    ),
    "nothing mapped": (
        lambda: ag.vmap(energy, None)(X), OpCallError,
        "expected at least one argument with an axis to map over\n  came:  no argument, or in_axes",
    ),
    "no argument": (ag.vmap(energy), OpCallError, "came:  no argument"),
    "no such axis": (
        lambda: ag.vmap(energy, 2)(X), ShapeError,
        r"expected in_axes among the axes that are there\n  came:  axis 2 for float64\[4, 3\]",
    ),
    "a list is a tree": (
        lambda: ag.vmap(energy)([1.0, 2.0]), ShapeError,
        r"came:  axis 0 for float64\[\]\n.*\n  try: .*a list is a tree of its elements",
    ),
    "no such axis of the result": (
        lambda: ag.vmap(energy, 0, 1)(X), ShapeError,
        r"expected out_axes among the axes that are there\n  came:  axis 1 for results \[\]",
    ),
    "too few axes": (
        lambda: ag.vmap(ag.multiply, (0,))(X, Y), OpCallError,
        r"expected an axis or None, or one for each of 2 parts\n  came:  \(0,\)",
    ),
    "another tree": (
        lambda: ag.vmap(lambda t: t["a"], ({"b": 0},))({"a": X}), OpCallError,
        r"came:  \{'b': 0\}",
    ),
    "an axis that is no integer": (
        lambda: ag.vmap(energy, "0")(X), OpCallError, "came:  '0'",
    ),
    "a mapped result for out_axes=None": (
        lambda: ag.vmap(energy, 0, None)(X), OpCallError,
        r"came:  a result float64\[4\] that depends on a mapped argument",
    ),
    "a branch": (
        lambda: ag.vmap(branch)(X), GraphError,
        (
            r"expected operations that stand for all calls of vmap at once\n"
            r"  came:  a question for the value of one call, as by if, float\(\), item\(\) or .value\n"
            r"  at:    .*test_vmap.py:\d+ in branch\n  try:   write where\(condition, x, y\) for if"
        ),
    ),
    "a value": (lambda: ag.vmap(lambda x: x.value)(X), GraphError, "a question for the value"),
    "a number": (lambda: ag.vmap(lambda x: float(x[0]))(X), GraphError, "a question for the value"),
    "an array": (lambda: ag.vmap(np.asarray)(X), GraphError, "a question for the value"),
    "an element of an array": (lambda: ag.vmap(filled)(X), GraphError, "a question for the value"),
    "a branch that catches what it is told": (
        lambda: ag.vmap(caught)(X), GraphError, r"at:    .*test_vmap.py:\d+ in branch",
    ),
    "a text": (
        lambda: ag.vmap(energy)(np.array(["a", "b"])), DTypeError,
        "vmap of energy: expected a NumPy dtype that holds real numbers",
    ),
    "a mask": (
        lambda: ag.vmap(lambda x: x[np.array([True, False, True])])(X), ShapeError,
        "how many elements a mask picks is not known",
    ),
    "backward": (
        lambda: ag.vmap(lambda x: energy(x).backward())(X), GraphError, "a question for the value"
    ),
    "a label": (
        lambda: ag.vmap(ag.aref)(X, np.array([0, 1, 2, 3])), LabelError,
        "expected labels from 0 to 2",
    ),
    "shapes that do not fit": (lambda: ag.vmap(lambda x: x @ W[:2])(X), ShapeError, "MatMul"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    call, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        call()


def test_a_node_that_was_kept_has_no_value_later():
    kept = []
    ag.vmap(lambda x: kept.append(x) or x)(X)
    with pytest.raises(GraphError, match="a question for the value of one call"):
        kept[0].value  # noqa: B018


def test_errors_of_a_stack_stand_in_the_function():
    def pick(x, i):
        return ag.aref(x, i)

    with pytest.raises(LabelError, match=r"at:    .*test_vmap\.py:\d+ in pick"):
        ag.vmap(pick)(X, np.array([0, 1, 2, 3]))


# Rows


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_rolling_every_example(axis):
    x = np.arange(24.0).reshape(2, 3, 4)
    found = ag.vmap(lambda x: ag.roll(x, 1, axis=axis))(x)
    np.testing.assert_array_equal(found, [np.roll(part, 1, axis=axis) for part in x])


BY_EXAMPLE = {  # a function, and the shape of an example
    "reshape of nothing": (lambda x: ag.reshape(x, (0, 3)), (2, 0)),
    "argmax along an axis": (lambda x: ag.argmax(x, axis=0), (2, 4)),
    "argmax over all": (ag.argmax, (2, 4)),
    "solve for a vector": (lambda x: ag.linalg.solve(np.eye(3) + 1.0, x), (3,)),
    "product over no axis": (ag.grad(lambda x: ag.sum(ag.prod(x, axis=()))), (3,)),
}


@pytest.mark.parametrize("name", BY_EXAMPLE)
def test_every_example_as_alone(name):
    function, shape = BY_EXAMPLE[name]
    x = np.random.default_rng(0).normal(size=(5, *shape))
    np.testing.assert_allclose(ag.vmap(function)(x), [function(part) for part in x], rtol=1e-12)


def test_rows_through_an_op_with_several_outputs():
    x = np.array([[2.0, 1.0], [1.0, 3.0]])
    found = ag.jacobian(lambda x: ag.linalg.eigh(x).eigenvalues)(x)
    vectors = np.linalg.eigh(x).eigenvectors
    np.testing.assert_allclose(
        (found + found.mT) / 2, [np.outer(v, v) for v in vectors.T], rtol=1e-12
    )


def test_rows_come_in_portions(monkeypatch):
    expected = ag.jacobian(layer)(X), ag.hessian(energy)(X[0]), ag.vmap(ag.jacobian(layer))(X)
    monkeypatch.setattr(rows, "MOST", 99)
    found = ag.jacobian(layer)(X), ag.hessian(energy)(X[0]), ag.vmap(ag.jacobian(layer))(X)
    for a, b in zip(found, expected, strict=True):
        assert_equal(a, b)


def test_rows_know_what_zero_times_infinity_is():
    def f(x):
        return ag.sqrt(ag.where(x > 0, x, 0.0))

    x = np.array([4.0, 0.0, -1.0])
    assert_equal(ag.jacobian(f)(x), np.diag([0.25, 0.0, 0.0]))
    assert ag.jacobian(lambda x: f(x[0]))(np.array([4.0])).tolist() == [0.25]
    with np.errstate(divide="ignore", invalid="ignore"):
        assert np.isnan(ag.jacobian(lambda x: ag.log(x) * 0.0)(np.array([0.0, 1.0]))).any()


def test_rows_of_values_that_were_changed_are_refused():
    def f(x):
        w = ag.parameter(W)
        y = x @ w
        w.assign(W + 1)
        return y

    with pytest.raises(AutogradError, match="was given another value since"):
        ag.jacobian(f)(X[0])


def test_rows_through_a_checkpoint_and_many_arrays():
    assert_equal(ag.jacobian(ag.checkpoint(layer))(X[0]), ag.jacobian(layer)(X[0]))
    assert_equal(ag.jacobian(lambda x: ag.stack([x, x * x, x]))(X[0])[1], np.diag(2 * X[0]))
    narrow = ag.jacobian(lambda x: x * np.ones((2, 1)))(np.float32(X[0]))
    assert narrow.dtype == np.float32
    assert narrow.shape == (2, 3, 3)
