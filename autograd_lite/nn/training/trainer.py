"""Training: one recorded graph, run again for every step, with what people expect around it.

An epoch is taken in a hundred runs of steps or more. Between them a progress bar moves, the
schedule sets the learning rate, callbacks are called and Ctrl-C is heard; within them a compiled
program is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from math import ceil
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from numpy.typing import ArrayLike

from autograd_lite.errors import ConfigError
from autograd_lite.nn.arrays import Array
from autograd_lite.nn.losses import Head, softmax_cross_entropy
from autograd_lite.nn.module import Module
from autograd_lite.nn.optim import SGD
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.saving import assign, values
from autograd_lite.nn.schedules import Schedule
from autograd_lite.nn.settings import Seed, choice, generator, whole_number
from autograd_lite.nn.training.callbacks import Callback
from autograd_lite.nn.training.checkpoint import fingerprint, load_checkpoint, save_checkpoint
from autograd_lite.nn.training.classifier import record
from autograd_lite.nn.training.execution import (
    EVALUATION_BATCH,
    EXECUTORS,
    make_execution,
    make_measure,
)
from autograd_lite.nn.training.history import Epoch, History, Point
from autograd_lite.nn.training.interrupt import Interrupt
from autograd_lite.nn.training.progress import progress_bar
from autograd_lite.nn.training.samples import prepare, split

Samples: TypeAlias = tuple[ArrayLike, ArrayLike]
RUNS_AN_EPOCH = 100
LONGEST_RUN = 64  # steps; what a program takes in one piece, as where it is cut decides last bits


class Trainer:
    """A training run of a classifier: `Trainer(model, …).fit(images, labels)`.

    The steps take `batch_size` samples in the order they are given or, with `shuffle`, in an order
    drawn anew for every epoch. One `seed` (or Generator) determines every draw. `schedule` is a
    function from the time in epochs to a factor of the learning rate, see `nn.schedules`.

    With `patience`, training ends after so many epochs without a smaller validation loss, and the
    weights of the best epoch are put back. `curve_points` asks for that many points of the loss
    curves in every epoch. With `checkpoint`, a path, the state of the run is written there after
    every epoch and when a signal ends it; `fit(…, resume=True)` goes on from there, to the same
    bits.

    `head` makes the loss from scores and labels; `executor` says how steps are run: "auto",
    "interpreted", "numpy" or "native".

    >>> from autograd_lite import nn
    >>> import numpy as np
    >>> model = nn.MLP([2, 4, 2], "tanh")
    >>> trainer = nn.Trainer(model, nn.Adam(model.parameters(), lr=0.05), epochs=50, patience=10)
    >>> x, y = np.eye(2).repeat(4, axis=0), np.arange(2).repeat(4)
    >>> history = trainer.fit(x, y, validation=0.25)
    >>> history.epochs[history.best_epoch].validation_accuracy
    1.0

    Raises ConfigError for settings that make no sense.
    """

    def __init__(
        self,
        model: Module,
        optimizer: Optimizer | None = None,
        *,
        batch_size: int = 1,
        epochs: int = 10,
        shuffle: bool = False,
        seed: Seed = 0,
        schedule: Schedule | None = None,
        patience: int | None = None,
        curve_points: int = 0,
        head: Head = softmax_cross_entropy,
        executor: str = "auto",
        callbacks: Iterable[Callback] = (),
        checkpoint: str | PathLike[str] | None = None,
        about: Mapping[str, Any] | None = None,
        progress: bool = False,
    ) -> None:
        self.model = model
        self.optimizer = SGD(model.parameters(), 0.01) if optimizer is None else optimizer
        self.batch_size = whole_number("batch_size", batch_size, least=1)
        self.epochs = whole_number("epochs", epochs, least=0)
        self.shuffle, self.schedule, self.progress = shuffle, schedule, progress
        self.patience = None if patience is None else whole_number("patience", patience, least=1)
        self.curve_points = whole_number("curve_points", curve_points, least=0)
        self.head, self.executor = head, choice("executor", executor, EXECUTORS)
        self.callbacks = list(callbacks)
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.about = dict(about or {})
        self._begin(seed)

    def _begin(self, seed: Seed) -> None:
        """The state of a run before its first step; a checkpoint puts a later one in its place."""
        self.random = generator(seed)
        self.run_start: Any = self.random.bit_generator.state
        self.epoch_start: Any = None
        self.epoch, self.step = 0, 0  # the step within the epoch that comes next
        self.recent = [0.0, 0]  # the sum of the losses since the last point of the curve, and count
        self.best: dict[str, Array] = {}
        self.history = History()
        self.settings: dict[str, Any] = {}
        self._stopped = False

    def stop(self) -> None:
        """End the run after this epoch; for callbacks."""
        self._stopped = True

    def fit(
        self,
        images: ArrayLike,
        labels: ArrayLike,
        validation: Samples | float | None = None,
        *,
        resume: bool = False,
    ) -> History:
        """Train on images (N, …), floating, and labels (N,), integers; return the history.

        `validation` is a pair of images and labels, or the fraction of the samples to be drawn and
        put aside for it. After an epoch the whole training set is evaluated, and the validation
        set. With `resume`, a run goes on from its checkpoint if there is one.

        Ctrl-C or SIGTERM end the run after the step (or run of steps) they come in: the weights
        are kept and the history says `interrupted`; a second one raises KeyboardInterrupt.

        Raises ConfigError, ShapeError, DTypeError or LabelError before anything has changed, and
        NonFiniteError, which names the node, when a NaN or infinity appears; the parameters then
        are as before that step.
        """
        self._prepare(images, labels, validation, resume=resume)
        with Interrupt() as self.interrupt:
            while self.epoch < self.epochs and not self._is_over():
                if not self._run_epoch():
                    self._save()
                    break
        self.history.interrupted = self.interrupt.requested
        if self.best and not self.interrupt.requested:
            assign(dict(self.model.named_parameters()), self.best, "the best epoch")
        return self.history

    def _prepare(
        self, images: ArrayLike, labels: ArrayLike, validation: Any, *, resume: bool
    ) -> None:
        training = self._fitting(images, labels, "training")
        self.training, self.validation = training, self._given_validation(validation)
        self.settings = self._describe(training[1])
        if resume and self.checkpoint is not None and self.checkpoint.exists():
            load_checkpoint(self, self.checkpoint)
        self.random.bit_generator.state = self.run_start
        if isinstance(validation, float):
            self.training, self.validation = split(*training, validation, self.random)
        if self.epoch_start is None:
            self.epoch_start = self.random.bit_generator.state
        recorded = partial(record, self.model, training[0].shape[1:], head=self.head)
        count = len(self.training[1])
        self.execution = make_execution(
            recorded,
            self.optimizer,
            batch_size=self.batch_size,
            executor=self.executor,
            steps=self.epochs * ceil(count / self.batch_size),
        )
        steps = self.epochs * max(self.curve_points, 1) * ceil(count / EVALUATION_BATCH)
        self.measure = make_measure(recorded, executor=self.executor, steps=steps)

    def _fitting(self, images: ArrayLike, labels: ArrayLike, subject: str) -> tuple[Array, Array]:
        return prepare(
            self.model,
            images,
            labels,
            batch_size=self.batch_size,
            subject=subject,
            head=self.head,
        )[1:]

    def _given_validation(self, validation: Any) -> tuple[Array, Array] | None:
        """The validation set as far as it was given; what is a fraction is drawn later."""
        if isinstance(validation, tuple | list) and len(validation) == 2:
            return self._fitting(validation[0], validation[1], "validation")
        is_fraction = isinstance(validation, float) and 0 < validation < 1
        if not is_fraction and (validation is not None or self.patience is not None):
            raise ConfigError(
                "validation",
                expected="a pair (images, labels), or a fraction between 0 and 1",
                came="none, but patience" if validation is None else type(validation).__name__,
                suggestion="write validation=(images, labels) or validation=0.1",
            )
        return None

    def _describe(self, labels: Array) -> dict[str, Any]:
        """What a checkpoint must agree on with the run that resumes from it."""
        return {
            "samples": fingerprint(labels),
            "batch size": self.batch_size,
            "shuffle": self.shuffle,
            "optimizer": self.optimizer.describe(),
        }

    def _is_over(self) -> bool:
        best = self.history.best_epoch
        if self.patience is None or best is None:
            return self._stopped
        return self._stopped or self.epoch - 1 - best >= self.patience

    def _run_epoch(self) -> bool:
        """Take the rest of an epoch's steps and evaluate; False if a signal came before its end."""
        start, count = perf_counter(), len(self.training[1])
        self.random.bit_generator.state = self.epoch_start
        order = self.random.permutation(count) if self.shuffle else None
        steps = ceil(count / self.batch_size)
        length = min(max(steps // RUNS_AN_EPOCH, 1), LONGEST_RUN)
        title, done = f"Epoch {self.epoch}", self.step
        with progress_bar(steps, title, done=done, wanted=self.progress) as advance:
            for first in range(done, steps, length):
                if self.interrupt.requested:
                    return False
                self._run_steps(first, min(first + length, steps), steps, order)
                advance(self.step - first)
        self._end_epoch(start)
        return True

    def _run_steps(self, first: int, last: int, steps: int, order: Array | None) -> None:
        """Take the steps from `first` to before `last` of an epoch."""
        if self.schedule is not None:
            factor = self.schedule(self.epoch + first / steps)
            self.optimizer.lr = self.optimizer.initial_lr * factor
        span = slice(first * self.batch_size, last * self.batch_size)
        images, labels = (x[span if order is None else order[span]] for x in self.training)
        loss = self.execution.run(images, labels)
        self.step = last
        self.recent = [self.recent[0] + loss * len(labels), self.recent[1] + len(labels)]
        if last * self.curve_points // steps > first * self.curve_points // steps:
            self._add_point(self.epoch * steps + last)
        for callback in self.callbacks:
            callback.on_step(self)

    def _add_point(self, step: int) -> None:
        total, count = self.recent
        held = None if self.validation is None else self.measure(*self.validation)[1]
        self.history.curve.append(Point(step, total / count, held))
        self.recent = [0.0, 0]

    def _end_epoch(self, start: float) -> None:
        scores = [
            score
            for samples in (self.training, self.validation)
            if samples is not None
            for score in reversed(self.measure(*samples))
        ]
        self.history.epochs.append(Epoch(self.epoch, perf_counter() - start, *scores))
        self._keep_best()
        self.epoch, self.step = self.epoch + 1, 0
        self.epoch_start = self.random.bit_generator.state
        self._save()
        for callback in self.callbacks:
            callback.on_epoch(self)

    def _keep_best(self) -> None:
        losses = [epoch.validation_loss or 0.0 for epoch in self.history.epochs]
        best = self.history.best_epoch
        if self.patience is not None and (best is None or losses[-1] < losses[best]):
            self.history.best_epoch = self.epoch
            self.best = values(dict(self.model.named_parameters()))

    def _save(self) -> None:
        if self.checkpoint is not None:
            save_checkpoint(self, self.checkpoint)
