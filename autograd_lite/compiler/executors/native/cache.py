"""Where compiled code is kept: in a folder that nobody else can write to, or in none.

Code that is loaded runs with the rights of the user, so a folder is only trusted if it, and every
folder above it, can be changed by the user and the administrator alone. Files appear by renaming,
complete or not at all, so processes can share the folder without a lock.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from functools import cache
from hashlib import sha256
from pathlib import Path

PRIVATE = 0o700
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
HASH = 32  # bytes
A_DAY = 86_400  # seconds
MOST_FILES = 512  # the oldest go when there are more


def code_folder() -> Path:
    """The user's cache folder if it can be trusted and written to, else a private one for now."""
    try:
        folder = _cache_home() / "autograd_lite"
        folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        usable = is_private(folder) and os.access(folder, os.W_OK | os.X_OK)
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        usable = False
    return folder if usable else Path(_passing_folder().name)


def is_private(path: Path) -> bool:
    """Whether only this user and the administrator can change what lies at the path.

    >>> is_private(Path("/"))
    True
    """
    own = path.lstat()
    if (
        own.st_uid not in _trusted_owners()
        or stat.S_ISLNK(own.st_mode)
        or own.st_mode & OTHERS_WRITE
    ):
        return False
    return all(_keeps_its_entries(parent) for parent in path.resolve().parents)


def is_whole(library: Path) -> bool:
    """Whether a library is there as it was written: one that was cut off would end the process.

    Behind the code stands its hash.
    """
    try:
        content = library.read_bytes()
    except FileNotFoundError:
        return False
    return sha256(content[:-HASH]).digest() == content[-HASH:]


def publish(finished: Path, destination: Path) -> None:
    """Give a finished file its hash and its name, in one step, and let the oldest ones go.

    So do the drafts of processes that were killed while they compiled.
    """
    with finished.open("r+b") as file:
        file.write(sha256(file.read()).digest())
        file.flush()
        os.fsync(file.fileno())
    finished.replace(destination)
    with contextlib.suppress(OSError):  # another process was quicker
        kept = (file for end in ("*.so", "*.o") for file in destination.parent.glob(end))
        files = sorted(kept, key=lambda file: file.stat().st_mtime)
        for old in files[:-MOST_FILES]:
            old.unlink()
        for draft in destination.parent.glob("tmp*"):
            if draft.stat().st_mtime < time.time() - A_DAY:
                shutil.rmtree(draft, ignore_errors=True)


def _cache_home() -> Path:
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named) if Path(named).is_absolute() else Path.home() / ".cache"


def _trusted_owners() -> set[int]:
    return {0, os.geteuid()}


def _keeps_its_entries(folder: Path) -> bool:
    """Whether nobody else can replace an entry: not writable by others, or sticky like /tmp."""
    about = folder.stat()
    guarded = not about.st_mode & OTHERS_WRITE or about.st_mode & stat.S_ISVTX
    return bool(guarded) and about.st_uid in _trusted_owners()


@cache
def _passing_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of this process alone, mode 700, gone when it ends."""
    return tempfile.TemporaryDirectory(prefix="autograd_lite-")
