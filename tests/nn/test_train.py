"""Training and evaluation: what they compute, leave alone, refuse, and how they are stopped."""

from __future__ import annotations

import json
import math
import re
import signal
import sys
import threading
from typing import Any

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.compiler.runtime import signals
from autograd_lite.errors import (
    ConfigError,
    DTypeError,
    GradientError,
    LabelError,
    NonFiniteError,
    ShapeError,
)

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((50, 6)).astype("float32")
LABELS = IMAGES[:, :3].argmax(axis=1).astype("uint8")
ONE_BY_ONE = {"batch_size": 1, "shuffle": False}


def small_model(**options: Any) -> nn.MLP:
    return nn.MLP([6, 5, 3], seed=1, **options)


def figures(history: nn.History) -> list[tuple[float, ...]]:
    return [(epoch.train_loss, epoch.train_accuracy) for epoch in history.epochs]


# Evaluation


def test_evaluation_is_exact_for_every_batch_size():
    model = small_model()
    scores = model(IMAGES).value.astype("float64")
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(50), LABELS]
    expected = (scores.argmax(axis=1) == LABELS).mean(), losses.mean()
    for batch_size in (1, 7, 49, 50, 1000):
        accuracy, loss = nn.evaluate(model, IMAGES, LABELS, batch_size=batch_size)
        assert accuracy == expected[0]
        np.testing.assert_allclose(loss, expected[1], rtol=1e-6)


def test_evaluation_leaves_no_trace():
    model = small_model()
    with ag.Graph() as graph:
        loss = ag.sum(model(IMAGES[0]))
        graph.backward(loss)
        before = [(node.value, node.grad) for node in graph]
        nn.evaluate(model, IMAGES, LABELS)
        after = [(node.value, node.grad) for node in graph]
    assert len(before) == len(after)
    assert all(a is b for old, new in zip(before, after, strict=True) for a, b in zip(old, new))  # noqa: B905
    graph.backward(loss)  # nothing is stale


def test_an_impossible_label_has_an_infinite_loss():
    model = nn.MLP([1, 2])
    model.set_weights([(np.zeros((1, 2)), np.array([0.0, 1e4]))])
    assert nn.evaluate(model, np.zeros((2, 1)), [1, 1]) == (1.0, 0.0)
    assert nn.evaluate(model, np.zeros((2, 1)), [1, 0]) == (0.5, np.inf)


# Training


@pytest.mark.parametrize("batch_size", [1, 8])
def test_fit_takes_the_steps_in_order(batch_size):
    model, twin = small_model(), small_model()
    recording = nn.record(twin, (6,), batch_size=batch_size)
    optimizer = nn.SGD(twin.parameters(), lr=0.1)
    expected = []
    for _ in range(2):
        for start in range(0, 50, batch_size):
            pick = start if batch_size == 1 else slice(start, start + batch_size)
            recording.graph.forward(recording.loss, x=IMAGES[pick], y=LABELS[pick])
            recording.graph.backward(recording.loss)
            optimizer.step()
        expected.append(nn.evaluate(twin, IMAGES, LABELS)[::-1])
    options = {"batch_size": batch_size, "shuffle": False, "executor": "interpreted"}
    history = nn.fit(model, IMAGES, LABELS, epochs=2, lr=0.1, **options)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())
    assert figures(history) == expected
    assert [epoch.number for epoch in history.epochs] == [0, 1]
    assert all(epoch.validation_loss is None for epoch in history.epochs)
    assert all(epoch.seconds > 0 for epoch in history.epochs)
    assert not history.interrupted


def test_the_gradient_of_a_batch_is_the_mean_of_its_samples():
    model = small_model(dtype="float64")
    before = model.get_weights()
    nn.fit(model, IMAGES[:4], LABELS[:4], batch_size=4, epochs=1, lr=1.0)
    together = model.get_weights()
    steps = []
    for x, y in zip(IMAGES[:4], LABELS[:4], strict=True):
        model.set_weights(before)
        nn.fit(model, x[None], y[None], epochs=1, lr=1.0)
        steps.append([w for pair in model.get_weights() for w in pair])
    columns = zip(*steps, strict=True)
    for one, many in zip([w for pair in together for w in pair], columns, strict=True):
        np.testing.assert_allclose(one, np.mean(many, axis=0), rtol=1e-6, atol=1e-9)


def test_training_learns():
    history = nn.fit(
        small_model(activation="relu"), IMAGES, LABELS, epochs=40, lr=0.1, **ONE_BY_ONE
    )
    assert history.epochs[-1].train_accuracy >= 0.95
    assert history.epochs[-1].train_loss < history.epochs[0].train_loss / 3


@pytest.mark.parametrize("batch_size", [1, 16])
def test_one_seed_gives_the_same_bits(batch_size):
    def trained(**options: Any) -> list[Any]:
        model = small_model()
        nn.fit(model, IMAGES, LABELS, batch_size=batch_size, epochs=2, **options)
        return model.get_weights()

    shuffled = trained(shuffle=True, seed=3)
    np.testing.assert_equal(trained(seed=3), shuffled)
    np.testing.assert_equal(trained(shuffle=True, seed=np.random.default_rng(3)), shuffled)
    assert not np.array_equal(trained(shuffle=True, seed=4)[0][0], shuffled[0][0])
    assert not np.array_equal(trained(shuffle=False)[0][0], shuffled[0][0])


def test_validation_is_evaluated_after_each_epoch():
    model = small_model()
    held, plain = (IMAGES[40:], LABELS[40:]), {"executor": "interpreted"}
    history = nn.fit(model, IMAGES[:40], LABELS[:40], epochs=2, validation=held, **plain)
    last = history.epochs[-1]
    assert (last.train_accuracy, last.train_loss) == nn.evaluate(model, IMAGES[:40], LABELS[:40])
    assert (last.validation_accuracy, last.validation_loss) == nn.evaluate(
        model, IMAGES[40:], LABELS[40:]
    )


def test_an_optimizer_takes_the_place_of_the_learning_rate():
    first, second = small_model(), small_model()
    nn.fit(first, IMAGES, LABELS, epochs=1, lr=0.3)
    nn.fit(second, IMAGES, LABELS, epochs=1, optimizer=nn.SGD(second.parameters(), lr=0.3))
    np.testing.assert_equal(first.get_weights(), second.get_weights())


def test_lists_are_samples_too_and_nothing_of_the_users_is_changed():
    images, labels = IMAGES.astype("float64").tolist(), LABELS.tolist()
    model, twin = small_model(), small_model()
    nn.fit(model, images, labels, epochs=1)
    nn.fit(twin, IMAGES, LABELS, epochs=1)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())
    assert images == IMAGES.tolist()


def test_no_epochs_change_nothing():
    model = small_model()
    before = model.get_weights()
    assert nn.fit(model, IMAGES, LABELS, epochs=0) == nn.History()
    np.testing.assert_equal(model.get_weights(), before)


# What is refused, before anything has changed

BAD_LABELS = np.where(np.arange(50) == 49, 3, LABELS)


@pytest.mark.parametrize(
    ("images", "labels", "error", "message"),
    [
        (
            IMAGES,
            LABELS[1:],
            ShapeError,
            r"labels: expected one target for each output of 50 samples",
        ),
        (IMAGES, LABELS[:, None], ShapeError, r"labels: .*shaped \(50,\)\n  came:  uint8\[50, 1\]"),
        (IMAGES[0], LABELS, ShapeError, r"images: expected at least .*\n  came:  float32\[6\]"),
        (IMAGES[:0], LABELS[:0], ShapeError, r"images: .* one sample.*\n  came:  float32\[0, 6\]"),
        ([[1.0], [2.0, 3.0]], LABELS, ShapeError, r"images: .*\n  came:  object\[\]"),
        (0.5, LABELS, ShapeError, r"images: expected at least one .*\n  came:  float64\[\]"),
        (IMAGES[:, 1:], LABELS, ShapeError, r"Linear\(6, 5\): expected 6 features"),
        (IMAGES.reshape(50, 2, 3), LABELS, ShapeError, r"Linear\(6, 5\): expected 6 features"),
        (IMAGES + 1j, LABELS, DTypeError, r"images: expected floating-point features"),
        (IMAGES, LABELS * 1.0, DTypeError, r"labels: expected integer labels\n  came:  float64"),
        (IMAGES, LABELS > 0, DTypeError, r"labels: expected integer labels\n  came:  bool"),
        (IMAGES, LABELS.astype(str), DTypeError, r"labels: (.|\n)*number the classes with"),
        (IMAGES, LABELS.astype(object), DTypeError, r"labels: (.|\n)*number the classes with"),
        (IMAGES, BAD_LABELS, LabelError, r"labels: expected labels from 0 to 2.*\n.* from 0 to 3"),
        (IMAGES, LABELS.astype(int) - 1, LabelError, r"\n  came:  labels from -1 to 1"),
    ],
)
def test_samples_that_do_not_fit(images, labels, error, message):
    model = small_model()
    before = model.get_weights()
    good = IMAGES, LABELS
    other = r"validation images: expected samples as those before, float32\[6\]"
    for subject, call in (
        ("training ", lambda: nn.fit(model, images, labels, epochs=1)),
        ("validation ", lambda: nn.fit(model, *good, epochs=1, validation=(images, labels))),
        ("evaluation ", lambda: nn.evaluate(model, images, labels)),
    ):
        by_layer = message.startswith("Linear")
        told = other if by_layer and subject == "validation " else message
        prefix = "" if by_layer or message.startswith(r"\n") else subject
        with pytest.raises(error, match=prefix + told):
            call()
    np.testing.assert_equal(model.get_weights(), before)
    assert all(node.grad is None for node in model.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size: expected a whole number of at least 1\n  came:  0"),
        ({"batch_size": 2.0}, "batch_size: expected a whole number"),
        ({"epochs": -1}, "epochs: expected a whole number of at least 0\n  came:  -1"),
        ({"epochs": None}, "epochs: expected a whole number"),
        ({"lr": 0.0}, "lr: expected a finite number above 0\n  came:  0.0"),
        ({"lr": math.nan}, "lr: expected a finite number above 0\n  came:  nan"),
        ({"seed": -1}, "seed: expected a whole number of at least 0"),
        ({"validation": IMAGES}, r"validation: expected a pair .*\n  came:  float32"),
        ({"validation": (IMAGES,)}, r"validation: expected a pair .*\n  came:  \(array"),
        (
            {"lr": 0.1, "optimizer": nn.SGD([ag.parameter(1.0)], lr=0.1)},
            "lr: expected lr or an optimizer, not both\n  came:  0.1",
        ),
    ],
)
def test_settings_that_make_no_sense(options, message):
    model = small_model()
    before = model.get_weights()
    with pytest.raises(ConfigError, match=message):
        nn.fit(model, IMAGES, LABELS, **options)
    np.testing.assert_equal(model.get_weights(), before)


def test_evaluation_refuses_a_batch_size():
    with pytest.raises(ConfigError, match="batch_size: expected a whole number of at least 1"):
        nn.evaluate(small_model(), IMAGES, LABELS, batch_size=0)


# NaN and infinity


@pytest.mark.parametrize(
    ("executor", "batch_size"), [("interpreted", 1), ("interpreted", 3), ("numpy", 3)]
)
def test_a_nan_stops_training_before_its_step(executor, batch_size):
    images = IMAGES.copy()
    images[7, 2] = np.nan
    model, twin = small_model(), small_model()
    options = {"epochs": 1, "executor": executor, "batch_size": batch_size, "shuffle": False}
    with pytest.raises(NonFiniteError, match=r"Input 'x': expected finite values\n  came:  NaN"):
        nn.fit(model, images, LABELS, **options)
    before = 7 // batch_size * batch_size
    nn.fit(twin, IMAGES[:before], LABELS[:before], **options)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


def test_an_impossible_label_stops_training_and_names_the_logarithm():
    model = nn.MLP([1, 2])
    model.set_weights([(np.zeros((1, 2)), np.array([0.0, 1e4]))])
    before = model.get_weights()
    with pytest.raises(NonFiniteError, match=r"Log.*: expected finite values"):
        nn.fit(model, np.zeros((1, 1)), [0], epochs=1, executor="interpreted")
    np.testing.assert_equal(model.get_weights(), before)


def test_a_gradient_that_overflows_stops_training_before_its_step():
    model = nn.MLP([1, 2])
    model.set_weights([(np.zeros((1, 2)), np.array([0.0, 95.0]))])  # p = 5e-42: 1/p is infinite
    before = model.get_weights()
    with pytest.raises(NonFiniteError, match=r"Parameter 'layers.0.W': expected finite values"):
        nn.fit(model, np.ones((1, 1)), [0], epochs=1, executor="interpreted")
    np.testing.assert_equal(model.get_weights(), before)


def test_a_parameter_that_takes_no_part_is_named():
    model = small_model()
    model.spare = ag.parameter(1.0, name="spare")
    with pytest.raises(GradientError, match="Parameter 'spare': expected a gradient"):
        nn.fit(model, IMAGES, LABELS, executor="interpreted")
    with pytest.raises(GradientError, match="with respect to Parameter 'spare'"):
        nn.fit(model, IMAGES, LABELS)


# History


def test_an_epoch_is_one_line():
    epoch = nn.Epoch(3, seconds=1.2, train_loss=0.31658, train_accuracy=1.0, validation_loss=2.0)
    assert str(epoch) == "Epoch 3: train loss = 0.3166, accy = 1.0000, [1.200 secs]"


def test_a_history_is_json():
    history = nn.History([nn.Epoch(0, 1.5, math.inf, 0.5, math.nan, 0.25)], interrupted=True)
    row = {
        "number": 0, "seconds": 1.5, "train_loss": None, "train_accuracy": 0.5,
        "validation_loss": None, "validation_accuracy": 0.25,
    }  # fmt: skip
    expected = {"epochs": [row], "interrupted": True, "curve": [], "best_epoch": None}
    assert history.to_dict() == expected
    assert json.loads(json.dumps(history.to_dict(), allow_nan=False)) == history.to_dict()


def test_on_epoch_sees_the_history_so_far():
    seen: list[int] = []
    history = nn.fit(
        small_model(), IMAGES, LABELS, epochs=3, on_epoch=lambda h: seen.append(len(h.epochs))
    )
    assert seen == [1, 2, 3]
    assert len(history.epochs) == 3


# The progress bar


def test_a_progress_bar_is_shown_where_it_is_wanted(capsys):
    history = nn.fit(small_model(), IMAGES, LABELS, epochs=2, progress=True)
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [str(epoch) for epoch in history.epochs]
    assert "Epoch 1" in shown.err
    nn.fit(small_model(), IMAGES, LABELS, epochs=1)
    assert capsys.readouterr() == ("", "")


def test_without_tqdm_a_line_is_left_for_each_epoch(capsys, monkeypatch):
    for name in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, name, None)
    nn.fit(small_model(), IMAGES, LABELS, epochs=1, progress=True, validation=0.2)
    shown = capsys.readouterr()
    assert re.fullmatch(r"Epoch 0: train .*, validation loss = \d.\d+, accy = \d.\d+\n", shown.out)
    assert shown.err == ""


# Ctrl-C


def ctrl_c(*_: Any) -> None:
    signal.raise_signal(signal.SIGINT)


class Interrupted(nn.SGD):
    """Ctrl-C comes in the middle of certain steps."""

    def __init__(self, model: nn.Module, *numbers: int) -> None:
        super().__init__(model.parameters(), lr=0.1)
        self.numbers, self.taken = numbers, 0

    def step(self) -> None:
        for _ in range(self.numbers.count(self.taken)):
            ctrl_c()
        super().step()
        self.taken += 1


@pytest.fixture
def handler():
    """A handler of the user's own, which must be back afterwards."""

    def own(*_: Any) -> None:
        raise AssertionError

    former = signal.signal(signal.SIGINT, own)
    yield own
    assert signal.getsignal(signal.SIGINT) is own
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("handler")
@pytest.mark.parametrize(("number", "epochs"), [(0, 0), (7, 0), (50, 1), (99, 2)])
def test_ctrl_c_ends_after_the_present_step(number, epochs):
    model, twin = small_model(), small_model()
    optimizer = Interrupted(model, number)
    history = nn.fit(model, IMAGES, LABELS, epochs=3, optimizer=optimizer, **ONE_BY_ONE)
    assert history.interrupted
    assert len(history.epochs) == epochs
    assert optimizer.taken == number + 1
    with pytest.raises(KeyError):
        nn.fit(twin, IMAGES, LABELS, epochs=3, optimizer=Stopping(twin, number + 1), **ONE_BY_ONE)
    np.testing.assert_equal(model.get_weights(), twin.get_weights())


class Stopping(Interrupted):
    """An optimizer that fails instead of taking a certain step."""

    def step(self) -> None:
        if self.taken in self.numbers:
            raise KeyError
        super().step()


@pytest.mark.usefixtures("handler")
def test_ctrl_c_between_epochs_keeps_the_epoch():
    history = nn.fit(small_model(), IMAGES, LABELS, epochs=3, on_epoch=ctrl_c)
    assert history.interrupted
    assert len(history.epochs) == 1


@pytest.mark.usefixtures("handler")
def test_a_second_ctrl_c_raises():
    model = small_model()
    with pytest.raises(KeyboardInterrupt):
        nn.fit(model, IMAGES, LABELS, optimizer=Interrupted(model, 3, 3))


@pytest.mark.usefixtures("handler")
def test_an_error_gives_the_handler_back():
    with pytest.raises(KeyError):
        nn.fit(small_model(), IMAGES, LABELS, on_epoch=lambda _: {}["nothing"])


def test_a_handler_not_set_from_python_becomes_the_default(monkeypatch):
    given = []
    monkeypatch.setattr(signals, "getsignal", lambda _: None)
    monkeypatch.setattr(signals, "set_handler", lambda number, handler: given.append(handler))
    nn.fit(small_model(), IMAGES, LABELS, epochs=0)
    assert given[2:] == [signal.SIG_DFL, signal.SIG_DFL]


def test_outside_the_main_thread_no_handler_is_installed():
    former, histories = signal.getsignal(signal.SIGINT), []

    def train() -> None:
        histories.append(
            nn.fit(
                small_model(), IMAGES, LABELS, epochs=1,
                on_epoch=lambda _: histories.append(signal.getsignal(signal.SIGINT)),
            )
        )  # fmt: skip

    thread = threading.Thread(target=train)
    thread.start()
    thread.join()
    assert histories[0] is former
    assert not histories[1].interrupted


# Scaling


@pytest.mark.parametrize(
    ("images", "rows"),
    [
        (np.array([[[0, 255], [51, 0]]], "uint8"), [[0, 1, 0.2, 0]]),
        (np.array([[[0], [32767]]], "int16"), [[0, 1]]),
        (np.array([[0.5, 2.0]]), [[0.5, 2.0]]),
        (np.array([[True, False]]), [[1, 0]]),
        (np.zeros((2, 3, 4), "uint8"), np.zeros((2, 12))),
        (np.zeros((0, 3, 4), "uint8"), np.zeros((0, 12))),
    ],
)
def test_images_become_rows_of_features(images, rows):
    features = nn.as_features(images)
    assert features.dtype == "float32"
    np.testing.assert_allclose(features, rows, rtol=1e-6)
    assert not np.shares_memory(features, images)
