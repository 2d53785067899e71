"""All that decides how a training run goes on, in one file: written whole, read back to the bit.

What is read is looked at in full before anything of the run changes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Node
from autograd_lite.errors import ConfigError
from autograd_lite.nn.checks import Array
from autograd_lite.nn.module import Module
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.tensors import Saved, read_tensors, safetensors_for, write_tensors
from autograd_lite.nn.training.history import History
from autograd_lite.nn.weights import assign, check_fit, values
from autograd_lite.serialize.files import check_writable, make_folder

STATE = "optimizer."  # what the names of an optimizer's leaves begin with
# What a generator may have under a name. It looks there in its memory without another check.
LARGEST = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "uinteger": 2**32 - 1}


@dataclass
class RunState:
    """Where a run is, beside its weights and the state of its optimizer."""

    split: Any  # the generator's state before validation samples were drawn
    generator: Any = None  # its state when the epoch began; None before the first
    epoch: int = 0
    step: int = 0  # of the epoch, that comes next
    recent: list[Any] = field(default_factory=lambda: [0.0, 0])
    """The sum of the losses since the last point of the curve, and of how many samples."""
    history: History = field(default_factory=History)

    def take(self, step: int, loss: float, samples: int) -> None:
        """Count the steps before `step`, the last of which had this mean loss."""
        total, count = self.recent
        self.step, self.recent = step, [total + loss * samples, count + samples]


@dataclass
class SavedRun:
    """What a file of a run holds, beside tensors for its leaves."""

    settings: Mapping[str, Any]
    executor: str
    state: RunState
    best: Mapping[str, Array]


def trained(model: Module, optimizer: Optimizer) -> dict[str, Node]:
    """The leaves of the model, and parameters beside it, as a loss of one's own may have them."""
    own = model.state()
    known, pairs = {*own.values()}, zip(optimizer.names, optimizer.parameters, strict=True)
    return own | {f"{STATE}{name}.value": x for name, x in pairs if x not in known}


def leaves_of(model: Module, optimizer: Optimizer) -> dict[str, Node]:
    """All leaves that decide how a run goes on, by the names that they have in a checkpoint."""
    state = {f"{STATE}{name}": leaf for name, leaf in optimizer.leaves.items()}
    return trained(model, optimizer) | state


def check_writable_checkpoint(path: Path) -> None:
    """Make its folder; ConfigError if it could not be written, before an epoch is trained."""
    safetensors_for(path)
    make_folder(path.parent)
    check_writable(path)


def save_checkpoint(
    path: Path, leaves: Mapping[str, Node], run: SavedRun, about: Mapping[str, Any]
) -> None:
    """Write weights, optimizer state, best weights, generator, place in the run and history."""
    tensors = values(leaves) | {f"best.{name}": value for name, value in run.best.items()}
    told = {"settings": run.settings, "executor": run.executor, **asdict(run.state)}
    write_tensors(path, tensors, {**about, "run": json.dumps(told, default=np.ndarray.tolist)})


def load_checkpoint(
    path: Path,
    leaves: Mapping[str, Node],
    settings: Mapping[str, Any],
    about: Mapping[str, Any],
    random: np.random.Generator,
) -> SavedRun:
    """Give leaves what they were when a run with these settings was saved, and return the rest.

    `about` is what the file has to say about the model and its loss.

    Raises ConfigError for a file that is no checkpoint or one of a run with other settings, and
    WeightError for tensors that do not fit; then nothing has changed.
    """
    saved = read_tensors(path)
    run = _parsed(saved)
    _refuse_other_settings(path, run.get("settings"), settings)
    _refuse_other_settings(path, saved.about, json.loads(json.dumps(about)))
    state = _checked(path, run, random)
    best = saved.part("best.")
    if best:
        kept = {k: x for k, x in leaves.items() if k in best or not k.startswith(STATE)}
        check_fit(kept, best, f"{path}: best")
    tensors = {name: x for name, x in saved.tensors.items() if not name.startswith("best.")}
    assign(leaves, tensors, str(path))
    return SavedRun(settings, str(run.get("executor")), state, best)


def _parsed(saved: Saved) -> dict[str, Any]:
    if "run" not in saved.about:
        raise ConfigError(
            str(saved.path),
            expected="a checkpoint of a training run",
            came="a file of weights",
            suggestion="resume from the checkpoint.safetensors of the run",
        )
    try:
        run = json.loads(saved.about["run"])
    except (TypeError, ValueError, RecursionError):
        run = None
    if not isinstance(run, dict):
        raise _damaged(saved.path, "text that is no record")
    return run


def _refuse_other_settings(path: Path, came: Any, settings: Mapping[str, Any]) -> None:
    came = came if isinstance(came, dict) else {}
    changed = [key for key, value in settings.items() if came.get(key) != value]
    if changed:
        raise ConfigError(
            f"{path}",
            expected="a checkpoint of a run with the same settings",
            came=", ".join(f"{k} {came.get(k)!r} instead of {settings[k]!r}" for k in changed),
            suggestion="resume with the settings of the first run, or start in another folder",
        )


def _checked(path: Path, run: Mapping[str, Any], random: np.random.Generator) -> RunState:
    model = random.bit_generator.state
    try:
        state = RunState(**{key.name: run[key.name] for key in fields(RunState)})
        state.history = History.from_dict(run["history"])
    except (KeyError, ConfigError) as problem:
        raise _damaged(path, f"a record without a sound {problem.args[0]}") from problem
    recent = state.recent if isinstance(state.recent, list) else []
    checks = {
        "generator": is_state(state.split, model) and is_state(state.generator, model),
        "place": is_state([state.epoch, state.step], np.zeros(2, "uint32")),
        "recent losses": len(recent) == 2 and type(recent[0]) is float and is_state(recent[1], 0),
        "history": len(state.history.epochs) == state.epoch,
    }
    for name, is_sound in checks.items():
        if not is_sound:
            raise _damaged(path, f"a record without a sound {name}")
    return state


def is_state(value: Any, model: Any, largest: int = 2**128 - 1) -> bool:
    """Whether what a file has for a generator's state is made as a state of the same generator.

    >>> state = np.random.PCG64(0).state
    >>> is_state(state, state), is_state({**state, "has_uint32": -1}, state)
    (True, False)
    """
    if isinstance(model, dict):
        return (
            isinstance(value, dict)
            and value.keys() == model.keys()
            and all(is_state(value[key], x, LARGEST.get(key, largest)) for key, x in model.items())
        )
    if isinstance(model, np.ndarray):
        top, same = np.iinfo(model.dtype).max, isinstance(value, list) and len(value) == len(model)
        return same and all(is_state(x, 0, top) for x in value)
    if isinstance(model, int):
        return type(value) is int and 0 <= value <= largest
    return bool(value == model)


def _damaged(path: Path, came: str) -> ConfigError:
    return ConfigError(
        str(path),
        expected="a checkpoint as a training run writes it",
        came=came,
        suggestion="resume from another file, or start again without resume",
    )
