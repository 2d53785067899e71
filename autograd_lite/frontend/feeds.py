"""Feeds for the inputs of a graph: one for each of them, of its rank and dtype.

`Graph.forward` and a compiled program refuse the same feeds in the same words.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.core.shapes import as_array, spec_of
from autograd_lite.errors import DTypeError, FeedError, ShapeError


def refuse_other_names(subject: str, inputs: Mapping[str, Any], feeds: Mapping[str, Any]) -> None:
    """Raise FeedError unless there is one feed for each input."""
    if type(feeds) is not dict and not isinstance(feeds, Mapping):
        raise FeedError(
            subject,
            expected="a dict with an array for each input",
            came=type(feeds).__name__,
            suggestion=f"write {{{', '.join(f'{name!r}: …' for name in inputs)}}}",
        )
    if inputs.keys() != feeds.keys():
        advice = [f"add {name}=…" for name in sorted(inputs.keys() - feeds.keys())]
        advice += [f"leave out {name}=" for name in sorted(feeds.keys() - inputs.keys())]
        raise FeedError(
            subject,
            expected=f"a feed for each of: {', '.join(inputs) or '(no inputs)'}",
            came=", ".join(feeds) or "none",
            suggestion=", ".join(advice),
        )


def fed_value(node: Any, feed: ArrayLike) -> Any:
    """A feed as an array of the input's rank and dtype, of our own."""
    declared = node._spec
    is_array = type(feed) is np.ndarray or isinstance(feed, np.generic)
    array: Any = feed if is_array else as_array(feed, f"Input '{node.name}'")
    if array.ndim != len(declared.shape):
        raise ShapeError(
            f"Input '{node.name}'",
            expected=f"rank {len(declared.shape)}, declared as {declared}",
            came=str(spec_of(array)),
            suggestion="reshape the feed, or declare the input with the rank you feed",
        )
    if array.dtype == declared.dtype:
        return np.array(array)
    is_number = type(feed) in (int, float)
    if not is_number and not np.can_cast(array.dtype, declared.dtype, "same_kind"):
        raise DTypeError(
            f"Input '{node.name}'",
            expected=f"{declared.dtype}, or what converts to it",
            came=str(spec_of(array)),
            suggestion=f"convert the feed with astype('{declared.dtype}')",
        )
    with np.errstate(all="ignore"):
        return np.array(array, declared.dtype)
