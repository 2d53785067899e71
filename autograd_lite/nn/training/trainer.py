"""Training: one recorded graph, run again for every step, with what people expect around it.

An epoch is taken in a hundred runs of steps or more. Between them a bar moves, a schedule sets the
learning rate, callbacks are called and Ctrl-C is heard; within them a program is left alone.
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil, inf
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import Any, TypeAlias

from numpy.typing import ArrayLike

from autograd_lite import Node
from autograd_lite.compiler.runtime.signals import Heard, Uninterrupted
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import (
    Array,
    Seed,
    choice,
    function,
    generator,
    non_negative_number,
    refuse_unless,
    whole_number,
)
from autograd_lite.nn.losses import Loss, check_loss, once_head, softmax_cross_entropy
from autograd_lite.nn.modes import evaluating
from autograd_lite.nn.module import Module, parameters_of
from autograd_lite.nn.optim import make_optimizer
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.saving import describe_model
from autograd_lite.nn.schedules import Schedule, constant
from autograd_lite.nn.training.callbacks import Callback, check_callback
from autograd_lite.nn.training.checkpoint import (
    RunState,
    SavedRun,
    check_writable_checkpoint,
    leaves_of,
    load_checkpoint,
    save_checkpoint,
    trained,
)
from autograd_lite.nn.training.execution import (
    EXECUTORS,
    make_execution,
    make_measure,
    refuse_uneven,
)
from autograd_lite.nn.training.history import Epoch, History, Point
from autograd_lite.nn.training.recording import Recording, record
from autograd_lite.nn.training.sources import (
    EVALUATION_BATCH,
    SampleSource,
    as_source,
    fitted,
    is_stream,
)
from autograd_lite.nn.training.terminal import progress_bar
from autograd_lite.nn.weights import assign, values
from autograd_lite.serialize.files import as_path

Samples: TypeAlias = tuple[ArrayLike, ArrayLike]
Batches: TypeAlias = Iterable[Samples] | Callable[[], Iterable[Samples]]


class Trainer:
    """A training run of a model: `Trainer(model, …).fit(images, labels)`.

    The steps take `batch_size` samples in an order drawn anew for every epoch or, without
    `shuffle`, in the order they are given. One `seed` (or Generator) determines every draw.
    `schedule` is a function from the time in epochs to a factor of the learning rate, see
    `nn.schedules`.

    With `patience`, training ends after so many epochs without a smaller validation loss, and the
    weights of the best epoch are put back. `curve_points` asks for that many points of the loss
    curves in every epoch. With `checkpoint`, a path, the state of the run is written there after
    every epoch and when a signal ends it; `fit(…, resume=True)` goes on from there.

    `loss` is what is made small: one of `nn.LOSSES`, by name, which say what targets they take in
    the place of labels, or a function of scores and targets. `executor` runs the steps: "auto",
    "interpreted", "numpy", "native" or "jax", with `mesh=`, `shard=` and `precision=` as for
    `compile`. `verbose` prints a line for every operation of the model.

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

    @once_head
    @checks_call
    def __init__(
        self,
        model: Module,
        optimizer: Optimizer | str | None = None,
        *,
        batch_size: int = 32,
        epochs: int = 10,
        shuffle: bool = True,
        seed: Seed = 0,
        schedule: Schedule | None = None,
        patience: int | None = None,
        curve_points: int = 0,
        loss: str | Loss = softmax_cross_entropy,
        executor: str = "auto",
        callbacks: Iterable[Callback] = (),
        checkpoint: str | PathLike[str] | None = None,
        about: Mapping[str, Any] | None = None,
        progress: bool = False,
        verbose: bool = False,
        mesh: Any = None,
        shard: Mapping[Node, Any] | None = None,
        precision: str = "highest",
    ) -> None:
        parameters = parameters_of(model)
        self.model, self.loss = model, check_loss(loss)
        self.optimizer = make_optimizer(optimizer, parameters)
        other = set(parameters).isdisjoint(self.optimizer.parameters)
        expected, hint = "one of parameters of this model", "nn.Adam(model.parameters())"
        refuse_unless(not other, "optimizer", self.optimizer, expected, f"make it anew: {hint}")
        self.batch_size = whole_number("batch_size", batch_size, least=1)
        self.epochs = whole_number("epochs", epochs, least=0)
        self.shuffle, self.progress, self.verbose = shuffle, progress, verbose
        self.schedule = function("schedule", schedule or constant, "of the time in epochs")
        self.patience = None if patience is None else whole_number("patience", patience, least=1)
        self.curve_points = whole_number("curve_points", curve_points, least=0)
        self.executor = choice("executor", executor, EXECUTORS)
        each = callbacks if isinstance(callbacks, Iterable) else [callbacks]
        self.callbacks = [check_callback(x) for x in each]
        self.checkpoint = None if checkpoint is None else as_path(checkpoint, "checkpoint")
        refuse_unless(isinstance(about, Mapping | None), "about", about, "a dictionary")
        self.about = dict(about or {})
        self.devices = {"mesh": mesh, "shard": shard, "precision": precision}
        self.random = generator(seed)
        self.state = RunState(self.random.bit_generator.state)
        self.best: dict[str, Array] = {}
        self._stopped = False

    @property
    def epoch(self) -> int:
        """The number of the epoch that is running or comes next."""
        return self.state.epoch

    @property
    def step(self) -> int:
        """The number of the step of the epoch that comes next."""
        return self.state.step

    @property
    def history(self) -> History:
        """What has happened so far."""
        return self.state.history

    def stop(self) -> None:
        """End the run after this epoch; for callbacks."""
        self._stopped = True

    @checks_call
    def fit(
        self,
        images: ArrayLike | Batches,
        labels: ArrayLike | None = None,
        validation: Samples | Batches | float | None = None,
        *,
        resume: bool = False,
    ) -> History:
        """Train on images (N, …), floating, and labels (N,), integers; return the history.

        Arrays may be mapped from files that are larger than memory (np.memmap): nothing is copied
        whole. In place of both, an iterable of pairs of images and labels, or a function that
        makes one, gives the batches; every epoch goes through it anew, in its own order. Where it
        has no length, a schedule knows whole epochs alone.

        `validation` is a pair of images and labels, batches as above, or the fraction of the
        samples to be drawn and put aside for it. After an epoch the whole training set is
        evaluated, and the validation set. With `resume`, a run goes on from its checkpoint if
        there is one; a second call goes on with what is left of the `epochs` of this Trainer.

        Ctrl-C or SIGTERM end the run after the step (or run of steps) they come in: the weights
        are kept and the history says `interrupted`; a second one raises KeyboardInterrupt.

        Raises ConfigError, ShapeError, DTypeError or LabelError before anything has changed, and
        NonFiniteError, which names the node, when a NaN or infinity appears; the parameters then
        are as before that step.
        """
        self._prepare(images, labels, validation, resume=resume)
        with Heard() as self.signals:
            while self.epoch < self.epochs and not self._is_over():
                if not self._run_epoch():
                    self._save()
                    break
        self.history.interrupted = bool(self.signals)
        if self.best and not self.signals:
            assign(trained(self.model, self.optimizer), self.best, "the best epoch")
        return self.history

    def _prepare(self, images: Any, labels: Any, validation: Any, *, resume: bool) -> None:
        training = as_source(images, labels, "training")
        size = training.own_size or self.batch_size
        hint = "call model.train() first; parts of it may stay as in use"
        refuse_unless(self.model.training, "model", "one in use", "a model in training", hint)
        self.recording = self._recorded(training, size, verbose=self.verbose)
        self.training = training.fit_to(self.recording)
        self.validation = self._given_validation(validation)
        self.settings = self._describe(validation)
        if self.checkpoint is not None:
            check_writable_checkpoint(self.checkpoint)
            if resume and self.checkpoint.exists():
                self._resume(self.checkpoint)
                self.recording = self._recorded(training, size)  # weights have other values now
        self.random.bit_generator.state = self.state.split
        if isinstance(validation, float):
            self.training, self.validation = self.training.split(validation, self.random)
        if self.state.generator is None:
            self.state.generator = self.random.bit_generator.state
        count = len(self.training)
        refuse_uneven(self.devices["mesh"], size, count)
        self.execution = make_execution(
            self.recording,
            self.optimizer,
            self.devices,
            batch_size=None if training.own_size else size,
            executor=self.executor,
            steps=self.epochs * ceil(count / size),
        )
        steps = self.epochs * max(self.curve_points, 1) * ceil(count / EVALUATION_BATCH)
        with evaluating():
            measured = self._recorded(training, EVALUATION_BATCH)
        self.measure = make_measure(measured, executor=self.executor, steps=steps)

    def _recorded(
        self, source: SampleSource, batch_size: int, *, verbose: bool = False
    ) -> Recording:
        """The model, its loss and accuracy for batches of that size, with the present weights."""
        given = source.images, source.labels
        options: dict[str, Any] = {"loss": self.loss, "given": given, "verbose": verbose}
        return record(self.model, source.sample_shape, batch_size=batch_size, **options)

    def _given_validation(self, validation: Any) -> SampleSource | None:
        """The validation set as far as it was given; what is a fraction is drawn later."""
        if is_stream(validation):
            return fitted(self.recording, validation, None, "validation")
        if isinstance(validation, tuple | list) and len(validation) == 2:
            return fitted(self.recording, validation[0], validation[1], "validation")
        is_share = isinstance(validation, float) and 0 < validation < 1
        is_none = validation is None and self.patience is None
        expected = "a pair (images, labels), batches of pairs, or a fraction between 0 and 1"
        suggestion = "write validation=0.1, for example; patience needs one"
        refuse_unless(is_share or is_none, "validation", validation, expected, suggestion)
        return None

    def _describe(self, validation: Any) -> dict[str, Any]:
        """What a checkpoint must agree on with the run that resumes from it."""
        return {
            "samples": self.training.describe(),
            "validation": validation if isinstance(validation, float) else None,
            "batch size": self.batch_size,
            "shuffle": self.shuffle,
            "optimizer": self.optimizer.describe(),
        }

    def _is_over(self) -> bool:
        best = self.history.best_epoch
        waits = self.patience is None or best is None or self.epoch - 1 - best < self.patience
        return self._stopped or not waits

    def _run_epoch(self) -> bool:
        """Take the rest of an epoch's steps and evaluate; False if a signal came before its end."""
        start, done = perf_counter(), self.step
        self.random.bit_generator.state = self.state.generator
        random = self.random if self.shuffle else None
        steps = self.training.steps(self.batch_size)
        with progress_bar(steps, f"Epoch {self.epoch}", done=done, wanted=self.progress) as advance:
            for last, images, labels in self.training.runs(done, self.batch_size, random):
                if self.signals:
                    return False
                first = self.step
                self._run_steps(last, images, labels, steps)
                advance(last - first)
        self._end_epoch(start)
        return True

    def _run_steps(self, last: int, images: Array, labels: Array, steps: int | None) -> None:
        """Take the steps up to before `last` of an epoch, which has so many if that is known."""
        first, points = self.step, self.curve_points if steps else 0
        of = steps or inf
        if self.schedule is not constant:  # else the rate is whatever the user has set
            factor = non_negative_number("schedule", self.schedule(self.epoch + first / of))
            self.optimizer.lr = self.optimizer.initial_lr * factor
        with Uninterrupted():
            loss = self.execution.run(images, labels)
            self.state.take(last, loss, len(labels))
        if last * points // of > first * points // of:
            self._add_point(self.epoch * (steps or 0) + last)
        for callback in self.callbacks:
            callback.on_step(self)

    def _add_point(self, step: int) -> None:
        total, count = self.state.recent
        held = None if self.validation is None else self.measure(self.validation.batches())[1]
        self.history.curve.append(Point(step, total / count, held))
        self.state.recent = [0.0, 0]

    def _end_epoch(self, start: float) -> None:
        scores = [
            score
            for source in (self.training, self.validation)
            if source is not None
            for score in reversed(self.measure(source.batches()))
        ]
        with Uninterrupted():
            self.history.epochs.append(Epoch(self.epoch, perf_counter() - start, *scores))
            self._keep_best()
            self.state.epoch, self.state.step = self.epoch + 1, 0
            self.state.generator = self.random.bit_generator.state
        try:
            for callback in self.callbacks:
                callback.on_epoch(self)
        finally:
            self._save()  # with what they have changed, such as the learning rate

    def _keep_best(self) -> None:
        losses = [epoch.validation_loss or 0.0 for epoch in self.history.epochs]
        best = self.history.best_epoch
        if self.patience is not None and (best is None or losses[-1] < losses[best]):
            self.history.best_epoch = self.epoch
            self.best = values(trained(self.model, self.optimizer))

    def _save(self) -> None:
        if self.checkpoint is not None:
            run = SavedRun(self.settings, self.execution.executor, self.state, self.best)
            about = describe_model(self.model, self.loss) | self.about
            save_checkpoint(self.checkpoint, leaves_of(self.model, self.optimizer), run, about)

    def _resume(self, path: Path) -> None:
        about = describe_model(self.model, self.loss)
        leaves = leaves_of(self.model, self.optimizer)
        run = load_checkpoint(path, leaves, self.settings, about, self.random)
        if self.executor == "auto" and run.executor in EXECUTORS:
            self.executor = run.executor  # another one, chosen today, might round otherwise
        self.state, self.best = run.state, dict(run.best)
