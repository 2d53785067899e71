"""Plausible wrong calls of nn: each ends in the one shape of errors, and nothing has changed."""

from __future__ import annotations

import os
import sys
from functools import partial

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import AutogradError, ConfigError
from autograd_lite.nn import checks

X, Y = np.ones((4, 3), "float32"), np.array([0, 1, 0, 1])
W, MODEL = ag.parameter(np.float32(1.0)), nn.MLP([3, 2])
CLASSIFYING = ("softmax_cross_entropy", "logits_cross_entropy", "sigmoid_cross_entropy")


def model(**options):
    return nn.MLP([3, 4, 2], **options)


def trainer(**options):
    return nn.Trainer(model(), epochs=1, executor="interpreted", **options).fit(X, Y)


def fit(**options):
    return nn.fit(model(), X, Y, epochs=1, executor="interpreted", **options)


def rule(update):
    kind = type("Rule", (nn.Optimizer,), {"update": update, "state_names": ("v",)})
    return kind(MODEL.parameters(), 0.1)


class Arrays(nn.Module):
    """A model whose weights are no parameters."""

    def __init__(self):
        self.W = np.ones((3, 2))

    def __call__(self, x, /):
        return x @ self.W


class Odd(nn.Module):
    """A model that gives no scores."""

    def __init__(self):
        self.w = ag.parameter(1.0)

    def __call__(self, x, /):
        return 5


def load_and_remove(path):
    try:
        nn.load_model(path)
    finally:
        path.unlink()


CALLS = {
    "optimizer by an unknown name": (lambda _: fit(optimizer="rms"), "optimizer: expected one of sgd, momentum"),
    "a masked array": (lambda _: nn.fit(model(), np.ma.masked_array(X, X > 0), Y), "data: expected an array of which every element counts"),
    "optimizer by class": (lambda _: fit(optimizer=nn.Adam), "optimizer: expected an object of nn.Optimizer"),
    "no model": (lambda _: nn.fit(None, X, Y), "model: expected an object of nn.Module\n  came:  None"),
    "a class for a model": (lambda _: nn.evaluate(nn.MLP, X, Y), "model: expected an object of nn.Module"),
    "a model of nothing": (lambda _: nn.evaluate(Odd(), X.astype(float), Y), "model: expected a node of scores"),
    "no activation": (lambda _: nn.MLP([3, 2], None), "activation: expected one of sigmoid"),
    "a function for an activation": (lambda _: nn.MLP([3, 2], ag.relu), "activation: expected one of sigmoid"),
    "unhashable activation": (lambda _: nn.MLP([3, 2], [["relu"]]), "activation: expected one of sigmoid"),
    "unhashable init": (lambda _: nn.MLP([3, 2], init=[]), "init: expected one of xavier"),
    "dtype without sense": (lambda _: nn.MLP([3, 2], dtype="junk"), "dtype: expected a floating-point dtype"),
    "dtype of integers": (lambda _: nn.Linear(3, 2, dtype=int), "dtype: expected a floating-point dtype"),
    "sizes beyond memory": (lambda _: nn.MLP([10**9, 10**9]), "sizes: expected sizes whose weights fit"),
    "a layer beyond memory": (lambda _: nn.Linear(10**9, 10**9), "sizes: expected sizes whose weights fit"),
    "many layers beyond memory": (lambda _: nn.MLP([10**4] * 10**5), "sizes: expected sizes whose weights fit"),
    "sizes of numbers beyond int64": (lambda _: nn.MLP([3, 10**30]), "sizes: expected sizes whose weights fit"),
    "schedule": (lambda _: trainer(schedule=5), "schedule: expected a function of the time"),
    "schedule without a number": (lambda _: trainer(schedule=lambda _: None), "schedule: expected a finite number"),
    "schedule to infinity": (lambda _: trainer(schedule=lambda _: 1e300), "lr: expected at most 3.4e"),
    "a function for a callback": (lambda _: trainer(callbacks=[print]), "callbacks: expected an object of nn.Callback"),
    "a callback for callbacks": (lambda _: trainer(callbacks=5), "callbacks: expected an object of nn.Callback"),
    "on_epoch": (lambda _: fit(on_epoch=5), "on_epoch: expected a function of the history"),
    "loss": (lambda _: trainer(loss=None), "loss: expected a function of outputs and targets"),
    "loss by an unknown name": (lambda _: trainer(loss="hinge"), "loss: expected one of softmax_cross_entropy, "),
    "loss by the name in Keras": (lambda _: trainer(loss="mse"), 'try:   write "mean_squared_error"'),
    "loss by a name in part": (lambda _: trainer(loss="softmax_crossentropy"), 'try:   write "softmax_cross_entropy"'),
    "loss of many": (lambda _: trainer(loss=lambda z, y: z), "loss: expected a scalar node(.|\n)*end in ag.mean"),
    "loss of one": (lambda _: trainer(loss=lambda z: z), "loss: expected a function of outputs(.|\n)*let it take 2"),
    "on_epoch of nothing": (lambda _: fit(on_epoch=lambda: 0), "on_epoch: expected a function of the history"),
    "schedule of nothing": (lambda _: trainer(schedule=lambda: 1.0), "schedule: expected a function of the time"),
    "a callback of nothing": (lambda _: trainer(callbacks=[type("C", (nn.Callback,), {"on_step": lambda _: 0})()]), "C.on_step: expected a function of self"),
    "a callback that nobody calls": (lambda _: type("C", (nn.Callback,), {"on_epoch_end": print}), "C: expected on_step and on_epoch"),
    "an optimizer of another model": (lambda _: nn.Trainer(model(), nn.SGD(model().parameters())), "optimizer: expected one of parameters of this model"),
    "forward in the place of a call": (lambda _: type("Net", (nn.Module,), {"forward": lambda self, x: x}), "Net: expected __call__, which computes"),
    "weights that are arrays": (lambda _: nn.fit(Arrays(), X, Y), "Arrays: expected a model with parameters"),
    "a plot to be shown": (lambda _: nn.Plot().show(), "Plot.show: expected a name that Plot has"),
    "an optimizer's rule of other arguments": (lambda _: nn.Trainer(MODEL, rule(lambda _, w, dw, lr: (w - lr * dw,))), r"expected update\(self, xp, w, dw, v, \*, lr\)"),
    "an optimizer's rule of one array": (lambda _: nn.Trainer(MODEL, rule(lambda _, xp, w, dw, v, *, lr: w)).fit(X, Y), "Rule.update: expected a tuple of new values: w, v"),
    "an optimizer's rule without state": (lambda _: nn.Trainer(MODEL, rule(lambda _, xp, w, dw, v, *, lr: (w,))).fit(X, Y), "Rule.update: expected a tuple of new values: w, v"),
    "batches of one for BatchNorm": (lambda _: nn.fit(nn.Sequential(nn.Linear(3, 2), nn.BatchNorm(2)), X, Y, batch_size=1), "batch_size=2 or more"),
    "an epsilon that is 0 in float16": (lambda _: nn.fit(model(dtype="float16"), X, Y, optimizer="adam"), "epsilon: expected at least 5.96e-08"),
    "one-hot labels": (lambda _: nn.fit(model(), X, np.eye(2)[Y]), "write labels.argmax"),
    "a column of labels": (lambda _: nn.fit(model(), X, Y[:, None]), r"write labels\[..., 0\]"),
    "one sample": (lambda _: nn.predict(model(), X[0]), r"write x\[None\]"),
    "a table": (lambda _: nn.fit(model(), {"a": X}, Y), "give an array of numbers"),
    "features in whole numbers": (lambda _: nn.fit(model(), X.astype(int), Y), "write x.astype"),
    "an optimizer's option misspelt": (lambda _: nn.AdamW([W], epsilonn=1.0), r"AdamW\(parameters, lr=0.001, \*, weight_decay=0.01, betas=(.|\n)*write epsilon="),
    "more steps to be gathered than there are": (lambda _: nn.Trainer(MODEL, nn.SGD(MODEL.parameters(), accumulate=2), epochs=1).fit(X, Y), "accumulate: expected at most the 1 steps"),
    "samples beyond float32": (lambda _: nn.fit(model(), X.astype(float) * 1e300, Y), "look for it with np.isfinite"),
    "NaN among the samples": (lambda _: nn.fit(model(), X * np.nan, Y), "look for it with np.isfinite"),
    "loss by its first name": (lambda _: trainer(head="hinge"), "loss: expected one of softmax_cross_entropy, "),
    "checkpoint": (lambda _: trainer(checkpoint=5), "checkpoint: expected a path"),
    "checkpoint in a file": (lambda path: trainer(checkpoint=path / "taken" / "c"), "expected a place that can be written"),
    "one sample to be shared": (lambda _: nn.fit(model(), X[:1], Y[:1], validation=0.5), "validation: expected two samples"),
    "features of text": (lambda _: nn.as_features([["a"]]), "as_features: expected images"),
    "features of large integers": (lambda _: nn.as_features([[0, 255]]), "as_features: expected integers of 8 or 16 bits"),
    "features of nothing": (lambda _: nn.as_features(None), "as_features: expected images"),
    "prediction of nothing": (lambda _: nn.predict(model(), X[:0]), "prediction images: expected at least one"),
    "batches by name": (lambda _: nn.predict(model(), X, batch_size="a"), "batch_size: expected a whole number"),
    "about an object": (lambda path: nn.save_model(model(), path / "a", about={"a": object()}), "expected arrays that"),
    "about a number": (lambda path: nn.save_model(model(), path / "a", about=5), "about: expected a dictionary"),
    "saving a number": (lambda path: nn.save_model(5, path / "a"), "model: expected an object of nn.Module"),
    "saving a loss of no name": (lambda path: nn.save_model(model(), path / "a", loss="x"), "loss: expected one of"),
    "saving what has no format": (lambda path: nn.save_model(model(dtype="longdouble"), path / "a"), "expected arrays that"),
    "loading nothing": (lambda _: nn.load_model(None), "path: expected a path"),
    "loading a folder": (nn.load_model, "expected a file of weights"),
    "loading from a pipe": (lambda path: os.mkfifo(path / "p") or load_and_remove(path / "p"), "came:  a pipe or a device, which"),
    "loading from a device": (lambda _: nn.load_model("/dev/zero"), "came:  a pipe or a device, which"),
    "loading into a number": (lambda path: nn.load_weights(5, path / "a"), "model: expected an object of nn.Module"),
    "a plot by number": (lambda _: nn.Plot().save(5), "path: expected a path"),
    "about by number": (lambda _: nn.Trainer(model(), about=5), "about: expected a dictionary"),
    "a sample's shape by number": (lambda _: nn.record(model(), 3), "sample_shape: expected a tuple of lengths"),
    "saving an optimizer by name": (lambda path: nn.save_model(model(), path / "a", optimizer="sgd"), "optimizer: expected an object of nn.Optimizer"),
    "saving a history by number": (lambda path: nn.save_history(5, path), "history: expected an object of nn.History"),
    "saving a graph by number": (lambda path: nn.save_graph(5, path), "graph: expected a graph"),
    "initial weights from a word": (lambda _: nn.xavier_uniform("a", 2, 2), "seed: expected a whole number"),
    "initial weights of no size": (lambda _: nn.he_normal(np.random.default_rng(0), 0, 2), "n_in: expected a whole number of at least 1"),
    "initial weights of worded size": (lambda _: nn.xavier_uniform(np.random.default_rng(0), 2, "a"), "n_out: expected a whole number"),
    "an image by number": (lambda _: nn.plot_images([5], ["a"]), "plot_images: expected images of numbers"),
    "images by number": (lambda _: nn.plot_images(5, "a"), "plot_images: expected a list of images"),
    "titles by number": (lambda _: nn.plot_images([X], 5), "plot_images: expected a list of images"),
    "images of text": (lambda _: nn.plot_images([np.array([["a"]])], ["a"]), "plot_images: expected images of numbers"),
    "an option that nobody knows": (lambda _: nn.plot_images([X], ["a"], nonsense=1), "plot_images: expected options of matplotlib"),
    "a plot by words": (lambda _: nn.Plot("a"), "rows: expected a whole number of at least 1"),
    "a plot of nothing": (lambda _: nn.Plot(1, 0), "columns: expected a whole number of at least 1"),
    "a plot of one size": (lambda _: nn.Plot(size=5), "size: expected inches across and down"),
    "a plot without width": (lambda _: nn.Plot(size=(0, 1)), "size: expected a finite number above 0"),
    "curves by number": (lambda _: nn.plot_curves(5, "x"), "plot_curves: expected curves by label"),
    "no curves": (lambda _: nn.plot_curves({}, "x"), "plot_curves: expected curves by label"),
    "a curve by number": (lambda _: nn.plot_curves({"a": {"b": 5}}, "x"), "plot_curves: expected curves by label"),
    "a curve of two lengths": (lambda _: nn.plot_curves({"a": {"b": ([1], [1, 2])}}, "x"), "plot_curves: expected curves by label"),
    "a confusion of what": (lambda _: nn.plot_confusion("a"), "plot_confusion: expected counts"),
    "a confusion that is no square": (lambda _: nn.plot_confusion(X), "plot_confusion: expected counts"),
    "mistakes of scores": (lambda _: nn.plot_mistakes(X, Y, X), "plot_mistakes: expected labels"),
    "mistakes without images": (lambda _: nn.plot_mistakes(5, Y, Y), "plot_mistakes: expected an image for each label"),
    "mistakes, a few": (lambda _: nn.plot_mistakes(X, Y, Y, count="few"), "count: expected a whole number"),
    "a history by number": (lambda _: nn.plot_history(5), "history: expected an object of nn.History"),
    "weights by number": (lambda _: nn.plot_weights(5), "plot_weights: expected numbers"),
    "weights of a layer": (lambda _: nn.plot_weights(model().layers[0]), "plot_weights: expected numbers"),
    "weights of text": (lambda _: nn.plot_weights(np.array([["a"]])), "plot_weights: expected numbers"),
    "weights of one shape": (lambda _: nn.plot_weights(X, shape=5), "shape: expected two numbers"),
    "weights of worded shape": (lambda _: nn.plot_weights(X, shape=("a", "b")), "shape: expected a whole number"),
    "weights, a few": (lambda _: nn.plot_weights(X, (2, 2), "few"), "count: expected a whole number"),
    "an option of ReLU": (lambda _: nn.ReLU(inplace=True), "ReLU: expected no options"),
    "an option of LeakyReLU": (lambda _: nn.LeakyReLU(negative_slope=0.1), "LeakyReLU: expected options among slope"),
    "weights that are no square": (lambda _: nn.plot_weights(np.ones((3, 2))), "plot_weights: expected a shape of 3"),
    "a history of what": (lambda _: nn.History.from_dict(5), "history: expected a record of best_epoch"),
    "a step by schedule": (lambda _: nn.schedules.step(every="a"), "every: expected a finite number above 0"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_call_is_refused_in_one_shape(name, tmp_path):
    (tmp_path / "taken").write_text("")
    call, message = CALLS[name]
    with pytest.raises(AutogradError, match=message) as told:
        call(tmp_path)
    lines = str(told.value).splitlines()
    assert [line[:7] for line in lines[1:]] == ["  came:", "  at:  ", "  try: "]
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_loss_without_a_name_is_called_by_its_class(tmp_path):
    loss = partial(nn.softmax_cross_entropy)
    trainer(loss=loss, checkpoint=tmp_path / "c")
    assert (tmp_path / "c").exists()


def test_labels_out_of_range_are_refused_before_the_first_step():
    net, labels = model(), np.array([0, 1, 0, 9])
    before = net.get_weights()
    for loss in CLASSIFYING:
        for executor in ("interpreted", "numpy"):
            run = nn.Trainer(net, loss=loss, executor=executor)
            for call in (
                lambda run=run: run.fit(X, labels),
                lambda run=run: run.fit(X, Y, (X, labels)),
            ):
                with pytest.raises(AutogradError, match="expected labels from 0 to 1"):
                    call()
    np.testing.assert_equal(net.get_weights(), before)


def test_memory_is_what_the_system_and_its_limits_say(monkeypatch):
    known = checks.memory()
    assert known > 0
    monkeypatch.setattr("os.sysconf", lambda _: 1 << 20)
    assert checks.memory() <= 1 << 40
    monkeypatch.delattr("os.sysconf")
    assert checks.memory() >= known


def test_without_scikit_learn_that_is_said(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "autograd_lite.nn.estimators", raising=False)
    for name in ("Classifier", "Regressor"):
        with pytest.raises(ConfigError, match=r"scikit-learn(.|\n)*autograd-lite\[sklearn\]"):
            getattr(nn, name)


def test_other_names_are_no_estimators():
    with pytest.raises(AttributeError, match="nn"):
        _ = nn.Clasifier
