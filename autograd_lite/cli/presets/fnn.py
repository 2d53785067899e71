"""A feed-forward network: its graph drawn, and two losses against iterations in a figure."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from typing import ClassVar

from autograd_lite.cli.presets.preset import AddOption, Digits, Preset, Result, Run
from autograd_lite.nn.optim import SGD
from autograd_lite.nn.plots import Curves, Plot, plot_curves


class FeedForward(Preset):
    """784-256-10 with ReLU in mini-batches."""

    summary = "a feed-forward network: losses against iterations"
    epochs, lr, batch_size = 10, 0.1, 50
    reference: ClassVar = {"test loss": "a curve", "train loss": "a curve"}

    def add_options(self, add: AddOption) -> None:
        """The hidden layer, and how fine the curves are."""
        add("--hidden", type=int, default=256, metavar="N", help="hidden units (%(default)s)")
        add("--points", type=int, default=10, metavar="N", help="of a curve an epoch (%(default)s)")

    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """One run, with points of the loss curves inside of its epochs."""
        model = data.relu_network(options)
        optimizer = SGD(model.parameters(), options.lr)
        yield Run(
            model, optimizer, data.training, data.test, data.test, curve_points=options.points
        )

    def plot(self, results: Sequence[Result]) -> Plot:
        """The two curves of the report."""
        curve = results[0].history.curve
        steps = [point.step for point in curve]
        curves: Curves = {
            "training, mean since the last point": (steps, [x.train_loss for x in curve]),
            "test": (steps, [x.validation_loss for x in curve]),
        }
        return plot_curves({"loss (nats a sample)": curves}, xlabel="iteration")
