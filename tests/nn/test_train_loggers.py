"""Epochs written down while a run goes on."""

from __future__ import annotations

import csv
import signal
import struct
import sys

import numpy as np
import pytest

from autograd_lite import nn
from autograd_lite.errors import ConfigError

X = np.random.default_rng(0).random((20, 4)).astype("float32")
Y = X.argmax(axis=1)


def run(logger, epochs=2, validation=None, **options):
    trainer = nn.Trainer(
        nn.MLP([4, 4]), epochs=epochs, callbacks=[logger], executor="interpreted", **options
    )
    return trainer.fit(X, Y, validation, resume="checkpoint" in options)


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("validation", [None, 0.25])
def test_a_table_has_all_figures_in_full(tmp_path, validation):
    path = tmp_path / "epochs.csv"
    history = run(nn.CSVLogger(path), validation=validation)
    found = [{k: float(x) if x else None for k, x in row.items()} for row in rows(path)]
    assert found == [dict(vars(epoch)) for epoch in history.epochs]


def test_a_run_that_is_resumed_has_every_epoch_once(tmp_path):
    path = tmp_path / "epochs.csv"
    for epochs in (2, 2, 4):
        run(nn.CSVLogger(path), epochs=epochs, checkpoint=tmp_path / "c")
    assert [row["number"] for row in rows(path)] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("make", [nn.CSVLogger, nn.TensorBoardLogger])
def test_a_place_that_cannot_be_written_to_is_refused_at_once(make, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", object())
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="expected a place that can be written to"):
        make(tmp_path / "file" / "epochs")


def test_lines_need_a_stream(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    assert len(run(nn.EpochLines()).epochs) == 2


def test_without_tensorboardx_that_is_said(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ConfigError, match=r"tensorboardX(.|\n)*autograd-lite\[tensorboard\]"):
        nn.TensorBoardLogger(tmp_path)


def scalars(folder):
    """What is in the event files of a folder: records of length, checksum, data, checksum."""
    events = pytest.importorskip("tensorboardX.proto.event_pb2")
    found = {}
    for path in sorted(folder.iterdir()):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = events.Event.FromString(data[12 : 12 + length])
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
            data = data[16 + length :]
    return found


def test_tensorboard_is_given_epochs_and_curves(tmp_path):
    pytest.importorskip("tensorboardX")
    history = run(nn.TensorBoardLogger(tmp_path), validation=0.2, curve_points=2, batch_size=4)
    found = scalars(tmp_path)
    names = ["accuracy/train", "accuracy/validation", "curve/train", "curve/validation", "loss/train", "loss/validation"]  # fmt: skip
    assert sorted(found) == names
    for name, values in found.items():
        kind, part = name.split("/")
        points = history.curve if kind == "curve" else history.epochs
        wanted = f"{part}_loss" if kind == "curve" else f"{part}_{kind}"
        steps = [point.step if kind == "curve" else point.number for point in points]
        assert [step for step, _ in values] == steps
        np.testing.assert_allclose([x for _, x in values], [getattr(p, wanted) for p in points])


def test_an_interrupted_run_leaves_nothing_half_written(tmp_path, monkeypatch):
    class Stop(nn.CSVLogger):
        def on_epoch(self, trainer):
            super().on_epoch(trainer)
            signal.raise_signal(signal.SIGINT)

    assert run(Stop(tmp_path / "epochs.csv"), epochs=9).interrupted
    assert len(rows(tmp_path / "epochs.csv")) == 1


def test_of_joined_processes_the_first_one_logs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("autograd_lite.nn.training.loggers.is_first_process", lambda: False)
    run(nn.EpochLines())
    assert capsys.readouterr().out == ""
    pytest.importorskip("tensorboardX")
    run(nn.TensorBoardLogger(tmp_path))
    assert list(tmp_path.iterdir()) == []
