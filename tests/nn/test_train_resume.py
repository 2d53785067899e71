"""Runs that were ended by a signal and resumed: the same bits as if nothing had happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from waiting_run import make_trainer, samples

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError, WeightError
from autograd_lite.nn.tensors import read_tensors, write_tensors
from autograd_lite.nn.training.callbacks import CallOnEpoch

SCRIPT = Path(__file__).with_name("waiting_run.py")
EXECUTIONS = ["interpreted", "numpy"]
LONG = settings.default.max_examples > 100
LASTS = 0.3  # seconds of a whole run, about
COMPILED = [("step", signal.SIGTERM), ("file", signal.SIGKILL)]


def state(trainer: nn.Trainer) -> dict[str, np.ndarray]:
    leaves = dict(trainer.model.named_parameters()) | trainer.optimizer.leaves
    return {name: np.array(leaf.value) for name, leaf in leaves.items()} | trainer.best


def without_seconds(history: nn.History) -> nn.History:
    return replace(history, epochs=[replace(epoch, seconds=0.0) for epoch in history.epochs])


@pytest.fixture(scope="module", params=EXECUTIONS)
def whole(request):
    """The executor, and a run with it that nothing interrupted."""
    trainer = make_trainer(None, request.param)
    trainer.fit(*samples(), 0.2)
    return request.param, trainer


def assert_resumes_to(whole: nn.Trainer, path: Path, executor: str) -> None:
    trainer = make_trainer(path, executor)
    history = trainer.fit(*samples(), 0.2, resume=True)
    np.testing.assert_equal(state(trainer), state(whole))
    assert without_seconds(history) == without_seconds(whole.history)


@pytest.mark.parametrize(
    ("place", "number"),
    [
        ("step", signal.SIGINT),
        ("step", signal.SIGTERM),
        ("step", signal.SIGKILL),
        ("file", signal.SIGKILL),
    ],
)
def test_a_run_ended_by_a_signal_resumes_to_the_same_bits(whole, tmp_path, place, number):
    executor, expected = whole
    if executor != "interpreted" and (place, number) not in COMPILED:
        pytest.skip("to be quick: the trainer around the steps is the same")
    path = tmp_path / "run.safetensors"
    with subprocess.Popen(
        [sys.executable, SCRIPT, path, executor, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "here\n"
        process.send_signal(number)
        said, _ = process.communicate(None if number == signal.SIGKILL else "go on\n")
    assert said == ("" if number == signal.SIGKILL else "interrupted\n")
    at_step = place == "step" and number != signal.SIGKILL
    run = json.loads(read_tensors(path).about["run"])
    assert (run["epoch"], run["step"]) == ((1, 7) if at_step else (1, 0))
    assert_resumes_to(expected, path, executor)


@pytest.mark.parametrize("number", range(60 if LONG else 1))
def test_a_run_that_is_killed_at_any_time_resumes_to_the_same_bits(whole, tmp_path, number):
    executor, expected = whole
    path = tmp_path / "run.safetensors"
    with subprocess.Popen(
        [sys.executable, SCRIPT, path, executor, "begin"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "here\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(np.random.default_rng(number).uniform(0.0, LASTS))
        process.kill()
    assert_resumes_to(expected, path, executor)


def test_a_finished_run_resumes_to_what_it_was(whole, tmp_path):
    executor, expected = whole
    path = tmp_path / "run.safetensors"
    make_trainer(path, executor).fit(*samples(), 0.2)
    assert_resumes_to(expected, path, executor)


def test_without_a_checkpoint_a_run_starts_from_the_beginning(whole, tmp_path):
    executor, expected = whole
    assert_resumes_to(expected, tmp_path / "nothing.safetensors", executor)


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox])
def test_any_generator_is_kept(bits, tmp_path):
    def trained(checkpoint: Path, **options: object) -> list[object]:
        model = nn.MLP([6, 3], seed=1)
        seed = np.random.Generator(bits(3))
        trainer = nn.Trainer(
            model, epochs=4, shuffle=True, seed=seed, checkpoint=checkpoint, **options
        )
        trainer.fit(*samples(), resume=True)
        return model.get_weights()

    class Stop(nn.Callback):
        def on_epoch(self, trainer):
            trainer.stop()

    path = tmp_path / "run.safetensors"
    trained(path, callbacks=[Stop()])
    np.testing.assert_equal(trained(path), trained(tmp_path / "other.safetensors"))


def test_an_automatic_choice_is_kept(tmp_path):
    path = tmp_path / "run.safetensors"
    make_trainer(path, "interpreted").fit(*samples(), 0.2)
    trainer = make_trainer(path, "auto")
    trainer.fit(*samples(), 0.2, resume=True)
    assert trainer.execution.executor == "interpreted"
    other = make_trainer(path, "numpy")
    other.fit(*samples(), 0.2, resume=True)
    assert other.execution.executor == "numpy"


class Tied(nn.Module):
    """A layer that comes back through its own weights, with a scale that cannot be negative."""

    def __init__(self) -> None:
        self.W, self.scale = nn.Linear(4, 6, seed=0).W, ag.parameter(np.zeros(1, "float32"))

    def __call__(self, x):
        return (x.reshape((-1, 4)) * ag.softplus(self.scale)) @ self.W @ self.W.T


def normed() -> nn.Module:
    seed = np.random.default_rng(0)
    return nn.Sequential(
        nn.Conv2d(1, 2, 1, seed=seed),
        nn.BatchNorm(2),
        nn.Flatten(),
        nn.Dropout(0.3, seed=seed),
        nn.Linear(8, 3, seed=seed),
    )


@pytest.mark.parametrize("make", [Tied, normed])
@pytest.mark.parametrize("executor", EXECUTIONS)
def test_what_a_recording_computes_of_weights_alone_is_computed_anew(make, executor, tmp_path):
    class Interrupt(nn.Callback):
        def on_step(self, trainer):
            if (trainer.epoch, trainer.step) == (1, 2):
                signal.raise_signal(signal.SIGINT)

    def trained(path: Path, *callbacks: nn.Callback) -> dict[str, np.ndarray]:
        model = make()
        optimizer = nn.Adam(model.parameters(), clip_norm=1.0)
        options = {"epochs": 3, "batch_size": 8, "checkpoint": path, "callbacks": callbacks}
        trainer = nn.Trainer(model, optimizer, executor=executor, **options)
        images = np.random.default_rng(0).normal(size=(20, 1, 2, 2))
        trainer.fit(images, np.arange(20) % 3, resume=True)
        return state(trainer)

    trained(tmp_path / "run", Interrupt())
    np.testing.assert_equal(trained(tmp_path / "run"), trained(tmp_path / "whole"))


@pytest.mark.parametrize("patience", [None, 1])
def test_a_parameter_of_the_loss_is_resumed_too(patience, tmp_path):
    def trained(path: Path, epochs: int) -> list[float]:
        model, steep = nn.MLP([6, 3], seed=1), ag.parameter(1.0, name="steep")
        optimizer = nn.Adam([*model.parameters(), steep], lr=0.3)
        loss = lambda z, y: ag.mean(ag.cross_entropy_with_logits(z * steep, y))  # noqa: E731
        options = {"checkpoint": path, "patience": patience, "executor": "numpy", "loss": loss}
        trainer = nn.Trainer(model, optimizer, epochs=epochs, **options)
        kept: list[float] = []
        trainer.callbacks = [CallOnEpoch(lambda _: kept.append(float(steep.value)))]
        history = trainer.fit(*samples(), 0.2, resume=True)
        if patience and len(kept) == len(history.epochs):
            assert kept[history.best_epoch] == steep.value
        return [float(steep.value), *model.layers[0].b.value]

    trained(tmp_path / "run", 2)
    assert trained(tmp_path / "run", 4) == trained(tmp_path / "whole", 4)


@pytest.mark.parametrize("executor", EXECUTIONS)
def test_what_a_callback_changes_after_an_epoch_is_kept(executor, tmp_path):
    class Slower(nn.Callback):
        def on_epoch(self, trainer):
            trainer.optimizer.lr *= 0.5
            if trainer.epoch == failing:
                raise RuntimeError("full disk")

    def trained(path: Path, epochs: int) -> dict[str, np.ndarray]:
        model = nn.MLP([6, 3], seed=1)
        options = {"epochs": epochs, "callbacks": [Slower()], "checkpoint": path}
        trainer = nn.Trainer(model, "momentum", executor=executor, **options)
        trainer.fit(*samples(), resume=True)
        return state(trainer)

    failing = 0
    whole = trained(tmp_path / "whole", 4)
    trained(tmp_path / "run", 1)
    failing = 2
    with pytest.raises(RuntimeError, match="full disk"):
        trained(tmp_path / "run", 4)
    np.testing.assert_equal(trained(tmp_path / "run", 4), whole)


# What is refused


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"
    make_trainer(path, "interpreted").fit(*samples(), 0.2)
    return path


def refused(path: Path, error: type, message: str, images=None, labels=None, **changes: object):
    trainer = make_trainer(path, "interpreted")
    vars(trainer).update(changes)
    before = state(trainer)
    given = samples()
    with pytest.raises(error, match=message):
        trainer.fit(given[0], given[1] if labels is None else labels, 0.2, resume=True)
    np.testing.assert_equal(state(trainer), before)
    assert trainer.history == nn.History()


def test_a_checkpoint_of_a_model_of_the_same_shapes_is_refused(checkpoint):
    message = "a run with the same settings\n  came:  "
    refused(checkpoint, ConfigError, f"{message}head", loss=nn.sigmoid_cross_entropy)
    trainer = make_trainer(checkpoint, "interpreted")
    trainer.model.activations = ["tanh"] * len(trainer.model.activations)
    with pytest.raises(ConfigError, match=f"{message}architecture"):
        trainer.fit(*samples(), 0.2, resume=True)


def test_a_checkpoint_of_another_run_is_refused(checkpoint):
    message = (
        "a run with the same settings\n  came:  batch size 3 instead of 4, shuffle True instead"
    )
    refused(checkpoint, ConfigError, message, batch_size=4, shuffle=False)
    refused(checkpoint, ConfigError, "samples '40 labels, crc32 ", labels=np.zeros(40, int))
    for validation in (None, 0.5):
        trainer = make_trainer(checkpoint, "interpreted")
        trainer.patience = None
        with pytest.raises(ConfigError, match=f"validation 0.2 instead of {validation}"):
            trainer.fit(*samples(), validation, resume=True)
    other = nn.SGD(nn.MLP([6, 5, 3]).parameters(), 0.1)
    refused(checkpoint, ConfigError, r"optimizer 'AdamW\(.*instead of 'SGD", optimizer=other)


def test_a_file_of_weights_is_no_checkpoint(checkpoint):
    nn.save_model(nn.MLP([6, 5, 3]), checkpoint)
    refused(
        checkpoint, ConfigError, "expected a checkpoint of a training run\n  came:  a file of w"
    )


def test_a_damaged_checkpoint_is_refused(checkpoint):
    checkpoint.write_bytes(checkpoint.read_bytes()[:-9])
    refused(checkpoint, ConfigError, r"run.safetensors: expected a file of weights")


def test_a_checkpoint_without_a_tensor_is_refused(checkpoint):
    saved = read_tensors(checkpoint)
    tensors = dict(saved.tensors)
    del tensors["optimizer.steps"]
    write_tensors(checkpoint, tensors, saved.about)
    refused(checkpoint, WeightError, "came:  missing optimizer.steps\n")
