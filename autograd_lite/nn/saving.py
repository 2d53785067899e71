"""Files of a training run, each written whole or not at all."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from autograd_lite import Graph
from autograd_lite.errors import ConfigError
from autograd_lite.nn.history import History
from autograd_lite.nn.module import Module
from autograd_lite.nn.optional import optional


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder unless there is one. Raises ConfigError if no file can be written in it."""
    with _refusing(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass


def save_history(history: History, folder: str | os.PathLike[str]) -> Path:
    """Write `history.json` and return its path. Raises ConfigError if that cannot be done."""
    text = json.dumps(history.to_dict(), indent=2, allow_nan=False) + "\n"
    return _write(Path(folder, "history.json"), text.encode())


def save_weights(model: Module, folder: str | os.PathLike[str]) -> Path:
    """Write the named parameters and return the path.

    It is `weights.safetensors` where safetensors is installed, otherwise `weights.npz`, which
    `numpy.load` reads without pickle. Raises ConfigError if it cannot be written.
    """
    arrays = {name: np.asarray(node.value) for name, node in model.named_parameters()}
    safetensors = optional("safetensors.numpy")
    if safetensors is not None:
        return _write(Path(folder, "weights.safetensors"), safetensors.save(arrays))
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # a name could be allow_pickle
    return _write(Path(folder, "weights.npz"), file.getvalue())


def save_graph(graph: Graph, folder: str | os.PathLike[str]) -> list[Path]:
    """Write `graph.dot` and `graph.svg` and return the paths."""
    written = [Path(folder, name) for name in ("graph.dot", "graph.svg")]
    for path in written:
        with _replacing(path) as draft:
            graph.render(draft)
    return written


def _write(path: Path, data: bytes) -> Path:
    with _replacing(path) as draft:
        draft.write_bytes(data)
    return path


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A path beside the right one to write to; it takes the right one's place at the end."""
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    with _refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def _refusing(path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise ConfigError(
            str(path),
            expected="a place that can be written to",
            came=str(problem),
            suggestion="choose another folder, or make room there",
        ) from problem
