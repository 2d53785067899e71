"""Tests of the tests: a rule that is a little wrong must not get past the checks of numeric.py.

After HIPS autograd's test of the same name. Every rule of every op is broken in turn.
"""

import functools

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numeric import (
    assert_slope,
    check_first_order,
    check_second_order,
    check_shared_node,
    derivative,
)
from samples import SAMPLES, Case, with_one_output

from autograd_lite.ops import OPS, Elementwise, Mul, Tanh

LIBRARY = dict(OPS)
RULES = [
    pytest.param(name, index, id=f"{name}.{LIBRARY[name].input_names[index]}")
    for name in SAMPLES
    for index, rule in enumerate(LIBRARY[name].vjps)
    if rule is not None
]
each_rule = pytest.mark.parametrize(("name", "index"), RULES)

# The failures are wanted, so there is nothing to shrink or to keep, and nothing is left to chance:
# a clipped array may have no element with a slope.
hunting = settings(
    phases=[Phase.generate],
    database=None,
    report_multiple_bugs=False,
    derandomize=True,
    max_examples=200,
)
fewer = settings(max_examples=max(1, settings.default.max_examples // 6))


@pytest.fixture(autouse=True)
def registry():
    """Forget the broken ops."""
    known = dict(OPS)
    yield
    OPS.clear()
    OPS.update(known)


def broken(op, index, change):
    """An op that inherits everything, but changes what one of its rules returns."""
    right = op.vjps[index]

    @functools.wraps(right)
    def wrong(*arguments, **params):
        parts = right(*arguments, **params)
        return [*map(change, parts)] if isinstance(parts, list) else change(parts)

    return type(op)(f"Broken{op.name}", (op,), {f"vjp_{op.input_names[index]}": wrong})


def hunt(check, op, sample, profile=hunting):
    """Run a check of numeric.py on drawn cases, as test_ops.py does."""

    @profile
    @given(case=sample.cases, seed=st.integers(0, 2**16))
    def run(case, seed):
        told = with_one_output(op)
        if told(*case.inputs, **case.params).dtype == np.float64:
            check(told, case, seed, sample.margin / 4)

    run()


def skewed():
    """An op that is the identity, with a derivative that is 0.1 % too large."""

    class Skew(Elementwise):
        def forward(xp, x):
            return x + 0.0

        def vjp_x(xp, grad, out, x):
            return 1.001 * grad

    return Skew


@each_rule
def test_rule_wrong_by_a_thousandth_is_caught(name, index):
    op = broken(LIBRARY[name], index, lambda part: 1.001 * part)
    with pytest.raises(AssertionError, match="analytic"):
        hunt(check_first_order, op, SAMPLES[name])


@each_rule
def test_rule_wrong_only_at_second_order_is_caught(name, index):
    op = broken(LIBRARY[name], index, skewed())
    hunt(check_first_order, op, SAMPLES[name], fewer)
    with pytest.raises(AssertionError, match="second order: analytic"):
        hunt(check_second_order, op, SAMPLES[name])


def spoil_one_element(part):
    part = np.array(part)
    part.flat[-1] *= 1.001
    return part


MISTAKES = {
    "sign": (Tanh, lambda part: -part),
    "factor forgotten": (Tanh, np.ones_like),
    "one element of many": (Tanh, spoil_one_element),
    "a constant added": (Tanh, lambda part: part + 1e-6),
    "nothing returned": (Tanh, np.zeros_like),
}


@pytest.mark.parametrize(("op", "change"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_caught(op, change):
    case = Case((np.linspace(-2.0, 2.0, 12).reshape(3, 4),))
    check_first_order(op, case, seed=1, step=1 / 32)
    with pytest.raises(AssertionError, match="input 0: analytic"):
        check_first_order(broken(op, 0, change), case, seed=1, step=1 / 32)


def test_gradient_lost_between_two_uses_is_caught():
    case = Case((np.array([0.5, -2.0]), np.array([0.5, -2.0])))
    check_shared_node(Mul, case, seed=1, step=1 / 32)
    with pytest.raises(AssertionError, match="analytic"):
        check_shared_node(broken(Mul, 1, np.zeros_like), case, seed=1, step=1 / 32)


# The numeric derivative itself

SMOOTH = {
    "exp": (np.exp, 1.0),
    "sin": (np.sin, 1.0),
    "constant": (lambda t: np.ones(3), 0.0),
    "cubic": (lambda t: np.array([t**3, 2 * t]), 2.0),
    "pole at four steps": (lambda t: 1 / (t + 1 / 8), -64.0),
    "large terms that cancel": (lambda t: np.array([1e4 + t, -1e4]), 1.0),
}


@pytest.mark.parametrize(("f", "slope"), SMOOTH.values(), ids=SMOOTH)
def test_numeric_derivative_is_within_its_own_bound(f, slope):
    numeric, bound = derivative(f, 1 / 32)
    assert abs(numeric - slope) <= bound
    assert bound <= 1e-6 * (1 + abs(slope))


@pytest.mark.parametrize("kink", [1 / 600, 1 / 1000, 1 / 5000])
def test_kink_within_the_smallest_step_is_not_judged(kink):
    with pytest.raises(AssertionError, match="too rough to judge"):
        assert_slope(-1.0, lambda t: np.abs(t - kink), 1 / 32, "abs")
