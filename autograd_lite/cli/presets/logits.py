"""A loss on logits: softmax and cross-entropy in one op that cannot overflow."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import numpy as np

import autograd_lite as ag
from autograd_lite.cli.presets.preset import AddOption, Digits, Preset, Result, Run
from autograd_lite.nn.checks import Array
from autograd_lite.nn.layers import ACTIVATIONS, MLP
from autograd_lite.nn.losses import logits_cross_entropy
from autograd_lite.nn.optim import SGD
from autograd_lite.ops.table import aligned

Layer = tuple[int, str]  # units and activation
NETWORKS: list[list[Layer]] = [[(10, "linear")], [(140, "relu"), (10, "linear")]]


class Logits(Preset):
    """Networks given as lists of (units, activation), trained on a loss that takes logits."""

    summary = "two networks with a loss on logits"
    epochs, lr, batch_size = 40, 0.1, 50
    reference: ClassVar = {
        "10 linear, train accuracy": "0.93",
        "10 linear, test accuracy": "0.92",
        "140 relu · 10 linear, train accuracy": "1.00",
        "140 relu · 10 linear, test accuracy": "0.97",
    }

    def introduction(self) -> str:
        """The two steps worked by hand."""
        header = ("by hand: W = 0, X = Y = I", "J", "W[0]", "W[1]")
        rows = [
            (f"step {number}", f"{step['J'].item():.4f}", *map(_row, step["W"].value))
            for number, step in enumerate(two_steps(), start=1)
        ]
        return aligned([header, *rows], numbers=True)

    def add_options(self, add: AddOption) -> None:
        """The networks."""
        text = "a network; may be given again (10:linear, then 140:relu 10:linear)"
        add("--network", type=_layer, nargs="+", action="append", metavar="UNITS:NAME", help=text)

    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """One run for each network."""
        for layers in options.network or NETWORKS:
            sizes = [data.pixels, *(units for units, _ in layers)]
            model = MLP(sizes, [name for _, name in layers], init="he", seed=options.seed)
            yield Run(
                model,
                SGD(model.parameters(), options.lr),
                data.training,
                data.test,
                data.test,
                name=" · ".join(f"{units} {name}" for units, name in layers),
                loss=logits_cross_entropy,
            )

    def figures(self, results: Sequence[Result]) -> Mapping[str, Sequence[str]]:
        """Both accuracies of every network."""
        found = {}
        for result in results:
            last = result.history.epochs[-1]
            found[f"{result.run.name}, train accuracy"] = (f"{last.train_accuracy:.4f}",)
            found[f"{result.run.name}, test accuracy"] = (f"{result.test_accuracy:.4f}",)
        return found


def two_steps() -> Iterator[dict[str, ag.Node]]:
    """The two steps that the report works by hand, with samples as columns: W 2×2 and b from 0.

    >>> for step in two_steps():
    ...     print(round(step["J"].item(), 4), *step["W"].value.round(4).tolist())
    0.6931 [0.25, -0.25] [-0.25, 0.25]
    0.4741 [0.4388, -0.4388] [-0.4388, 0.4388]
    """
    W, b = ag.parameter(np.zeros((2, 2)), name="W"), ag.parameter(np.zeros((2, 1)), name="b")
    X, Y = np.eye(2), np.eye(2)
    for _ in range(2):
        z = W @ X + b
        J = ag.mean(ag.cross_entropy_with_logits(z, Y, axis=0))
        J.backward()
        SGD([W, b], lr=1.0).step()
        yield {"z": z, "J": J, "W": W, "b": b}


def _row(numbers: Array) -> str:
    return " ".join(f"{number:.4f}" for number in numbers)


def _layer(text: str) -> Layer:
    units, _, name = text.partition(":")
    if not units.isdigit() or name not in ACTIVATIONS:
        raise ArgumentTypeError(f"write UNITS:NAME, such as 140:relu, instead of {text!r}")
    return int(units), name
