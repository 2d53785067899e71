"""Networks as estimators of scikit-learn."""

from __future__ import annotations

import pickle
import signal

import numpy as np
import pytest

from autograd_lite import nn
from autograd_lite.errors import ConfigError, NonFiniteError

QUICK = {"hidden_sizes": (10,), "lr": 0.02, "epochs": 30, "executor": "interpreted"}


REASON = "scikit-learn is not installed"
base = pytest.importorskip("sklearn.base", reason=REASON)
estimator_checks = pytest.importorskip("sklearn.utils.estimator_checks", reason=REASON)
model_selection = pytest.importorskip("sklearn.model_selection", reason=REASON)
pipeline = pytest.importorskip("sklearn.pipeline", reason=REASON)
preprocessing = pytest.importorskip("sklearn.preprocessing", reason=REASON)

X = np.random.default_rng(0).normal(size=(60, 4))
Y = np.where(X[:, 0] > 0, "right", "left")


@pytest.mark.parametrize("name", ["Classifier", "Regressor"])
def test_scikit_learn_finds_nothing_wrong(name):
    found = estimator_checks.check_estimator(getattr(nn, name)(**QUICK), on_fail=None, on_skip=None)
    wrong = {x["check_name"]: x["exception"] for x in found if x["status"] == "failed"}
    assert wrong == {}
    assert len(found) > 40


def test_a_search_over_a_pipeline_in_processes():
    line = pipeline.make_pipeline(
        preprocessing.StandardScaler(), nn.Classifier(**QUICK, random_state=0)
    )
    grid = {"classifier__hidden_sizes": [(), 5]}
    search = model_selection.GridSearchCV(line, grid, cv=2, n_jobs=2).fit(X, Y)
    assert search.best_score_ > 0.7
    alone = model_selection.GridSearchCV(line, grid, cv=2).fit(X, Y)
    np.testing.assert_equal(
        search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"]
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_random_state_gives_the_same_bits_and_pickles_keep_them(dtype):
    x = X.astype(dtype)
    first = nn.Classifier(**QUICK, random_state=3).fit(x, Y)
    found = first.predict_proba(x)
    assert found.dtype == dtype
    assert first.score(x, Y) > 0.9
    np.testing.assert_equal(base.clone(first).fit(x, Y).predict_proba(x), found)
    np.testing.assert_equal(pickle.loads(pickle.dumps(first)).predict_proba(x), found)  # noqa: S301
    other = base.clone(first).set_params(random_state=np.random.RandomState(4)).fit(x, Y)
    assert not np.array_equal(other.predict_proba(x), found)


def test_targets_of_any_size_and_of_several_numbers():
    targets = np.stack([1e6 + 1e3 * X[:, 0], 1e-6 * X[:, 1], np.full(60, 7.0)], axis=1)
    model = nn.Regressor(**{**QUICK, "epochs": 60}, random_state=0).fit(X, targets)
    found = model.predict(X)
    assert found.shape == (60, 3)
    for column in (0, 1):
        error = np.std(found[:, column] - targets[:, column])
        assert error < 0.4 * np.std(targets[:, column])
    np.testing.assert_allclose(found[:, 2], 7.0, atol=0.5)


@pytest.mark.parametrize(
    ("dtype", "size"), [("float64", 1e300), ("float64", 1e-300), ("float32", 1e30)]
)
def test_the_spread_of_targets_is_found_at_the_ends_of_the_range(dtype, size):
    x = X.astype(dtype)
    found = [
        nn.Regressor(**QUICK, random_state=0).fit(x, unit * x[:, 0]).predict(x) / x.dtype.type(unit)
        for unit in (1.0, size)
    ]
    np.testing.assert_allclose(found[1], found[0], rtol=1e-2, atol=1e-2)


def test_settings_that_make_no_sense():
    for options, message in [
        ({"hidden_sizes": (0,)}, "sizes: expected a whole number"),
        ({"activation": "step"}, "activation: expected one of"),
        ({"optimizer": "newton"}, "optimizer: expected one of sgd"),
        ({"lr": -1.0}, "lr: expected a finite number above 0"),
    ]:
        with pytest.raises(ConfigError, match=message):
            nn.Classifier(**options).fit(X, Y)
    with pytest.raises(NonFiniteError):
        nn.Regressor(optimizer="sgd", lr=1e30, epochs=3, executor="interpreted").fit(X, X[:, 0])


def test_ctrl_c_keeps_what_was_trained_and_is_heard(monkeypatch):
    step = nn.Adam.step

    def interrupted(self):
        signal.raise_signal(signal.SIGINT)
        step(self)

    monkeypatch.setattr(nn.Adam, "step", interrupted)
    model = nn.Classifier(**QUICK)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y)
    assert model.predict(X).shape == (60,)
