"""Train a little and wait for the parent at one place; run by test_train_resume.py.

    python waiting_run.py CHECKPOINT EXECUTOR PLACE

PLACE is "step" (in the middle of an epoch) or "file" (while a checkpoint is being written). It is announced by a line; a line on stdin lets the run go on. After "begin", the
first step, nothing is waited for.
"""

from __future__ import annotations

import sys

import numpy as np

from autograd_lite import nn
from autograd_lite.serialize import files

STEP, EPOCH = 7, 1


def samples() -> tuple[np.ndarray, np.ndarray]:
    """Forty samples of three classes."""
    images = np.random.default_rng(0).random((40, 6)).astype("float32")
    return images, images[:, :3].argmax(axis=1)


def make_trainer(
    checkpoint: str | None, executor: str, epochs: int = 4, **options: object
) -> nn.Trainer:
    """A run with all that a checkpoint has to keep: Adam, order, split, schedule, best weights."""
    model = nn.MLP([6, 5, 3], "tanh", seed=1)
    optimizer = nn.AdamW(model.parameters(), 0.02, accumulate=2, clip_norm=1.0)
    return nn.Trainer(
        model, optimizer, batch_size=3, epochs=epochs, shuffle=True, seed=5, executor=executor,
        schedule=nn.schedules.cosine(4), patience=4, curve_points=3, checkpoint=checkpoint, **options,
    )  # fmt: skip


class Wait(nn.Callback):
    """Waits once, at the place that was asked for."""

    def __init__(self, place: str) -> None:
        self.place = place

    def on_step(self, trainer: nn.Trainer) -> None:
        if self.place == "begin" and (trainer.epoch, trainer.step) == (0, 1):
            print("here", flush=True)  # noqa: T201 - to the parent
        if self.place == "step" and (trainer.epoch, trainer.step) == (EPOCH, STEP):
            wait()
        if self.place == "file" and trainer.epoch == EPOCH:
            files.os.fsync = lambda handle: wait()


def wait() -> None:
    """Tell the parent, and wait for its line."""
    print("here", flush=True)  # noqa: T201 - to the parent
    sys.stdin.readline()


if __name__ == "__main__":
    path, executor, place = sys.argv[1:]
    trainer = make_trainer(path, executor, callbacks=[Wait(place)])
    history = trainer.fit(*samples(), 0.2)
    print("interrupted" if history.interrupted else "complete")  # noqa: T201 - to the parent
