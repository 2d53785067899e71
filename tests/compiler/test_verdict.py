"""What a plan says of itself: where its work is, what was not fused, what runs through NumPy."""

import warnings

import native_plans
import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.executors import blas
from autograd_lite.compiler.executors.native.reasons import REASONS
from autograd_lite.compiler.pipeline import make_plan

quick_compiling = native_plans.quick_compiling


class Steps(ag.Op):
    """A user's own op, whose rule looks at values."""

    def forward(xp, x):
        return x + (1.0 if float(np.max(x)) > 0 else 2.0)

    vjp_x = None


def planned(build, executor="numpy", **shapes):
    with ag.Graph() as graph:
        inputs = [ag.input(name=name, shape=shape) for name, shape in shapes.items()]
        out = build(*inputs)
    return ag.compile(graph, out, executor=executor).plan


KINDS = {
    "products with vectors": (lambda x, w: ag.tanh(x @ w), {"x": (300,), "w": (300, 40)}),
    "products of matrices": (lambda x, w: ag.tanh(x @ w), {"x": (300, 300), "w": (300, 40)}),
    "elementwise loops": (lambda x: ag.exp(x) * ag.sin(x), {"x": (50,)}),
    "linear algebra": (lambda x: ag.linalg.inv(x) + 1.0, {"x": (30, 30)}),
    "moves": (lambda x: ag.concat([x, x[::-1]]), {"x": (50,)}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_with_the_most_work_comes_first_and_with_advice(kind):
    build, shapes = KINDS[kind]
    lines = repr(planned(build, **shapes)).splitlines()
    (work,) = (line for line in lines if line.startswith("Work, by estimate: "))
    assert work.removeprefix("Work, by estimate: ").startswith(f"{kind} ")
    assert lines[-1].startswith("To be faster: ")


def test_a_plan_without_steps_has_no_verdict():
    assert "Work, by estimate" not in repr(make_plan([], {}, {}))


def test_what_is_not_fused_is_said_with_its_reason():
    told = repr(planned(lambda x: (x - ag.max(x)) / ag.sum(ag.exp(x - ag.max(x))), x=(2000,)))
    assert "Not fused: what reads %1" in told
    many = repr(planned(lambda x: sum(ag.exp(x * k) / ag.sum(x * k) for k in range(1, 6)), x=(99,)))
    assert " and 2 more, each complete only at the end of its loop" in many
    apart = repr(planned(lambda x: (y := ag.exp(x)) * (y @ ag.tanh(y)) - y, x=(2000,)))
    assert "as other steps have to run between them" in apart
    assert "Not fused" not in repr(planned(lambda x: ag.exp(x) + 1.0, x=(3,)))


SPLITS = {
    "no such dtype": lambda x: ag.sum(x.astype("float16") * 2),
    "looks at values": lambda x: Steps(x) * 2.0,
    "install the extra": ag.linalg.inv,
    "take one axis after the other": lambda x: x[np.array([0, 1]), None, np.array([1, 1])],
    "convert with astype": lambda x: ag.floor_divide(x.astype("int64"), 2),
}


@pytest.mark.parametrize("why", SPLITS)
def test_what_runs_through_numpy_is_said_with_its_reason(why, monkeypatch):
    monkeypatch.setattr(blas, "address", lambda _: 0)
    plan = planned(SPLITS[why], "native", x=(2, 2))
    assert any(why in note for note in plan.notes), plan.notes
    assert "NumPy" in repr(plan).splitlines()[-1]
    assert len(SPLITS) == len(REASONS)


def test_a_pass_that_numpy_splits_is_warned_of_once():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,))
        program = ag.compile(graph, Steps(x) * 2.0, executor="native")
    rows = np.ones((4, 3), "float32")
    with pytest.warns(RuntimeWarning, match=r"1 operations .* Through NumPy: %1.*looks at values"):
        first = program.scan({"x": rows})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(program.scan({"x": rows}), first)


def test_loops_over_other_shapes_are_no_matter():
    told = repr(planned(lambda x: ag.sum(ag.exp(x[:, None]) * ag.exp(x * 2.0)), x=(50,)))
    assert "as other steps have to run between them" not in told
