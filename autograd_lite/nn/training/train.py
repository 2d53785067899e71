"""Training in one call, with the options that are asked for most; `Trainer` has them all."""

from collections.abc import Callable

from numpy.typing import ArrayLike

from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import Seed
from autograd_lite.nn.losses import Loss, softmax_cross_entropy
from autograd_lite.nn.module import Module, parameters_of
from autograd_lite.nn.optim import make_optimizer
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.training.callbacks import CallOnEpoch
from autograd_lite.nn.training.history import History
from autograd_lite.nn.training.loggers import EpochLines
from autograd_lite.nn.training.trainer import Batches, Samples, Trainer


@checks_call
def fit(
    model: Module,
    images: ArrayLike | Batches,
    labels: ArrayLike | None = None,
    *,
    batch_size: int = 32,
    epochs: int = 10,
    lr: float | None = None,
    optimizer: Optimizer | str | None = None,
    loss: str | Loss = softmax_cross_entropy,
    shuffle: bool = True,
    seed: Seed = 0,
    validation: Samples | Batches | float | None = None,
    executor: str = "auto",
    progress: bool = False,
    on_epoch: Callable[[History], object] | None = None,
) -> History:
    """Train a model on images (N, …), floating, and labels (N,), integers.

    Every step takes `batch_size` samples, in an order drawn anew for every epoch from `seed` or,
    without `shuffle`, as they are given; the optimizer is SGD with `lr`, by default 0.01, unless
    another one is given, also by its name in `nn.OPTIMIZERS`. For a regression, and for labels that
    are 0 or 1, choose another `loss` from `nn.LOSSES`. Arrays may be larger than memory, mapped
    from files (np.memmap); batches from an iterable take the place of images and labels: see
    `Trainer.fit`.

    After an epoch the whole training set is evaluated, and `validation` if there is one; then
    `on_epoch` is called with the history so far. `progress` shows a bar on stderr if tqdm is
    installed, and prints a line an epoch.

    See `Trainer.fit` for validation, Ctrl-C and errors, and `Trainer` for all that can be asked.

    >>> import numpy as np
    >>> from autograd_lite.nn import MLP
    >>> x, y = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1])
    >>> history = fit(MLP([2, 2]), x, y, lr=0.5, epochs=20)
    >>> history.epochs[-1].train_accuracy
    1.0
    """
    trainer = Trainer(
        model,
        make_optimizer(optimizer, parameters_of(model), lr),
        loss=loss,
        batch_size=batch_size,
        epochs=epochs,
        shuffle=shuffle,
        seed=seed,
        executor=executor,
        progress=progress,
        callbacks=[
            *([EpochLines()] if progress else []),
            *([] if on_epoch is None else [CallOnEpoch(on_epoch)]),
        ],
    )
    return trainer.fit(images, labels, validation)
