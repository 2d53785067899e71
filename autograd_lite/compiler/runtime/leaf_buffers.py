"""The buffers in which a program keeps the values of the user's leaves while it runs."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_lite.compiler.planning.arena import aligned_array
from autograd_lite.core.context import clock
from autograd_lite.core.values import Array
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.protocols import about_to_change


class LeafBuffers:
    """An aligned array for each leaf, filled from the leaf and, if it is updated, shown by it.

    An updated leaf's `value` is a read-only view of its buffer, so the next step changes it: copy
    what is to be kept. Nothing that the user handed in is ever written to.
    """

    def __init__(self, leaves: Iterable[Node], updated: Iterable[Node]) -> None:
        self.arrays: Mapping[Node, Array] = {leaf: aligned_array(leaf.spec) for leaf in leaves}
        self._updated = [(leaf, self.arrays[leaf], _view(self.arrays[leaf])) for leaf in updated]
        self._seen = dict.fromkeys(self.arrays, 0)
        self.elsewhere: dict[Node, Any] = {}  # what an executor keeps of the same values

    def fill(self) -> None:
        """Take over what the user, or another program, has assigned since."""
        if self._updated:
            about_to_change(self._updated[0][0])
        seen = self._seen
        for leaf, array in self.arrays.items():
            if leaf._stamp != seen[leaf]:
                np.copyto(array, leaf._value)
                seen[leaf] = leaf._stamp
                self.elsewhere.pop(leaf, None)

    def show(self) -> None:
        """Let the updated leaves have their new values."""
        for leaf, array, view in self._updated:
            leaf._value = array.item() if type(leaf._value) is float else view
            self._seen[leaf] = leaf._stamp = next(clock)

    def saved(self) -> list[Array]:
        """Copies of the updated leaves' values."""
        return [array.copy() for _, array, _ in self._updated]

    def restore(self, saved: list[Array]) -> None:
        """The updated leaves as they were."""
        for (leaf, array, _), values in zip(self._updated, saved, strict=True):
            np.copyto(array, values)
            self.elsewhere.pop(leaf, None)

    def are_finite(self) -> bool:
        """Whether no updated leaf has a NaN or an infinity."""
        return all(np.isfinite(array).all() for _, array, _ in self._updated)


def _view(array: Array) -> Array:
    view = array.view()
    view.setflags(write=False)
    return view
