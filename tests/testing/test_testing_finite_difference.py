"""Derivatives from values: exact where they can be, honest about their error everywhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_lite.testing.finite_difference import (
    bounds,
    complex_step,
    slopes,
    smooth_slopes,
)

SMOOTH = {
    "exp": (np.exp, np.exp),
    "sin": (np.sin, np.cos),
    "log": (np.log, lambda x: 1 / x),
    "sqrt": (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "constant": (lambda x: 0 * x + 7.0, lambda x: 0 * x),
    "wave": (lambda x: np.sin(100 * x), lambda x: 100 * np.cos(100 * x)),
}


@pytest.mark.parametrize("name", SMOOTH)
@given(x=st.floats(0.25, 8.0))
def test_a_slope_is_as_right_as_it_says(name, x):
    function, derivative = SMOOTH[name]
    value, error = slopes(lambda t: function(np.asarray(x + t))).central
    assert abs(value - derivative(x)) <= 10 * error + 1e-13
    assert error <= 1e-7 * (1 + abs(derivative(x)) + abs(function(x)))


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_have_no_kink(name):
    function, _ = SMOOTH[name]
    found = slopes(lambda t: function(np.linspace(0.5, 3.0, 40) + t))
    assert not found.has_kink.any()
    assert found.is_known.all()


@given(x=st.floats(-2, 2), left=st.floats(-3, 3), right=st.floats(-3, 3))
def test_a_kink_shows_both_slopes(x, left, right):
    def bent(t):
        return np.where(t > 0, right * t, left * t) + np.exp(x + t)

    found = slopes(bent)
    smooth = np.exp(x)
    for side, slope in ((found.left, left), (found.right, right)):
        assert abs(side.value - slope - smooth) <= 10 * side.error
    assert found.has_kink or abs(left - right) < 1e-6
    low, high = bounds([found.left, found.right])
    assert low <= smooth + (left + right) / 2 <= high


@pytest.mark.parametrize(
    "function", [lambda t: np.log(np.asarray(t)), lambda t: np.asarray(np.nan)]
)
def test_nothing_is_known_where_nothing_is_finite(function):
    found = slopes(function)
    assert np.isinf(found.central.error)
    assert not found.is_known


def test_a_jump_is_told_by_its_error():
    found = slopes(lambda t: np.asarray(float(t > 0)))
    assert found.right.error > 100


def test_complex_step_is_exact():
    value, error = complex_step(lambda t: np.exp(np.asarray(1.0 + t)) / (2.0 + t))
    expected = np.exp(1) / 2 - np.exp(1) / 4
    assert abs(value - expected) <= error < 1e-14
    assert smooth_slopes((value, error)).step == 1.0


def refusing(t):
    raise TypeError("real numbers only")


@pytest.mark.parametrize("function", [np.abs, np.real, refusing])
def test_complex_step_knows_what_is_not_analytic(function):
    assert complex_step(lambda t: function(np.asarray(1.0 + t))) is None


def test_complex_step_admits_infinity():
    assert np.isinf(complex_step(lambda t: np.log(np.asarray(0.0 + t) * 0)).error)


def test_empty_arrays_have_empty_slopes():
    assert slopes(lambda t: np.zeros((0, 3)) + t).central.value.shape == (0, 3)
