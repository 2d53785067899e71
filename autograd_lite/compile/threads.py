"""How many threads BLAS may use: one for small products, all for large ones, restored afterwards.

Two threads on a product that takes microseconds are slower than one, and on a busy machine a
hundred times slower. Without threadpoolctl nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from autograd_lite.compile.blas import routines
from autograd_lite.compile.lowered import Gemm, GemmUpdate
from autograd_lite.compile.plan import Plan
from autograd_lite.node import Node

LARGE = 8_000_000  # multiplications in one product from which a second thread pays


def wants_threads(plan: Plan) -> bool:
    """Whether a product of the plan is large enough for several threads."""
    return any(_multiplications(node) >= LARGE for step in plan.steps for node in step.nodes)


def _multiplications(node: Node) -> int:
    if node.op is Gemm or node.op is GemmUpdate:
        x = node.inputs[-2]
        return prod(node.shape) * (x.shape[0] if node.params["transpose_x"] else x.shape[1])
    return 0


@contextmanager
def one_thread(wanted: bool) -> Iterator[None]:
    """Inside, BLAS works in one thread, if that is wanted."""
    changed = [(lib, lib.get_num_threads()) for lib in _libraries()] if wanted else []
    changed = [(lib, count) for lib, count in changed if count != 1]
    for lib, _ in changed:
        lib.set_num_threads(1)
    try:
        yield
    finally:
        for lib, count in changed:
            lib.set_num_threads(count)


@lru_cache(maxsize=1)
def _libraries() -> list[Any]:
    """Every BLAS that is loaded, SciPy's own included."""
    routines(np.dtype(np.float32))
    try:
        from threadpoolctl import ThreadpoolController  # noqa: PLC0415
    except ImportError:
        return []
    found = ThreadpoolController().lib_controllers
    return [lib for lib in found if lib.user_api == "blas"]
