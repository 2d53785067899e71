"""New values for many nodes at once: all of them are changed, or none."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import ArrayLike

from autograd_lite.core.context import tick
from autograd_lite.core.values import to_its_end
from autograd_lite.frontend.protocols import NOBODY, about_to_change, looks_now


def put(values: Mapping[Any, Any]) -> None:
    """Make these the values of nodes, computed now, even if a signal raises in the middle."""
    stamp = tick()

    def change() -> None:
        for node, value in values.items():
            node._value, node._stamp = value, stamp

    to_its_end(change)


def assign_all(values: Mapping[Any, ArrayLike], *, copy: bool = True) -> None:
    """Assign to leaves as `Node.assign` does; if one of the values does not fit, to none."""
    if looks_now() is not NOBODY:
        for node in values:
            about_to_change(node)
    put({node: node.fitted(value, copy=copy) for node, value in values.items()})
