"""Networks as scikit-learn has estimators: for its pipelines, searches and cross-validation.

This module needs scikit-learn (extra `sklearn`); `nn.Classifier` and `nn.Regressor` import it.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from autograd_lite.nn.checks import Array
from autograd_lite.nn.layers import MLP
from autograd_lite.nn.losses import Loss, logits_cross_entropy, mean_squared_error
from autograd_lite.nn.optim import make_optimizer
from autograd_lite.nn.training.evaluation import predict
from autograd_lite.nn.training.train import fit

DTYPES = (np.float64, np.float32)  # the first where samples have another one
LARGEST = 2**31 - 1


class _Network(BaseEstimator):  # type: ignore[misc]  # without types
    """What both have in common: the network, and how it is trained."""

    def __init__(
        self,
        hidden_sizes: Sequence[int] | int = (100,),
        activation: str = "relu",
        *,
        optimizer: str = "adam",
        lr: float | None = 0.01,
        epochs: int = 50,
        batch_size: int = 32,
        executor: str = "auto",
        progress: bool = False,
        random_state: Any = None,
    ) -> None:
        self.hidden_sizes = hidden_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.executor = executor
        self.progress = progress
        self.random_state = random_state

    def _train(self, X: Array, targets: Array, outputs: int, loss: Loss) -> Self:
        """Train a new network on checked samples."""
        random = np.random.default_rng(check_random_state(self.random_state).randint(LARGEST))
        hidden = [self.hidden_sizes] if isinstance(self.hidden_sizes, int) else self.hidden_sizes
        sizes = [X.shape[1], *hidden, outputs]
        model = MLP(sizes, self.activation, init="he", dtype=X.dtype, seed=random)
        self.history_ = fit(
            model,
            X,
            targets,
            loss=loss,
            optimizer=make_optimizer(self.optimizer, model.parameters(), self.lr),
            batch_size=self.batch_size,
            epochs=self.epochs,
            seed=random,
            executor=self.executor,
            progress=self.progress,
        )
        self.model_ = model
        if self.history_.interrupted:
            raise KeyboardInterrupt  # which would else end one of a search's many fits, not all
        return self

    def _predicted(self, X: Any, loss: Loss) -> Array:
        """What the network makes of samples, which are looked at first."""
        check_is_fitted(self)
        return predict(self.model_, validate_data(self, X, dtype=DTYPES, reset=False), loss=loss)


class Classifier(ClassifierMixin, _Network):  # type: ignore[misc]  # without types
    """A multi-layer perceptron that tells classes apart, as an estimator of scikit-learn.

    `hidden_sizes` are the units of the layers between the features and the scores, `activation` one
    of `nn.ACTIVATIONS`, `optimizer` one of `nn.OPTIMIZERS`. Samples X are (N, features) in float64
    or float32, in memory or mapped from a file, labels y (N,) numbers or texts. One `random_state`
    determines weights and order. `model_` is the network that was trained, `history_` how.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = ["no", "yes", "yes", "no"]
    >>> nn.Classifier((8,), "tanh", lr=0.1, random_state=0).fit(X, y).predict(X).tolist()
    ['no', 'yes', 'yes', 'no']

    Raises ValueError or TypeError for samples that scikit-learn refuses, ConfigError for settings
    that make no sense, NonFiniteError where training diverges.
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train a new network; returns itself. Ctrl-C keeps what was trained, and goes on up."""
        X, y = validate_data(self, X, y, dtype=DTYPES)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        return self._train(X, labels, len(self.classes_), logits_cross_entropy)

    def predict_proba(self, X: Any) -> Array:
        """The probabilities (N, classes), in the order of `classes_`."""
        return self._predicted(X, logits_cross_entropy)

    def predict(self, X: Any) -> Array:
        """The likeliest classes (N,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        return self.classes_[likeliest]


class Regressor(RegressorMixin, _Network):  # type: ignore[misc]  # without types
    """A multi-layer perceptron that gives numbers, as an estimator of scikit-learn.

    Settings are those of `nn.Classifier`. Targets y are (N,) or (N, outputs), of any size: the
    network learns them less their mean, over their standard deviation.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> X = np.linspace(-1, 1, 40).reshape(-1, 1)
    >>> nn.Regressor(random_state=0).fit(X, 1e6 * X[:, 0] ** 2).score(X, 1e6 * X[:, 0] ** 2) > 0.9
    True
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train a new network; returns itself. Ctrl-C keeps what was trained, and goes on up."""
        X, y = validate_data(self, X, y, dtype=DTYPES, multi_output=True, y_numeric=True)
        targets = np.asarray(y, X.dtype)
        largest = np.abs(targets).max(axis=0)
        largest = np.where(largest > 0, largest, 1)
        parts = targets / largest  # whose squares are numbers, whatever size the targets have
        mean, scale = parts.mean(axis=0), parts.std(axis=0)
        scaled = (parts - mean) / np.where(scale > 0, scale, 1)
        self.mean_, self.scale_ = mean * largest, np.where(scale > 0, scale * largest, 1)
        return self._train(X, scaled, 1 if y.ndim == 1 else y.shape[1], mean_squared_error)

    def predict(self, X: Any) -> Array:
        """The numbers, shaped as the targets were: (N,) or (N, outputs)."""
        outputs = self._predicted(X, mean_squared_error)
        return outputs.reshape(-1, *np.shape(self.mean_)) * self.scale_ + self.mean_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
