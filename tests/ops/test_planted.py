"""The tests of readings and of 50 digits, tested: faults of known kinds are planted, and found.

Kinds: sizes that are baked in, 0 · ∞, slopes made of rounded values, and executors that differ.
"""

import numpy as np
import pytest
import test_readings
from exact import EXACT
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from programs import UNARY, programs
from test_mpmath import GRIDS, as_arrays, as_floats, unexplained

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.autodiff import gradients
from autograd_lite.compiler.executors.numpy.source import ROWS
from autograd_lite.core import backward, scalars, sweep


def rule(op, function, place=0):
    """The op, with another rule for one of its inputs."""
    found = list(op.vjps)
    found[place] = function
    return op, "vjps", tuple(found)


def search(**strategies):
    """Look at some hundred examples; the first failure is enough."""
    return lambda test: settings(
        max_examples=300, database=None, derandomize=True, phases=[Phase.generate]
    )(given(**strategies)(test))()


def fed_again(name):
    test = test_readings.test_fed_again_with_other_lengths.hypothesis.inner_test
    pairs = st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from([1, 3, 5]))

    @search(data=st.data(), lengths=pairs)
    def look(data, lengths):
        test(name, data, lengths)


def read(*names, special=False):
    @search(data=st.data())
    def look(data):
        drawn = [data.draw(st.sampled_from(sorted(some))) for some in names]
        test_readings.check(data.draw(programs(tuple(drawn), special=special)))


def scalar(name):
    test = test_readings.test_floats_are_arrays_without_axes.hypothesis.inner_test

    @search(data=st.data(), special=st.booleans())
    def look(data, special):
        test(name, data, special)


def compiled(name):
    @search(data=st.data())
    def look(data):
        program = data.draw(programs((name,), most=1, special=True))
        test_readings.check_compiled(program, "numpy", order=1)


def digits(name, how=as_arrays):
    points = GRIDS[len(EXACT[name].first)]
    rest, _ = unexplained(name, points if how is as_arrays else points[::3], {how: 1})
    assert not rest, rest[0]


def sum_of_today(xp, grad, out, x, *, axis, keepdims):
    """The rule of Sum with the size of today."""
    return xp.broadcast_to(ops.BroadcastLike(grad, x, axis=axis, keepdims=keepdims), x.shape)


def mean_of_today(xp, grad, out, x, *, axis, keepdims):
    count = np.ones(x.shape).sum(axis=axis).size
    spread = ops.BroadcastLike(grad, x, axis=axis, keepdims=keepdims)
    return spread * (count / max(x.size, 1))


def relu_row(source, node):
    x, out = source.array(node.inputs[0]), source.array(node)
    source.emit(f"{source.function(np.fmax)}({x}, 0.0, out={out})")


def without_masks(output, seed, *, keep):
    return dict(sweep.sweep(output, seed, sweep.pull_numbers))


# what is wrong → who is changed, in what, to what; and who has to find it
PLANTED = {
    "1: the sum of a gradient over an axis that may be longer": (
        (gradients, "may_stretch", lambda *_: False), lambda: fed_again("Mul"),
    ),
    "1: a mean of as many as today": (rule(ops.Mean, mean_of_today), lambda: fed_again("Mean")),
    "1: a gradient under the shape of today": (
        rule(ops.Reshape, lambda xp, grad, out, x, *, shape: xp.reshape(grad, x.shape)),
        lambda: fed_again("Reshape"),
    ),
    "1: a sum spread to the shape of today": (rule(ops.Sum, sum_of_today), lambda: fed_again("Sum")),
    "4: backward without masks": (
        (backward, "of_numbers", without_masks), lambda: read(UNARY, UNARY, special=True),
    ),
    "4: recorded gradients without masks": (
        (gradients, "behind", lambda *_: None), lambda: read(UNARY, UNARY, special=True),
    ),
    "5: sigmoid from its value": (
        rule(ops.Sigmoid, lambda xp, grad, out, x: grad * out * (1 - out)),
        lambda: digits("Sigmoid"),
    ),
    "5: tanh from its value": (
        rule(ops.Tanh, lambda xp, grad, out, x: grad * (1 - out * out)), lambda: digits("Tanh"),
    ),
    "5: expm1 from its value": (
        rule(ops.Expm1, lambda xp, grad, out, x: grad * (out + 1)), lambda: digits("Expm1"),
    ),
    "5: softplus from its value": (
        rule(ops.Softplus, lambda xp, grad, out, x: grad * (1 - xp.exp(-out))),
        lambda: digits("Softplus"),
    ),
    "5: a square that overflows": (
        rule(ops.Asinh, lambda xp, grad, out, x: grad / xp.sqrt(x * x + 1)),
        lambda: digits("Asinh"),
    ),
    "5: a quotient that is 0 / 0": (
        rule(ops.Pow, lambda xp, grad, out, x, y: grad * y * out / x), lambda: digits("Pow"),
    ),
    "5: logaddexp from its value": (
        rule(ops.LogAddExp, lambda xp, grad, out, x, y: grad * xp.exp(x - out)),
        lambda: digits("LogAddExp"),
    ),
    "5: of floats alone": (
        (scalars, "hypot", lambda x, y: (x * x + y * y) ** 0.5),
        lambda: digits("Hypot", as_floats),
    ),
    "8: a float that is no number": ((scalars, "maximum", max), lambda: scalar("Maximum")),
    "8: a root of what has none": (
        (scalars, "sqrt", lambda x: abs(x) ** 0.5), lambda: scalar("Sqrt"),
    ),
    "8: a row that loses NaN": (
        (ROWS, ops.ReLU, relu_row), lambda: compiled("ReLU"),
    ),
}  # fmt: skip


def plant(monkeypatch, owner, name, wrong):
    if isinstance(owner, dict):
        monkeypatch.setitem(owner, name, wrong)
    else:
        monkeypatch.setattr(owner, name, wrong)


@pytest.mark.parametrize(("fault", "look"), PLANTED.values(), ids=PLANTED)
def test_planted_fault_is_found(monkeypatch, fault, look):
    plant(monkeypatch, *fault)
    with pytest.raises((AssertionError, ag.AutogradError)), np.errstate(all="ignore"):
        look()
