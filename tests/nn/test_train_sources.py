"""Where samples come from: arrays in files that are larger than memory, and batches one by one."""

from __future__ import annotations

import signal
import tracemalloc
from functools import partial

import numpy as np
import pytest

from autograd_lite import nn
from autograd_lite.errors import AutogradError

RANDOM = np.random.default_rng(0)
X = RANDOM.random((50, 6)).astype("float32")
Y = X[:, :3].argmax(axis=1)
HALF = slice(None, None, 2)


def small_model() -> nn.MLP:
    return nn.MLP([6, 5, 3], "tanh", seed=1)


def pairs(size: int = 8):
    """A generator function of batches, the last of them smaller."""
    for start in range(0, 50, size):
        yield X[start : start + size], Y[start : start + size]


class Counted:
    """An iterable with a length, as other libraries' loaders are."""

    def __len__(self) -> int:
        return 7

    def __iter__(self):
        return iter([list(pair) for pair in pairs()])


def trained(*samples, executor="interpreted", validation=None, **options):
    model = small_model()
    optimizer = nn.Momentum(model.parameters(), 0.1)
    trainer = nn.Trainer(
        model, optimizer, batch_size=8, epochs=3, shuffle=False, executor=executor, **options
    )
    return trainer.fit(*samples, validation=validation), model.get_weights()


def figures(history: nn.History):
    return [
        (e.train_loss, e.train_accuracy, e.validation_loss, e.validation_accuracy)
        for e in history.epochs
    ]


# Batches


@pytest.mark.parametrize(
    ("given", "executor"),
    [(pairs, "numpy"), (pairs, "interpreted"), (list(pairs()), "interpreted"), (Counted(), "interpreted")],
)  # fmt: skip
def test_batches_train_as_the_arrays_they_are_cut_from(given, executor):
    held = X[HALF], Y[HALF]
    expected, weights = trained(X, Y, executor=executor, validation=held)
    history, found = trained(given, executor=executor, validation=held)
    np.testing.assert_allclose(figures(history), figures(expected), rtol=1e-5)
    for pair, other in zip(found, weights, strict=True):
        for x, y in zip(pair, other, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-4, atol=1e-6)


def test_every_epoch_asks_for_the_batches_anew():
    passes = []

    def given():
        passes.append(0)
        for pair in pairs():
            passes[-1] += 1
            yield pair

    trained(given)
    # The first is looked at for its shape; then come three epochs, each evaluated.
    assert passes == [1] + [7] * 6


def test_validation_and_evaluation_take_batches_too():
    history, _ = trained(X, Y, validation=pairs)
    one = nn.MLP([6, 3])
    np.testing.assert_allclose(nn.evaluate(one, pairs), nn.evaluate(one, X, Y), rtol=1e-6)
    np.testing.assert_allclose(figures(history)[-1][:2], figures(history)[-1][2:], rtol=1e-6)


def test_batches_of_one_sample_are_batches():
    history, _ = trained(partial(pairs, 1), validation=list(pairs(1))[:5])
    assert len(history.epochs) == 3


def test_where_batches_have_a_length_schedules_and_curves_know_the_time():
    def seen(given):
        times: list[float] = []
        schedule = lambda epoch: times.append(epoch) or 1.0  # noqa: E731
        return times, trained(given, schedule=schedule, curve_points=1)[0].curve

    times, curve = seen(Counted())
    np.testing.assert_allclose(times[:3], [0, 1 / 7, 2 / 7])
    assert [point.step for point in curve] == [7, 14, 21]
    times, curve = seen(pairs)
    assert (times, curve) == ([0] * 7 + [1] * 7 + [2] * 7, [])


def test_a_run_on_batches_is_resumed_in_the_middle_of_an_epoch(tmp_path):
    class Stop(nn.Callback):
        def on_step(self, trainer):
            if (trainer.epoch, trainer.step) == (1, 3):
                signal.raise_signal(signal.SIGINT)

    expected, weights = trained(pairs)

    def run(path, *callbacks):
        model = small_model()
        optimizer = nn.Momentum(model.parameters(), 0.1)
        trainer = nn.Trainer(
            model, optimizer, batch_size=8, epochs=3, shuffle=False, executor="interpreted",
            callbacks=callbacks, checkpoint=path,
        )  # fmt: skip
        return trainer.fit(pairs, resume=True), model.get_weights()

    assert run(tmp_path / "c", Stop())[0].interrupted
    history, found = run(tmp_path / "c")
    assert figures(history) == figures(expected)
    np.testing.assert_equal(found, weights)


# Arrays mapped from files

ROWS, COLUMNS = 20_000, 40


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """Samples in files: float64 images of 6.4 MB, and labels."""
    folder = tmp_path_factory.mktemp("mapped")
    images = np.random.default_rng(1).random((ROWS, COLUMNS))
    np.save(folder / "x.npy", images)
    np.save(folder / "y.npy", images[:, :3].argmax(axis=1).astype("uint8"))
    return [np.load(folder / f"{name}.npy", mmap_mode="r") for name in "xy"]


@pytest.mark.parametrize(("executor", "shuffle"), [("numpy", False), ("interpreted", True)])
def test_a_mapped_file_is_never_copied_whole(mapped, executor, shuffle):
    model = nn.MLP([COLUMNS, 3])
    trainer = nn.Trainer(model, batch_size=200, epochs=1, shuffle=shuffle, executor=executor)
    trainer.fit(*(x[:400] for x in mapped))  # plans, and imports
    trainer.epochs = 2
    tracemalloc.start()
    try:
        trainer.fit(*mapped, validation=0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(trainer.history.epochs) == 2
    assert peak < mapped[0].nbytes / 4  # which is half of it in the dtype of the model


def test_a_mapped_file_trains_as_what_is_in_it(mapped):
    runs = [
        nn.fit(nn.MLP([COLUMNS, 3]), *arrays, epochs=1, batch_size=500, validation=0.1)
        for arrays in (mapped, [np.array(x) for x in mapped])
    ]
    assert figures(runs[0]) == figures(runs[1])
    model = nn.MLP([COLUMNS, 3])
    assert nn.evaluate(model, *mapped) == nn.evaluate(model, *(np.array(x) for x in mapped))


# What is refused


def empty_later():
    """The same iterator again and again."""
    once = pairs()
    return lambda: once


WRONG = {
    "an iterator": (lambda: (pairs(),), "expected an iterable that each epoch goes through anew\n  came:  a generator"),
    "the same iterator": (lambda: (empty_later(),), "expected at least one batch in every pass"),
    "nothing": (lambda: ([],), "expected at least one batch in every pass"),
    "no iterable": (lambda: (5,), "expected an iterable of pairs of images and labels, or arrays"),
    "images alone": (lambda: (X,), "training batches: expected pairs of images and labels"),
    "images in batches": (lambda: ([X, X, X],), "training batches: expected pairs"),
    "integers": (lambda: ([(X.astype(int), Y)],), "Input 'x': expected floating-point features"),
    "labels out of range": (lambda: ([(X, Y + 1)],), "training labels: expected labels from 0 to 2"),
    "batches that differ": (lambda: ([(X, Y), (X[:, :3], Y)],), r"training images: expected samples as those before, float32\[6\]"),
    "a share": (lambda: (pairs, None, 0.5), "validation: expected a pair .* or batches, where"),
    "validation": (lambda: (X, Y, [(X, Y), (X, Y + 1)]), "validation labels: expected labels from 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_are_no_batches(name):
    make, message = WRONG[name]
    trainer = nn.Trainer(small_model(), epochs=2, executor="interpreted")
    with pytest.raises(AutogradError, match=message):
        trainer.fit(*make())
