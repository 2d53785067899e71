"""Losses by hand and by their names, and the problems they are for, trained through `fit`."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import AutogradError, ShapeError
from autograd_lite.nn.targets import Spread
from autograd_lite.testing import check_gradients

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 3))
LINE = X @ [1.0, -2.0, 0.5] + 0.3
PAIR = np.stack([LINE, X[:, 0] - X[:, 1]], axis=1)
FLAG = (X[:, 0] * X[:, 1] > 0).astype(float)
FLAGS = X > 0
INTEGERS = RANDOM.integers(0, 5, 200)


def cross_entropies(z, y):
    g = 1 / (1 + np.exp(-z))
    return -(y * np.log(g) + (1 - y) * np.log(1 - g))


@pytest.mark.parametrize(
    ("loss", "by_hand", "predictions"),
    [
        ("mean_squared_error", lambda z, y: (z - y) ** 2, lambda z: z),
        ("mean_absolute_error", lambda z, y: abs(z - y), lambda z: z),
        ("binary_cross_entropy", cross_entropies, lambda z: 1 / (1 + np.exp(-z))),
    ],
)
def test_a_loss_is_the_mean_of_those_by_hand(loss, by_hand, predictions):
    z, y = RANDOM.normal(size=(5, 2)), RANDOM.integers(0, 2, (5, 2)).astype(float)
    model = nn.MLP([2, 2], dtype="float64", seed=1)
    recording = nn.record(model, (2,), batch_size=5, loss=loss)
    recording.graph.forward(x=z, y=y)
    scores = model(z).value
    np.testing.assert_allclose(recording.loss.value, by_hand(scores, y).mean())
    np.testing.assert_allclose(recording.probabilities.value, predictions(scores))
    np.testing.assert_allclose(nn.predict(model, z, loss=loss), predictions(scores))
    assert check_gradients(recording.loss).ok


def test_no_score_is_too_large():
    scores = ag.Node([[1e4, -1e4, 1e4]])
    _, loss = nn.binary_cross_entropy(scores, np.array([[1.0, 0.0, 0.0]]))
    loss.backward()
    assert loss.value == pytest.approx(1e4 / 3)
    np.testing.assert_allclose(scores.grad, [[0, 0, 1 / 3]])


@pytest.mark.parametrize(
    "name", ["mean_squared_error", "mean_absolute_error", "binary_cross_entropy"]
)
def test_targets_are_not_stretched(name):
    message = rf"{name}: expected targets shaped \(3, 1\), as the outputs\n  came:  \(3,\)"
    with pytest.raises(ShapeError, match=message):
        nn.LOSSES[name](ag.Node(np.ones((3, 1))), np.ones(3))


PROBLEMS = {
    "one number": (1, LINE, "mean_squared_error", 0.99),
    "one number in a column": (1, LINE[:, None], "mean_absolute_error", 0.99),
    "two numbers": (2, PAIR, "mean_squared_error", 0.99),
    "counts": (1, INTEGERS * 0 + (X[:, 0] > 0) * 3, "mean_squared_error", 0.9),
    "one flag": (1, FLAG, "binary_cross_entropy", 0.95),
    "flags": (3, FLAGS, "binary_cross_entropy", 0.97),
    "a function of numbers": (1, LINE, lambda z, y: ag.mean(ag.log(ag.cosh(z - y))), 0.99),
    "a function of flags": (3, FLAGS, nn.binary_cross_entropy, 0.97),
    "a function of labels": (2, FLAG.astype(int), partial(nn.logits_cross_entropy), 0.95),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_is_learned_through_fit(name):
    outputs, y, loss, least = PROBLEMS[name]
    model, twin = (nn.MLP([3, 16, outputs], "tanh", seed=0) for _ in range(2))
    options = {"loss": loss, "optimizer": "adam", "lr": 0.02, "batch_size": 20, "shuffle": True}
    history = nn.fit(model, X, y, epochs=40, executor="numpy", **options)
    step_by_step = nn.fit(twin, X, y, epochs=1, executor="interpreted", **options)
    first, last = history.epochs[0], history.epochs[-1]
    assert first.train_loss == pytest.approx(step_by_step.epochs[0].train_loss, rel=1e-3)
    accuracy, mean = nn.evaluate(model, X, y, loss=loss, batch_size=70)
    assert (last.train_accuracy, last.train_loss) == pytest.approx((accuracy, mean), rel=1e-4)
    assert accuracy > least
    assert [type(accuracy), type(mean)] == [float, float]


def test_the_accuracy_of_numbers_is_r2():
    model = nn.MLP([3, 2], dtype="float64", seed=1)
    given = nn.predict(model, X, loss="mean_squared_error")
    expected = 1 - ((given - PAIR) ** 2).sum() / ((PAIR - PAIR.mean(axis=0)) ** 2).sum()
    found, _ = nn.evaluate(model, X, PAIR, loss="mean_squared_error", batch_size=7)
    assert found == pytest.approx(expected)
    flat = np.full(200, 2.0)
    model.set_weights([(np.zeros((3, 2)), np.full(2, 2.0))])
    assert nn.evaluate(model, X, np.stack([flat, flat], 1), loss="mean_squared_error") == (1.0, 0.0)


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_the_spread_of_batches_is_that_of_all(shift):
    y, spread = PAIR + shift, Spread()
    for batch in np.split(y, [3, 50, 51]):
        spread.add(batch)
    assert spread.count == y.size
    assert spread.variance == pytest.approx(y.var(axis=0).mean(), rel=1e-6)


BAD = {
    "labels for numbers": ("mean_squared_error", LINE.astype("U5"), "labels: expected finite numbers"),
    "a NaN": ("mean_squared_error", np.where(LINE > 0, np.nan, LINE), "labels: expected finite numbers"),
    "a row too few": ("mean_squared_error", LINE[:-1], "labels: expected one target for each output of 200 samples"),
    "two columns for one": ("mean_squared_error", PAIR, r"shaped \(200, 1\)\n  came:  float64\[200, 2\]"),
    "flags beyond 1": ("binary_cross_entropy", LINE, "labels: expected 0 or 1 for each output"),
    "numbers for labels": ("logits_cross_entropy", LINE, "labels: expected integer labels"),
    "one flag for two classes": ("softmax_cross_entropy", FLAG, "labels: expected integer labels"),
    "a loss of a row": (lambda z, y: (z - y) ** 2, LINE, "loss: expected a scalar node"),
    "three results": (lambda z, y: (z, y, z), LINE, "loss: expected a scalar node"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_targets_that_do_not_fit_are_refused_before_the_first_step(name):
    loss, y, message = BAD[name]
    model = nn.MLP([3, 1], seed=1)
    before = model.get_weights()
    for call in (nn.fit, nn.evaluate):
        with pytest.raises(AutogradError, match=message) as told:
            call(model, X, y, loss=loss)
        lines = str(told.value).splitlines()
        assert [line[:7] for line in lines[1:]] == ["  came:", "  at:  ", "  try: "]
    np.testing.assert_equal(model.get_weights(), before)


def test_optimizers_come_by_name():
    for name, kind in nn.OPTIMIZERS.items():
        trainer = nn.Trainer(nn.MLP([3, 2]), name)
        assert type(trainer.optimizer) is kind
    assert nn.SGD([ag.parameter(1.0)], 0.1, momentum=0.5).describe() == (
        "SGD(initial_lr=0.1, momentum=0.5)"
    )


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("kind", [nn.SGD, nn.Momentum, nn.Nesterov])
def test_momentum_by_hand(kind, momentum):
    w = ag.parameter([1.0, -2.0], name="w")
    optimizer = kind([w], 0.1, momentum=momentum)
    by_hand, velocity = w.value.copy(), np.zeros(2)
    for _ in range(4):
        ag.sum(w * w).backward()
        optimizer.step()
        slope = 2 * by_hand
        velocity = momentum * velocity + slope
        by_hand -= 0.1 * (slope + momentum * velocity if kind is nn.Nesterov else velocity)
        np.testing.assert_allclose(w.value, by_hand)
    assert len(optimizer.leaves) == (2 if momentum else 1)
