"""check_gradients: what is right passes, what is wrong is named, and each check can fail."""

import subprocess
import sys
import time
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given

import autograd_lite as ag
from autograd_lite import errors, ops
from autograd_lite.core import backward, sweep
from autograd_lite.testing import CheckFailed, Verdict, check_gradients, strategies
from autograd_lite.testing import check as check_module
from autograd_lite.testing import report as report_module
from autograd_lite.testing.judgement import Comparison, Outcome, compare
from autograd_lite.testing.recipes import Recipe, RecipeStep
from autograd_lite.testing.replay import sum_to
from autograd_lite.testing.reproducer import array_code


@pytest.fixture(autouse=True)
def forget_ops():
    known = dict(ops.OPS)
    yield
    ops.OPS.clear()
    ops.OPS.update(known)


def wrong(op, change, position=0):
    """The op with one rule changed."""
    rules = list(op.vjps)
    right = rules[position]
    rules[position] = lambda *a, **params: change(right(*a, **params))
    return patch.object(op, "vjps", tuple(rules))


# What is right passes


@given(strategies.graphs())
def test_correct_graphs_pass(recipe):
    report = check_gradients(recipe.build())
    assert report.ok, report
    report.raise_if_failed()


@given(strategies.graphs(dtype="float32", steps=5))
def test_float32_is_replayed_in_float64(recipe):
    assert check_gradients(recipe.build()).ok


@given(strategies.graphs(zeros=0.0, steps=4, ops=["Tanh", "Mul", "Sum", "MatMul", "Div", "Exp"]))
def test_second_order_of_correct_graphs_passes(recipe):
    report = check_gradients(recipe.build(), order=2)
    assert report.ok, report


def twice(value, function):
    """A function that uses its argument more than once."""
    return function(ag.Node(value))


zero, ties = np.zeros(3), np.array([2.0, 2.0, 1.0, 2.0])
AWKWARD = {
    "relu at 0": lambda: ag.relu(ag.Node(zero)),
    "abs at 0": lambda: ag.abs(ag.Node(zero)),
    "max of ties": lambda: ag.max(ag.Node(ties)),
    "max of one": lambda: ag.max(ag.Node(np.zeros((3, 4))), axis=0),
    "maximum of ties": lambda: ag.maximum(ag.Node(ties), ag.Node(ties)),
    "maximum of itself": lambda: twice(0.0, lambda x: ag.maximum(x, x)),
    "minimum with 0": lambda: ag.minimum(ag.Node(zero), 0.0),
    "pooling": lambda: ag.max(ag.reshape(ag.Node(np.zeros(8)), (2, 2, 2)), axis=(1,)),
    "kinks in a chain": lambda: ag.relu(ag.abs(ag.Node(zero)) - ag.Node(zero)),
    "relu just above 0": lambda: ag.relu(ag.Node(np.array([1e-9, -1e-9, 1e-300]))),
    "root of 0 not taken": lambda: twice(zero, lambda x: ag.where(x > 0.0, ag.sqrt(x), x)),
    "many zeros": lambda: ag.relu(ag.Node(np.where(np.arange(3000) % 3, 0.5, 0.0))),
    "where at its edge": lambda: twice(zero, lambda x: ag.where(x > 0.0, x, 0.0)),
    "softmax far out": lambda: ag.softmax(ag.Node(np.array([1000.0, 0.0, -1000.0]))),
    "saturated": lambda: ag.tanh(ag.Node(np.array([40.0, -40.0]))),
    "empty": lambda: ag.sum(ag.tanh(ag.Node(np.zeros((0, 3))))),
    "large numbers": lambda: ag.Node(1e12) * ag.Node(1e-12) - ag.Node(1e12),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_points_never_fail_falsely(name):
    for seed in range(5):
        report = check_gradients(AWKWARD[name](), seed=seed)
        assert report.ok, report
        assert not report.undecidable or name.startswith("root")


def test_kinks_within_one_op_may_cancel():
    class Crossed(ops.Op):
        def forward(xp, x):
            return xp.maximum(x[0], 0.0) - xp.maximum(x[1], 0.0)

        def vjp_x(xp, grad, out, x):
            return xp.where(x > 0, grad, 0.0) * np.array([1.0, -1.0])

    for seed in range(8):
        assert check_gradients(Crossed(ag.Node(np.zeros(2))), seed=seed).ok


@pytest.mark.parametrize("build", [lambda: ag.sqrt(ag.Node(zero)), lambda: ag.log(ag.Node(0.0))])
def test_what_has_no_slope_is_undecidable(build):
    report = check_gradients(build())
    assert report.ok
    assert report.undecidable
    assert "undecidable" in str(report)
    assert any(word in str(report) for word in ("not finite", "no slope", "too uncertain"))


def test_a_fault_is_certain_even_where_other_entries_have_no_slope():
    with wrong(ops.Sqrt, lambda grad: grad * 1.001):
        assert check_gradients(ag.sqrt(ag.Node(np.array([0.0, 1.0])))).rows[0].index == (1,)
    with wrong(ops.Log, lambda grad: grad * 1.001), np.errstate(divide="ignore"):
        assert check_gradients(ag.log(ag.Node(np.array([0.0, 1.0])))).rows[0].index == (1,)


def test_a_float32_classifier_is_checked_in_seconds():
    random = np.random.default_rng(0)
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(784,), dtype="float32")
        y = ag.input(name="y", shape=(), dtype="int64")
        W1 = ag.parameter(random.normal(0, 0.05, (784, 128)).astype("float32"), name="W1")
        W2 = ag.parameter(random.normal(0, 0.1, (128, 10)).astype("float32"), name="W2")
        b1 = ag.parameter(np.zeros(128, "float32"))
        p = ag.softmax(ag.vdot(ag.sigmoid(ag.vdot(x, W1) + b1), W2))
        loss = ag.log(ag.aref(p, y)) * -1
        ag.accuracy(p, y)
    g.forward(x=random.random(784, "float32"), y=3)
    start = time.perf_counter()
    for report in (check_gradients(g), check_gradients(g, loss=loss, order=2)):
        assert report.ok
        assert not report.undecidable
    assert time.perf_counter() - start < 20
    with wrong(
        ops.VDot, lambda grad: grad + 0.001 * (np.arange(grad.size) == 5).reshape(grad.shape), 1
    ):
        row = check_gradients(g).rows[0]
        assert row.subject.startswith("vjp_y of VDot")
        assert row.index == (0, 5)


def test_gradients_are_left_as_they_were():
    x = ag.Node(2.0)
    y = x * x
    y.backward()
    check_gradients(y, order=2)
    assert (x.grad, y.grad) == (4.0, 1.0)


# What is wrong is named


def test_a_wrong_rule_is_named_with_its_numbers():
    x = ag.Node(np.array([[0.5, 0.0], [-1.0, 2.0]]), name="x")
    with wrong(ops.Tanh, lambda grad: grad * 1.001):
        report = check_gradients(ag.sum(ag.tanh(x) * 2.0))
    assert not report.ok
    assert not report
    row = report.rows[0]
    assert (row.verdict, row.node.op, row.input) == (Verdict.RULE, ops.Tanh, "x")
    assert row.index is not None
    assert row.comparison.analytic == pytest.approx(1.001 * row.comparison.numeric, rel=1e-9)
    assert "test_testing_check.py" in row.place
    with pytest.raises(
        CheckFailed, match=r"vjp_x of Tanh: expected the derivative that finite"
    ) as caught:
        report.raise_if_failed()
    assert "at:    " in str(caught.value)
    assert "test_testing_check.py" in caught.value.place


def test_one_wrong_entry_of_many_is_pinpointed():
    def spoil(grad):
        grad = np.array(grad)
        grad[3, 41] *= 1.01
        return grad

    with wrong(ops.Exp, spoil):
        row = check_gradients(ag.exp(ag.Node(np.linspace(0, 1, 600).reshape(6, 100)))).rows[0]
    assert row.index == (3, 41)


RAISING = {
    "rule that raises": (lambda grad: 1 / 0, "ZeroDivisionError"),
    "shape that does not sum": (lambda grad: np.ones((5, 3)), r"shape \(5, 3\) does not sum"),
    "fewer axes": (lambda grad: np.ones(()), r"shape \(\) does not sum"),
    "nan": (lambda grad: grad * np.nan, "nan instead of"),
    "infinity": (lambda grad: grad + np.inf, "inf instead of"),
}


@pytest.mark.parametrize("name", RAISING)
def test_rules_that_break_are_rule_faults(name):
    change, message = RAISING[name]
    with wrong(ops.Tanh, change):
        report = check_gradients(ag.tanh(ag.Node(np.ones(2))))
    assert report.rows[0].verdict is Verdict.RULE
    with pytest.raises(CheckFailed, match=message):
        report.raise_if_failed()


def test_shares_of_a_maximum_have_to_sum_to_one():
    x = ag.Node(np.zeros(3))
    with wrong(ops.Max, lambda grad: 2 * grad):
        assert check_gradients(ag.max(x)).rows[0].subject == "vjp_x of Max"


def test_a_fault_behind_a_kink_is_seen_beside_it():
    x = ag.Node(np.zeros(2))

    def rule(xp, grad, out, x):
        return xp.where(x > 0, 1.001 * grad, 0.0)

    with patch.object(ops.ReLU, "vjps", (rule,)):
        report = check_gradients(ag.relu(x))
    assert report.rows[0].verdict is Verdict.RULE
    assert "beside the recorded point" in str(report)
    assert report.rows[0].node.inputs[0] is x


def test_a_tie_that_always_holds_is_set_apart():
    x = ag.Node(0.0)
    with wrong(ops.Maximum, lambda grad: grad * 1.001):
        row = check_gradients(ag.maximum(x, x)).rows[0]
    assert row.verdict is Verdict.RULE
    assert row.node.op is ops.Maximum


def loses(output, cotangent, pull):
    yield output, cotangent


def doubling(output, cotangent, pull):
    return ((n, g if n is output else 2 * g) for n, g in sweep_as_it_is(output, cotangent, pull))


def crashes(output, cotangent, pull):
    raise ZeroDivisionError("in the sweep")


def shortens(output, cotangent, pull):
    return ((n, np.float32(g)) for n, g in sweep_as_it_is(output, cotangent, pull))


def grown(output, cotangent, pull):
    return ((n, np.full((2,), g)) for n, g in sweep_as_it_is(output, cotangent, pull))


sweep_as_it_is = sweep.sweep


def in_place_of_the_sweep(fault):
    """Let another function say what arrives where, in numbers."""

    def of_numbers(output, seed, *, keep):
        return dict(fault(output, seed, sweep.pull_numbers))

    return patch.object(backward, "of_numbers", of_numbers)


ENGINE_FAULTS = {
    "nothing arrives": (loses, "no gradient arrives here"),
    "wrong sum": (doubling, "not the sum of the 1 contributions"),
    "a crash": (crashes, "backward raised ZeroDivisionError: in the sweep"),
    "a short float": (shortens, "a gradient of dtype float32"),
    "a broadcast gradient": (grown, r"a gradient of shape \(2,\) for float64\[\]"),
}


@pytest.mark.parametrize("name", ENGINE_FAULTS)
def test_engine_faults_are_told_from_rule_faults(name):
    fault, message = ENGINE_FAULTS[name]
    y = ag.tanh(ag.Node(np.asarray(0.5)))
    with in_place_of_the_sweep(fault):
        report = check_gradients(y)
    assert {row.verdict for row in report.guilty} == {Verdict.ENGINE}
    with pytest.raises(CheckFailed, match=message):
        report.raise_if_failed()


def test_dropped_accumulation_is_diagnosed():
    def assigning(output, cotangent, pull):
        arrived = {output.serial: (output, cotangent)}
        while arrived:
            node, grad = arrived.pop(max(arrived))
            yield node, grad
            arrived |= {x.serial: (x, part) for x, part in pull(node, grad)} if node.inputs else {}

    x = ag.Node(np.ones(2))
    with in_place_of_the_sweep(assigning):
        report = check_gradients(x * 2.0 + ag.tanh(x))
    assert report.rows[0].node is x
    assert "only one of 2 contributions is there: gradients are not accumulated" in str(report)


def test_old_gradients_are_noticed():
    def adding(output, cotangent=None, **_):
        for node, grad in sweep.sweep(output, cotangent, sweep.pull_numbers):
            node.grad = grad if node.grad is None else node.grad + grad

    y = ag.tanh(ag.Node(np.ones(2)))
    with patch("autograd_lite.frontend.node.backward", adding):
        assert check_gradients(y).rows[0].verdict is Verdict.ENGINE


def test_a_value_behind_the_engines_back_is_stale():
    x = ag.Node(np.ones(2))
    y = ag.exp(x)
    x._value = np.array([1.0, 2.0])
    report = check_gradients(y)
    assert report.rows[0].node is y
    assert "stale, or random" in str(report)


def test_a_changed_leaf_is_refused_by_the_engine_itself():
    x = ag.Node(1.0)
    y = ag.exp(x)
    x.value = 2.0
    with pytest.raises(errors.StaleError, match="given another value since"):
        check_gradients(y)


def test_a_whole_that_fails_alone_is_the_engines():
    y = ag.tanh(ag.Node(0.5)) * ag.Node(2.0)
    outcome = Comparison(1.0, 2.0, 0.0, 0.0, Outcome.DIFFER)
    with patch("autograd_lite.testing.whole.compare_output", lambda *_: outcome):
        report = check_gradients(y)
    assert report.rows[0].verdict is Verdict.ENGINE
    assert "every rule passes on its own and the whole does not" in str(report)


def test_a_sum_may_have_parts_of_opposite_sign():
    x = ag.Node(np.array([1e8, 1.0]))
    assert check_gradients(x * 3.0 - x * 2.0 - x).ok


# Second order


def detached(rule):
    def still(x):
        return ag.constant(x.value) if isinstance(x, ag.Node) else x

    return lambda xp, grad, *a, **params: rule(xp, grad, *map(still, a), **params)


def test_a_rule_that_forgets_what_it_depends_on_fails_at_second_order_only():
    y = ag.tanh(ag.Node(0.5))
    with patch.object(ops.Tanh, "vjps", tuple(map(detached, ops.Tanh.vjps))):
        assert check_gradients(y).ok
        report = check_gradients(y, order=2)
    row = report.rows[0]
    assert (row.verdict, row.node, row.order) == (Verdict.RULE, y, 2)
    assert row.subject == "derivative of vjp_x of Tanh"
    assert "order=2" in report.reproducer


def test_a_wrong_helper_is_named_where_it_is_used():
    y = ag.sum(ag.exp(ag.Node(np.ones(3))))
    with wrong(ops.BroadcastLike, lambda grad: grad * 1.001):
        assert check_gradients(y).ok
        row = check_gradients(y, order=2).rows[0]
    assert row.node is y
    assert row.subject == "vjp_x of BroadcastLike"
    assert "in the derivative of vjp_x of Sum" in row.note
    assert row.witness.op is ops.BroadcastLike


def test_a_rule_that_cannot_be_written_down_fails_at_second_order():
    y = ag.exp(ag.Node(np.ones(2)))
    with patch.object(
        ops.Exp, "vjps", (lambda xp, grad, out, x: np.multiply(grad, np.asarray(out)),)
    ):
        row = check_gradients(y, order=2).rows[0]
    assert row.verdict is Verdict.RULE
    assert row.note.startswith("GraphError: ")


def test_the_gradient_of_the_gradient_is_checked_whole():
    y = ag.exp(ag.Node(np.ones(2)))
    outcome = Comparison(1.0, 2.0, 0.0, 0.0, Outcome.DIFFER)
    with patch("autograd_lite.testing.second_order.compare_gradients", lambda *_: outcome):
        row = check_gradients(y, order=2).rows[0]
    assert row.verdict is Verdict.ENGINE
    assert row.note == "every rule passes to second order and the gradient of the gradient does not"


def test_a_linear_graph_has_a_constant_gradient():
    assert check_gradients(ag.Node(np.ones(2)) + 1.0, order=2).ok


# Analytic ops


def test_the_complex_step_is_used_where_an_op_is_marked():
    class Cube(ops.Elementwise):
        analytic = True

        def forward(xp, x):
            return x * x * x

        def vjp_x(xp, grad, out, x):
            return 3 * grad * x * x

    y = Cube(ag.Node(np.array([0.5, 2.0])))
    assert check_gradients(y).rows[0].comparison.error < 1e-13
    with wrong(Cube, lambda grad: grad * (1 + 1e-12)):
        assert check_gradients(y).rows[0].verdict is Verdict.RULE


def test_an_op_that_is_marked_and_is_not_analytic_gets_differences():
    with patch.object(ops.Abs, "analytic", True, create=True):
        assert check_gradients(ag.abs(ag.Node(-2.0))).ok


def test_what_is_too_rough_is_unclear():
    random = np.random.default_rng(0)
    found = compare(lambda t: random.random(()), lambda u: (0.0, 0.0), np.ones(()))
    assert found.outcome is Outcome.UNCLEAR
    assert found.excess == 0.0


# Targets


def test_a_function_gets_its_arguments_as_leaves():
    def f(x, y, labels, scale):
        assert type(labels) is np.ndarray
        assert scale == 3
        return ag.sum(ag.tanh(x) * y) * scale

    report = check_gradients(f, [0.5, 1.0], 2.0, np.array([1, 2]), 3)
    assert {row.input for row in report.rows} >= {"x", "y"}


def test_a_function_may_return_a_graph():
    def build():
        with ag.Graph() as g:
            ag.tanh(ag.parameter(0.5))
        return g

    assert check_gradients(build).ok


def test_a_graph_with_several_ends_asks_for_the_loss():
    with ag.Graph() as g:
        x = ag.parameter(0.5, name="x")
        y = ag.tanh(x)
        ag.exp(x)
    with pytest.raises(errors.GradientError, match=r"came:  2: Tanh %1, Exp %2"):
        check_gradients(g)
    assert check_gradients(g, loss=y).ok
    with pytest.raises(errors.GradientError, match="came:  0: none"):
        check_gradients(ag.Graph())


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (lambda: 2.0, r"came:  2.0"),
        (lambda: ag.constant(1.0, name="c"), r"came:  Constant 'c', float64\[\]"),
    ],
)
def test_nothing_to_differentiate_is_refused(target, message):
    with pytest.raises(errors.GradientError, match=message):
        check_gradients(target)


def test_a_node_without_value_is_refused():
    with ag.Graph():
        y = ag.tanh(ag.input(name="x", shape=(), requires_grad=True))
        with pytest.raises(errors.GraphError, match="expected a value"):
            check_gradients(y)


# The report


def test_a_report_is_a_table():
    with ag.Graph():
        y = ag.tanh(ag.parameter(0.5, name="x")).named("y")
    lines = str(check_gradients(y)).splitlines()
    assert lines[0] == "4 checks of Tanh 'y': all right"
    assert lines[2].split() == [
        "verdict",
        "what",
        "element",
        "analytic",
        "numeric",
        "error",
        "appended",
        "at",
    ]
    assert lines[3].startswith("passed   vjp_x of Tanh 'y'")
    assert check_gradients(y).reproducer == ""


def test_a_long_report_is_cut():
    x = ag.Node(0.5)
    for _ in range(60):
        x = ag.tanh(x)
    assert str(check_gradients(x)).splitlines()[-1] == "… and 72 more that passed"


def test_a_report_is_drawn(monkeypatch):
    drawn = {}
    stub = lambda graph, path, **options: drawn.update(options, graph=graph)  # noqa: E731
    monkeypatch.setattr(report_module, "render", stub)
    x = ag.Node(0.0)
    y = ag.sqrt(x)
    z = ag.relu(ag.Node(2.0)) * y
    with wrong(ops.Mul, lambda grad: grad + 1.0, 1):
        check_gradients(z).render("unused.svg", values=False)
    colours = drawn["highlight"]
    assert (colours[z], colours[y], colours[z.inputs[0]]) == ("red", "amber", "green")
    assert y in drawn["graph"]
    assert drawn["values"] is False


def test_the_own_graph_is_drawn(monkeypatch, tmp_path):
    with ag.Graph() as g:
        y = ag.tanh(ag.parameter(0.5))
    check_gradients(y).render(tmp_path / "tanh.dot")
    assert "Tanh" in (tmp_path / "tanh.dot").read_text(encoding="utf-8")
    assert len(g) == 2


# Reproducers


def run(program, **names):
    """What a program prints."""
    printed = []
    exec(program, {"print": printed.append, **names})  # noqa: S102
    return printed[0]


def test_a_reproducer_shows_the_failure_again():
    x = ag.Node(np.array([[0.5, np.inf], [1.0, 2.0]], "float32"))
    with wrong(ops.GetItem, lambda grad: grad * 1.001):
        report = check_gradients(x[1, ::2])
        again = run(report.reproducer)
    assert again.rows[0].subject == report.rows[0].subject == "vjp_x of GetItem"
    assert "from numpy import inf, nan" in report.reproducer


def test_a_reproducer_of_the_engine_has_the_whole_graph():
    x = ag.Node(np.ones(2))
    y = ag.sum(ag.tanh(x) * ag.constant([1, 2]), axis=0)
    with in_place_of_the_sweep(doubling):
        report = check_gradients(y)
        again = run(report.reproducer)
    assert again.rows[0].verdict is Verdict.ENGINE
    assert report.reproducer.count("ag.ops.") == 3


def test_a_reproducer_runs_as_a_program_of_its_own():
    report = check_gradients(ag.tanh(ag.Node(0.5)))
    with patch.object(type(report), "guilty", [report.rows[0]]):
        program = report.reproducer
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("4 checks of Tanh: all right")


def test_a_reproducer_of_many_entries_draws_them():
    x = ag.Node(np.linspace(0.0, 1.0, 400))
    with wrong(ops.Exp, lambda grad: grad * 1.001):
        report = check_gradients(ag.exp(x))
        assert "# arrays of many elements are replaced by random ones" in report.reproducer
        assert not run(report.reproducer).ok


def test_an_empty_array_keeps_its_shape_in_a_reproducer():
    assert array_code(np.zeros((0, 3))) == "np.array([], 'float64').reshape((0, 3))"


class Halved(ops.Elementwise):
    """x / 2, with a wrong rule."""

    def forward(xp, x):
        return x / 2

    def vjp_x(xp, grad, out, x):
        return grad


def test_a_reproducer_imports_the_users_op():
    assert f"from {__name__} import Halved" in check_gradients(Halved(ag.Node(1.0))).reproducer


# The progress bar, and the naive parts


def test_progress_is_shown_after_two_seconds(monkeypatch, capsys):
    monkeypatch.setattr(check_module, "PATIENCE", 0.0)
    check_gradients(ag.tanh(ag.Node(0.5)))
    assert "check" in capsys.readouterr().err
    check_gradients(ag.tanh(ag.Node(0.5)), progress=False)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    check_gradients(ag.tanh(ag.Node(0.5)))
    assert capsys.readouterr().err == ""


def test_an_op_of_many_inputs_counts_them():
    class Total(ops.Op):
        def forward(xp, *xs):
            return sum(xs)

        def vjp_xs(xp, grad, out, *xs, position):
            return grad * (1.001 if position == 1 else 1.0)

    report = check_gradients(Total(ag.Node(1.0), ag.Node(2.0), ag.Node(3.0)))
    assert [row.subject for row in report.guilty] == ["vjp_xs[1] of Total"]
    assert "# define the op Total first" in report.reproducer
    assert run(report.reproducer).rows[0].subject == "vjp_xs[1] of Total"


def test_casts_do_not_cost_digits():
    assert check_gradients(ag.astype(ag.tanh(ag.Node(0.5)), "float32")).ok


@pytest.mark.parametrize("shape", [(), (3,), (2, 1), (1, 3)])
def test_sum_to_is_the_adjoint_of_broadcasting(shape):
    grad = np.arange(6.0).reshape(2, 3)
    x = np.random.default_rng(0).random(shape)
    assert np.sum(grad * np.broadcast_to(x, (2, 3))) == pytest.approx(
        np.sum(sum_to(grad, shape) * x)
    )


# The worked example: a wrong derivative that was once handed in


class HiddenBias(ops.Op):
    """ReLU of z + b. Its db multiplies by relu(z + b) in the place of [z + b > 0]."""

    def forward(xp, z, b):
        return xp.maximum(z + b, 0.0)

    def vjp_z(xp, grad, out, z, b):
        return xp.where(out > 0, grad, 0.0)

    def vjp_b(xp, grad, out, z, b):
        return grad * out


def test_the_wrong_bias_gradient_is_found_named_and_drawn(tmp_path):
    random = np.random.default_rng(1)
    x, y = random.random((5, 7)), np.array([0, 2, 1, 1, 0])
    with ag.Graph() as g:
        W_h = ag.parameter(random.normal(0, 1, (7, 4)), name="W_h")
        b_h = ag.parameter(np.zeros(4), name="b_h")
        W_o = ag.parameter(random.normal(0, 1, (4, 3)), name="W_o")
        h = HiddenBias(ag.matmul(x, W_h), b_h).named("h")
        p = ag.softmax(ag.matmul(h, W_o))
        (ag.mean(ag.log(ag.aref(p, y))) * -1).named("loss")
    report = check_gradients(g)
    assert [row.subject for row in report.guilty] == ["vjp_b of HiddenBias 'h'"]
    assert report.rows[0].input == "b"
    assert "appended at" in str(report)
    assert not run(report.reproducer).ok
    report.render(tmp_path / "guilty.dot")
    red = [
        line
        for line in (tmp_path / "guilty.dot").read_text(encoding="utf-8").splitlines()
        if "#cf222e" in line
    ]
    assert any("HiddenBias" in line for line in red)


def test_a_recipe_is_readable():
    recipe = Recipe((np.array(0.5),), (RecipeStep("Sum", (0,), {"axis": None}),))
    assert repr(recipe) == "x0 = 0.5; x1 = Sum(x0, axis=None)"


def test_a_node_without_a_gradient_is_refused():
    with pytest.raises(errors.GradientError):
        check_gradients(ag.constant(1.0) * 2.0)


def test_a_difference_is_certain_also_beside_what_is_unknown():
    def function(t):
        return np.array([(3.0 + t) ** 2, np.nan])

    found = compare(function, lambda u: (6.06 * u[0], 6.0), np.ones(2))
    assert found.outcome is Outcome.DIFFER
    right = compare(function, lambda u: (6.0 * u[0], 6.0), np.ones(2))
    assert (right.outcome, right.note[:10]) == (Outcome.UNCLEAR, "1 elements")
