"""How the library writes files: whole or not at all, even if the machine goes off meanwhile.

A file is written under a name of its own beside the right one, put on the disk, and then takes the
right one's place. A draft is locked while it is written, so what a killed process has left behind
can be told from what another one is writing, and is removed by the next that writes the same file.
"""

import os
import re
import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from secrets import randbits
from tempfile import TemporaryFile
from typing import IO, Any

from autograd_lite.errors import ConfigError

PROBLEMS = OSError, ValueError  # a ValueError for a name with a NUL, among others
fcntl: Any = import_module("fcntl") if find_spec("fcntl") else None  # not so in Windows, browsers


def as_path(path: Any, subject: str = "path") -> Path:
    """The path as a Path; ConfigError for what is none."""
    try:
        return Path(path)
    except TypeError as problem:
        raise ConfigError(
            subject,
            expected="a path: text, or an object of pathlib",
            came=type(path).__name__,
            suggestion="give the name of a file or folder",
        ) from problem


def make_folder(folder: str | os.PathLike[str]) -> None:
    """Make a folder unless there is one. Raises ConfigError if no file can be written in it."""
    try:
        if not os.fspath(folder):
            raise ValueError("no name; this folder is called .")
        Path(folder).mkdir(parents=True, exist_ok=True)
    except PROBLEMS as problem:
        raise _refused(folder, problem) from problem
    check_writable(Path(folder, "file"))


def check_writable(path: str | os.PathLike[str]) -> None:
    """Raise ConfigError if no file of that name can be written, before hours of work for it."""
    target = as_path(path)
    try:
        with TemporaryFile(dir=target.parent), suppress(FileNotFoundError):
            target.lstat()  # raises for a name that is too long, or has a NUL in it
    except PROBLEMS as problem:
        raise _refused(target, problem) from problem
    if target.is_dir():
        raise _refused(target, IsADirectoryError("a folder"))


def write(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write a file whole or not at all; ConfigError if that fails. Returns the path.

    A link stays one: the file that it names is replaced. What is no file, such as a pipe, is
    written to as it is. Of several processes that JAX runs together, the first one writes.
    """
    target = as_path(path)
    if not is_first_process():
        return target
    try:
        real = Path(os.path.realpath(target))
        if real.exists() and not (real.is_file() or real.is_dir()):
            real.write_bytes(data)
        else:
            _replace(real, data)
    except PROBLEMS as problem:
        raise _refused(target, problem) from problem
    return target


def is_first_process() -> bool:
    """Whether this process is the first of those that `jax.distributed` joins, or alone."""
    jax: Any = sys.modules.get("jax")
    joined = jax is not None and jax.distributed.is_initialized()
    return not joined or jax.process_index() == 0


def _replace(target: Path, data: bytes) -> None:
    _sweep(target)
    draft, file = _make_draft(target)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if fcntl is None:  # such systems rename no file that is open
                file.close()
            draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    with suppress(OSError):  # some systems open no folders; the file itself is safe
        _sync(target.parent)


def _make_draft(target: Path) -> tuple[Path, IO[bytes]]:
    """A new file beside the target, held by this process."""
    while True:
        draft = target.with_name(f".{randbits(64)}-{target.name}")
        file = draft.open("xb")
        with suppress(BlockingIOError):
            _hold(file)
            if draft.exists():
                return draft, file
        file.close()  # another process came in between, and takes it for one that was left behind
        draft.unlink(missing_ok=True)


def _sweep(target: Path) -> None:
    """Remove what is left of drafts of this file, by processes that were killed."""
    left_behind = re.compile(rf"\.\d+-{re.escape(target.name)}")
    for path in target.parent.iterdir():
        if left_behind.fullmatch(path.name) and path.is_file():
            with suppress(OSError), path.open("rb") as file:
                _hold(file)
                path.unlink()


def _hold(file: IO[bytes]) -> None:
    """Lock a file until it is closed; BlockingIOError if somebody else holds it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(path: str | os.PathLike[str], problem: Exception) -> ConfigError:
    """What the system says about a path, as a ConfigError."""
    return ConfigError(
        os.fsdecode(path),
        expected="a place that can be written to",
        came=str(problem),
        suggestion="choose another folder, or make room there",
    )
