"""Models and histories as files: safetensors with the architecture in it, and JSON. Never pickle.

A file of weights holds one tensor for each named parameter. Its metadata says which model they
belong to, so `load_model` needs nothing but the path. State of an optimizer lies beside them under
`optimizer.…`.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_lite import Graph
from autograd_lite.errors import ConfigError, WeightError
from autograd_lite.frontend.node import NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import of_type, refuse_unless
from autograd_lite.nn.layers.mlp import MLP, check_sizes
from autograd_lite.nn.layers.sizes import number_of_parameters
from autograd_lite.nn.losses import LOSSES, Loss, check_loss, once_head, softmax_cross_entropy
from autograd_lite.nn.module import Module, check_model
from autograd_lite.nn.optimizer import Optimizer
from autograd_lite.nn.tensors import Saved, read_tensors, write_tensors
from autograd_lite.nn.training.history import History
from autograd_lite.nn.weights import assign, values
from autograd_lite.serialize.files import as_path, write

MODELS: dict[str, type[MLP]] = {"MLP": MLP}  # what a file's architecture can be built as
BY_HAND = "build the model yourself, then call nn.load_weights(model, path)"


@once_head
@checks_call
def save_model(
    model: Module,
    path: str | os.PathLike[str],
    *,
    loss: str | Loss = softmax_cross_entropy,
    optimizer: Optimizer | None = None,
    about: Mapping[str, Any] | None = None,
) -> Path:
    """Write the parameters, and the optimizer's state if one is given; return the path.

    The file appears whole or not at all. Its metadata tell the architecture, the loss, and what is
    in `about`: anything that JSON can say. Raises ConfigError if the file cannot be written or
    safetensors is not installed.
    """
    check_model(model)
    refuse_unless(about is None or isinstance(about, Mapping), "about", about, "a dictionary")
    tensors = values(model.state())
    if optimizer is not None:
        of_type("optimizer", optimizer, Optimizer, "nn.SGD(model.parameters())")
        tensors |= values({f"optimizer.{name}": x for name, x in optimizer.leaves.items()})
    return write_tensors(path, tensors, {**describe_model(model, loss), **(about or {})})


@checks_call
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
    assign(model.state(), saved.weights, str(path))
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


def load_loss(path: str | os.PathLike[str]) -> Loss:
    """The loss that the model in a file was trained with."""
    return LOSSES.get(str(read_tensors(path).about.get("head")), softmax_cross_entropy)


@checks_call
def load_weights(
    model: Module, path: str | os.PathLike[str], *, optimizer: Optimizer | None = None
) -> None:
    """Read the parameters of a model, and the state of its optimizer if one is given.

    Raises ConfigError for a file that is damaged or foreign, WeightError for a tensor that is
    missing, unknown or of another shape or dtype, by its name; then nothing has changed.
    """
    check_model(model)
    saved = read_tensors(path)
    leaves, tensors = model.state(), saved.weights
    if optimizer is not None:
        leaves |= {f"optimizer.{name}": leaf for name, leaf in optimizer.leaves.items()}
        tensors |= {k: x for k, x in saved.tensors.items() if k.startswith("optimizer.")}
    assign(leaves, tensors, str(path))


def describe_model(model: Module, loss: str | Loss) -> dict[str, Any]:
    """What a file says about the model in it, and the loss, as "head" since the first files."""
    chosen = check_loss(loss)
    return {**model.described(), "head": getattr(chosen, "__name__", type(chosen).__name__)}


@checks_call
def save_history(history: History, folder: str | os.PathLike[str]) -> Path:
    """Write `history.json` and return its path. Raises ConfigError if that cannot be done."""
    of_type("history", history, History, "what nn.fit returns")
    text = json.dumps(history.to_dict(), indent=2, allow_nan=False) + "\n"
    return write(as_path(folder, "folder") / "history.json", text.encode())


@checks_call
def save_graph(graph: Graph, folder: str | os.PathLike[str]) -> list[Path]:
    """Write `graph.dot` and `graph.svg` and return the paths."""
    refuse_unless(isinstance(graph, NodeGraph), "graph", graph, "a graph", "give recording.graph")
    return [graph.render(as_path(folder, "folder") / name) for name in ("graph.dot", "graph.svg")]
