"""All that decides how a training run goes on, in one file: written whole, read back to the bit."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from autograd_lite import Node
from autograd_lite.errors import ConfigError
from autograd_lite.nn.arrays import Array
from autograd_lite.nn.saving import (
    Saved,
    assign,
    describe_model,
    read_tensors,
    values,
    write_tensors,
)
from autograd_lite.nn.training.history import History

if TYPE_CHECKING:
    from autograd_lite.nn.training.trainer import Trainer


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    """Write weights, optimizer state, best weights, generator, place in the run and history."""
    tensors = values(_leaves(trainer))
    tensors |= {f"best.{name}": value for name, value in trainer.best.items()}
    run = {
        "settings": trainer.settings,
        "executor": trainer.execution.executor,
        "epoch": trainer.epoch,
        "step": trainer.step,
        "recent": trainer.recent,
        "generator": trainer.epoch_start,
        "split": trainer.run_start,
        "history": asdict(trainer.history),
    }
    about = (
        describe_model(trainer.model, trainer.head)
        | trainer.about
        | {"run": json.dumps(run, default=_plain)}
    )
    write_tensors(path, tensors, about)


def load_checkpoint(trainer: Trainer, path: Path) -> None:
    """Put a trainer where it was when the checkpoint was written.

    Raises ConfigError for a file that is no checkpoint or one of a run with other settings, and
    WeightError for tensors that do not fit; then nothing has changed.
    """
    saved = read_tensors(path)
    run = _run(saved)
    changed = [key for key, value in run["settings"].items() if trainer.settings.get(key) != value]
    if changed:
        raise ConfigError(
            f"{path}",
            expected="a checkpoint of a run with the same settings",
            came=", ".join(
                f"{key} {run['settings'][key]} instead of {trainer.settings.get(key)}"
                for key in changed
            ),
            suggestion="resume with the settings of the first run, or start in another folder",
        )
    tensors = {name: x for name, x in saved.tensors.items() if not name.startswith("best.")}
    assign(_leaves(trainer), tensors, str(path))
    if trainer.executor == "auto":  # it might choose another one today, which rounds otherwise
        trainer.executor = run["executor"]
    trainer.best = saved.part("best.")
    trainer.epoch, trainer.step, trainer.recent = run["epoch"], run["step"], run["recent"]
    trainer.epoch_start, trainer.run_start = run["generator"], run["split"]
    trainer.history = History.from_dict(run["history"])


def fingerprint(labels: Array) -> str:
    """A short text that differs, most likely, where the samples do."""
    return f"{len(labels)} labels, crc32 {crc32(labels.tobytes()):08x}"


def _leaves(trainer: Trainer) -> dict[str, Node]:
    leaves = {f"optimizer.{name}": leaf for name, leaf in trainer.optimizer.leaves.items()}
    return dict(trainer.model.named_parameters()) | leaves


def _run(saved: Saved) -> dict[str, Any]:
    if "run" not in saved.about:
        raise ConfigError(
            str(saved.path),
            expected="a checkpoint of a training run",
            came="a file of weights",
            suggestion="resume from the checkpoint.safetensors of the run",
        )
    found: dict[str, Any] = json.loads(saved.about["run"])
    return found


def _plain(array: Array) -> list[Any]:
    """The arrays in the state of some generators, as JSON has them."""
    plain: list[Any] = array.tolist()
    return plain
