"""Libraries that are used where they are installed, and never needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def optional(name: str) -> Any:
    """The module of that name, imported now, or None where it is not installed.

    >>> optional("a_library_that_nobody_has") is None
    True
    """
    try:
        return import_module(name)
    except ImportError:
        return None
