"""Epochs written down while a run goes on: lines, a table in a file, TensorBoard."""

import csv
import sys
from dataclasses import fields
from functools import cached_property
from io import StringIO
from os import PathLike
from time import time
from typing import Any
from weakref import finalize

from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import needed
from autograd_lite.nn.training.callbacks import Callback
from autograd_lite.nn.training.history import Epoch, History
from autograd_lite.serialize.files import (
    as_path,
    check_writable,
    is_first_process,
    make_folder,
    write,
)


class EpochLines(Callback):
    """A line for every epoch on stdout, with the validation set if there is one."""

    def on_epoch(self, trainer: Any) -> None:
        """Print it; of several processes that JAX runs together, in the first."""
        if sys.stdout is not None and is_first_process():
            print(trainer.history.epochs[-1].line(), flush=True)  # noqa: T201 - it was asked for


class CSVLogger(Callback):
    """A table of the epochs as a CSV file: one row each, under the names of `nn.Epoch`.

    The file is written anew after every epoch, whole or not at all, so a run that is resumed has
    all of its epochs there, each once. What there is none of, such as a validation loss, is empty.

    >>> from tempfile import TemporaryDirectory
    >>> from autograd_lite import nn
    >>> with TemporaryDirectory() as folder:
    ...     logger = nn.CSVLogger(f"{folder}/epochs.csv")
    ...     _ = nn.Trainer(nn.MLP([1, 2]), epochs=2, callbacks=[logger]).fit([[0.0], [1.0]], [0, 1])
    ...     print(*(line.partition(",")[0] for line in logger.path.read_text().splitlines()))
    number 0 1

    Raises ConfigError for a path that cannot be written to.
    """

    @checks_call
    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = as_path(path)
        check_writable(self.path)

    def on_epoch(self, trainer: Any) -> None:
        """Write the table."""
        write(self.path, _table(trainer.history).encode())


class TensorBoardLogger(Callback):
    """Losses and accuracies for TensorBoard, in event files in a folder; needs tensorboardX.

    After every epoch there are `loss/train`, `accuracy/train` and the same of the validation set,
    by the number of the epoch; points of the curves are `curve/train` and `curve/validation`, by
    the step. `tensorboard --logdir FOLDER` shows them.

    Raises ConfigError where tensorboardX is not installed (extra `tensorboard`), and for a folder
    that cannot be written to.
    """

    @checks_call
    def __init__(self, folder: str | PathLike[str]) -> None:
        expected = "tensorboardX, which writes files for TensorBoard"
        self._library = needed("tensorboardX", "TensorBoardLogger", expected, extra="tensorboard")
        self.folder, self._points = as_path(folder, "folder"), 0
        make_folder(self.folder)

    def on_step(self, trainer: Any) -> None:
        """Write points of the curves that are new."""
        for point in trainer.history.curve[self._points :]:
            self._add("curve/train", point.train_loss, point.step)
            self._add("curve/validation", point.validation_loss, point.step)
        self._points = len(trainer.history.curve)

    def on_epoch(self, trainer: Any) -> None:
        """Write the figures of the epoch, and see to it that they are on the disk."""
        epoch = trainer.history.epochs[-1]
        for kind in ("train", "validation"):
            for quantity in ("loss", "accuracy"):
                self._add(f"{quantity}/{kind}", getattr(epoch, f"{kind}_{quantity}"), epoch.number)
        if is_first_process():
            self._events.flush()

    @cached_property
    def _events(self) -> Any:
        """The file, which is there from the first figure on; closed with the last use of this."""
        # SummaryWriter would hand figures to a thread that nobody can wait for.
        writer = self._library.event_file_writer.EventsWriter(str(self.folder / "events"))
        finalize(self, writer.close)
        return writer

    def _add(self, name: str, value: float | None, step: int) -> None:
        if value is not None and is_first_process():
            summary = self._library.summary.scalar(name, value)
            kind = self._library.proto.event_pb2.Event
            self._events.write_event(kind(summary=summary, step=step, wall_time=time()))


def _table(history: History) -> str:
    """The epochs as CSV, with all digits."""
    text, names = StringIO(), [column.name for column in fields(Epoch)]
    rows = ([getattr(epoch, name) for name in names] for epoch in history.epochs)
    csv.writer(text, lineterminator="\n").writerows([names, *rows])
    return text.getvalue()
