"""What a preset is: default settings, the training runs they stand for, and a table of results."""

from abc import ABC, abstractmethod
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from autograd_lite.nn.checks import Array
from autograd_lite.nn.layers import MLP
from autograd_lite.nn.losses import Loss, softmax_cross_entropy
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.plots import Curves, Plot, plot_curves
from autograd_lite.nn.training.history import History, epoch_curves
from autograd_lite.ops.table import aligned

Samples = tuple[Array, Array]
AddOption = Callable[..., Any]


@dataclass(frozen=True)
class Digits:
    """The samples of a run: features (N, pixels) and labels (N,)."""

    training: Samples
    test: Samples
    classes: int
    image_shape: tuple[int, int]

    @property
    def pixels(self) -> int:
        """The number of features a sample."""
        return int(self.training[0].shape[1])

    def relu_network(self, options: Namespace) -> MLP:
        """One hidden layer with ReLU, as large as the options say."""
        sizes = [self.pixels, options.hidden, self.classes]
        return MLP(sizes, "relu", init="he", seed=options.seed)


@dataclass(frozen=True)
class Run:
    """One training run: a model, how it is trained, and on what."""

    model: MLP
    optimizer: Optimizer
    training: Samples
    validation: Samples
    test: Samples
    name: str = ""  # where a preset has several
    loss: Loss = softmax_cross_entropy
    shuffle: bool = True
    curve_points: int = 0


@dataclass(frozen=True)
class Result:
    """What came out of a run: the last epoch's figures, and those on the test set."""

    run: Run
    history: History
    test_accuracy: float
    test_loss: float
    signal: int | None = None  # that ended it, if one did


class Preset(ABC):
    """A network of a course report: its settings as defaults, its result to compare with."""

    summary: ClassVar[str]
    samples: ClassVar[int | None] = None  # all of them
    epochs: ClassVar[int]
    lr: ClassVar[float]
    batch_size: ClassVar[int | None]  # None: all samples in one step
    reference: ClassVar[Mapping[str, str]] = {}  # the result in the report, by row of the table

    def introduction(self) -> str:
        """What is told before the training starts, if anything is."""
        return ""

    def add_options(self, add: AddOption) -> None:  # noqa: B027 - most presets have some, not all
        """Options of this preset alone; `add` is argparse's `add_argument`."""

    @abstractmethod
    def runs(self, options: Namespace, data: Digits) -> Iterator[Run]:
        """The training runs, in order."""

    def columns(self, results: Sequence[Result]) -> Sequence[str]:  # noqa: ARG002 - some look
        """The columns of the table that were measured here."""
        return ("here",)

    def figures(self, results: Sequence[Result]) -> Mapping[str, Sequence[str]]:
        """The rows of the table by name: what was measured here, a figure for each column."""
        (result,) = results
        last = result.history.epochs[-1]
        return {
            "train loss": (f"{last.train_loss:.4f}",),
            "train accuracy": (f"{last.train_accuracy:.4f}",),
            "test loss": (f"{result.test_loss:.4f}",),
            "test accuracy": (f"{result.test_accuracy:.4f}",),
        }

    def comparison(self, results: Sequence[Result]) -> str:
        """The table of the results beside those of the report."""
        rows = [
            (name, *figures, self.reference.get(name, "-"))
            for name, figures in self.figures(results).items()
        ]
        header = ("result", *self.columns(results), "reference")
        return aligned([header, *rows], numbers=True)

    def plot(self, results: Sequence[Result]) -> Plot:
        """Loss and accuracy over the epochs."""
        panels: dict[str, Curves] = {"loss (nats a sample)": {}, "accuracy (fraction)": {}}
        for result in results:
            prefix = f"{result.run.name}, " if result.run.name else ""
            held_out = "test" if result.run.validation is result.run.test else "validation"
            for panel, quantity in zip(panels, ("loss", "accuracy"), strict=True):
                panels[panel] = {
                    **panels[panel],
                    **epoch_curves(result.history, quantity, prefix, held_out),
                }
        return plot_curves(panels, xlabel="epoch")
