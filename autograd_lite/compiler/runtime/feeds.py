"""What a program is fed: checked as `Graph.forward` checks it, before anything changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.core.shapes import Spec, as_array, spec_of
from autograd_lite.core.values import Array
from autograd_lite.errors import ConfigError, DTypeError, ShapeError
from autograd_lite.frontend.feeds import fed_value, refuse_other_names
from autograd_lite.frontend.node import Node


def accepted(
    inputs: Mapping[str, Node], feeds: Mapping[str, ArrayLike], on_device: type[Any] | None = None
) -> list[Array]:
    """The feeds of one step in the order of the inputs, contiguous and of their dtypes.

    An array that fits already is taken as it is, without a copy; so is an array of the type
    `on_device` that has the right rank and can be cast.
    """
    refuse_other_names("Program", inputs, feeds)
    return [_accepted(node, feeds[name], on_device) for name, node in inputs.items()]


def _accepted(node: Node, feed: Any, on_device: type[Any] | None) -> Array:
    spec = node._spec
    if on_device is not None and isinstance(feed, on_device) and _casts(feed, spec):
        return feed
    if (
        type(feed) is np.ndarray
        and feed.dtype == spec.dtype
        and feed.ndim == len(spec.shape)
        and feed.flags.c_contiguous
    ):
        return feed
    return np.ascontiguousarray(fed_value(node, feed)).reshape(np.shape(feed))


def _casts(feed: Any, spec: Spec) -> bool:
    """Whether an array has the right rank, and a dtype that can become the right one."""
    same_rank: bool = feed.ndim == len(spec.shape)
    return same_rank and bool(np.can_cast(feed.dtype, spec.dtype, "same_kind"))


def labels_fit(names: Iterable[str], labels: Mapping[str, int], feeds: Sequence[Array]) -> bool:
    """Whether the labels among the feeds are within the axes that they pick from.

    Feeds that lie on a device are left to the executor, which looks at them there.
    """
    for name, feed in zip(names, feeds, strict=True):
        if name in labels and feed.size and isinstance(feed, np.ndarray):
            low, high = (feed, feed) if feed.ndim == 0 else (feed.min(), feed.max())
            if not 0 <= low <= high < labels[name]:
                return False
    return True


class Data:
    """Arrays to scan: one row, or a batch of rows, is the feed of a step."""

    def __init__(
        self,
        inputs: Mapping[str, Node],
        data: Mapping[str, ArrayLike],
        steps: int | None = None,
        on_device: type[Any] | None = None,
    ) -> None:
        refuse_other_names("Program.scan", inputs, data)
        is_count = type(steps) is int and steps >= 0
        if is_count == bool(inputs) or (steps is not None and not is_count):
            raise ConfigError(
                "Program.scan",
                expected="steps, a whole number, where there are no inputs, and only there",
                came=f"steps={steps!r} and {len(inputs)} inputs",
                suggestion="the data says how many steps there are; without data, say it yourself",
            )
        self.inputs = inputs
        self.arrays: list[Any] = [
            data[name]
            if on_device is not None and isinstance(data[name], on_device)
            else as_array(data[name], f"Input '{name}'")
            for name in inputs
        ]
        self.batched = self._is_batched()
        self.length = self._length() if steps is None else steps
        for node, array in zip(inputs.values(), self.arrays, strict=True):
            if not np.can_cast(array.dtype, node.dtype, "same_kind"):
                raise DTypeError(
                    f"Input '{node.name}'",
                    expected=f"{node.dtype}, or what converts to it",
                    came=str(spec_of(array)),
                    suggestion=f"convert the data with astype('{node.dtype}')",
                )

    def _is_batched(self) -> bool:
        """Whether a step takes rows, because the data has the rank of the inputs, or one row."""
        extra = {
            array.ndim - len(node._spec.shape)
            for node, array in zip(self.inputs.values(), self.arrays, strict=True)
        }
        if extra <= {1} or extra == {0}:
            return extra == {0}
        raise ShapeError(
            "Program.scan",
            expected="arrays that all have the rank of their input, or all one axis more",
            came=self._told(),
            suggestion="give a row for each step, or rows for each batch, of every input",
        )

    def _length(self) -> int:
        lengths = {array.shape[:1] for array in self.arrays}
        if len(lengths) > 1 or () in lengths:
            raise ShapeError(
                "Program.scan",
                expected="arrays of one length",
                came=self._told(),
                suggestion="give as many rows of each",
            )
        (length,) = lengths.pop()
        return int(length)

    def _told(self) -> str:
        named = zip(self.inputs, self.arrays, strict=True)
        return ", ".join(f"{name} {spec_of(array)}" for name, array in named)

    def shapes(self, rows: int) -> dict[str, tuple[int, ...]]:
        """The shape of each feed of a step."""
        lead = (rows,) if self.batched else ()
        return {
            name: (*lead, *array.shape[1:])
            for name, array in zip(self.inputs, self.arrays, strict=True)
        }

    def rows(self, places: Any) -> list[Array]:
        """Some rows of each array, contiguous and of the input's dtype."""
        return [
            np.ascontiguousarray(array[places], node.dtype)
            for array, node in zip(self.arrays, self.inputs.values(), strict=True)
        ]

    def as_they_are(self) -> list[Array] | None:
        """The whole arrays, if they need no conversion."""
        fits = all(
            array.dtype == node.dtype and type(array) is np.ndarray and array.flags.c_contiguous
            for array, node in zip(self.arrays, self.inputs.values(), strict=True)
        )
        return self.arrays if fits else None
