"""Plans: order, what shares memory, what is fused, and how a plan reads."""

from itertools import combinations

import numpy as np
import pytest
from compiled import Classifier, samples
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.compiler.executors.native import sharing
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.pipeline import make_plan
from autograd_lite.compiler.planning import arena, fusion
from autograd_lite.compiler.planning.arena import Lifetime, aligned, liveness_bound, place
from autograd_lite.compiler.planning.plan import Place
from autograd_lite.compiler.planning.schedule import operands, root

lifetimes = st.lists(
    st.builds(
        lambda size, first, length: Lifetime(size, first, first + length),
        st.integers(0, 1000),
        st.integers(0, 20),
        st.integers(0, 6),
    ),
    max_size=25,
)


@given(lifetimes)
def test_values_of_one_time_never_overlap(lives):
    with pytest.MonkeyPatch.context() as patch:
        few = place(lives)
        patch.setattr(arena, "MANY", 0)
        many = place(lives)
    for offsets, total in (few, many):
        spans = [(o, o + aligned(life.size), life) for o, life in zip(offsets, lives, strict=True)]
        for (a, b, x), (c, d, y) in combinations(spans, 2):
            together = x.first <= y.last and y.first <= x.last
            assert not together or b <= c or d <= a
        assert all(offset % 64 == 0 for offset in offsets)
        assert total >= liveness_bound(lives)
    assert few[1] <= many[1]


NETWORKS = [{}, {"batch": 128}, {"batch": 32, "activation": ag.relu, "momentum": 0.5}]


@pytest.mark.parametrize("network", NETWORKS)
def test_the_work_space_is_what_is_alive_at_once(network):
    plan = Classifier(**network).compile().plan
    assert plan.bound_bytes <= plan.arena_bytes <= 1.05 * plan.bound_bytes


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_read_has_been_written_and_not_been_overwritten(network):
    """Follow the steps: who wrote last to each place in the work space, and to each leaf."""
    plan = Classifier(**network).compile().plan
    owner = {}
    for step in plan.steps:
        stored = set(step.outputs)
        for node in step.nodes:
            for x in operands(node):
                if plan.storage[x].place is Place.Arena:
                    assert owner[plan.storage[x].offset] is x
                if plan.storage[x].place is Place.Parameter and x in plan.leaves:
                    assert owner.get(x, x) is x or owner[x] is node
            storage = plan.storage[node]
            if storage.place is Place.Arena and node in stored:
                _overwrite(plan, owner, node)
            if storage.of is not None:
                owner[storage.of] = node


def _overwrite(plan, owner, node):
    begin = plan.storage[node].offset
    end = begin + aligned(node.size * node.dtype.itemsize)
    for offset in [o for o in owner if isinstance(o, int) and begin <= o < end]:
        del owner[offset]
    owner[begin] = node


def plan_of(build, *, shape=(4, 3), passes=PASSES):
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=shape, dtype="float64", requires_grad=True)
        built = build(x)
    outputs = built if isinstance(built, tuple) else (built,)
    assert graph
    return make_plan(outputs, {}, {"x": shape}, passes=passes)


def units(plan):
    return [[node.op.name for node in step.nodes] for step in plan.steps]


LOOPS = {
    "a chain": (lambda x: ag.tanh(ag.exp(x) * 2.0), [["Exp", "Mul", "Tanh"]]),
    "with a sum at its end": (lambda x: ag.sum(ag.exp(x)), [["Exp", "Sum"]]),
    "with sums of rows": (
        lambda x: ag.exp(x) / ag.sum(ag.exp(x), axis=-1, keepdims=True),
        [["Exp", "Sum"], ["Div"]],
    ),
    "a sum over columns is none": (lambda x: ag.sum(ag.exp(x), axis=0), [["Exp"], ["Sum"]]),
    "a sum over nothing is not there": (lambda x: ag.sum(ag.exp(x), axis=()), [["Exp"]]),
    "not around a product": (
        lambda x: (e := ag.exp(x)) + ag.matmul(e, ag.constant(np.eye(3))),
        [["Exp"], ["Gemm"], ["Add"]],
    ),
    "two that come together": (
        lambda x: ag.exp(x @ ag.constant(np.eye(3))) * ag.sin(x), [["Gemm"], ["Exp", "Sin", "Mul"]]
    ),
    "of which one is read in between": (
        lambda x: (e := ag.exp(x), (s := ag.sin(x)) @ ag.constant(np.eye(3)), e * s),
        [["Exp", "Sin", "Mul"], ["Gemm"]],
    ),
    "not in a circle": (
        lambda x: ag.cos(ag.sin(ag.exp(x) @ ag.constant(np.eye(3)))) + ag.tanh(ag.exp(x)),
        [["Exp", "Tanh"], ["Gemm"], ["Sin", "Cos", "Add"]],
    ),
    "apart, where something is between": (
        lambda x: ag.tanh(a := ag.exp(x)) + ag.sin(a @ ag.constant(np.eye(3))),
        [["Exp", "Tanh"], ["Gemm"], ["Sin", "Add"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOPS)
def test_elementwise_chains_are_loops(name):
    build, expected = LOOPS[name]
    assert units(plan_of(build)) == expected


def test_what_an_executor_cannot_have_in_a_loop_stays_alone():
    with ag.Graph() as graph:
        y = ag.tanh(ag.exp(ag.input(name="x", shape=(3,))))
    assert graph
    plan = make_plan([y], {}, {"x": (3,)}, can_fuse=lambda node: node.op is ag.ops.Exp)
    assert units(plan) == [["Exp"], ["Tanh"]]


def test_an_elementwise_op_takes_the_buffer_of_an_input_at_its_last_use():
    def build(x):
        product = x @ ag.constant(np.eye(3))
        return (ag.exp(product) @ ag.constant(np.eye(3))) @ ag.constant(np.eye(3))

    plan = plan_of(build)
    nodes = [step.outputs[0] for step in plan.steps]
    offsets = [plan.storage[x].offset for x in nodes[:2]]
    assert offsets[0] == offsets[1]
    assert plan.arena_bytes == 2 * aligned(4 * 3 * 8)


def test_views_have_no_step_and_no_memory():
    plan = plan_of(lambda x: ag.exp(ag.reshape(ag.tanh(x) @ ag.constant(np.eye(3)), (12,))))
    (view,) = [node for node in plan.graph if node.op is ag.ops.Reshape]
    assert plan.storage[view].place is Place.View
    assert plan.storage[view].of is root(view)
    assert all(view not in set(step.nodes) for step in plan.steps)


def test_updates_are_in_place_where_they_can_be():
    plan = Classifier(batch=4, momentum=0.5).compile().plan
    assert all(plan.storage[x].of is leaf for leaf, x in plan.updates.items())
    assert not [node for node in plan.graph if node.op.name == "Copy"]


def test_labels_of_feeds_are_known():
    assert Classifier().compile().plan.labels == {"y": 3}


def test_a_plan_reads_well():
    net = Classifier(batch=4, momentum=0.5)
    program = net.compile(outputs=[net.loss])
    x, y = samples(4)
    program(x=x, y=y)
    told = str(program.plan)
    assert told.startswith("Plan for x float32[4, 6], y int64[4]: ")
    assert "steps by numpy: as asked\n   0  %" in told
    for part in (
        "in place of W1",
        "→ output",
        "bytes at",
        "\n   +  ",
        "Fused: ",
        "Work space: ",
        "Registers of loops: ",
    ):
        assert part in told
    assert "Kept: 424 bytes of 8 leaves" in told
    with ag.Graph() as graph:
        total = ag.sum(ag.constant([[1.0]]) @ ag.parameter([[1.0]]), axis=0)
    told = str(make_plan([total], {}, {}))
    assert told.startswith("Plan for no inputs: 2 steps by no executor yet")
    assert "Fused" not in told
    assert graph


# Subscripts in loops, and parts of sums

RNG = np.random.default_rng(0)
PARTS = {
    "neighbours": ((40,), lambda x: ag.sum((x[1:] - x[:-1]) ** 2)),
    "backwards": ((40,), lambda x: ag.sum(x[::-1] * x + x[::-2][0])),
    "a row beside all rows": ((5, 7), lambda x: ag.sum(ag.exp(x) * ag.exp(x)[0] + x[:, :1])),
    "a stencil": ((9, 8), lambda x: ag.sum((x[2:, 1:-1] - 2 * x[1:-1, 1:-1] + x[:-2, 1:-1]) ** 2)),
    "numbers": ((6,), lambda x: x[0] * x[1] + ag.sin(x[5]) * x[-1] - 3 * x[0] + ag.sum(x)),
    "new axes": ((4, 3), lambda x: ag.sum(ag.tanh(x[:, None] - x[None]) * x[0, 0])),
    "places": ((6, 2), lambda x: ag.sum(x[np.array([0, 3, 3])] * x[np.array([5, 5, 1])] * x[1])),
    "booleans": ((6, 2), lambda x: ag.sum(ag.where((x > 0)[::-1], x, x[:1] * x[-1:]))),
    "short rows": ((50, 40, 3), lambda x: ag.sum(ag.tanh(x * x[:, :1]) * ag.exp(x[..., :1]), -1)),
    "short rows, reduced": ((400, 5), lambda x: ag.log(ag.sum(ag.exp(x + x[0]), -1)) * x[0, 0]),
    "short rows, both": (
        (40, 7),
        lambda x: (
            ag.sum(ag.max(ag.sin(x[::-1]), 0) * x)
            + ag.sum(ag.abs(ag.where(x > x[:1], x, -x)) ** 2.5)
        ),
    ),
    "short rows, as they are": ((9, 3), lambda x: ag.sum(x[1:, 1:], 0) * ag.tanh(x[1:, 1:])),
    "many short rows": (
        (3000, 4, 2),
        lambda x: ag.sum(ag.exp(x), (1, 2)) * ag.sum(x**2, -1)[:, 1] + ag.max(ag.sin(x), -1)[:, 2],
    ),
    "rows of a table": ((5, 3), lambda x: ag.sum(x[np.array([[0, -1], [4, 0]])] ** 3) * x[1, 1]),
    "nothing": ((6, 2), lambda x: ag.sum(ag.exp(x[:, :0]) * x[:, 2:]) + ag.sum(x[0] ** 3)),
}


@pytest.mark.parametrize("executor", ["numpy", "native"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", PARTS)
def test_what_is_read_in_parts(name, dtype, executor):
    """Values, gradients, and an update in place of what is read at other places."""
    shape, function = PARTS[name]
    start = RNG.normal(size=shape).astype(dtype)
    with ag.Graph() as graph:
        x = ag.parameter(start, name="x")
        loss = ag.sum(function(x))
        (grad,) = ag.gradients(loss, [x])
        new = x - 0.1 * grad * x[::-1]
    program = ag.compile(graph, [loss, grad], updates={x: new}, executor=executor)
    found = program(), x.value
    x.value = start
    graph.forward()
    tolerance = 1e-5 if dtype == "float32" else 1e-12
    for one, other in zip((*found[0], found[1]), (loss, grad, new), strict=True):
        np.testing.assert_allclose(one, other.value, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_many_numbers_in_loops_and_functions_of_limited_length(executor, monkeypatch):
    monkeypatch.setattr(fusion, "MOST", 4)
    monkeypatch.setattr(fusion, "FAR", 3)
    monkeypatch.setattr(sharing, "MOST", 12)
    start = np.linspace(0.5, 1.5, 12)
    with ag.Graph() as graph:
        x, loss = ag.parameter(start), 0.0
        for i in range(11):
            loss = loss + (x[i + 1] - ag.exp(x[i]) * x[3]) ** 2
        table = ag.constant(np.eye(12))
        outputs = [loss, *ag.gradients(loss, [x]), table[ag.constant([1, 2])]]
    program = ag.compile(graph, outputs, executor=executor)
    for one, other in zip(program(), outputs, strict=True):
        np.testing.assert_allclose(one, other.value, rtol=1e-12)
    assert max(len(step.nodes) for step in program.plan.steps) <= 4
    assert (executor == "native") == ("int64_t part_" in program.source)


def test_the_gradient_of_what_is_read_in_parts_is_one_array():
    with ag.Graph():
        x = ag.parameter(np.arange(50.0))
        loss = x[0]
        for i in range(1, 50):
            loss = loss * x[i]
        (grad,) = ag.gradients(loss, [x])
    plan = make_plan([loss, grad], {}, {})
    assert sum(node.op.name == "AddAt" for step in plan.steps for node in step.nodes) == 49
    assert sum(node.shape == (50,) for node in plan.storage) <= 52  # zeros, parts, and the leaf
    assert plan.bound_bytes < 50 * 3 * 64
