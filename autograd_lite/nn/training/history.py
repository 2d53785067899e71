"""What happened in a training run."""

from base64 import b64encode
from dataclasses import asdict, dataclass, field, fields
from math import isfinite, nan
from typing import Any, Self, TypeVar

from autograd_lite.errors import ConfigError
from autograd_lite.frontend.suggestions import checks_call, checks_init
from autograd_lite.nn.checks import of_type, refuse_unless
from autograd_lite.nn.plots import Curves, Plot, plot_curves
from autograd_lite.ops.table import aligned

Row = TypeVar("Row")


@dataclass(frozen=True, repr=False)
class Epoch:
    """One pass over the training samples, with the losses and accuracies after it.

    The training figures are those of the whole training set under the weights at the end of the
    epoch. `seconds` is the time of the steps and the evaluations.

    >>> print(Epoch(0, seconds=51.57921, train_loss=0.31658, train_accuracy=0.90887))
    Epoch 0: train loss = 0.3166, accy = 0.9089, [51.579 secs]
    """

    number: int
    seconds: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    def __repr__(self) -> str:
        return (
            f"Epoch {self.number}: train loss = {self.train_loss:.4f}, "
            f"accy = {self.train_accuracy:.4f}, [{self.seconds:.3f} secs]"
        )

    def line(self) -> str:
        """The same, and how good the model is on the validation set if there is one.

        >>> print(Epoch(0, 2.0, 0.5, 1.0, 0.75, 0.5).line().partition("[")[2])
        2.000 secs], validation loss = 0.7500, accy = 0.5000
        """
        if self.validation_loss is None:
            return repr(self)
        found = f"loss = {self.validation_loss:.4f}, accy = {self.validation_accuracy:.4f}"
        return f"{self}, validation {found}"


@dataclass(frozen=True)
class Point:
    """A point of the loss curves: mean loss of the steps since the last one, and of validation."""

    step: int  # of the whole run
    train_loss: float
    validation_loss: float | None = None


@checks_init
@dataclass(repr=False)
class History:
    """The epochs of a run that were completed, and whether a signal ended it.

    `curve` has points within the epochs where they were asked for, `best_epoch` is the one whose
    weights were kept where training could stop early.

    >>> history = History([Epoch(0, 2.0, 0.5, 1.0)])
    >>> history
    epoch  seconds  train loss  train accuracy
    0       2.0000      0.5000          1.0000
    >>> history.to_dict()["epochs"][0]["train_loss"]
    0.5
    """

    epochs: list[Epoch] = field(default_factory=list)
    interrupted: bool = False
    curve: list[Point] = field(default_factory=list)
    best_epoch: int | None = None

    def __repr__(self) -> str:
        return "\n".join([aligned(self._table(), numbers=True), *self._notes()])

    def _repr_html_(self) -> str:
        """The table for a notebook, and the curves where matplotlib is there to draw them."""
        head, *rows = self._table()
        lines = [_html_row("th", head), *(_html_row("td", row) for row in rows)]
        notes = "".join(f"<p>{note}</p>" for note in self._notes())
        try:
            picture = self.plot()._repr_png_() if self.epochs else b""
        except ConfigError:
            picture = b""
        data = b64encode(picture).decode()
        curves = f'<img alt="loss and accuracy" src="data:image/png;base64,{data}">' if data else ""
        return f"<table>{''.join(lines)}</table>{notes}{curves}"

    def _table(self) -> list[tuple[str, ...]]:
        """A row for each epoch, under the names of what it has."""
        epochs = self.epochs
        told = [x.name for x in fields(Epoch)[1:]]
        told = [name for name in told if any(getattr(e, name) is not None for e in epochs)]
        head = ("epoch", *(name.replace("_", " ") for name in told))
        return [head, *((str(e.number), *(_cell(getattr(e, n)) for n in told)) for e in epochs)]

    def _notes(self) -> list[str]:
        best = self.best_epoch
        told = [] if best is None else [f"The weights are those of epoch {best}."]
        return [*told, *(["A signal ended the run."] if self.interrupted else [])]

    def to_dict(self) -> dict[str, Any]:
        """Numbers, strings and None only, as JSON has them; what is not finite becomes None."""
        found = asdict(self)
        for key in ("epochs", "curve"):
            found[key] = [{k: _finite_or_none(x) for k, x in row.items()} for row in found[key]]
        return found

    @classmethod
    def from_dict(cls, found: Any) -> Self:
        """The history that `to_dict` or `dataclasses.asdict` took apart.

        >>> history = History([Epoch(0, 2.0, 0.5, 1.0)], curve=[Point(3, 0.5)])
        >>> History.from_dict(history.to_dict()) == history
        True

        Raises ConfigError for anything else.
        """
        names = {row.name for row in fields(cls)}
        right = isinstance(found, dict) and found.keys() == names
        refuse_unless(right, "history", found, f"a record of {', '.join(sorted(names))}")
        epochs, curve = _rows(Epoch, found["epochs"]), _rows(Point, found["curve"])
        best, interrupted = found["best_epoch"], found["interrupted"]
        is_epoch = best is None or (type(best) is int and 0 <= best < len(epochs))
        refuse_unless(is_epoch, "history", best, "the number of an epoch as best_epoch, or None")
        return cls(epochs, bool(interrupted), curve, best)

    def plot(self) -> Plot:
        """Curves of the loss and the accuracy over the epochs; it needs matplotlib."""
        return plot_history(self)


def _cell(x: float | None) -> str:
    return "" if x is None else f"{x:.4f}"


def _html_row(tag: str, row: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in row)}</tr>"


@checks_call
def plot_history(history: History) -> Plot:
    """The loss and the accuracy over the epochs, for training and validation.

    >>> plot_history(History([Epoch(0, 1.0, 0.5, 0.8)])).axes[1].get_ylabel()
    'accuracy'
    """
    of_type("history", history, History, "what nn.fit returns")
    panels = {quantity: epoch_curves(history, quantity) for quantity in ("loss", "accuracy")}
    return plot_curves(panels, xlabel="epoch")


def epoch_curves(
    history: History, quantity: str, prefix: str = "", held_out: str = "validation"
) -> Curves:
    """The curves of "loss" or "accuracy" over the epochs, counted from 1 as they are completed."""
    curves = {}
    for kind, label in (("train", "training"), ("validation", held_out)):
        values = [getattr(epoch, f"{kind}_{quantity}") for epoch in history.epochs]
        if any(value is not None for value in values):
            curves[prefix + label] = [epoch.number + 1 for epoch in history.epochs], values
    return curves


def _rows(kind: type[Row], found: Any) -> list[Row]:
    """The epochs or points from their dictionaries, which have a number for every field."""
    types = {row.name: row.type for row in fields(kind)}  # type: ignore[arg-type]
    rows = found if isinstance(found, list) else [found]
    for row in rows:
        right = isinstance(row, dict) and row.keys() == types.keys()
        right = right and all(_has_type(row[name], text) for name, text in types.items())
        refuse_unless(right, "history", row, f"a list of records of {', '.join(types)}")
    return [kind(**{k: _number(x, types[k]) for k, x in row.items()}) for row in rows]


def _has_type(value: Any, text: Any) -> bool:
    """Whether a value is what an annotation says: "int", or a float, or None for no number."""
    return type(value) is int or (text != "int" and (value is None or type(value) is float))


def _number(value: Any, text: Any) -> Any:
    """The value, with a NaN where `to_dict` has written None for one."""
    return nan if value is None and text == "float" else value


def _finite_or_none(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
