"""The computation graph: one sample a step, in order, by plain gradient descent."""

from argparse import Namespace
from collections.abc import Iterator
from typing import ClassVar

from autograd_lite.cli.presets.preset import AddOption, Digits, Preset, Run
from autograd_lite.errors import ConfigError
from autograd_lite.nn.layers import ACTIVATIONS, MLP
from autograd_lite.nn.optim import SGD


class ComputationGraph(Preset):
    """784-128-10 with sigmoid, recorded node by node and run again for every sample."""

    summary = "a computation graph, run for one sample a step (the default)"
    samples, epochs, lr, batch_size = 30_000, 10, 0.01, 1
    reference: ClassVar = {
        "train loss": "0.0706",
        "train accuracy": "0.9807",
        "test loss": "0.1137",
        "test accuracy": "0.9648",
    }

    def add_options(self, add: AddOption) -> None:
        """Sizes and activation."""
        units, names = "units a layer (784 128 10)", ", ".join(ACTIVATIONS)
        add("--sizes", type=int, nargs="+", default=[784, 128, 10], metavar="N", help=units)
        add("--activation", default="sigmoid", metavar="NAME", help=f"{names} (%(default)s)")

    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """One run, in the order of the samples."""
        _check_sizes(options.sizes, data)
        model = MLP(options.sizes, options.activation, seed=options.seed)
        optimizer = SGD(model.parameters(), options.lr)
        yield Run(model, optimizer, data.training, data.test, data.test, shuffle=False)


def _check_sizes(sizes: list[int], data: Digits) -> None:
    if sizes[0] != data.pixels or sizes[-1] < data.classes:
        raise ConfigError(
            "--sizes",
            expected=f"{data.pixels} (pixels) first and at least {data.classes} (classes) last",
            came=" ".join(map(str, sizes)),
            suggestion=f"--sizes {data.pixels} 128 {data.classes}",
        )
