"""What an array is like: its shape, its dtype, where it is not 0, whether it equals another."""

from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite.core.shapes import is_node


def shape(a: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(a.shape)


def ndim(a: Any) -> int:
    """The number of axes."""
    return len(a.shape)


def size(a: Any, axis: int | tuple[int, ...] | None = None) -> int:
    """The number of elements, along one axis, several of them, or of all."""
    axes = range(len(a.shape)) if axis is None else np.atleast_1d(axis)
    return int(np.prod([a.shape[i] for i in axes], dtype=int))


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype that these have together."""
    return np.result_type(*map(_without_node, arrays_and_dtypes))


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Whether the dtype converts to another."""
    return np.can_cast(_without_node(from_), _without_node(to), casting)


def _without_node(x: Any) -> Any:
    return x.dtype if is_node(x) else x


def iscomplexobj(x: Any) -> bool:
    """False: nodes are real."""
    return False


def isrealobj(x: Any) -> bool:
    """True: nodes are real."""
    return True


def isposinf(x: Any) -> Any:
    """Whether it is ∞."""
    return xp.equal(x, np.inf)


def isneginf(x: Any) -> Any:
    """Whether it is -∞."""
    return xp.equal(x, -np.inf)


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """Whether `|a - b| ≤ atol + rtol · |b|`, for infinities whether they are equal."""
    equal = xp.equal(a, b)
    distance = xp.abs(xp.subtract(xp.where(equal, 0.0, a), xp.where(equal, 0.0, b)))  # no ∞ - ∞
    near = xp.less_equal(distance, xp.add(atol, xp.multiply(rtol, xp.abs(b))))
    close = xp.logical_or(xp.logical_and(near, xp.isfinite(b)), equal)
    both_nan = xp.logical_and(xp.isnan(a), xp.isnan(b))
    return xp.logical_or(close, both_nan) if equal_nan else close


def allclose(
    a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether all elements are close."""
    return bool(xp.all(isclose(a, b, rtol, atol, equal_nan)))


def array_equal(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """Whether shapes and elements are equal."""
    return np.shape(a1) == np.shape(a2) and array_equiv(a1, a2, equal_nan)


def array_equiv(a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """Whether the elements are equal, broadcast."""
    same = xp.equal(a1, a2)
    if equal_nan:
        same = xp.logical_or(same, xp.logical_and(xp.isnan(a1), xp.isnan(a2)))
    return bool(xp.all(same))


def flatnonzero(a: Any) -> Any:
    """The places in row-major order of the elements that are not 0, as a plain array."""
    return xp.nonzero(xp.reshape(a, (-1,)))[0]


def argwhere(a: Any) -> Any:
    """The indices of the elements that are not 0, as the rows of a plain array."""
    return np.stack(xp.nonzero(a), axis=-1)
