"""A user's own op, from the user's own file: all that the library does works for it."""

import numpy as np
import own_ops
import pytest
from own_ops import Huber, RoundThrough, Swish

import autograd_lite as ag
from autograd_lite.errors import OpCallError
from autograd_lite.ops import OPS
from autograd_lite.ops.table import describe
from autograd_lite.testing import CheckFailed, check_file, check_gradients, check_op
from autograd_lite.testing.rows import Verdict

OWN = {"Swish": (Swish, {}), "Huber": (Huber, {"delta": 0.75}), "RoundThrough": (RoundThrough, {})}
each_own = pytest.mark.parametrize(("op", "params"), OWN.values(), ids=OWN)
POINT = np.array([[-2.25, -0.5], [0.25, 1.75]])


@pytest.fixture(autouse=True)
def registry():
    known = dict(OPS)
    yield
    OPS.clear()
    OPS.update(known)


@each_own
def test_check_op_in_one_line(op, params):
    check_op(op, params=params)


@each_own
def test_every_kind_of_number(op, params):
    assert op(0.5, **params) == op(np.array([0.5]), **params)[0]
    assert op(np.float32([0.5]), **params).dtype == np.float32
    assert type(op(ag.Node(0.5), **params).value) is float


@each_own
def test_second_order_numeric_and_symbolic(op, params):
    x = ag.Node(POINT)
    first = ag.gradients(op(x, **params), x, cotangent=np.ones(x.shape))
    total = (first * first * x).sum()
    total.backward()
    numeric = x.grad.copy()
    again = ag.gradients(total, x)
    np.testing.assert_allclose(again.value, numeric, rtol=1e-14, atol=1e-15)


def test_hessian_of_swish():
    s = 1 / (1 + np.exp(-0.5))
    curvature = ag.grad(ag.grad(Swish))(0.5)
    assert curvature == pytest.approx(s * (1 - s) * (2 + 0.5 * (1 - 2 * s)), rel=1e-13)


@each_own
def test_recorded_printed_drawn_and_run_again(op, params, tmp_path):
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 2), dtype="float64")
        y = op(x, **params)
    g.forward(x=POINT)
    np.testing.assert_array_equal(y.value, op(POINT, **params))
    assert op.name in str(g)
    assert op.name in g.render(tmp_path / "own.svg").read_text(encoding="utf-8")
    again = ag.Graph.from_json(g.to_json())
    again.forward(x=-POINT)
    np.testing.assert_array_equal(again.nodes[-1].value, op(-POINT, **params))


def test_the_command_checks_the_file():
    findings, code = check_file(own_ops.__file__)
    assert code == 0
    assert [finding.name for finding in findings] == list(OWN)


def test_parameters_have_defaults_and_are_named():
    assert Huber(3.0) == 2.5
    assert Huber(3.0, delta=2.0) == 4.0
    with pytest.raises(OpCallError, match=r"Huber: expected a call like Huber\(x, \*, delta=1.0\)"):
        Huber(3.0, width=2.0)


# A rule that is deliberately not the derivative


def test_a_surrogate_passes_the_gradient_on():
    assert ag.grad(lambda x: RoundThrough(x) * 3.0)(1.75) == 3.0
    assert RoundThrough(1.75) == 2.0


def test_a_surrogate_is_reported_and_never_called_wrong():
    report = check_gradients(
        lambda x: (RoundThrough(x) * Swish(x)).sum(), POINT, order=2, progress=False
    )
    assert report.ok
    unsure = [row for row in report.rows if row.verdict is Verdict.UNDECIDABLE]
    assert [(row.node.op, row.note) for row in unsure] == [(RoundThrough, RoundThrough.surrogate)]
    assert "straight-through" in str(report)


def test_without_saying_so_it_is_called_wrong():
    class Silent(RoundThrough):
        surrogate = ""

    with pytest.raises(CheckFailed, match="the derivative that finite differences show"):
        check_op(Silent)


def test_a_surrogate_must_keep_all_other_promises():
    class Clipping(RoundThrough):
        def vjp_x(xp, grad, out, x):
            return xp.minimum(grad, 1.0)

    with pytest.raises(CheckFailed, match="linear in grad"):
        check_op(Clipping)


def test_a_surrogate_does_not_hide_a_wrong_rule_beside_it():
    class Wrong(Swish):
        def vjp_x(xp, grad, out, x):
            return grad

    report = check_gradients(lambda x: (RoundThrough(x) * Wrong(x)).sum(), POINT, progress=False)
    assert [row.node.op for row in report.guilty] == [Wrong]


def test_the_table_says_that_it_is_one():
    assert "straight-through" in describe("RoundThrough")


# Cells of a notebook are run again


def test_a_class_defined_again_takes_the_place_of_the_first():
    def define(factor):
        class Scale(ag.Elementwise):
            def forward(xp, x):
                return factor * x

            def vjp_x(xp, grad, out, x):
                return factor * grad

        return Scale

    first, second = define(2.0), define(3.0)
    assert OPS["Scale"] is second
    assert (first(1.0), second(1.0)) == (2.0, 3.0)
    x = ag.Node(1.0)
    assert ag.gradients(first(x), x).value == 2.0  # a graph that has the first one keeps it
    with ag.Graph() as g:
        second(ag.input(name="x", shape=(), dtype="float64"))
    assert ag.Graph.from_json(g.to_json()).nodes[-1].op is second
