"""Weights, histories and their files: whole or not at all, and refused by name where they do not fit."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError, WeightError
from autograd_lite.nn.saving import load_loss
from autograd_lite.nn.tensors import read_tensors, write_tensors

X = np.random.default_rng(0).random((5, 4)).astype("float32")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


def used_adam(model: nn.MLP) -> nn.Adam:
    optimizer = nn.Adam(model.parameters())
    nn.fit(model, X, [0, 1, 0, 1, 1], batch_size=1, epochs=1, optimizer=optimizer)
    return optimizer


@pytest.mark.parametrize(
    "model",
    [
        nn.MLP([4, 3, 2], "relu", seed=3),
        nn.MLP([4, 2], "tanh", seed=3, dtype="float64"),
        nn.MLP([4, 5, 3, 2], ["relu", "tanh", "sigmoid"], seed=3),
    ],
    ids=repr,
)
def test_a_model_comes_back_from_its_file_alone(model, path):
    assert nn.save_model(model, path) == path
    loaded = nn.load_model(path)
    assert repr(loaded) == repr(model)
    np.testing.assert_equal(loaded(X).value, model(X).value)
    assert loaded.layers[0].W.dtype == model.layers[0].W.dtype


def test_the_metadata_tell_what_it_is(path):
    model = nn.MLP([4, 3, 2], "relu")
    nn.save_model(model, path, loss=nn.logits_cross_entropy, about={"preset": "mine"})
    written = path.read_bytes()
    nn.save_model(model, path, loss=nn.logits_cross_entropy, about={"preset": "mine"})
    assert path.read_bytes() == written
    assert read_tensors(path).about == {
        "format": "autograd_lite 1",
        "version": ag.__version__,
        "model": "MLP",
        "head": "logits_cross_entropy",
        "architecture": {"sizes": [4, 3, 2], "activation": ["relu", "linear"], "dtype": "float32"},
        "preset": "mine",
    }
    assert load_loss(path) is nn.logits_cross_entropy
    assert sorted(load_file(path)) == ["layers.0.W", "layers.0.b", "layers.1.W", "layers.1.b"]


def test_the_state_of_an_optimizer_lies_beside_the_weights(path):
    model = nn.MLP([4, 2], seed=1)
    optimizer = used_adam(model)
    nn.save_model(model, path, optimizer=optimizer)
    other = nn.MLP([4, 2], seed=2)
    fresh = nn.Adam(other.parameters())
    nn.load_weights(other, path, optimizer=fresh)
    np.testing.assert_equal(other.get_weights(), model.get_weights())
    for name, leaf in optimizer.leaves.items():
        np.testing.assert_equal(fresh.leaves[name].value, leaf.value, name)
    assert fresh.leaves["steps"].value == 5
    nn.load_weights(nn.MLP([4, 2]), path)  # the model alone


class Line(nn.Module):
    """A model of the user's own."""

    def __init__(self) -> None:
        self.slope, self.offset = ag.parameter(2.0), ag.parameter([1.0])

    def __call__(self, x, /):
        return x * self.slope + self.offset


def test_a_model_of_the_users_own_is_built_by_hand(path):
    model, other = Line(), Line()
    model.slope.assign(3.0)
    nn.save_model(model, path)
    nn.load_weights(other, path)
    assert other.slope.value == 3.0
    assert type(other.slope.value) is float
    with pytest.raises(ConfigError, match="expected weights of MLP, .*\n  came:  weights of Line"):
        nn.load_model(path)


# What is refused

GOOD = {"layers.0.W": np.zeros((4, 2), "float32"), "layers.0.b": np.zeros(2, "float32")}
WHERE = r"weights.safetensors"


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"layers.0.W": GOOD["layers.0.W"]}, "came:  missing layers.0.b\n"),
        (
            {**GOOD, "more": GOOD["layers.0.b"]},
            "tensors layers.0.W, layers.0.b\n  came:  unknown more\n",
        ),
        ({"a": GOOD["layers.0.b"]}, "came:  missing layers.0.W, layers.0.b; unknown a\n"),
        (
            {**GOOD, "layers.0.W": np.zeros((2, 4), "float32")},
            r"safetensors: layers.0.W: expected float32\[4, 2\]\n  came:  float32\[2, 4\]",
        ),
        (
            {**GOOD, "layers.0.b": np.zeros(2)},
            r"layers.0.b: expected float32\[2\]\n  came:  float64",
        ),
    ],
)
def test_tensors_that_do_not_fit_change_nothing(tensors, message, path):
    model = nn.MLP([4, 2])
    before = model.get_weights()
    save_file(tensors, path)
    with pytest.raises(WeightError, match=message):
        nn.load_weights(model, path)
    np.testing.assert_equal(model.get_weights(), before)


def damage(path: Path, how: str) -> None:
    nn.save_model(nn.MLP([4, 2]), path)
    whole = path.read_bytes()
    if how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(whole[:-5])
    elif how == "foreign":
        path.write_bytes(b"PK\x03\x04" + whole)
    elif how == "about":
        save_file(GOOD, path, {"about": "no JSON"})
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["empty", "cut", "foreign", "about", "missing"])
def test_damaged_and_foreign_files_are_refused(how, path):
    damage(path, how)
    model = nn.MLP([4, 2])
    before = model.get_weights()
    for load in (nn.load_model, lambda path: nn.load_weights(model, path)):
        with pytest.raises(
            ConfigError, match=rf"{WHERE}: expected a file of weights \(safetensors\)"
        ):
            load(path)
    np.testing.assert_equal(model.get_weights(), before)


@pytest.mark.parametrize(
    "architecture",
    [
        {"sizes": [4, 2], "colour": 1},
        {"sizes": "no"},
        {"sizes": [4]},
        {"dtype": "x", "sizes": [4, 2]},
    ],
)
def test_an_architecture_that_is_none_is_refused(architecture, path):
    write_tensors(path, GOOD, {"model": "MLP", "architecture": architecture})
    with pytest.raises(ConfigError, match=f"{WHERE}: expected the architecture of an MLP"):
        nn.load_model(path)


@pytest.mark.parametrize("metadata", [None, {}, {"about": "[1]"}])
def test_weights_of_another_program_have_no_architecture(metadata, path):
    save_file(GOOD, path, metadata)
    with pytest.raises(ConfigError, match="came:  weights of a model that the file does not name"):
        nn.load_model(path)
    model = nn.MLP([4, 2])
    nn.load_weights(model, path)
    assert not model.layers[0].W.value.any()
    assert load_loss(path) is nn.softmax_cross_entropy


def test_without_safetensors_that_is_said(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    message = r'expected safetensors, which(.|\n)*pip install "autograd-lite\[train\]"'
    with pytest.raises(ConfigError, match=message):
        nn.save_model(nn.MLP([2, 2]), path)
    trainer = nn.Trainer(nn.MLP([2, 2]), checkpoint=path)
    with pytest.raises(ConfigError, match=message):
        trainer.fit(np.eye(2), [0, 1])
    assert trainer.epoch == 0


# Whole or not at all


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    nn.save_history(nn.History(), tmp_path)
    before = (tmp_path / "history.json").read_text()

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    message = (
        r"history.json: expected a place that can be written to\n"
        r"  came:  \[Errno 28\] No space left on device"
    )
    with pytest.raises(ConfigError, match=message):
        nn.save_history(nn.History(interrupted=True), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["history.json"]
    assert (tmp_path / "history.json").read_text() == before


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    told, sync, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (told.append("sync"), sync(handle)))
    monkeypatch.setattr(Path, "replace", lambda a, b: (told.append("name"), replace(a, b))[1])
    nn.save_history(nn.History(), tmp_path)
    assert told == ["sync", "name", "sync"]


def test_paths_of_what_was_saved_are_returned(tmp_path):
    assert nn.save_history(nn.History(), str(tmp_path)) == tmp_path / "history.json"
    assert nn.save_model(nn.MLP([2, 2]), tmp_path / "a" / "w.safetensors").exists()


def test_a_history_comes_back(tmp_path):
    history = nn.History(
        [nn.Epoch(0, 1.5, 0.25, 0.5)], curve=[nn.Point(1, 2.0, None)], best_epoch=0
    )
    nn.save_history(history, tmp_path)
    found = json.loads((tmp_path / "history.json").read_text())
    assert nn.History.from_dict(found) == history
