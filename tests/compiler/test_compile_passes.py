"""Each pass alone: what it makes of a graph, and that it keeps the numbers and the user's graph."""

import numpy as np
import pytest
from compiled import EXECUTORS, Classifier, assert_same

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.compiler.lowered import (
    Dot,
    Gemm,
    GemmUpdate,
    Gemv,
    Lowered,
    Outer,
    PickGradient,
    RankOneUpdate,
    ScaledAdd,
)
from autograd_lite.compiler.passes import PASSES, results, specialise
from autograd_lite.errors import ShapeError
from autograd_lite.frontend.evaluate import evaluate
from autograd_lite.ops import OPS

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]])


def ops_after(build, *names, updates=lambda *_: {}, shape=(2, 3)):
    """The ops that are left of what `build` makes of an input, after these passes.

    The passes are checked on the way: each draft is sound and computes the same.
    """
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=shape, dtype="float64", requires_grad=True)
        built = build(x)
    outputs = built if isinstance(built, tuple) else (built,)
    recorded = str(graph)
    draft = specialise(outputs, updates(*outputs), {"x": shape})
    fed = X.reshape(-1)[: int(np.prod(shape))].reshape(shape)
    with np.errstate(all="ignore"):
        expected = evaluate(graph.nodes, {x: fed})
    for name in (*names, "dead"):
        draft = PASSES[name](draft)
        draft.graph.check()
        assert set(draft.origin) == set(draft.graph)
        with np.errstate(all="ignore"):
            found = evaluate(draft.graph.nodes, values_of(draft, fed))
        for new, old in zip(draft.outputs, outputs, strict=True):
            assert_same(found[new], expected[old], f"{name}\n{draft.graph}")
    assert str(graph) == recorded
    return [node.op.name for node in draft.graph if node.inputs]


def values_of(draft, fed):
    leaves = {leaf: user.value for leaf, user in draft.leaves.items()}
    return leaves | dict.fromkeys(draft.inputs.values(), fed)


def gradient(function):
    return lambda x: ag.gradients(function(x), x)


# Each row: the passes, what is recorded, and the ops that are left.
ROWS = {
    "dead nodes": (["dead"], lambda x: (ag.exp(x), x * 2.0)[1], ["Mul"]),
    "common subexpressions": (["common"], lambda x: ag.exp(x) * ag.exp(x), ["Exp", "Mul"]),
    "common constants": (["common"], lambda x: (x * 2.0) + (x * 2.0), ["Mul", "Add"]),
    "other parameters": (
        ["common"],
        lambda x: ag.sum(x, axis=0, keepdims=True) + ag.sum(x, axis=1, keepdims=True),
        ["Sum", "Sum", "Add"],
    ),
    "zeros of two signs": (
        ["common"],
        lambda x: ag.where(x > 0, x * 0.0, x * -0.0),
        ["Greater", "Mul", "Mul", "Where"],
    ),
    "folded constants": (["constants"], lambda x: x * ag.exp(ag.constant(1.0)), ["Mul"]),
    "a constant that would grow": (
        ["constants"],
        lambda x: ag.broadcast_to(ag.constant(1.0), (9, 9)) + ag.sum(x),
        ["BroadcastTo", "Sum", "Add"],
    ),
    "factors of one": (["constants"], lambda x: 1.0 * (x * 1.0) / 1.0, []),
    "powers of one": (["constants"], lambda x: ag.pow(x, 1.0), []),
    "squares": (["constants"], lambda x: ag.pow(x, 2.0), ["Mul"]),
    "cubes": (["constants"], lambda x: ag.pow(x, 3.0), ["Mul", "Mul"]),
    "fourth powers": (["constants"], lambda x: ag.pow(x, 4.0), ["Mul", "Mul"]),
    "powers of minus one": (["constants"], lambda x: ag.pow(x, -1.0), ["Reciprocal"]),
    "powers of minus two": (["constants"], lambda x: ag.pow(x, -2.0), ["Reciprocal", "Mul"]),
    "other powers": (["constants"], lambda x: ag.pow(x, 0.5), ["Pow"]),
    "factors of minus one": (["constants"], lambda x: x * -1.0, ["Neg"]),
    "a choice of the same": (["constants", "dead"], lambda x: ag.where(x > 0.0, x, x), []),
    "a factor that broadcasts": (["constants"], lambda x: ag.constant([[1.0]]) * x, []),
    "a factor that adds an axis": (
        ["constants"], lambda x: ag.constant([[[1.0]]]) * x, ["Mul"]
    ),
    "log1p": (["safe_forms"], lambda x: ag.log(1.0 + x * x), ["Mul", "Log1p"]),
    "log of another sum": (["safe_forms"], lambda x: ag.log(2.0 + x * x), ["Mul", "Add", "Log"]),
    "logsumexp": (["safe_forms"], lambda x: ag.log(ag.sum(ag.exp(x), axis=1)), ["LogSumExp"]),
    "log of a sum over no axis": (
        ["safe_forms"], lambda x: ag.log(ag.sum(ag.exp(x), axis=())), ["Exp", "Sum", "Log"]
    ),
    "log of sigmoid": (
        ["safe_forms"],
        lambda x: ag.log(ag.sigmoid(x)),
        ["Minimum", "Abs", "Neg", "Exp", "Log1p", "Sub"],
    ),
    "gradient of log of sigmoid": (
        ["safe_forms", "static_shapes", "broadcasts", "constants"],
        gradient(lambda x: ag.sum(ag.log(ag.sigmoid(x)))),
        ["Neg", "Sigmoid"],
    ),
    "no gradient of log of sigmoid": (
        ["safe_forms"],
        lambda x: (x / ag.sigmoid(x)) * (x * x),
        ["Sigmoid", "Div", "Mul", "Mul"],
    ),
    "no gradient of a pick": (
        ["safe_forms"],
        lambda x: ag.softmax(x) * (ops.ScatterAdd(x[:, 0], ag.constant([0, 1]), x) - x),
        ["SoftMax", "GetItem", "ScatterAdd", "Sub", "Mul"],
    ),
    "softmax along another axis": (
        ["safe_forms"],
        lambda x: ag.log(ag.aref(ag.softmax(x, axis=0), ag.constant([0, 1]))),
        ["SoftMax", "Aref", "Log"],
    ),
    "composites": (["decompose"], ag.mean, ["Sum", "Div"]),
    "composites of composites": (
        ["decompose", "common"], ag.softmax, ["Max", "Sub", "Exp", "Sum", "Div"]
    ),
    "static shapes": (
        ["static_shapes"],
        gradient(lambda x: ag.sum(ag.mean(ag.reshape(x, (3, 2)), axis=0))),
        ["BroadcastTo", "Div", "Reshape", "BroadcastTo", "Reshape"],
    ),
    "sums back to a shape": (
        ["static_shapes", "broadcasts", "constants"],
        lambda x: ag.gradients(ag.sum((b := ag.parameter([[2.0]])) * x), b),
        ["Sum", "Reshape"],
    ),
    "sums of what is not broadcast": (["static_shapes"], lambda x: ops.SumLike(x, x), []),
    "sums of single entries": (
        ["static_shapes"], lambda x: ag.sum(ag.expand_dims(ag.exp(x), axis=0), axis=0),
        ["Exp"],
    ),
    "reshapes of reshapes": (
        ["static_shapes"],
        lambda x: ag.expand_dims(ag.reshape(x, (6,)), axis=0) * 2.0,
        ["Reshape", "Mul"],
    ),
    "shapes without memory": (
        ["static_shapes"], lambda x: ops.IndexAdd(x[0], ag.exp(x), key=(0,)),
        ["GetItem", "IndexAdd"],
    ),
    "broadcasts that vanish": (
        ["broadcasts"], lambda x: ag.broadcast_to(x[0], (2, 3)) + x, ["GetItem", "Add"]
    ),
    "broadcasts that stay": (
        ["broadcasts"],
        lambda x: ag.broadcast_to(x[0], (2, 3)) * ag.broadcast_to(x[1], (2, 3)),
        ["GetItem", "BroadcastTo", "GetItem", "Mul"],
    ),
    "broadcasts of a number": (
        ["broadcasts"],
        lambda x: ag.exp(ag.broadcast_to(ag.sum(x), (2, 3))),
        ["Sum", "Exp", "BroadcastTo"],
    ),
    "signs of products": (["signs"], lambda x: (-x) * (-x), ["Mul"]),
    "signs of quotients": (["signs"], lambda x: x / (-x), ["Div", "Neg"]),
    "signs of sums": (["signs"], lambda x: x + -ag.exp(x), ["Exp", "Sub"]),
    "signs of sums, turned": (["signs"], lambda x: -ag.exp(x) + x, ["Exp", "Sub"]),
    "signs of both terms": (["signs"], lambda x: -ag.exp(x) + -x, ["Exp", "Add", "Neg"]),
    "signs of differences": (["signs"], lambda x: x - -ag.exp(x), ["Exp", "Add"]),
    "signs before differences": (["signs"], lambda x: -x - ag.exp(x), ["Exp", "Add", "Neg"]),
    "signs on both sides": (["signs"], lambda x: -x - -ag.exp(x), ["Exp", "Sub"]),
    "signs of signs": (["signs"], lambda x: -ag.negative(x), []),
    "signs of a difference": (["signs"], lambda x: -(x - 2.0), ["Sub"]),
    "plain arithmetic": (["signs"], lambda x: x + x - x * x / x, ["Add", "Mul", "Div", "Sub"]),
    "gemm": (["products"], lambda x: x @ ag.constant(np.ones((3, 4))), ["Gemm"]),
    "gemm of a transpose": (["products"], lambda x: x @ x.mT, ["Gemm"]),
    "gemm of a permutation": (["products"], lambda x: x.T @ x, ["Gemm"]),
    "gemm of no permutation": (
        ["products"], lambda x: ag.permute_dims(x, (0, 1)) @ x.mT, ["Gemm"]
    ),
    "gemv": (["products"], lambda x: x @ x[0], ["GetItem", "Gemv"]),
    "gemv from the left": (["products"], lambda x: x[:, 0] @ x, ["GetItem", "Gemv"]),
    "dot": (["products"], lambda x: x[0] @ x[1], ["GetItem", "GetItem", "Dot"]),
    "outer": (["products"], lambda x: x[:, :1] @ x[:1], ["GetItem", "GetItem", "Reshape", "Reshape", "Outer"]),
    "rows of a stack": (
        ["products"], lambda x: ag.reshape(x, (2, 1, 3)) @ x.mT, ["Gemm", "Reshape"]
    ),
    "a stack of vectors and a matrix": (
        ["products"], lambda x: ag.reshape(x, (2, 1, 3)) @ x[0],
        ["GetItem", "Gemv", "Reshape"],
    ),
    "a stack of one matrix": (
        ["products"], lambda x: ag.stack([x, x]) @ ag.reshape(x, (1, 2, 3)).mT,
        ["Stack", "Reshape", "Gemm", "Reshape"],
    ),
    "a stack of one matrix as it is": (
        ["products"], lambda x: ag.stack([x, x]) @ ag.reshape(x, (1, 3, 2)),
        ["Stack", "Reshape", "Reshape", "Gemm", "Reshape"],
    ),
    "stacks": (["products"], lambda x: (s := ag.stack([x, x])) @ s.mT, ["Stack", "BatchedGemm"]),
    "stacks and a vector": (
        ["products"], lambda x: x[0, :2] @ ag.stack([x, x]),
        ["GetItem", "Stack", "Reshape", "BatchedGemm", "Reshape"],
    ),
    "heads": (
        ["products", "transposes"],
        lambda x: ag.permute_dims(
            (h := ag.permute_dims(ag.stack([x, x]), (1, 0, 2))) @ (h.mT @ h), (1, 0, 2)
        ),
        ["Stack", "BatchedGemm", "BatchedGemm"],
    ),
    "a transpose of stacks": (
        ["products", "transposes"], lambda x: ((s := ag.stack([x, x])) @ s.mT).mT,
        ["Stack", "BatchedGemm"],
    ),
    "a transpose that no product can write": (
        ["products", "transposes"],
        lambda x: ag.permute_dims((s := ag.stack([x, x])) @ s.mT, (1, 2, 0)),
        ["Stack", "BatchedGemm", "PermuteDims"],
    ),
    "a transpose of a product": (["products", "transposes"], lambda x: (x @ x.mT).mT, ["Gemm"]),
    "a transpose of a product that is needed": (
        ["products", "transposes"], lambda x: ((y := x @ x.mT), y.mT), ["Gemm", "MatrixTranspose"]
    ),
    "a transpose of something else": (
        ["products", "transposes"], lambda x: ag.exp(x).mT, ["Exp", "MatrixTranspose"]
    ),
    "sums over stacks": (
        ["products"], lambda x: ag.sum((s := ag.stack([x, x * x])).mT @ s, axis=0),
        ["Mul", "Stack", "Reshape", "Reshape", "Gemm"],
    ),
    "sums over stacks, by the matrices' rows": (
        ["products"], lambda x: ag.sum((s := ag.stack([x, x * x])) @ s.mT, axis=0),
        ["Mul", "Stack", "BatchedGemm", "Sum"],
    ),
    "sums over rows": (
        ["products"], lambda x: ag.sum((s := ag.stack([x, x * x])).mT @ s, axis=1),
        ["Mul", "Stack", "BatchedGemm", "Sum"],
    ),
    "sums of products": (["products"], lambda x: ag.sum(x.mT @ x, axis=0), ["Gemm", "Sum"]),
    "sums over stacks that are needed": (
        ["products"], lambda x: ((y := (s := ag.stack([x, x])).mT @ s), ag.sum(y, axis=0)),
        ["Stack", "BatchedGemm", "Sum"],
    ),
    "gradients of weights": (
        ["static_shapes", "products", "transposes", "common", "constants"],
        lambda x: ag.gradients(
            ag.sum((s := ag.stack([x, x])) * (s @ (w := ag.parameter(np.eye(3))))), w
        ),
        ["Stack", "Mul", "Reshape", "Reshape", "Gemm"],
    ),
    "products of nothing": (["products"], lambda x: x[:, :0] @ x[:0], ["BroadcastTo"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_pass(name):
    passes, build, expected = ROWS[name]
    left = ops_after(build, *passes)
    if name == "static shapes":
        assert not {"BroadcastLike", "SpreadLike", "ReshapeLike"} & set(left)
    elif name == "broadcasts that stay":
        assert left.count("BroadcastTo") == 1
    else:
        assert left == expected


def test_all_passes_together_keep_every_number():
    def build(x):
        p = ag.softmax(ag.tanh(x @ ag.constant(np.ones((3, 3)))))
        return p, ag.gradients(ag.sum(ag.log(p)), x)

    ops_after(build, *PASSES)


def test_an_op_of_the_users_is_taken_apart_unless_it_looks_at_values():
    class Triple(ag.Elementwise):
        """3 x."""

        def forward(xp, x):
            return x + x + x

        def vjp_x(xp, grad, out, x):
            return grad * 3

    class Choosy(Triple):
        """3 x, for positive numbers."""

        def refuse(x):
            if (x < 0).any():
                raise ValueError("negative")

    class Branching(ag.Op):
        """X, or -x."""

        def forward(xp, x):
            return np.array(x) if np.sum(x) > 0 else -x

        vjp_x = None

    for op in (Triple, Choosy, Branching):
        del OPS[op.name]
    assert ops_after(Triple, "decompose") == ["Add", "Add"]
    assert ops_after(lambda x: Choosy(x * x), "decompose") == ["Mul", "Choosy"]
    assert ops_after(Branching, "decompose") == ["Branching"]


def test_a_rule_that_computes_from_constants_alone_leaves_a_constant():
    def build(x):
        return x + ag.softmax(ag.constant([1.0, 2.0, 3.0]))

    assert ops_after(build, "decompose") == ["Add"]


def test_the_loss_of_a_classifier_and_its_gradient_do_not_overflow():
    for batch in (None, 2):
        net = Classifier(batch=batch, dtype="float64")
        x = np.full((2, 6) if batch else 6, 1e6)
        y = np.array([0, 1]) if batch else 0
        program = net.compile(outputs=[net.loss, *net.grads])
        found = program(x=x, y=y)
        assert all(np.isfinite(value).all() for value in found)
        assert any(node.op is PickGradient for node in program.plan.graph)


SUBSCRIPTS = {
    "a label": lambda p: p[0, ag.constant(1)],
    "a label a row": lambda p: p[np.arange(2), ag.constant([1, 2])],
    "one label twice": lambda p: p[0, ag.constant([1, 1, 2])],
    "a number": lambda p: p[1, 2],
    "a slice": lambda p: p[:, 1:],
    "all": lambda p: p[...],
}


@pytest.mark.parametrize("name", SUBSCRIPTS)
def test_the_log_of_any_part_of_a_softmax_is_safe(name):
    with ag.Graph() as graph:
        z = ag.input(name="z", shape=(2, 3), dtype="float64", requires_grad=True)
        part = ag.log(SUBSCRIPTS[name](ag.softmax(z)))
        outputs = [part, ag.gradients(ag.sum(part * part), z), ag.gradients(ag.sum(part), z)]
    program = ag.compile(graph, outputs, executor="numpy")
    graph.forward(z=X)
    for actual, node in zip(program(z=X), outputs, strict=True):
        assert_same(actual, node.value)
    values, _, slopes = program(z=X * 1e4)
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    assert (values < -1e3).any()


@pytest.mark.parametrize("sum_of", ["rows", "all", "others"])
@pytest.mark.parametrize("scatter", ["labels", "a subscript"])
def test_what_only_looks_like_a_gradient_of_softmax_stays(scatter, sum_of):
    def build(x):
        p, part = ag.softmax(x), x[:, 1]
        if scatter == "labels":
            s = ops.ScatterAdd(2.0 / part, ag.constant([1, 1]), x)
        else:
            s = ops.IndexAdd(2.0 / part, x, **part.params)
        total = {
            "rows": lambda: ag.sum(s * p, axis=-1, keepdims=True),
            "all": lambda: ag.sum(s * p),
            "others": lambda: ag.sum(s * x, axis=-1, keepdims=True),
        }[sum_of]()
        return p * (s - total)

    assert "Div" in ops_after(build, "safe_forms")


@pytest.mark.parametrize("name", ["labels", "a subscript"])
def test_one_number_over_all_picks_is_a_gradient_as_well(name):
    def build(x):
        p, y = ag.softmax(x), ag.constant([1, 1])
        if name == "labels":
            s = ops.ScatterAdd(2.0 / ag.aref(p, y), y, x)
        else:
            s = ops.IndexAdd(2.0 / p[:, 1], x, **p[:, 1].params)
        return p * (s - ag.sum(s * p, axis=-1, keepdims=True))

    ops_after(build, "safe_forms", "decompose", "static_shapes", "broadcasts", "constants")


@pytest.mark.parametrize("pick", [ag.aref, lambda p, y: p[y]])
@pytest.mark.parametrize("other", ["scaled", "another label", "twice", "another scale"])
def test_only_the_gradient_of_a_pick_becomes_one(other, pick):
    with ag.Graph() as graph:
        z = ag.input(name="z", shape=(3,), dtype="float64", requires_grad=True)
        y = ag.input(name="y", shape=(), dtype="int64")
        p = ag.softmax(z)
        q = pick(p, y)
        loss = {
            "scaled": lambda: ag.log(q * 2.0),
            "another label": lambda: ag.log(q) + ag.log(pick(p, y * 0)),
            "twice": lambda: ag.log(q) * q,
            "another scale": lambda: q * 3.0,
        }[other]()
        dz = ag.gradients(loss, z)
    program = ag.compile(graph, dz, executor="numpy")
    fed = np.array([0.5, -1.0, 2.0])
    graph.forward(z=fed, y=1)
    assert_same(program(z=fed, y=1), dz.value)


# Updates


def update_ops(make, *, shape=(2, 3)):
    """The ops that a new value of w becomes."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=shape, dtype="float64")
        w = ag.parameter(np.ones(shape), name="w")
        lr = ag.Node(np.array(0.5), requires_grad=False)
        new = make(w, x, lr)
    program = ag.compile(graph, [], {w: new}, executor="numpy")
    fed = X.reshape(-1)[: int(np.prod(shape))].reshape(shape)
    graph.forward(x=fed)
    expected = new.value
    program(x=fed)
    assert_same(w.value, expected, program.source)
    return [node.op for node in program.plan.graph if node.inputs]


def gemm(x):
    return ag.constant(np.ones((2, 2))) @ x


def outer(x):
    return x[:, :1] @ x[:1]


UPDATES = {
    "gemm": (lambda w, x, lr: w - 0.5 * gemm(x), [Gemm, GemmUpdate]),
    "gemm, added": (lambda w, x, lr: gemm(x) * -0.5 + w, [GemmUpdate]),
    "gemm, negative": (lambda w, x, lr: w + -gemm(x), [GemmUpdate]),
    "gemm by a leaf": (lambda w, x, lr: w - lr * gemm(x), [ops.Mul, GemmUpdate]),
    "outer": (lambda w, x, lr: w - 0.5 * outer(x), [RankOneUpdate]),
    "outer by a leaf": (lambda w, x, lr: w - lr * outer(x), [ops.Mul, RankOneUpdate]),
    "outer, by broadcasting": (lambda w, x, lr: w - 0.5 * (x[:, :1] * x[0]), [RankOneUpdate]),
    "outer, by broadcasting rows": (lambda w, x, lr: w - x[:1] * x[:, 1:2], [RankOneUpdate]),
    "no outer": (lambda w, x, lr: w - 0.5 * (x * x[0]), [ScaledAdd]),
    "outer, divided": (lambda w, x, lr: w - outer(x) / 2.0, [RankOneUpdate]),
    "outer, divided by a leaf": (lambda w, x, lr: w - outer(x) / lr, [Outer, ops.Div]),
    "outer, transposed": (lambda w, x, lr: w - 0.5 * (x[:1].mT @ x[:, :1].mT).mT, [RankOneUpdate]),
    "decay, outer": (lambda w, x, lr: w - 0.5 * (outer(x) + 0.25 * w), [RankOneUpdate]),
    "decay, gemm": (lambda w, x, lr: w - 0.5 * (0.25 * w + gemm(x)), [GemmUpdate]),
    "decay by a leaf": (lambda w, x, lr: w - lr * (outer(x) + lr * w), [RankOneUpdate]),
    "decay apart": (lambda w, x, lr: w - lr * w * 0.25 - lr * gemm(x), [GemmUpdate]),
    "decay twice": (lambda w, x, lr: w - (gemm(x) + 0.1 * w + 0.1 * w), [GemmUpdate]),
    "scaled, outer": (lambda w, x, lr: w * (1 - 0.5 * lr) - lr * outer(x), [RankOneUpdate]),
    "scaled, gemm": (lambda w, x, lr: 0.75 * w + gemm(x) * -0.5, [GemmUpdate]),
    "scaled, divided": (lambda w, x, lr: gemm(x) - w / 4.0, [GemmUpdate]),
    "scaled as a whole": (lambda w, x, lr: (w - gemm(x)) * 0.5, [GemmUpdate]),
    "scaled by 0": (lambda w, x, lr: w * 0.0 - outer(x), [RankOneUpdate]),
    "decay that cancels": (lambda w, x, lr: w - (gemm(x) + 0.1 * w - 0.2 * w), [ops.Sub]),
    "two parts of w": (lambda w, x, lr: w * lr + gemm(x) + w * 0.5, [ops.Add]),
    "a decayed array": (lambda w, x, lr: w - lr * (x + 0.25 * w), [ops.Sub]),
    "a long sum": (lambda w, x, lr: w - (gemm(x) + x + x * x + lr * x + w), [ops.Sub]),
    "an array": (lambda w, x, lr: w - 0.5 * x, [ScaledAdd]),
    "an array, added": (lambda w, x, lr: x * 0.5 + w, [ScaledAdd]),
    "an array as it is": (lambda w, x, lr: w - x, [ops.Sub]),
    "an array by a leaf": (lambda w, x, lr: w - lr * x, [ops.Mul, ops.Sub]),
    "from the other side": (lambda w, x, lr: x - w, [ops.Sub]),
    "another op": (lambda w, x, lr: w * x, [ops.Mul]),
    "a row": (lambda w, x, lr: w - 0.5 * x[0], [ops.Mul, ops.Sub]),
    "a product that is needed": (lambda w, x, lr: w - 0.5 * (g := gemm(x)) - g * 0.0, []),
}


@pytest.mark.parametrize("name", UPDATES)
def test_updates(name):
    make, expected = UPDATES[name]
    found = update_ops(make)
    assert set(expected) - {Gemm} <= set(found), found


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("name", [name for name in UPDATES if name.startswith(("decay", "scaled"))])
def test_updates_keep_what_is_not_finite(name, executor):
    values = np.array([[np.inf, -np.inf, np.nan], [1.0, 0.0, np.inf]])
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w = ag.parameter(np.ones((2, 3)))
        new = UPDATES[name][0](w, x, ag.Node(np.array(0.5), requires_grad=False))
    program = ag.compile(graph, [], {w: new}, executor=executor)
    w.assign(values)
    with np.errstate(all="ignore"):
        graph.forward(x=np.ones((2, 3)))
        expected = new.value
        program(x=np.ones((2, 3)))
    np.testing.assert_allclose(w.value, expected)


def test_momentum_is_an_update_of_the_velocity():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w, v = ag.parameter(np.ones((2, 3))), ag.parameter(np.ones((2, 3)))
        step = 0.5 * v + outer(x)
        new = w - 0.25 * step
    program = ag.compile(graph, [], {w: new, v: step}, executor="numpy")
    assert RankOneUpdate in {node.op for node in program.plan.graph}
    graph.forward(x=np.ones((2, 3)))
    expected = new.value, step.value
    program(x=np.ones((2, 3)))
    assert_same(w.value, expected[0])
    assert_same(v.value, expected[1])


def test_a_negative_product_without_the_pass_for_signs():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w = ag.parameter(np.ones((2, 3)))
        new = w + -gemm(x)
    program = ag.compile(graph, [], {w: new}, executor="numpy", passes=["products", "updates"])
    assert GemmUpdate in {node.op for node in program.plan.graph}


@pytest.mark.parametrize(("left", "right"), [((3, 2), (2, 5)), ((5, 2), (2, 3))])
def test_a_small_operand_takes_the_factor(left, right):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=left, dtype="float64")
        y = ag.input(name="y", shape=right, dtype="float64")
        w = ag.parameter(np.zeros((left[0], right[1])))
        lr = ag.Node(np.array(0.5), requires_grad=False)
        new = w - lr * (x @ y)
    plan = ag.compile(graph, [], {w: new}, executor="numpy").plan
    (factor,) = [node for node in plan.graph if node.op is ops.Mul]
    assert factor.size == 6


def test_a_product_that_somebody_else_needs_is_computed():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2, 3), dtype="float64")
        w = ag.parameter(np.ones((2, 3)))
        dw = gemm(x)
    plan = ag.compile(graph, dw, {w: w - 0.5 * dw}, executor="numpy").plan
    assert GemmUpdate not in {node.op for node in plan.graph}


# The rest


def test_a_shape_that_does_not_fit_names_the_users_node():
    with ag.Graph():
        x = ag.input(name="x", shape=(3,), dtype="float64")
        y = (x + ag.constant([1.0, 2.0, 3.0])).named("sum")
    with pytest.raises(ShapeError, match=r"Add 'sum'(.|\n)*test_compile_passes"):
        specialise([y], {}, {"x": (4,)})


def test_names_and_places_are_those_of_the_user():
    net = Classifier()
    graph = net.compile().passes["results"]
    assert graph["loss"].place == net.loss.place
    assert {"W1", "b1", "W2", "b2", "x", "y", "loss", "accuracy"} <= {x.name for x in graph}


def test_lowered_ops_are_in_no_table_and_say_what_they_mean():
    for op in (Dot, Gemm, GemmUpdate, Gemv, Outer, PickGradient, RankOneUpdate, ScaledAdd):
        assert issubclass(op, Lowered)
        assert op.name not in OPS
    x, y = np.arange(3.0), np.arange(2.0)
    w, one = np.ones((3, 2)), np.float64(1.0)
    assert Dot(x, x) == 5.0
    assert_same(Gemv(w, x, transpose=True), w.T @ x)
    assert_same(Gemm(w, w, transpose_x=True), w.T @ w)
    assert_same(Gemm(w, w, transpose_y=True), w @ w.T)
    assert_same(RankOneUpdate(w, one, x, y, scale=0.5), w + 0.5 * np.outer(x, y))
    assert_same(GemmUpdate(w, one, w, w.T @ w, scale=2.0), w + 2.0 * w @ w.T @ w)
    assert_same(ScaledAdd(x, x, scale=2.0), 3.0 * x)
    p = np.array([0.25, 0.75])
    assert_same(PickGradient(np.float64(2.0), p, np.int64(1)), 2.0 * ([0, 1] - p))


def test_results_is_the_last_pass():
    net = Classifier()
    draft = specialise([net.loss, net.loss], net.updates, {"x": (6,), "y": ()})
    final = results(draft)
    assert len(set(final.outputs)) == 2


def test_the_slope_of_another_sigmoid_is_left_alone():
    with ag.Graph() as graph:
        x, y = (ag.input(name=name, shape=(2,), dtype="float64") for name in "xy")
        z = (1.0 / ag.sigmoid(x)) * ops.SigmoidSlope(y)
    feeds = {"x": np.array([0.5, -1.0]), "y": np.array([2.0, 0.25])}
    graph.forward(**feeds)
    np.testing.assert_allclose(ag.compile(graph, z, executor="numpy")(**feeds), z.value)


def wrapped(inner):
    """An op that is another and nothing else."""

    class Wrapped(ag.Op):
        def forward(xp, x):
            return inner(x) * 2.0

        vjp_x = None

    return Wrapped


def test_composites_that_are_too_deep_are_computed_all_the_same():
    op = ag.exp
    for _ in range(10):
        op = wrapped(op)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        program = ag.compile(graph, op(x), executor="numpy")
    values = np.array([0.0, 1.0, 2.0])
    np.testing.assert_allclose(program(x=values), np.exp(values) * 2**10)
