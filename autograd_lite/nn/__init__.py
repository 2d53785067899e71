"""Neural networks: modules, losses, optimizers and training, all users of the engine's surface.

>>> from autograd_lite import nn
>>> model = nn.MLP([2, 3, 2], activation="tanh", seed=0)
>>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
>>> history = nn.fit(model, x, y, lr=0.3, epochs=500)
>>> nn.evaluate(model, x, y)[0]
1.0
"""

from importlib import import_module
from typing import TYPE_CHECKING

from autograd_lite.errors import unknown_name
from autograd_lite.nn import other_libraries, schedules
from autograd_lite.nn.checks import needed
from autograd_lite.nn.initializers import INITIALIZERS, he_normal, xavier_uniform
from autograd_lite.nn.layers import (
    ACTIVATIONS,
    ELU,
    GELU,
    MLP,
    Activation,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    LeakyReLU,
    Linear,
    MaxPool2d,
    MultiHeadAttention,
    ReLU,
    Sequential,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    identity,
)
from autograd_lite.nn.losses import (
    HEADS,
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    logits_cross_entropy,
    mean_absolute_error,
    mean_squared_error,
    sigmoid_cross_entropy,
    softmax_cross_entropy,
)
from autograd_lite.nn.modes import buffer_updates, evaluating
from autograd_lite.nn.module import Module
from autograd_lite.nn.optim import OPTIMIZERS, SGD, Adam, AdamW, Momentum, Nesterov
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.plots import (
    Plot,
    plot_confusion,
    plot_curves,
    plot_images,
    plot_mistakes,
    plot_weights,
)
from autograd_lite.nn.saving import load_model, load_weights, save_graph, save_history, save_model
from autograd_lite.nn.training.callbacks import Callback
from autograd_lite.nn.training.evaluation import confusion_matrix, evaluate, predict
from autograd_lite.nn.training.history import Epoch, History, Point, plot_history
from autograd_lite.nn.training.loggers import CSVLogger, EpochLines, TensorBoardLogger
from autograd_lite.nn.training.recording import Recording, record
from autograd_lite.nn.training.samples import as_features
from autograd_lite.nn.training.train import fit
from autograd_lite.nn.training.trainer import Trainer

__all__ = [
    "ACTIVATIONS", "ELU", "GELU", "HEADS", "INITIALIZERS", "LOSSES", "MLP", "OPTIMIZERS", "SGD",
    "Activation", "Adam", "AdamW", "AvgPool2d", "BatchNorm", "CSVLogger", "Callback", "Conv2d",
    "Dropout", "Embedding", "Epoch", "EpochLines", "Flatten", "History", "LayerNorm",
    "LeakyReLU", "Linear", "MaxPool2d", "Module", "Momentum", "MultiHeadAttention", "Nesterov",
    "Optimizer", "Plot", "Point", "ReLU", "Recording", "Sequential", "SiLU", "Sigmoid",
    "Softmax", "Softplus", "Tanh", "TensorBoardLogger", "Trainer", "as_features",
    "binary_cross_entropy", "buffer_updates", "confusion_matrix", "cross_entropy", "evaluate",
    "evaluating", "fit", "he_normal", "identity", "load_model", "load_weights",
    "logits_cross_entropy", "mean_absolute_error", "mean_squared_error", "plot_confusion",
    "plot_curves", "plot_history", "plot_images", "plot_mistakes", "plot_weights", "predict",
    "record", "save_graph", "save_history", "save_model", "schedules", "sigmoid_cross_entropy",
    "softmax_cross_entropy", "xavier_uniform",
]  # fmt: skip

ESTIMATORS = ["Classifier", "Regressor"]  # imported when they are asked for

if TYPE_CHECKING:
    from autograd_lite.nn.estimators import Classifier as Classifier
    from autograd_lite.nn.estimators import Regressor as Regressor
else:

    def __getattr__(name):  # noqa: ANN001, ANN202
        """An estimator, where scikit-learn is; else what to write instead of the name."""
        if name not in ESTIMATORS:
            raise unknown_name("nn", name, [*__all__, *ESTIMATORS], other_libraries.PACKAGE)
        needed("sklearn", f"nn.{name}", "scikit-learn, whose estimator it is", extra="sklearn")
        return getattr(import_module(f"{__name__}.estimators"), name)
