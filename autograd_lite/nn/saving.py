"""Models and histories as files: safetensors with the architecture in it, and JSON. Never pickle.

A file of weights holds one tensor for each named parameter. Its metadata says which model they
belong to, so `load_model` needs nothing but the path. State of an optimizer lies beside them under
`optimizer.…`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import autograd_lite as ag
from autograd_lite import Graph, Node
from autograd_lite.errors import ConfigError, WeightError
from autograd_lite.nn.arrays import Array, describe
from autograd_lite.nn.files import replacing, write
from autograd_lite.nn.layers import MLP
from autograd_lite.nn.losses import HEADS, Head, softmax_cross_entropy
from autograd_lite.nn.module import Module
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.optional import optional
from autograd_lite.nn.training.history import History

FORMAT = "autograd_lite 1"
MODELS: dict[str, type[MLP]] = {"MLP": MLP}  # what a file's architecture can be built as
STATE_PREFIXES = ("optimizer.", "best.")


@dataclass(frozen=True)
class Saved:
    """What is in a file: tensors by name, and the metadata, JSON of anything."""

    path: Path
    tensors: Mapping[str, Array]
    about: Mapping[str, Any] = field(default_factory=dict)

    def part(self, prefix: str) -> dict[str, Array]:
        """The tensors under a prefix, by the rest of their names."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(prefix)
        }

    @property
    def weights(self) -> dict[str, Array]:
        """The tensors that are parameters of the model."""
        return {k: x for k, x in self.tensors.items() if not k.startswith(STATE_PREFIXES)}


def save_model(
    model: Module,
    path: str | os.PathLike[str],
    *,
    head: Head = softmax_cross_entropy,
    optimizer: Optimizer | None = None,
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Write the parameters, and the optimizer's state if one is given; return the path.

    The file appears whole or not at all. Its metadata tell the architecture, the head, and what is
    in `about`: anything that JSON can say. Raises ConfigError if the file cannot be written or
    safetensors is not installed.
    """
    tensors = values(dict(model.named_parameters()))
    if optimizer is not None:
        tensors |= values({f"optimizer.{name}": x for name, x in optimizer.leaves.items()})
    return write_tensors(path, tensors, {**describe_model(model, head), **(about or {})})


def load_model(path: str | os.PathLike[str]) -> MLP:
    """The model that a file of weights belongs to, with these weights.

    Raises ConfigError for a file that is damaged, foreign or of a model that has to be built by
    hand, WeightError for tensors that do not fit.
    """
    saved = read_tensors(path)
    architecture = saved.about.get("architecture")
    if saved.about.get("model") not in MODELS or not isinstance(architecture, dict):
        raise ConfigError(
            str(path),
            expected=f"weights of {' or '.join(MODELS)}, which can be built from the file alone",
            came=f"weights of {saved.about.get('model', 'a model that the file does not name')}",
            suggestion="build the model yourself, then call nn.load_weights(model, path)",
        )
    try:
        model = MODELS[saved.about["model"]](**architecture)
    except (TypeError, ConfigError) as problem:
        raise ConfigError(
            str(path),
            expected=f"the architecture of an {saved.about['model']}",
            came=f"{architecture} ({type(problem).__name__})",
            suggestion="build the model yourself, then call nn.load_weights(model, path)",
        ) from problem
    assign(dict(model.named_parameters()), saved.weights, str(path))
    return model


def load_head(path: str | os.PathLike[str]) -> Head:
    """The head that the model in a file was trained with."""
    return HEADS.get(read_tensors(path).about.get("head", ""), softmax_cross_entropy)


def load_weights(
    model: Module, path: str | os.PathLike[str], *, optimizer: Optimizer | None = None
) -> None:
    """Read the parameters of a model, and the state of its optimizer if one is given.

    Raises ConfigError for a file that is damaged or foreign, WeightError for a tensor that is
    missing, unknown or of another shape or dtype, by its name; then nothing has changed.
    """
    saved = read_tensors(path)
    leaves, tensors = dict(model.named_parameters()), saved.weights
    if optimizer is not None:
        leaves |= {f"optimizer.{name}": leaf for name, leaf in optimizer.leaves.items()}
        tensors |= {k: x for k, x in saved.tensors.items() if k.startswith("optimizer.")}
    assign(leaves, tensors, str(path))


def assign(leaves: Mapping[str, Node], tensors: Mapping[str, Array], subject: str) -> None:
    """Give every leaf the tensor of its name; WeightError, and no change, if one does not fit."""
    missing, unknown = leaves.keys() - tensors.keys(), tensors.keys() - leaves.keys()
    if missing or unknown:
        raise WeightError(
            subject,
            expected=f"the tensors {', '.join(leaves)}",
            came="; ".join(
                f"{what} {', '.join(sorted(names))}"
                for what, names in (("missing", missing), ("unknown", unknown))
                if names
            ),
            suggestion="load it into the model it was saved from",
        )
    for name, leaf in leaves.items():
        if (tensors[name].shape, tensors[name].dtype) != (leaf.shape, leaf.dtype):
            raise WeightError(
                f"{subject}: {name}",
                expected=str(leaf.spec),
                came=describe(tensors[name]),
                suggestion="load it into a model of the same sizes and dtype",
            )
    for name, leaf in leaves.items():
        leaf.assign(tensors[name].item() if type(leaf.value) is float else tensors[name])


def describe_model(model: Module, head: Head) -> dict[str, Any]:
    """What a file says about the model in it."""
    about: dict[str, Any] = {"model": type(model).__name__, "head": head.__name__}
    if isinstance(model, MLP):
        about["architecture"] = model.architecture()
    return about


def values(leaves: Mapping[str, Node]) -> dict[str, Array]:
    """The values of leaves as arrays of one memory block each, as safetensors wants them."""
    return {name: np.array(leaf.value, order="C") for name, leaf in leaves.items()}


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Array], about: Mapping[str, Any]
) -> Path:
    """Write tensors and what is said about them, whole or not at all; return the path."""
    told = {"format": FORMAT, "version": ag.__version__, **about}
    metadata = {"about": json.dumps(told)}  # one entry: several would come in any order
    return write(Path(path), _safetensors(path).numpy.save(dict(tensors), metadata))


def read_tensors(path: str | os.PathLike[str]) -> Saved:
    """What `write_tensors` wrote. Raises ConfigError for a file that it did not write."""
    library = _safetensors(path)
    try:
        tensors = library.numpy.load_file(path)
        with library.safe_open(path, framework="np") as file:
            metadata = file.metadata() or {}
        about = json.loads(metadata.get("about", "{}"))
    except (OSError, ValueError, library.SafetensorError) as problem:
        raise ConfigError(
            str(path),
            expected="a file of weights (safetensors)",
            came=str(problem) or type(problem).__name__,
            suggestion="write one with nn.save_model, or autograd-lite train --out FOLDER",
        ) from problem
    return Saved(Path(path), tensors, about if isinstance(about, dict) else {})


def save_history(history: History, folder: str | os.PathLike[str]) -> Path:
    """Write `history.json` and return its path. Raises ConfigError if that cannot be done."""
    text = json.dumps(history.to_dict(), indent=2, allow_nan=False) + "\n"
    return write(Path(folder, "history.json"), text.encode())


def save_graph(graph: Graph, folder: str | os.PathLike[str]) -> list[Path]:
    """Write `graph.dot` and `graph.svg` and return the paths."""
    written = [Path(folder, name) for name in ("graph.dot", "graph.svg")]
    for path in written:
        with replacing(path) as draft:
            graph.render(draft)
    return written


def _safetensors(path: str | os.PathLike[str]) -> Any:
    library = optional("safetensors")
    if library is None or optional("safetensors.numpy") is None:
        raise ConfigError(
            str(path),
            expected="safetensors, which reads and writes weights",
            came="no such library",
            suggestion='pip install "autograd-lite[train]"',
        )
    return library
