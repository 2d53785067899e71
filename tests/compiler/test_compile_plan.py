"""Plans: order, what shares memory, what is fused, and how a plan reads."""

from itertools import combinations

import numpy as np
import pytest
from compiled import Classifier, samples
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite.compiler.passes import PASSES
from autograd_lite.compiler.pipeline import make_plan
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
    offsets, total = place(lives)
    spans = [(o, o + aligned(life.size), life) for o, life in zip(offsets, lives, strict=True)]
    for (a, b, x), (c, d, y) in combinations(spans, 2):
        together = x.first <= y.last and y.first <= x.last
        assert not together or b <= c or d <= a
    assert all(offset % 64 == 0 for offset in offsets)
    assert total >= liveness_bound(lives)


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
    plan = make_plan([y], {}, {"x": (3,)}, can_fuse=lambda op: op is ag.ops.Exp)
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
