"""How many threads BLAS may use: one for small products, all for large ones, restored afterwards.

Two threads on a product that takes microseconds are slower than one, and on a busy machine a
hundred times slower. Without threadpoolctl nothing is changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from math import isqrt
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.executors.blas import routines
from autograd_lite.compiler.lowered import Product
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.frontend.node import Node

LARGE = 8_000_000  # multiplications in one product from which a second thread pays
SMALL = 8_000  # multiplications up to which BLAS takes one thread anyway


def wants_threads(plan: Plan) -> bool:
    """Whether a product of the plan is large enough for several threads."""
    return _largest(plan) >= LARGE


def wants_one_thread(plan: Plan) -> bool:
    """Whether BLAS has to be told not to take several threads for what does not pay."""
    return SMALL < _largest(plan) < LARGE


def _largest(plan: Plan) -> int:
    """The multiplications in the largest product of the plan."""
    nodes = [node for step in plan.steps for node in step.nodes]
    products = [x for x in nodes if issubclass(op_of(x), (Product, ops.MatMul))]
    return max(map(_multiplications, products), default=0)


def _multiplications(node: Node) -> int:
    """As many as entries of the operands meet: √(x · y · result) for matrices, exact."""
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
    """Every BLAS that is loaded, SciPy's own included."""
    routines(np.dtype(np.float32))
    try:
        from threadpoolctl import (  # type: ignore[import-untyped]  # noqa: PLC0415
            ThreadpoolController,
        )
    except ImportError:
        return []
    found = ThreadpoolController().lib_controllers
    return [lib for lib in found if lib.user_api == "blas"]
