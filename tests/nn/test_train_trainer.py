"""What surrounds the steps: executors, validation, early stopping, curves, callbacks, losses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((50, 6)).astype("float32")
LABELS = IMAGES[:, :3].argmax(axis=1)
PLAIN = {"executor": "interpreted"}


def small_model(seed: int = 1, **options: Any) -> nn.MLP:
    return nn.MLP([6, 5, 3], "tanh", seed=seed, **options)


def trained(executor: str, optimizer: Any = nn.SGD, batch_size: int = 8, **options: Any):
    model = small_model()
    chosen = optimizer(model.parameters(), lr=0.05)
    trainer = nn.Trainer(
        model, chosen, batch_size=batch_size, epochs=3, shuffle=True, executor=executor, **options
    )
    return trainer, trainer.fit(IMAGES, LABELS, validation=0.2)


# Executors


@pytest.mark.parametrize(
    ("optimizer", "batch_size", "loss"),
    [
        (nn.SGD, 1, nn.softmax_cross_entropy),
        (partial(nn.Momentum, momentum=0.5, clip_norm=0.1), 8, nn.logits_cross_entropy),
        (partial(nn.Nesterov, l2=0.1), 50, nn.sigmoid_cross_entropy),
        (partial(nn.AdamW, accumulate=2, clip_value=0.01), 16, nn.softmax_cross_entropy),
    ],
)
def test_compiled_steps_are_the_interpreted_ones(optimizer, batch_size, loss):
    options = {"optimizer": optimizer, "batch_size": batch_size, "loss": loss}
    (one, first), (other, second) = (
        trained(executor, **options) for executor in ("interpreted", "numpy")
    )
    for name, leaf in [*one.optimizer.leaves.items(), *one.model.named_parameters()]:
        twin = {**other.optimizer.leaves, **dict(other.model.named_parameters())}[name]
        assert leaf.dtype == twin.dtype
        np.testing.assert_allclose(leaf.value, twin.value, rtol=2e-4, atol=2e-6, err_msg=name)
    for a, b in zip(first.epochs, second.epochs, strict=True):
        assert a.train_accuracy == b.train_accuracy
        np.testing.assert_allclose(
            [a.train_loss, a.validation_loss], [b.train_loss, b.validation_loss], rtol=1e-4
        )


def test_a_step_of_the_users_own_is_taken():
    class Backwards(nn.SGD):
        def step(self) -> None:
            for node in self.parameters:
                node.assign(node.value + node.grad)

    _, history = trained("auto", Backwards)
    assert history.epochs[-1].train_loss > history.epochs[0].train_loss


def test_two_runs_with_one_seed_agree_to_the_bit():
    one, other = (trained("numpy", nn.Adam)[0].model.get_weights() for _ in range(2))
    np.testing.assert_equal(one, other)


# Losses


def test_a_loss_on_logits_is_the_same_loss():
    model = small_model(dtype="float64")
    images = IMAGES.astype("float64")
    plain = nn.evaluate(model, images, LABELS)
    np.testing.assert_allclose(
        nn.evaluate(model, images, LABELS, loss=nn.logits_cross_entropy), plain
    )


def test_no_logit_is_too_large():
    model = nn.MLP([1, 2])
    model.set_weights([(np.array([[0.0, 1e4]]), np.zeros(2))])
    assert nn.evaluate(model, [[1.0]], [0], loss=nn.logits_cross_entropy) == (0.0, 1e4)
    history = nn.Trainer(model, epochs=1, loss=nn.logits_cross_entropy, **PLAIN).fit([[1.0]], [0])
    assert np.isfinite(history.epochs[0].train_loss)


def test_the_sigmoid_loss_is_a_logistic_regression_for_each_class():
    model = nn.MLP([6, 3], dtype="float64", seed=1)
    z = model(IMAGES.astype("float64")).value
    g, y = 1 / (1 + np.exp(-z)), np.eye(3)[LABELS]
    cost = (-y * np.log(g) - (1 - y) * np.log(1 - g)).sum(axis=1).mean()
    recording = nn.record(model, (6,), batch_size=50, loss=nn.sigmoid_cross_entropy)
    recording.graph.forward(x=IMAGES, y=LABELS)
    recording.graph.backward(recording.loss)
    np.testing.assert_allclose(recording.loss.value, cost)
    np.testing.assert_allclose(recording.probabilities.value, g)
    np.testing.assert_allclose(recording.scores.grad, (g - y) / 50)
    np.testing.assert_allclose(nn.predict(model, IMAGES, loss=nn.sigmoid_cross_entropy), g)
    one = nn.record(model, (6,), loss=nn.sigmoid_cross_entropy)
    assert one.loss.shape == ()


@pytest.mark.parametrize("executor", ["interpreted", "numpy"])
def test_a_parameter_that_needs_no_gradient_is_not_trained(executor):
    model, options = nn.MLP([3, 2, 2], seed=0), {"epochs": 2, "executor": executor}
    weights = [layer.W for layer in model.layers]
    before = [w.value.copy() for w in weights]
    weights[0].requires_grad = False
    nn.fit(model, np.eye(3), [0, 1, 0], optimizer="adam", **options)
    assert [np.array_equal(w.value, x) for w, x in zip(weights, before, strict=True)] == [
        True,
        False,
    ]
    with pytest.raises(ConfigError, match="optimizer: expected parameters that need a gradient"):
        nn.fit(model, np.eye(3), [0, 1, 0], optimizer=nn.Adam(model.parameters()), **options)


@pytest.mark.parametrize("executor", ["interpreted", "numpy"])
def test_a_loss_need_not_read_the_labels(executor):
    model = nn.MLP([3, 1], seed=0)
    options = {"loss": lambda z, _: ag.mean(z**2), "executor": executor, "lr": 0.1, "epochs": 20}
    history = nn.fit(model, np.eye(3), np.zeros(3), **options)
    assert history.epochs[-1].train_loss < 0.05 < history.epochs[0].train_loss


def test_losses_are_known_by_their_names():
    assert nn.LOSSES["logits_cross_entropy"] is nn.logits_cross_entropy


@pytest.mark.parametrize("batch_size", [1, 7, 50])
def test_predictions_do_not_depend_on_the_batch_size(batch_size):
    model = small_model()
    expected = ag.softmax(model(IMAGES)).value
    np.testing.assert_allclose(
        nn.predict(model, IMAGES, batch_size=batch_size), expected, rtol=1e-5
    )


# Validation and early stopping


def test_a_fraction_is_drawn_and_put_aside():
    trainer = nn.Trainer(small_model(), epochs=1, seed=3, **PLAIN)
    history = trainer.fit(IMAGES, LABELS, 0.3)
    (kept, _), (held, labels) = (
        source.take(slice(None)) for source in (trainer.training, trainer.validation)
    )
    assert (len(kept), len(held)) == (35, 15)
    rows = {row.tobytes() for row in IMAGES}
    assert {row.tobytes() for row in (*kept, *held)} == rows
    last = history.epochs[-1]
    assert (last.validation_accuracy, last.validation_loss) == nn.evaluate(
        trainer.model, held, labels
    )


class Watch(nn.Callback):
    """Keeps the weights after every epoch."""

    def __init__(self) -> None:
        self.weights: list[Any] = []
        self.steps: list[tuple[int, int]] = []

    def on_epoch(self, trainer: nn.Trainer) -> None:
        self.weights.append(trainer.model.get_weights())

    def on_step(self, trainer: nn.Trainer) -> None:
        self.steps.append((trainer.epoch, trainer.step))


def test_training_stops_early_and_the_best_weights_are_put_back():
    model, watch = small_model(), Watch()
    wrong = RANDOM.integers(0, 3, 20)
    trainer = nn.Trainer(
        model, nn.Adam(model.parameters(), 0.1), batch_size=10, epochs=50, patience=3, callbacks=[watch], **PLAIN
    )  # fmt: skip
    history = trainer.fit(IMAGES, LABELS, (IMAGES[:20], wrong))
    losses = [epoch.validation_loss for epoch in history.epochs]
    assert history.best_epoch == int(np.argmin(losses))
    assert len(losses) == history.best_epoch + 1 + 3 < 50
    np.testing.assert_equal(model.get_weights(), watch.weights[history.best_epoch])


def test_without_patience_the_last_weights_stay():
    watch = Watch()
    trainer = nn.Trainer(small_model(), batch_size=25, epochs=2, callbacks=[watch], **PLAIN)
    trainer.fit(IMAGES, LABELS, 0.2)
    np.testing.assert_equal(trainer.model.get_weights(), watch.weights[-1])
    assert trainer.history.best_epoch is None
    assert watch.steps == [(0, 1), (0, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize(
    ("options", "validation", "message"),
    [
        ({"patience": 2}, None, "validation: expected a pair .*\n  came:  None"),
        ({}, 1.0, "or a fraction between 0 and 1\n  came:  1.0"),
        ({}, 0.0, "validation: expected a pair"),
        ({}, "some", "validation: expected a pair .*\n  came:  'some'"),
        ({"patience": 0}, 0.1, "patience: expected a whole number of at least 1"),
        ({"curve_points": -1}, 0.1, "curve_points: expected a whole number of at least 0"),
        ({"executor": "gpu"}, 0.1, "executor: expected one of auto, interpreted, numpy, native"),
    ],
)
def test_settings_that_make_no_sense(options, validation, message):
    with pytest.raises(ConfigError, match=message):
        nn.Trainer(small_model(), **options).fit(IMAGES, LABELS, validation)


# Curves and callbacks


def test_points_of_the_loss_curves_lie_within_the_epochs():
    trainer = nn.Trainer(small_model(), batch_size=5, epochs=2, curve_points=2, **PLAIN)
    history = trainer.fit(IMAGES, LABELS, (IMAGES, LABELS))
    assert [point.step for point in history.curve] == [5, 10, 15, 20]
    assert history.curve[-1].validation_loss == history.epochs[-1].validation_loss
    assert all(point.train_loss > 0 for point in history.curve)
    history = nn.Trainer(small_model(), epochs=1, curve_points=1, **PLAIN).fit(IMAGES, LABELS)
    assert [point.validation_loss for point in history.curve] == [None]


def test_the_training_loss_of_a_point_is_the_mean_of_its_steps():
    model = small_model()
    before = nn.evaluate(model, IMAGES, LABELS)[1]
    trainer = nn.Trainer(model, batch_size=50, epochs=1, curve_points=1, **PLAIN)
    (point,) = trainer.fit(IMAGES, LABELS).curve
    np.testing.assert_allclose(point.train_loss, before, rtol=1e-6)


@pytest.mark.parametrize(("copies", "length"), [(1, 1), (6, 3), (140, 64)])
def test_an_epoch_is_taken_in_runs_of_steps(copies, length):
    watch = Watch()
    images, labels = np.tile(IMAGES, (copies, 1)), np.tile(LABELS, copies)
    options = {"batch_size": 1, "callbacks": [watch], "executor": "numpy"}
    nn.Trainer(small_model(), epochs=1, **options).fit(images, labels)
    steps = [step for _, step in watch.steps]
    assert steps == [*range(length, 50 * copies, length), 50 * copies]


def test_a_callback_of_no_interest_is_fine():
    nn.Trainer(small_model(), epochs=1, callbacks=[nn.Callback()], **PLAIN).fit(IMAGES, LABELS)


# Networks by lists of activations


def test_every_layer_has_its_activation():
    model = nn.MLP([6, 5, 3], ["relu", "sigmoid"], seed=1)
    scores = model(IMAGES).value
    assert 0 < scores.min() < scores.max() < 1
    assert repr(model) == "MLP([6, 5, 3], ['relu', 'sigmoid'])"
    assert repr(nn.MLP([6, 3])) == "MLP([6, 3], ['linear'])"


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (
            ["relu"],
            "activation: expected one name, or 2: one for each layer\n  came:  \\['relu'\\]",
        ),
        (["relu", "step"], "activation: expected one of sigmoid"),
    ],
)
def test_activations_that_do_not_fit_are_refused(activation, message):
    with pytest.raises(ConfigError, match=message):
        nn.MLP([6, 5, 3], activation)
