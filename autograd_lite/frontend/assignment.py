"""New values for many nodes at once: all of them are changed, or none."""

from collections import deque
from collections.abc import Mapping
from itertools import repeat
from typing import Any

from numpy.typing import ArrayLike

from autograd_lite.core.context import tick
from autograd_lite.core.node import BaseNode
from autograd_lite.core.values import to_its_end
from autograd_lite.frontend.protocols import about_to_change

_fields: Any = BaseNode
set_value, set_stamp = _fields._value.__set__, _fields._stamp.__set__


def put(values: Mapping[Any, Any]) -> None:
    """Make these the values of nodes, computed now.

    Each loop is one call for Python: a signal comes before or after it, and so do other threads.
    """
    stamp = tick()

    def change() -> None:
        deque(map(set_stamp, values, repeat(stamp)), maxlen=0)
        deque(map(set_value, values, values.values()), maxlen=0)

    to_its_end(change)


def assign_all(values: Mapping[Any, ArrayLike], *, copy: bool = True) -> None:
    """Assign to leaves as `Node.assign` does; if one of the values does not fit, to none."""
    for node in values:
        about_to_change(node)
    put({node: node.fitted(value, copy=copy) for node, value in values.items()})
