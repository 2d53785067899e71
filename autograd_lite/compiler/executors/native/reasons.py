"""Why a node runs through NumPy: the one table of what C has no row for.

Everything in the library on float32 and float64 has a row. What is left:
"""

from collections.abc import Callable
from typing import Any

from autograd_lite.compiler.executors.native.c_types import is_known
from autograd_lite.compiler.executors.native.rows import row_of
from autograd_lite.frontend.node import Node


def has_unknown_dtype(node: Node) -> bool:
    """Whether C has no such numbers, or has them in another order of bytes."""
    return not all(is_known(x.dtype) for x in (node, *node.inputs))


def is_users_own(node: Node) -> bool:
    """Whether the op is none of the library's."""
    return not str(getattr(node.op, "__module__", "")).startswith("autograd_lite.")


def lacks_a_library(node: Node) -> bool:
    """Whether LAPACK would do it."""
    found = row_of(node)
    return found is not None and not found.stands_alone and node.dtype.kind == "f"


def has_index_arrays(node: Node) -> bool:
    """Whether a subscript names places by arrays."""
    return "key" in node.params


REASONS: tuple[tuple[Callable[[Node], Any], str], ...] = (
    (has_unknown_dtype, "C has no such dtype: float32 and float64 are faster"),
    (is_users_own, "its rule is not made of the library's functions alone, or looks at values"),
    (lacks_a_library, "LAPACK comes with SciPy: install the extra `fast`"),
    (has_index_arrays, "index arrays of different shapes, or apart: take one axis after the other"),
    (lambda _: True, "it is written in C for floats alone: convert with astype"),
)
"""Which nodes, and why; the first that fits."""


def reason(node: Node) -> str:
    """Why a node runs through NumPy, and what helps."""
    return next(why for applies, why in REASONS if applies(node))
