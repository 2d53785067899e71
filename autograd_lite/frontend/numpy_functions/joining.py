"""Arrays joined to one, or cut into parts."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite.core.shapes import spec_of
from autograd_lite.frontend.numpy_functions.shaping import atleast_1d, atleast_2d, atleast_3d
from autograd_lite.ops.shaping import of_lengths


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays one after the other along an axis."""
    return xp.concat(arrays, axis=axis)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Values behind an array; all in one row by default."""
    return xp.concat([arr, values], axis=axis)


def vstack(tup: Sequence[Any]) -> Any:
    """Arrays below one another; a vector is a row."""
    return xp.concat([atleast_2d(a) for a in tup], axis=0)


def hstack(tup: Sequence[Any]) -> Any:
    """Arrays beside one another."""
    arrays = [atleast_1d(a) for a in tup]
    return xp.concat(arrays, axis=0 if _ndim(arrays[0]) == 1 else 1)


def dstack(tup: Sequence[Any]) -> Any:
    """Arrays behind one another, along a third axis."""
    return xp.concat([atleast_3d(a) for a in tup], axis=2)


def column_stack(tup: Sequence[Any]) -> Any:
    """Arrays beside one another; a vector is a column."""
    columns = [xp.matrix_transpose(atleast_2d(a)) if _ndim(a) < 2 else a for a in tup]
    return xp.concat(columns, axis=1)


def split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """An array in equal parts, or cut at the given places."""
    return xp.split(ary, indices_or_sections, axis=axis)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """As split; where the parts cannot be equal, the first ones are longer by one."""
    if np.ndim(indices_or_sections):
        return xp.split(ary, indices_or_sections, axis=axis)
    if indices_or_sections < 1:
        raise ValueError(f"{indices_or_sections} parts")
    shortest, longer = np.divmod(ary.shape[axis], indices_or_sections)
    sizes = [shortest + 1] * longer + [shortest] * (indices_or_sections - longer)
    return xp.split(of_lengths(ary, axis), np.cumsum(sizes)[:-1].tolist(), axis=axis)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut along the second axis, a vector along its only one."""
    return xp.split(ary, indices_or_sections, axis=1 if ary.ndim > 1 else 0)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut along the first axis of at least two."""
    return _split_along(ary, indices_or_sections, 0, 2)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut along the third axis."""
    return _split_along(ary, indices_or_sections, 2, 3)


def _split_along(ary: Any, places: Any, axis: int, least: int) -> list[Any]:
    if ary.ndim < least:
        raise ValueError(f"{ary.ndim} axes, where there must be {least}")
    return xp.split(ary, places, axis=axis)


def _ndim(x: Any) -> int:
    return len(spec_of(x).shape)
