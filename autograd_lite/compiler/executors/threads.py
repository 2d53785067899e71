"""BLAS works in one thread inside of programs, which share their large products themselves.

Two threads on a product that takes microseconds are slower than one, on a busy machine a hundred
times; and what a library's threads compute depends on how many there are.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from itertools import product
from math import isqrt
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.executors.blas import routines
from autograd_lite.compiler.lowered import Product
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.frontend.node import Node

SMALL = 8_000  # multiplications up to which BLAS takes one thread anyway
LOADED = Path("/proc/self/maps")  # where Linux lists the libraries of a process
PREFIXES, SUFFIXES = ("", "scipy_"), ("", "64_", "_64", "64")  # of the names in builds of OpenBLAS


def wants_one_thread(plan: Plan) -> bool:
    """Whether BLAS has to be told to work in one thread."""
    nodes = [node for step in plan.steps for node in step.nodes]
    products = [x for x in nodes if issubclass(op_of(x), Product) or op_of(x).is_product]
    return any(multiplications(x) > SMALL for x in products if len(x.inputs) > 1)


def multiplications(node: Node) -> int:
    """As many as elements of the operands meet: √(x · y · result) for matrices, exact."""
    x, y = node.inputs[-2:]
    return isqrt(x.size * y.size * node.size)


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, BLAS works in one thread."""
    changed = [(lib, count) for lib in _libraries() if (count := lib.get_num_threads()) != 1]
    for lib, _ in changed:
        lib.set_num_threads(1)
    try:
        yield
    finally:
        for lib, count in changed:
            lib.set_num_threads(count)


@lru_cache(maxsize=1)
def _libraries() -> list[Any]:
    """Every BLAS that is loaded, SciPy's own included; what threadpoolctl knows, if it is there."""
    routines(np.dtype(np.float32))
    try:
        from threadpoolctl import (  # type: ignore[import-untyped]  # noqa: PLC0415
            ThreadpoolController,
        )
    except ImportError:
        return [OpenBLAS(path) for path in _loaded()]
    found = ThreadpoolController().lib_controllers
    return [lib for lib in found if lib.user_api == "blas"]


def _loaded() -> list[str]:
    """The files of each OpenBLAS of this process, where the system lists them."""
    lines = LOADED.read_text().splitlines() if LOADED.exists() else []
    paths = {line.split(maxsplit=5)[-1] for line in lines if "openblas" in line}
    return sorted(path for path in paths if Path(path).exists() and OpenBLAS(path).is_known)


class OpenBLAS:
    """The library in a file, whose functions have names that builders have changed."""

    def __init__(self, path: str) -> None:
        library = ctypes.CDLL(path)
        for prefix, suffix in product(PREFIXES, SUFFIXES):
            names = [f"{prefix}openblas_{verb}_num_threads{suffix}" for verb in ("get", "set")]
            self.is_known = all(hasattr(library, name) for name in names)
            if self.is_known:
                self.get_num_threads, self.set_num_threads = (library[name] for name in names)
                return
