"""Functions of the standard that NumPy does differently, or does not dispatch on nodes."""

from typing import Any

import numpy as np

from autograd_lite import functions as namespace
from autograd_lite.core.shapes import is_node
from autograd_lite.functions import finfo, iinfo


def asarray(obj: Any, dtype: Any = None, *args: Any, **options: Any) -> Any:
    """The object as an array; a node as it is, and a list with nodes in it as one node."""
    if _has_nodes(obj):
        return _with_nodes(obj, dtype)
    return np.asarray(obj, dtype, *args, **options)


def array(obj: Any, dtype: Any = None, **options: Any) -> Any:
    """The object as a new array; a node as it is, and a list with nodes in it as one node."""
    return _with_nodes(obj, dtype) if _has_nodes(obj) else np.array(obj, dtype, **options)


def _has_nodes(obj: Any) -> bool:
    """Whether it is a node, or (lists of) lists with nodes among their elements."""
    return is_node(obj) or (isinstance(obj, list | tuple) and any(map(_has_nodes, obj)))


def _with_nodes(obj: Any, dtype: Any) -> Any:
    """A node, or (lists of) lists with nodes among their elements, as one node."""
    if isinstance(obj, list | tuple):
        obj = namespace.stack([_with_nodes(x, None) for x in obj])
    elif not is_node(obj):
        return np.asarray(obj)
    return obj if dtype in (None, obj.dtype) else namespace.astype(obj, dtype)


def full(shape: Any, fill_value: Any, *args: Any, dtype: Any = None, **options: Any) -> Any:
    """An array of that shape with one value everywhere; NumPy's function takes no nodes."""
    if is_node(fill_value):
        return namespace.full(shape, fill_value, dtype=dtype if not args else args[0])
    return np.full(shape, fill_value, *args or (dtype,), **options)


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """The array converted to another dtype; NumPy's function takes no scalars."""
    if is_node(x):
        return namespace.astype(x, dtype)
    return np.asarray(x, device=device).astype(dtype, copy=copy)


def clip(
    x: Any,
    /,
    a_min: Any = None,
    a_max: Any = None,
    out: Any = None,
    *,
    min: Any = None,  # noqa: A002 - the standard's name
    max: Any = None,  # noqa: A002 - the same
    **options: Any,
) -> Any:
    """Elements between two bounds; in the dtype of x, unlike NumPy's, if the kind is the same."""
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    clipped = np.clip(x, low, high, out, **options)
    dtypes = [array.dtype for array in (x, low, high) if hasattr(array, "dtype")]
    dtypes += [np.dtype(float) for bound in (low, high) if type(bound) is float]
    one_kind = len({dtype.kind.replace("u", "i") for dtype in dtypes}) == 1
    if out is None and one_kind and hasattr(x, "dtype") and clipped.dtype != x.dtype:
        return astype(clipped, x.dtype)
    return clipped


def sort(
    x: Any, /, axis: int | None = -1, *args: Any, descending: bool = False, **options: Any
) -> Any:
    """The elements in order along an axis, smallest first; NumPy's function has no `descending`."""
    ordered = np.sort(x, axis, *args, **options)
    return np.flip(ordered, axis=-1 if axis is None else axis) if descending else ordered


def argsort(
    x: Any,
    /,
    axis: int | None = -1,
    kind: Any = None,
    *,
    descending: bool = False,
    stable: bool | None = None,
) -> Any:
    """The places of the elements in order along an axis; equal ones stay in their order."""
    stable = kind is None if stable is None else stable
    if not descending:
        return np.argsort(x, axis, kind=kind, stable=stable or None)
    x, axis = (np.ravel(x), -1) if axis is None else (x, axis)
    turned = np.argsort(np.flip(x, axis=axis), axis, kind=kind, stable=stable or None)
    return x.shape[axis] - 1 - np.flip(turned, axis=axis)


def diff(x: Any, /, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """The differences between neighbours; NumPy's function does not take None for no ends."""
    ends = {"prepend": prepend, "append": append}
    return np.diff(x, n, axis, **{k: v for k, v in ends.items() if v is not None})


FUNCTIONS = (asarray, full, astype, clip, sort, argsort, diff, finfo, iinfo)
