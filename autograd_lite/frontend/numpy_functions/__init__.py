"""NumPy's functions that mean more, or something else, than the standard's of that name.

Each takes the arguments of the NumPy function it stands for, at least one of them a node, and is
written with the functions of the standard; `NUMPY_FUNCTIONS` says which is which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite import ops
from autograd_lite.core.shapes import is_node

Axes = int | tuple[int, ...] | None


# What a node is like


def shape(a: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(a.shape)


def ndim(a: Any) -> int:
    """The number of axes."""
    return len(a.shape)


def size(a: Any, axis: int | None = None) -> int:
    """The number of elements, along one axis or of all."""
    return int(a.size if axis is None else a.shape[axis])


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype that these have together."""
    return np.result_type(*map(_without_node, arrays_and_dtypes))


def can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    """Whether the dtype converts to another."""
    return np.can_cast(_without_node(from_), _without_node(to), casting)


def _without_node(x: Any) -> Any:
    return x.dtype if is_node(x) else x


# Made like a node: they follow its shape when a recorded graph runs with other sizes


def full_like(a: Any, fill_value: Any, dtype: Any = None, *, device: None = None) -> Any:
    """The value at each element of an array like this one."""
    return ops.BroadcastLike(np.asarray(fill_value, dtype or a.dtype), a)


def zeros_like(a: Any, dtype: Any = None, *, device: None = None) -> Any:
    """Zeros in an array like this one."""
    return full_like(a, 0, dtype)


def ones_like(a: Any, dtype: Any = None, *, device: None = None) -> Any:
    """Ones in an array like this one."""
    return full_like(a, 1, dtype)


# Shape and order


def copy(a: Any) -> Any:
    """The node itself: nobody can write into its value."""
    return a


def ravel(a: Any) -> Any:
    """All elements in one row."""
    return xp.reshape(a, (-1,))


def transpose(a: Any, axes: Sequence[int] | None = None) -> Any:
    """The axes in another order; reversed by default."""
    return xp.permute_dims(a, tuple(reversed(range(a.ndim))) if axes is None else tuple(axes))


def swapaxes(a: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    return xp.swapaxes(a, axis1, axis2)


def squeeze(a: Any, axis: Axes = None) -> Any:
    """Without the given axes of length 1; without all of them by default."""
    ones = tuple(i for i, n in enumerate(a.shape) if n == 1)
    return xp.squeeze(a, axis=ones if axis is None else axis)


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays one after the other along an axis."""
    return xp.concat(arrays, axis=axis)


def atleast_1d(a: Any) -> Any:
    """A scalar as an array of one element; anything else as it is."""
    return a if np.ndim(a) else xp.expand_dims(a, axis=0)


def atleast_2d(a: Any) -> Any:
    """A row, if it had fewer than two axes."""
    return a if np.ndim(a) >= 2 else xp.expand_dims(atleast_1d(a), axis=0)


def vstack(tup: Sequence[Any]) -> Any:
    """Arrays below one another; a vector is a row."""
    return np.concatenate([atleast_2d(a) for a in tup], axis=0)


def hstack(tup: Sequence[Any]) -> Any:
    """Arrays beside one another."""
    arrays = [atleast_1d(a) for a in tup]
    return np.concatenate(arrays, axis=0 if np.ndim(arrays[0]) == 1 else 1)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """An array in equal parts, or cut at the given places."""
    return xp.split(ary, indices_or_sections, axis=axis)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """One of two values; or, with the condition alone, the places where it holds."""
    if x is None and y is None:
        return np.nonzero(condition)
    return xp.where(condition, x, y)


# Products


def dot(a: Any, b: Any) -> Any:
    """`a · b`: a product with a scalar, else over the last axis of a and the last but one of b."""
    if 0 in (np.ndim(a), np.ndim(b)):
        return xp.multiply(a, b)
    if np.ndim(b) <= 2:
        return xp.matmul(a, b)
    return np.tensordot(a, b, axes=((-1,), (-2,)))


def inner(a: Any, b: Any, /) -> Any:
    """The products over the last axes of both."""
    if 0 in (np.ndim(a), np.ndim(b)):
        return xp.multiply(a, b)
    return np.tensordot(a, b, axes=((-1,), (-1,)))


def vdot(a: Any, b: Any, /) -> Any:
    """The sum of all products element by element."""
    return xp.sum(xp.multiply(np.ravel(a), np.ravel(b)))


def outer(a: Any, b: Any) -> Any:
    """Each element of a times each element of b."""
    return xp.multiply(xp.expand_dims(np.ravel(a), axis=1), np.ravel(b))


def quotient_and_remainder(x: Any, y: Any, /) -> tuple[Any, Any]:
    """The floor of the quotient, and what is left over."""
    return np.floor_divide(x, y), np.remainder(x, y)


# Linear algebra


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements with equal places on two axes, as a new last axis."""
    return np.linalg.diagonal(np.moveaxis(a, (axis1, axis2), (-2, -1)), offset=offset)


def diag(v: Any, k: int = 0) -> Any:
    """The diagonal of a matrix, or the matrix with a vector on its diagonal."""
    return xp.diag(v, offset=k) if v.ndim == 1 else diagonal(v, k)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of the elements with equal places on two axes."""
    return xp.sum(diagonal(a, offset, axis1, axis2), axis=-1)


def norm(x: Any, ord: Any = None, axis: Axes = None, keepdims: bool = False) -> Any:  # noqa: A002
    """The norm of a vector or a matrix, or of all elements in one row."""
    if isinstance(axis, tuple):
        x, folds = np.moveaxis(x, axis, (-2, -1)), 2
    else:
        folds = 1 if axis is not None or ord is None else x.ndim
    options = {"keepdims": keepdims} if ord is None else {"keepdims": keepdims, "ord": ord}
    if folds == 2:
        return np.linalg.matrix_norm(x, **options)
    return np.linalg.vector_norm(x, axis=axis, **options)


NUMPY_FUNCTIONS: dict[tuple[str, str], Callable[..., Any]] = {
    ("numpy.linalg", "norm"): norm,
}
NUMPY_FUNCTIONS |= {
    ("numpy", function.__name__): function
    for function in (
        shape, ndim, size, result_type, can_cast, full_like, zeros_like, ones_like, copy, ravel,
        transpose, swapaxes, squeeze, concatenate, atleast_1d, atleast_2d, vstack, hstack, split,
        where, dot, inner, vdot, outer, diagonal, diag, trace, xp.einsum, xp.kron, xp.pad,
    )
}  # fmt: skip
NUMPY_FUNCTIONS["numpy", "empty_like"] = NUMPY_FUNCTIONS["numpy", "imag"] = zeros_like
NUMPY_FUNCTIONS["numpy", "conjugate"] = NUMPY_FUNCTIONS["numpy", "real"] = copy  # nodes are real
NUMPY_FUNCTIONS["numpy", "divmod"] = quotient_and_remainder
