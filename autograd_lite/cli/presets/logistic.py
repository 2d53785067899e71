"""Logistic regression: P(y|x) = σ(θᵀx) with a penalty (λ/2) θᵀθ.

The report has two classes; digits have ten, so each class gets a logistic regression of its own
against all others, ten columns of one matrix, and the largest probability decides.
"""

from argparse import Namespace
from collections.abc import Iterator

from autograd_lite.cli.presets.preset import AddOption, Digits, Preset, Run
from autograd_lite.nn.layers import MLP
from autograd_lite.nn.losses import sigmoid_cross_entropy
from autograd_lite.nn.optim import SGD


class LogisticRegression(Preset):
    """Ten logistic regressions at once, each one class against the others."""

    summary = "regularised logistic regression, one class against the others"
    epochs, lr, batch_size = 20, 0.05, 50

    def add_options(self, add: AddOption) -> None:
        """The penalty."""
        add("--penalty", type=float, default=1e-5, metavar="L", help="of (L/2) θᵀθ (%(default)s)")

    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """One run; the offsets of the classes are not penalised."""
        model = MLP([data.pixels, data.classes], seed=options.seed)
        weights = [layer.W for layer in model.layers]
        optimizer = SGD(model.parameters(), options.lr, l2=options.penalty, decayed=weights)
        yield Run(model, optimizer, data.training, data.test, data.test, loss=sigmoid_cross_entropy)
