"""A recorded gradient is right for feeds of other lengths: 0, 1 and longer, also where 1 was declared."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.errors import AutogradError

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")

UNARY = {
    "exp": lambda x: ag.exp(0.1 * x),
    "square": lambda x: x * x,
    "keep rows": lambda x: x - ag.mean(x, axis=0, keepdims=True),
    "keep columns": lambda x: x * ag.sum(x, axis=1, keepdims=True),
    "sum rows": lambda x: ag.sum(x, axis=0),
    "softmax": lambda x: ag.softmax(x, axis=-1),
    "rows again": lambda x: ag.expand_dims(ag.sum(x, axis=0), axis=0),
    "columns again": lambda x: ag.expand_dims(ag.sum(x, axis=1), axis=1) + x,
    "squeezed": lambda x: x + ag.squeeze(ag.sum(x, axis=0, keepdims=True), axis=0),
    "flat": lambda x: ag.reshape(x, (-1,)),
    "selected": lambda x: ag.where(x > 0, x, 0.5 * x),
    "gram": lambda x: ag.matmul(ag.matrix_transpose(x), x),
    "sorted": lambda x: ag.sort(x, axis=0),
    "running": lambda x: ag.cumulative_sum(x, axis=0),
}
BINARY = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / (2.0 + y * y),
    "maximum": ag.maximum,
    "where": lambda x, y: ag.where(x > y, x, 2.0 * y),
    "matmul": lambda x, y: ag.matmul(x, ag.matrix_transpose(y)),
    "both": lambda x, y: ag.sum(x, axis=0) * ag.sum(y, axis=0),
    "concat": lambda x, y: ag.concat([x, y], axis=0),
}
PARAMETERS = [np.array([0.5]), np.array([[1.5]]), np.array([[0.5, -1.0, 2.0]]), np.array(2.0)]
FEEDS = (0, 1, 3)

steps = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([*UNARY, *BINARY])), max_size=5)
sizes = st.sampled_from([0, 1, 3])


def built(values, program):
    """The end of a program, which is a list of earlier places and what is done with them."""
    made = list(values)
    for place, name in program:
        x, y = made[place % len(made)], made[(place * 7 + 3) % len(made)]
        made.append(UNARY[name](x) if name in UNARY else BINARY[name](x, y))
    return sum((ag.sum(ag.sin(x)) for x in made[1:]), ag.sum(made[0] * made[0]))


@settings(max_examples=max(1, settings.default.max_examples // 4), deadline=None)
@given(
    steps,
    st.tuples(sizes, sizes, sizes),
    st.lists(st.tuples(sizes, sizes, sizes), min_size=2, max_size=2),
)
def test_fed_again_as_if_it_were_built_again(program, declared, feeds):
    leaves = [ag.parameter(value) for value in PARAMETERS]

    def shapes(lengths):
        n, m, k = lengths
        return {"x": (n, m), "y": (k, m)}

    try:
        with ag.Graph() as g, np.errstate(all="ignore"):
            inputs = [
                ag.input(name=name, shape=shape, dtype="float64", requires_grad=True)
                for name, shape in shapes(declared).items()
            ]
            targets = [*inputs, *leaves]
            loss = built(targets, program)
            grads = ag.gradients(loss, targets)
            second = ag.gradients(sum(ag.sum(grad * grad) for grad in grads), targets)
    except AutogradError:
        assume(False)
    g.check()
    for lengths in feeds:
        rng = np.random.default_rng(0)
        values = {name: rng.normal(size=shape) for name, shape in shapes(lengths).items()}
        fresh = [ag.Node(value) for value in values.values()] + [ag.Node(p) for p in PARAMETERS]
        try:
            again = built(fresh, program)
            expected = ag.gradients(again, fresh)
            bends = ag.gradients(sum(ag.sum(grad * grad) for grad in expected), fresh)
            g.forward(**values)
        except AutogradError:  # refused: that is right, too
            continue
        np.testing.assert_allclose(loss.value, again.value, rtol=1e-9, atol=1e-9)
        g.backward(loss)
        again.backward()
        for node, grad, bend, x, slope, curve in zip(
            targets, grads, second, fresh, expected, bends, strict=True
        ):
            for found, wanted in (
                (node.grad, x.grad), (grad.value, slope.value), (bend.value, curve.value),
                (grad.value, x.grad),
            ):  # fmt: skip
                assert np.shape(found) == np.shape(wanted)
                np.testing.assert_allclose(found, wanted, rtol=1e-7, atol=1e-7)


# Either side may be the longer one, whoever was when the gradient was recorded


@pytest.mark.parametrize("declared", [(1, 1), (3, 3), (1, 3), (3, 1)])
@pytest.mark.parametrize("name", BINARY)
def test_each_operand_is_summed_like_itself(name, declared):
    def f(x, y):
        return ag.sum(ag.sin(BINARY[name](x, y)))

    with ag.Graph() as g:
        x = ag.input(name="x", shape=(declared[0], 2), dtype="float64")
        y = ag.input(name="y", shape=(declared[1], 2), dtype="float64")
        grads = ag.gradients(f(x, y), [x, y])
    for n in FEEDS:
        for m in FEEDS:
            feeds = {"x": np.linspace(-1, 1, n * 2).reshape(n, 2)}
            feeds["y"] = np.linspace(0.2, 2, m * 2).reshape(m, 2)
            try:
                expected = ag.grad(f, (0, 1))(*feeds.values())
            except AutogradError:
                continue
            g.forward(**feeds)
            for found, wanted in zip(grads, expected, strict=True):
                assert found.value.shape == wanted.shape
                np.testing.assert_allclose(found.value, wanted, rtol=1e-12)
            for executor in ("numpy", "native") if n != m else ():
                compiled = ag.compile(g, grads, executor=executor)(**feeds)
                for found, wanted in zip(compiled, expected, strict=True):
                    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_what_cannot_stretch_is_not_summed():
    """The gradients of a network stay as short as they were."""
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(8, 3), dtype="float64")
        w, b = ag.parameter(np.ones((3, 4))), ag.parameter(np.ones(4))
        hidden = ag.sigmoid(x @ w + b)
        ag.gradients(ag.mean(hidden * hidden), [w, b])
    assert [node.op.name for node in g if node.op is ag.ops.SumLike] == ["SumLike"]  # that of b


# An op that is not elementwise, of a parameter with an axis of 1 and an input that may be longer
BESIDE = {
    "BroadcastWith": (ag.ops.BroadcastWith, [0.5], ()),
    "Recurrence": (lambda w, x: ag.ops.Recurrence(w, x, axis=1), [[0.5]], (2,)),
    "Solve": (ag.ops.Solve, [[[2.0]]], (1, 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_an_axis_of_one_is_summed_over_beside_one_that_is_longer(name, n):
    op, value, rest = BESIDE[name]
    with ag.Graph() as graph:
        w = ag.parameter(np.asarray(value))
        x = ag.input(name="x", shape=(1, *rest), dtype="float64")
        out = ag.sum(op(w, x))
        found = ag.gradients(out, w)
    graph.forward(x=np.ones((n, *rest)))
    graph.backward(out)
    assert found.value.shape == w.shape
    np.testing.assert_allclose(found.value, w.grad)
