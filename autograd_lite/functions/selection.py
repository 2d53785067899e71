"""Functions that select, element by element, broadcast."""

from math import inf
from typing import Any

import numpy as np

from autograd_lite import ops
from autograd_lite.core.shapes import spec_of
from autograd_lite.functions.signatures import choice, of_first, of_one, of_two

__all__ = [
    "abs", "clip", "copysign", "maximum", "minimum", "stop_gradient", "where",
]  # fmt: skip


@choice
def where(condition: Any, x: Any, y: Any, /) -> Any:
    """x where the condition holds, y elsewhere, broadcast; no NaN leaks from what is not chosen.

    >>> where([True, False], 1.0, 2.0).tolist()
    [1.0, 2.0]
    """
    return ops.Where(condition, x, y)


@of_two
def maximum(x: Any, y: Any, /) -> Any:
    """The larger of two elements, broadcast; a tie shares the gradient.

    >>> maximum([1.0, -2.0], 0.0).tolist()
    [1.0, 0.0]
    """
    return ops.Maximum(x, y)


@of_two
def minimum(x: Any, y: Any, /) -> Any:
    """The smaller of two elements, broadcast; a tie shares the gradient.

    >>> minimum([1.0, -2.0], 0.0).tolist()
    [0.0, -2.0]
    """
    return ops.Minimum(x, y)


@of_first
def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:  # noqa: A002 - the array API's
    """x brought into the closed interval from min to max, either of which may be left out.

    min and max are broadcast with x, and get the gradient of the elements that they replace.

    >>> clip([-2.0, 0.5, 2.0], 0.0, 1.0).tolist()
    [0.0, 0.5, 1.0]
    >>> clip([-2.0, 0.5, 2.0], max=1.0).tolist()
    [-2.0, 0.5, 1.0]
    """
    least, greatest = _range_of(x)
    return ops.Clip(x, least if min is None else min, greatest if max is None else max)


def _range_of(x: Any) -> tuple[float, float]:
    """The least and the greatest number of the dtype of x."""
    dtype = spec_of(x).dtype
    if dtype.kind not in "iu":
        return -inf, inf
    whole = np.iinfo(dtype)
    return int(whole.min), int(whole.max)


@of_one
def abs(x: Any, /) -> Any:
    """`|x|`; the derivative at 0 is taken as 0.

    >>> abs([1.0, -2.0]).tolist()
    [1.0, 2.0]
    """
    return ops.Abs(x)


@of_two
def copysign(x: Any, y: Any, /) -> Any:
    """`|x|` with the sign of y, broadcast.

    >>> copysign([1.0, -2.0], [-0.0, 3.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.CopySign(x, y)


@of_one
def stop_gradient(x: Any, /) -> Any:
    """x, taken for a constant by every gradient.

    In a recorded graph it still follows x from run to run. See `no_grad` for whole blocks.

    >>> from autograd_lite import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return ops.StopGradient(x)
