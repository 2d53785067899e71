"""Files that are written whole or not at all, even if the machine goes off meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile

from autograd_lite.errors import ConfigError


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder unless there is one. Raises ConfigError if no file can be written in it."""
    with refusing(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass


def write(path: Path, data: bytes) -> Path:
    """Write a file, by way of another one that takes its place; ConfigError if that fails."""
    with replacing(path) as draft, draft.open("wb") as file:
        file.write(data)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside the right one to write to; on the disk, it takes the right one's place."""
    draft = path.with_name(f".{os.getpid()}-{path.name}")
    with refusing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            _sync(draft)
            draft.replace(path)
            with suppress(OSError):  # some systems open no folders; the file itself is safe
                _sync(path.parent)
        finally:
            draft.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def refusing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the system says about a path into a ConfigError."""
    try:
        yield
    except OSError as problem:
        raise ConfigError(
            str(path),
            expected="a place that can be written to",
            came=str(problem),
            suggestion="choose another folder, or make room there",
        ) from problem
