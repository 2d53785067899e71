"""Modules: leaves by path, training and use, files, and copies that live on their own."""

from __future__ import annotations

import copy
import multiprocessing
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError, GraphError, WeightError
from autograd_lite.nn.modes import latest, move

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = np.arange(20) % 2


class Counting(nn.Module):
    """A model that counts its calls in training, in a buffer, and scales by them in use."""

    def __init__(self) -> None:
        self.inner = [nn.Linear(3, 2, seed=1)]
        self.calls = ag.Node([0.0], requires_grad=False)
        self.fixed = ag.constant([1.0])

    def __call__(self, x, /):
        scores = self.inner[0](x)
        if not self.training:
            return scores * self.calls.astype("float32")
        move(self.calls, latest(self.calls, x) + 1.0)
        return scores


def values(model):
    return {name: node.value.copy() for name, node in model.state().items()}


# Its leaves


def test_state_is_parameters_and_buffers_by_path():
    model = Counting()
    assert list(model.state()) == ["inner.0.W", "inner.0.b", "calls"]
    assert [name for name, _ in model.named_parameters()] == ["inner.0.W", "inner.0.b"]
    assert model.named_buffers() == [("calls", model.calls)]


# Training and use


def test_modes_reach_everything_inside():
    model = Counting()
    assert model.training
    assert model.inner[0].training
    assert model.eval() is model
    assert not model.training
    assert not model.inner[0].training
    model.inner[0].train()
    assert (model.training, model.inner[0].training) == (False, True)
    assert model.train().training
    with nn.evaluating():
        assert not model.training
    assert model.training


def test_buffers_move_with_each_call_in_training():
    model = Counting()
    for _ in range(3):
        model(X)
    model.eval()(X)
    assert model.calls.value.tolist() == [3.0]


@pytest.mark.parametrize("executor", ["interpreted", "numpy"])
def test_buffers_move_with_each_step_of_a_run(executor):
    model = Counting()
    nn.fit(model, X, Y, batch_size=8, epochs=2, executor=executor)
    assert model.calls.value.tolist() == [6.0]  # not by the evaluations, which use it
    nn.evaluate(model, X, Y)
    np.testing.assert_allclose(nn.predict(model, X), ag.softmax(model.eval()(X)).value, rtol=1e-5)
    assert model.calls.value.tolist() == [6.0]


def test_two_calls_in_a_recording_move_twice():
    model = Counting()
    with ag.Graph() as graph, nn.buffer_updates() as updates:
        x = ag.input(name="x", shape=(20, 3))
        y = model(x) + model(x)
    ag.compile(graph, y, updates)(x=X)
    assert model.calls.value.tolist() == [2.0]


def test_a_recording_without_somebody_to_move_buffers_is_refused():
    model = Counting()
    with ag.Graph():
        x = ag.input(name="x", shape=(20, 3))
        model.calls.named("calls")
        with pytest.raises(GraphError, match="Variable 'calls': expected somebody who changes it"):
            model(x)
    assert model.calls.value.tolist() == [0.0]


def test_a_model_in_use_is_not_trained():
    model = nn.MLP([3, 2]).eval()
    with pytest.raises(ConfigError, match="model: expected a model in training\n  came:  'one in"):
        nn.fit(model, X, Y)
    nn.evaluate(model, X, Y)


# Files


def test_a_model_comes_back_with_its_buffers(tmp_path):
    model, other = Counting(), Counting()
    nn.fit(model, X, Y, epochs=1)
    path = model.save(tmp_path / "model.safetensors")
    assert other.load(path) is other
    np.testing.assert_equal(values(other), values(model))
    mlp = nn.MLP([3, 4, 2], "tanh", seed=3)
    loaded = nn.load_model(mlp.save(tmp_path / "mlp.safetensors"))
    np.testing.assert_equal(values(loaded), values(mlp))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (nn.Linear(3, 2), "missing W, b; unknown calls, inner.0.W, inner.0.b"),
        (nn.MLP([3, 2]), "missing layers.0.W"),
    ],
)
def test_files_of_other_models_change_nothing(other, message, tmp_path):
    path = Counting().save(tmp_path / "model.safetensors")
    before = values(other)
    with pytest.raises(WeightError, match=message):
        other.load(path)
    np.testing.assert_equal(values(other), before)


# Copies

COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),  # noqa: S301 - our own bytes
}


@pytest.mark.parametrize("how", COPIES)
def test_a_copy_trains_on_its_own(how):
    model = Counting().eval().train()
    nn.fit(model, X, Y, epochs=1)
    before = values(model)
    twin = COPIES[how](model)
    np.testing.assert_equal(values(twin), before)
    nn.fit(twin, X, Y, epochs=2, lr=0.1)
    np.testing.assert_equal(values(model), before)
    nn.fit(model, X, Y, epochs=2, lr=0.1)
    np.testing.assert_equal(values(model), values(twin))
    assert not {*model.state().values()} & {*twin.state().values()}


@pytest.mark.parametrize("how", COPIES)
def test_what_is_copied_together_stays_together(how):
    model = Counting()
    optimizer = nn.SGD(model.parameters(), 0.1, momentum=0.9)
    model.again = model.inner[0].W
    nn.fit(model, X, Y, epochs=1, optimizer=optimizer)
    twin, own = COPIES[how]((model, optimizer))
    assert twin.again is twin.inner[0].W is own.parameters[0]
    for each in ((model, optimizer), (twin, own)):
        nn.fit(each[0], X, Y, epochs=1, optimizer=each[1])
    np.testing.assert_equal(values(twin), values(model))


def test_a_process_of_its_own_gets_a_model():
    model = nn.MLP([3, 4, 2], seed=1)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply(nn.predict, (model, X))
    np.testing.assert_allclose(there, nn.predict(model, X), rtol=1e-6)
