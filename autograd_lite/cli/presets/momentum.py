"""Momentum: every step sees all samples, and two values of γ are compared."""

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

from autograd_lite.cli.presets.preset import AddOption, Digits, Preset, Result, Run
from autograd_lite.nn.optim import Momentum
from autograd_lite.nn.training.samples import split


class FullBatchMomentum(Preset):
    """One ReLU layer, full-batch gradient descent with momentum, three sets of samples.

    The average cross-entropy of the report is the mean over all N · K elements of
    -target · log(prediction): the loss a sample, divided by the number of classes.
    """

    summary = "full-batch momentum, 0.9 and 0.99"
    samples, epochs, lr, batch_size = 24_000, 200, 0.05, None
    reference: ClassVar = {
        "average cross-entropy, train": "0.0509",
        "average cross-entropy, validation": "0.0536",
        "average cross-entropy, test": "0.0523",
        "accuracy, train": "0.878",
        "accuracy, validation": "0.870",
        "accuracy, test": "0.878",
    }

    def add_options(self, add: AddOption) -> None:
        """Momentum, hidden units and the validation set."""
        rates = "run by run (0.9 0.99)"
        add("--momentum", type=float, nargs="+", default=[0.9, 0.99], metavar="M", help=rates)
        add("--hidden", type=int, default=128, metavar="N", help="hidden units (%(default)s)")
        share = "share of the samples put aside (%(default)s)"
        add("--validation", type=float, default=0.25, metavar="SHARE", help=share)

    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """One run for each γ, from the same weights."""
        random = np.random.default_rng(options.seed)
        training, validation = split(*data.training, options.validation, random)
        for gamma in options.momentum:
            model = data.relu_network(options)
            optimizer = Momentum(model.parameters(), options.lr, gamma)
            name = f"momentum {gamma}"
            yield Run(model, optimizer, training, validation, data.test, name, shuffle=False)

    def columns(self, results: Sequence[Result]) -> Sequence[str]:
        """One column for each γ."""
        return [result.run.name for result in results]

    def figures(self, results: Sequence[Result]) -> Mapping[str, Sequence[str]]:
        """The report's six figures for each γ, the losses over all N · K elements."""
        columns = [_six_figures(result) for result in results]
        return dict(zip(self.reference, zip(*columns, strict=True), strict=True))


def _six_figures(result: Result) -> list[str]:
    last, classes = result.history.epochs[-1], result.run.model.sizes[-1]
    losses = np.array([last.train_loss, last.validation_loss, result.test_loss], float) / classes
    accuracies = last.train_accuracy, last.validation_accuracy, result.test_accuracy
    return [f"{loss:.4f}" for loss in losses] + [f"{share:.3f}" for share in accuracies]
