"""Models and histories as files: safetensors with the architecture in it, and JSON. Never pickle.

A file of weights holds one tensor for each named parameter. Its metadata says which model they
belong to, so `load_model` needs nothing but the path. State of an optimizer lies beside them under
`optimizer.…`.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import autograd_lite as ag
from autograd_lite import Graph
from autograd_lite.errors import ConfigError, WeightError
from autograd_lite.nn.checks import Array, needed, refuse_unless
from autograd_lite.nn.layers import MLP, check_sizes, number_of_parameters
from autograd_lite.nn.losses import HEADS, Head, check_head, softmax_cross_entropy
from autograd_lite.nn.module import Module, check_model
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.training.history import History
from autograd_lite.nn.weights import assign, values
from autograd_lite.serialize.files import as_path, make_folder, write

FORMAT = "autograd_lite 1"
MODELS: dict[str, type[MLP]] = {"MLP": MLP}  # what a file's architecture can be built as
BY_HAND = "build the model yourself, then call nn.load_weights(model, path)"
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
    check_model(model)
    refuse_unless(about is None or isinstance(about, Mapping), "about", about, "a dictionary")
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
    name, architecture = saved.about.get("model"), saved.about.get("architecture")
    if name not in list(MODELS) or not isinstance(architecture, dict):
        raise ConfigError(
            str(path),
            expected=f"weights of {' or '.join(MODELS)}, which can be built from the file alone",
            came=f"weights of {name or 'a model that the file does not name'}",
            suggestion=BY_HAND,
        )
    try:
        _refuse_other_size(saved, architecture)
        model = MODELS[name](**architecture)
    except (TypeError, ConfigError) as problem:
        raise ConfigError(
            str(path),
            expected=f"the architecture of an {name}",
            came=f"{architecture} ({type(problem).__name__})",
            suggestion=BY_HAND,
        ) from problem
    assign(dict(model.named_parameters()), saved.weights, str(path))
    return model


def _refuse_other_size(saved: Saved, architecture: Mapping[str, Any]) -> None:
    """Look at the number of weights before a model of any size is made because a file says so."""
    told = number_of_parameters(check_sizes(architecture.get("sizes")))
    came = sum(tensor.size for tensor in saved.weights.values())
    if told != came:
        raise WeightError(
            str(saved.path),
            expected=f"the {told:,} numbers of sizes {architecture['sizes']}",
            came=f"{came:,} numbers in {len(saved.weights)} tensors",
            suggestion="save the model again; this file is not whole",
        )


def load_head(path: str | os.PathLike[str]) -> Head:
    """The head that the model in a file was trained with."""
    return HEADS.get(str(read_tensors(path).about.get("head")), softmax_cross_entropy)


def load_weights(
    model: Module, path: str | os.PathLike[str], *, optimizer: Optimizer | None = None
) -> None:
    """Read the parameters of a model, and the state of its optimizer if one is given.

    Raises ConfigError for a file that is damaged or foreign, WeightError for a tensor that is
    missing, unknown or of another shape or dtype, by its name; then nothing has changed.
    """
    check_model(model)
    saved = read_tensors(path)
    leaves, tensors = dict(model.named_parameters()), saved.weights
    if optimizer is not None:
        leaves |= {f"optimizer.{name}": leaf for name, leaf in optimizer.leaves.items()}
        tensors |= {k: x for k, x in saved.tensors.items() if k.startswith("optimizer.")}
    assign(leaves, tensors, str(path))


def describe_model(model: Module, head: Head) -> dict[str, Any]:
    """What a file says about the model in it."""
    name = getattr(check_head(head), "__name__", type(head).__name__)
    about: dict[str, Any] = {"model": type(model).__name__, "head": name}
    if isinstance(model, MLP):
        about["architecture"] = model.architecture()
    return about


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Array], about: Mapping[str, Any]
) -> Path:
    """Write tensors and what is said about them, whole or not at all; return the path."""
    library, target = _safetensors(path), as_path(path)
    told = {"format": FORMAT, "version": ag.__version__, **about}
    try:  # the metadata are one record: several would come in any order
        data = library.numpy.save(dict(tensors), {"about": json.dumps(told)})
    except (TypeError, ValueError, RecursionError, library.SafetensorError) as problem:
        raise ConfigError(
            str(path),
            expected="arrays that safetensors has a dtype for, and metadata that JSON can say",
            came=f"{type(problem).__name__}: {problem}",
            suggestion="give numbers and texts in `about`, and a model in float32 or float64",
        ) from problem
    make_folder(target.parent)
    return write(target, data)


def read_tensors(path: str | os.PathLike[str]) -> Saved:
    """What `write_tensors` wrote. Raises ConfigError for a file that it did not write."""
    library, source = _safetensors(path), as_path(path)
    problems = OSError, ValueError, TypeError, KeyError, RecursionError, library.SafetensorError
    try:
        tensors = library.numpy.load(source.read_bytes())
        with library.safe_open(source, framework="np") as file:
            metadata = file.metadata() or {}
        about = json.loads(metadata.get("about", "{}"))
    except problems as problem:
        raise ConfigError(
            str(path),
            expected="a file of weights (safetensors)",
            came=str(problem) or type(problem).__name__,
            suggestion="write one with nn.save_model, or autograd-lite train --out FOLDER",
        ) from problem
    return Saved(source, tensors, about if isinstance(about, dict) else {})


def save_history(history: History, folder: str | os.PathLike[str]) -> Path:
    """Write `history.json` and return its path. Raises ConfigError if that cannot be done."""
    text = json.dumps(history.to_dict(), indent=2, allow_nan=False) + "\n"
    return write(as_path(folder, "folder") / "history.json", text.encode())


def save_graph(graph: Graph, folder: str | os.PathLike[str]) -> list[Path]:
    """Write `graph.dot` and `graph.svg` and return the paths."""
    return [graph.render(as_path(folder, "folder") / name) for name in ("graph.dot", "graph.svg")]


def _safetensors(path: object) -> Any:
    expected = "safetensors, which reads and writes weights"
    needed("safetensors.numpy", str(path), expected)
    return needed("safetensors", str(path), expected)
