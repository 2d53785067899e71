"""Neural networks: modules, losses, optimizers and training, all users of the engine's surface.

>>> from autograd_lite import nn
>>> model = nn.MLP([2, 3, 2], activation="tanh", seed=0)
>>> x, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
>>> history = nn.fit(model, x, y, lr=0.3, epochs=500)
>>> nn.evaluate(model, x, y)[0]
1.0
"""

from autograd_lite.nn.classifier import Recording, record
from autograd_lite.nn.evaluation import evaluate
from autograd_lite.nn.history import Epoch, History
from autograd_lite.nn.initializers import INITIALIZERS, he_normal, xavier_uniform
from autograd_lite.nn.layers import ACTIVATIONS, MLP, Linear, identity
from autograd_lite.nn.losses import cross_entropy
from autograd_lite.nn.module import Module
from autograd_lite.nn.optim import SGD, Optimizer
from autograd_lite.nn.samples import as_features
from autograd_lite.nn.saving import save_graph, save_history, save_weights
from autograd_lite.nn.train import fit

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "MLP",
    "SGD",
    "Epoch",
    "History",
    "Linear",
    "Module",
    "Optimizer",
    "Recording",
    "as_features",
    "cross_entropy",
    "evaluate",
    "fit",
    "he_normal",
    "identity",
    "record",
    "save_graph",
    "save_history",
    "save_weights",
    "xavier_uniform",
]
