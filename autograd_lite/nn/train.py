"""Training: one recorded graph, run again for every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import TypeAlias

from numpy.typing import ArrayLike

from autograd_lite.errors import ConfigError
from autograd_lite.nn.arrays import Array
from autograd_lite.nn.classifier import Recording
from autograd_lite.nn.evaluation import evaluate
from autograd_lite.nn.history import Epoch, History
from autograd_lite.nn.interrupt import Interrupt
from autograd_lite.nn.module import Module
from autograd_lite.nn.optim import SGD, Optimizer
from autograd_lite.nn.progress import progress_bar
from autograd_lite.nn.samples import Pick, picks, prepare
from autograd_lite.nn.settings import Seed, generator, whole_number

Samples: TypeAlias = tuple[ArrayLike, ArrayLike]


def fit(
    model: Module,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    batch_size: int = 1,
    epochs: int = 10,
    lr: float | None = None,
    optimizer: Optimizer | None = None,
    shuffle: bool = False,
    seed: Seed = 0,
    validation: Samples | None = None,
    progress: bool = False,
    on_epoch: Callable[[History], object] | None = None,
) -> History:
    """Train a classifier on images (N, …), floating, and labels (N,), integers.

    Every step runs forward and backward on `batch_size` samples, in the order they are given or,
    with `shuffle`, in an order drawn anew for every epoch from `seed`; then the optimizer steps
    (SGD with `lr`, by default 0.01, unless another one is given). After an epoch the whole training
    set is evaluated, and `validation`, a pair of images and labels, if there is one; then
    `on_epoch` is called with the history so far. `progress` shows a bar on stderr if tqdm is
    installed.

    Ctrl-C ends the run after the step it comes in: the weights are kept and the history says
    `interrupted`; a second Ctrl-C raises KeyboardInterrupt.

    >>> import numpy as np
    >>> from autograd_lite.nn import MLP
    >>> x, y = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1])
    >>> history = fit(MLP([2, 2]), x, y, lr=0.5, epochs=20)
    >>> history.epochs[-1].train_accuracy
    1.0

    Raises ConfigError, ShapeError, DTypeError or LabelError before anything has changed, and
    NonFiniteError, which names the node, when a NaN or infinity appears; the parameters then are as
    before that step.
    """
    epochs = whole_number("epochs", epochs, least=0)
    optimizer = _choose_optimizer(model, optimizer, lr)
    random = generator(seed)
    recording, images, labels = prepare(
        model, images, labels, batch_size=batch_size, subject="training"
    )
    if validation is not None:
        validation = _prepare_validation(model, validation)
    step = _stepper(recording, optimizer, images, labels)
    history = History()
    with Interrupt() as interrupt:
        for number in range(epochs):
            start = perf_counter()
            order = random.permutation(len(labels)) if shuffle else None
            with progress_bar(
                picks(len(labels), batch_size, order), f"Epoch {number}", wanted=progress
            ) as steps:
                completed = _take(step, steps, interrupt)
            if not completed:
                break
            scores = _evaluate_both(model, (images, labels), validation)
            history.epochs.append(Epoch(number, perf_counter() - start, *scores))
            if on_epoch is not None:
                on_epoch(history)
    history.interrupted = interrupt.requested
    return history


def _choose_optimizer(model: Module, optimizer: Optimizer | None, lr: float | None) -> Optimizer:
    if optimizer is None:
        return SGD(model.parameters(), 0.01 if lr is None else lr)
    if lr is not None:
        raise ConfigError(
            "fit",
            expected="lr or optimizer",
            came="both",
            suggestion="give the learning rate to the optimizer alone",
        )
    return optimizer


def _prepare_validation(model: Module, validation: Samples) -> Samples:
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ConfigError(
            "validation",
            expected="a pair (images, labels)",
            came=f"{type(validation).__name__}",
            suggestion="write validation=(images, labels)",
        )
    return prepare(model, *validation, batch_size=1, subject="validation")[1:]


def _stepper(
    recording: Recording, optimizer: Optimizer, images: Array, labels: Array
) -> Callable[[Pick], None]:
    """A function that takes one training step on the samples it is told."""
    graph, loss = recording.graph, recording.loss

    def step(pick: Pick) -> None:
        graph.forward(loss, x=images[pick], y=labels[pick])
        graph.backward(loss)
        optimizer.step()

    return step


def _take(step: Callable[[Pick], None], steps: Iterable[Pick], interrupt: Interrupt) -> bool:
    """Take the steps of one epoch; False if Ctrl-C came before the last one."""
    for pick in steps:
        if interrupt.requested:
            return False
        step(pick)
    return True


def _evaluate_both(model: Module, training: Samples, validation: Samples | None) -> Iterator[float]:
    """The loss and the accuracy, of the training set and of the validation set if there is one."""
    for samples in filter(None, [training, validation]):
        accuracy, loss = evaluate(model, *samples)
        yield from (loss, accuracy)
