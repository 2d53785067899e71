"""check_gradients of functions: right ones are never accused, what leaves the graph is named."""

import base64
import math
import time

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.core.sweep import ancestors
from autograd_lite.testing import Verdict, check_gradients
from autograd_lite.testing.rules import shaken
from autograd_lite.testing.second_opinion import bends, shrinking_rate
from autograd_lite.testing.whole import guilty_nearby, recorded_point


def hilbert(n):
    return 1.0 / (np.arange(n)[:, None] + np.arange(n) + 1.0)


RIGHT = {
    "sin far out": (ag.sin, 3e5),
    "sin further out": (ag.sin, np.array([1e6, -7e5])),
    "exp near overflow": (ag.exp, 700.0),
    "exp at the last": (ag.exp, 709.7),
    "exp near underflow": (ag.exp, -600.0),
    "exp among subnormals": (ag.exp, -740.0),
    "log near 0": (ag.log, np.array([1e-8, 1e-200])),
    "log of a large number": (ag.log, 1e200),
    "sqrt of a large number": (ag.sqrt, 1e200),
    "sqrt near 0": (ag.sqrt, 1e-12),
    "acosh near 1": (ag.acosh, 1 + 1e-9),
    "asin near 1": (ag.asin, 1 - 1e-9),
    "power of large numbers": (lambda x: x**30.0, 1e6),
    "tan near a pole": (ag.tan, np.pi / 2 - 1e-5),
    "root of cubes at its edge": (lambda x: x**1.5, 0.0),
    "cholesky near its edge": (lambda x: ag.sum(ag.linalg.cholesky(x)), np.diag([1.0, 0.01])),
    "cholesky nearer": (lambda x: ag.sum(ag.linalg.cholesky(x)), np.diag([1.0, 1e-6])),
    "inverse of a Hilbert matrix": (lambda x: ag.sum(ag.linalg.inv(x)), hilbert(6)),
    "inverse of a worse one": (lambda x: ag.sum(ag.linalg.inv(x)), hilbert(8)),
    "solve with a Hilbert matrix": (lambda x: ag.sum(ag.linalg.solve(x, np.ones(7))), hilbert(7)),
    "determinant near 0": (ag.linalg.det, np.ones((3, 3)) + 1e-7 * np.eye(3)),
    "numbers of all sizes": (lambda x: ag.sum(x * x * x), np.array([2e4, 1.0, 1e-9])),
    "the middle of equal three": (lambda x: ag.sort(x)[1], np.zeros(3)),
    "a branch": (lambda x: ag.sin(x) if x.value > 0 else x * 2.0, 0.5),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("name", RIGHT)
def test_right_functions_are_not_accused(name):
    function, x = RIGHT[name]
    for seed in range(12 if "middle" in name else 3):
        report = check_gradients(function, x, seed=seed, progress=False)
        assert report.ok, str(report)


@pytest.mark.parametrize("name", ["sin far out", "exp near overflow", "cholesky near its edge"])
def test_a_fault_is_found_there_as_well(name, monkeypatch):
    function, x = RIGHT[name]
    op = {"s": ops.Sin, "e": ops.Exp, "c": ops.Cholesky}[name[0]]
    right = op.vjps[0]
    monkeypatch.setattr(op, "vjps", (lambda *a, **params: right(*a, **params) * 1.01,))
    assert check_gradients(function, x).rows[0].verdict is Verdict.RULE


class Counter:
    """A closure that changes with each call."""

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return x * float(self.calls)


def draws(x):
    return x * np.random.default_rng().random()


LEFT = {
    "math": (lambda x: x * math.sin(x.value), 0.7, "left the graph", "Mul"),
    "a number": (lambda x: ag.exp(x) + ag.sin(x) * x.value, 0.7, "left the graph", "Mul"),
    "numpy": (lambda x: ag.sum(x * np.tanh(x.value)), np.array([0.5, 2.0]), "left the graph", "Mul"),
    "another way": (
        lambda x: x * x.value if x.value > 0.7 else x * x.value * 1.0, 0.7, "left the graph", "Mul",
    ),
    "the norm": (lambda x: x / np.linalg.norm(x.value), np.array([3.0, 4.0]), "left", "Div"),
    "a draw": (draws, 0.7, "not deterministic", "Mul"),
    "a closure": (Counter(), 0.7, "not deterministic: .* gives 0.7 and 1.4", "Mul"),
    "a branch that hides a slope": (
        lambda x: x * 1.0 if x.value else x * 0.0, 0.0, "kinks meet here|left the graph", "Mul",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT)
def test_what_leaves_the_graph_is_named(name):
    function, x, note, op = LEFT[name]
    report = check_gradients(function, x, progress=False)
    assert not report.ok
    row = report.rows[0]
    assert row.verdict is Verdict.WHOLE
    with pytest.raises(AssertionError, match=note) as caught:
        report.raise_if_failed()
    assert "verdict  what" in str(caught.value)
    assert row.node.op.name == op
    assert "test_testing_function.py" in row.place


MEETING = {
    "softplus": lambda x: ag.log1p(ag.exp(-ag.abs(x))) + ag.relu(x),
    "relu - relu": lambda x: ag.relu(x) - ag.relu(-x),
    "minimum + relu": lambda x: ag.minimum(x, 0.0) * 1.0 + ag.relu(x),
    "abs - 2 relu": lambda x: ag.abs(x) - 2.0 * ag.relu(x) + x * 3.0,
    "shifted": lambda x: ag.relu(x - 0.0) + ag.minimum(x, 0.0),
}


@pytest.mark.parametrize("name", MEETING)
def test_kinks_that_meet_in_a_smooth_whole_are_found(name):
    for x in (0.0, np.zeros(2), np.array([0.0, 1.5])):
        row = check_gradients(MEETING[name], x, progress=False).rows[0]
        assert row.verdict is Verdict.WHOLE
        assert "kinks meet here in a smooth whole" in row.note


KINKS = {
    "relu": (ag.relu, 0.0),
    "abs": (ag.abs, 0.0),
    "max": (ag.max, np.array([1.0, 1.0, 0.0])),
    "maximum of itself": (lambda x: ag.maximum(x, x) * 1.0 + ag.relu(x), 0.0),
    "relu of two": (lambda x: ag.relu(x[0]) + ag.minimum(x[1], 0.0), np.zeros(2)),
}


@pytest.mark.parametrize("name", KINKS)
def test_a_kink_is_a_verdict_of_its_own(name):
    function, x = KINKS[name]
    for seed in range(4):
        report = check_gradients(function, x, seed=seed, progress=False)
        assert report.ok, str(report)
        assert report.kinks
        assert "kink" in report.summary
        told = [row.numbers for row in report.kinks if row.comparison is not None]
        assert all(" between " in numbers for numbers in told)


# Arguments and outputs


def test_trees_and_several_outputs():
    def f(params, xs, scale):
        hidden = ag.tanh(params["W"] @ xs[0] + params["b"])
        return {"loss": ag.sum(hidden) * scale, "others": [hidden, ag.exp(xs[1])]}

    params = {"W": np.ones((2, 3)) / 3, "b": np.zeros(2)}
    report = check_gradients(f, params, [np.arange(3.0), 0.5], 3, progress=False)
    assert report.ok, str(report)
    assert sum("called again" in row.subject for row in report.rows) == 3


def test_a_fault_behind_one_of_several_outputs():
    def f(x):
        return ag.exp(x), (x * x.value,)

    assert check_gradients(f, 0.5).rows[0].verdict is Verdict.WHOLE


def test_another_number_of_outputs_is_outside_of_the_domain():
    report = check_gradients(lambda x: [x * x] * (2 if x.value == 1.0 else 1), 1.0)
    assert report.undecidable


def test_more_than_the_derived_tolerance_can_be_granted():
    class Rounded(ops.Elementwise):
        def forward(xp, x):
            return xp.sin(x)

        def vjp_x(xp, grad, out, x):
            return grad * xp.cos(x) * 1.0003

    x = np.array([0.3, 1.2])
    assert not check_gradients(Rounded, x).ok
    assert check_gradients(Rounded, x, rtol=1e-3).ok
    assert check_gradients(Rounded, x, atol=1e-2).ok
    assert not check_gradients(Rounded, x, rtol=1e-5).ok


def test_a_solver_that_ends_early_is_not_accused():
    class Root(ops.Elementwise):
        """The root of y³ + y = x, by an iteration that ends at 1e-9."""

        def forward(xp, x):
            y = x / 2
            for _ in range(200):
                change = 0.2 * (y * y * y + y - x) / (1 + y * y)
                y = y - change
                if np.all(np.abs(change) < 1e-9):
                    break
            return y

        def vjp_x(xp, grad, out, x):
            return grad / (3 * out * out + 1)

    for x in (np.array([0.3, 2.0]), np.array([2e4, 1.0])):
        assert check_gradients(lambda x: ag.sum(Root(x)), x).ok
    wrong = type("Root", (Root,), {"vjp_x": lambda xp, grad, out, x: grad / (3.1 * out * out + 1)})
    assert not check_gradients(lambda x: ag.sum(wrong(x)), np.array([0.3, 2.0])).ok


def test_a_small_fault_beside_large_numbers_is_found():
    class Bowl(ops.Op):
        """The sum of squares, with a gradient that is wrong by 3 % in one of many terms."""

        def forward(xp, x):
            return xp.sum(x * x)

        def vjp_x(xp, grad, out, x):
            return 2 * grad * x * np.where(np.arange(x.size) == 7, 1.03, 1.0)

    x = np.ones(20)
    x[3] = 2e4
    row = check_gradients(Bowl, x).rows[0]
    assert row.verdict is Verdict.RULE
    assert row.index == (7,)


# The opinions that need no step size


def test_the_remainder_of_a_gradient_shrinks_twice_as_fast():
    assert shrinking_rate(lambda h: np.asarray(np.exp(h)), 1.0) == pytest.approx(2.0, abs=0.02)
    assert shrinking_rate(lambda h: np.asarray(np.exp(h)), 1.03) == pytest.approx(1.0, abs=0.05)
    assert shrinking_rate(lambda h: np.asarray(3 * h), 3.0) == np.inf
    assert np.isnan(shrinking_rate(lambda h: np.asarray(math.sqrt(-h)), 0.0))
    assert shrinking_rate(lambda h: np.asarray(1.0 + 2e-11 * (h > 0.01)), 0.0) > 1.8
    assert bends(np.abs, 0.0)
    assert not bends(np.exp, 1.03)


def large(size):
    """A function of many parameters, and its arguments."""
    random = np.random.default_rng(0)
    weights = random.normal(size=size)
    return lambda w: (ag.sum(ag.tanh(w) ** 2.0) + ag.sum(ag.relu(w))) / size, weights


def test_many_parameters_are_moved_together():
    function, weights = large(1_000_000)
    start = time.process_time()
    function(ag.Node(weights)).backward()
    once = time.process_time() - start
    start = time.process_time()
    report = check_gradients(function, weights, progress=False)
    assert report.ok
    assert [row.subject.partition(" of ")[0] for row in report.rows] == [
        "Taylor remainder",
        "adjoint identity",
    ]
    assert "2.00" in report.rows[0].note
    assert time.process_time() - start < 2.0 + 20 * once


@pytest.mark.no_cover
def test_a_fault_among_many_parameters_is_named(monkeypatch):
    function, weights = large(110_000)
    right = ops.Tanh.vjps[0]
    monkeypatch.setattr(ops.Tanh, "vjps", (lambda *a: right(*a) * 1.03,))
    row = check_gradients(function, weights, progress=False).rows[0]
    assert row.verdict is Verdict.RULE
    assert row.subject == "vjp_x of Tanh"


def test_the_opinions_are_shown_where_differences_cannot_tell():
    def noisy(x):
        return ag.sin(x) + 1e-3 * np.sin(1e9 * np.asarray(x.value))

    report = check_gradients(noisy, 0.7, progress=False)
    assert "Taylor remainder of Add" in str(report) or not report.ok


def test_an_op_without_second_derivative_has_no_adjoint_identity():
    class Once(ops.Elementwise):
        def forward(xp, x):
            return np.exp(x)

        def vjp_x(xp, grad, out, x):
            return grad * np.exp(np.asarray(x))  # an array, so there is no graph of it

    function, weights = large(110_000)
    report = check_gradients(lambda w, v: function(w) + Once(v), weights, 0.5, progress=False)
    assert report.ok, str(report)
    assert any(row.note.startswith("not to be had: ") for row in report.rows)


def test_what_is_shaken_is_what_rounding_changes():
    random = np.random.default_rng(0)
    assert shaken(random, np.array([1, 2])).tolist() == [1, 2]
    assert shaken(random, np.zeros(3)).tolist() == [0.0] * 3
    assert 0 < abs(shaken(random, np.full(99, 1e6)) - 1e6).max() < 1e-9


def test_inputs_that_cannot_be_moved_apart_accuse_nobody():
    x = ag.Node(np.diag([1.0, 1e-6]))
    nodes = ancestors(ag.sum(ag.linalg.cholesky(x)))
    random = np.random.default_rng(0)
    assert guilty_nearby(nodes, recorded_point(nodes), random) == []


# How a report shows itself


def test_a_report_shows_its_table():
    report = check_gradients(ag.relu, np.zeros(2), progress=False)
    assert repr(report) == str(report)
    assert "verdict  what" in repr(report)
    html = report._repr_html_()
    assert html.startswith("<p>5 checks of ReLU: all right, 3 kinks</p><table>")
    assert "<th>verdict</th>" in html
    wrong = check_gradients(lambda x: x * x.value, 1.0)._repr_html_()
    assert "<li>" in wrong
    assert "<pre>import numpy" in wrong
    assert '<img alt="Computation graph of' in html
    picture = base64.b64decode(wrong.partition("base64,")[2].partition('"')[0]).decode()
    assert "#ffebe9" in picture  # the guilty one is red
