"""Files of tensors by name (safetensors), with what is said about them as JSON. Never pickle."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograd_lite import __version__
from autograd_lite.errors import ConfigError
from autograd_lite.nn.checks import Array, needed
from autograd_lite.serialize.files import as_path, make_folder, write

FORMAT = "autograd_lite 1"
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


def write_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Array], about: Mapping[str, Any]
) -> Path:
    """Write tensors and what is said about them, whole or not at all; return the path."""
    library, target = safetensors_for(path), as_path(path)
    told = {"format": FORMAT, "version": __version__, **about}
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
    library, source = safetensors_for(path), as_path(path)
    problems = OSError, ValueError, TypeError, KeyError, RecursionError, library.SafetensorError
    try:
        if source.exists() and not (source.is_file() or source.is_dir()):
            raise OSError("a pipe or a device, which would be waited for")
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


def safetensors_for(path: object) -> Any:
    """The library that a file needs; ConfigError where it is not installed."""
    expected = "safetensors, which reads and writes weights"
    needed("safetensors.numpy", str(path), expected)
    return needed("safetensors", str(path), expected)
