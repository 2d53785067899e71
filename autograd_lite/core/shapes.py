"""Shapes and dtypes: what is known of an array before there is one."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.errors import AutogradError, DTypeError, ShapeError

Shape = tuple[int, ...]
Axes = int | Shape | None  # of a reduction: one, several, or all

PYTHON_NUMBERS = frozenset({int, float, bool})
NUMPY_NUMBERS = frozenset({np.float64, np.int64, np.bool_})  # of default dtype, as Python's
NUMBERS = PYTHON_NUMBERS | NUMPY_NUMBERS
AS_FLOATS = NUMBERS | {np.dtype(code).type for code in "efbhilqBHILQ"}  # beside Python floats
FLOWS = {"f": True, "b": False, "i": False, "u": False}  # through which kinds of real numbers


class Spec(NamedTuple):
    """An array's shape and dtype.

    >>> print(Spec((2, 3), np.dtype("float32")))
    float32[2, 3]
    """

    shape: Shape
    dtype: np.dtype[Any]

    def __str__(self) -> str:
        return f"{self.dtype}{list(self.shape)}"


class Symbol:
    """What stands for a value in a graph: a node, which rules and arrays need not know more of."""

    __slots__ = ()


def is_node(x: Any) -> bool:
    """Whether x is a node."""
    return isinstance(x, Symbol)


FLOAT64_SCALAR = Spec((), np.dtype(np.float64))


def spec_of(value: Any) -> Spec:
    """The spec of an array, a NumPy scalar, a Python number, or of anything with both parts."""
    if type(value) is float:
        return FLOAT64_SCALAR
    if not hasattr(value, "dtype"):
        if hasattr(value, "spec"):  # several outputs know their own
            return value.spec
        value = as_array(value, "array")
    return Spec(value.shape, value.dtype)


def example(spec: Spec) -> np.ndarray[Any, Any]:
    """An array of that spec that costs no memory: one element, seen from everywhere.

    The element is 1 for floats (inside the domain of log and sqrt) and 0 for integers (an index
    that every non-empty axis has).
    """
    element = np.ones((), spec.dtype) if spec.dtype.kind == "f" else np.zeros((), spec.dtype)
    return np.broadcast_to(element, spec.shape)


def broadcast_shapes(*shapes: Shape) -> Shape:
    """NumPy's broadcast shape; ValueError when the shapes do not fit."""
    return shapes[0] if len(set(shapes)) == 1 else np.broadcast_shapes(*shapes)


def as_python_number(value: Any) -> Any:
    """A NumPy scalar of a default dtype as the Python number that it is meant as.

    `np.sqrt(d)` gives a float64: taken at its word, it would make a float32 network float64.

    >>> as_python_number(np.sqrt(4.0)), as_python_number(np.float32(2.0))
    (2.0, np.float32(2.0))
    """
    return value.item() if type(value) in NUMPY_NUMBERS else value


def partner_dtype(value: Any, partners: Sequence[np.dtype[Any]]) -> np.dtype[Any]:
    """The dtype a Python number takes beside arrays of these dtypes (NumPy's NEP 50)."""
    return np.result_type(*partners, value) if partners else np.asarray(value).dtype


def as_array(value: Any, label: str = "Node") -> np.ndarray[Any, Any]:
    """The value as an array, without a copy where it is one; rows must have one length."""
    if isinstance(value, np.ma.MaskedArray):
        expected, came = "an array of which every element counts", "a masked array"
        advice = "fill it with x.filled(…), and hand the mask over as an array of its own"
        raise DTypeError(label, expected=expected, came=came, suggestion=advice)
    try:
        return np.asarray(value)
    except AutogradError:  # of a node, which says how its value is taken
        raise
    except ValueError as problem:
        raise ShapeError(
            label,
            expected="rows of one length",
            came=f"{type(value).__name__} of rows that differ",
            suggestion="pad the rows, or make one node of each",
        ) from problem


def as_arrays(values: Sequence[Any], label: str, *, weak: bool) -> list[Any]:
    """The values as arrays; where weak, numbers take the dtype of the arrays beside them."""
    values = [*map(as_python_number, values)] if weak else values
    kept = [x if type(x) in NUMBERS or hasattr(x, "dtype") else as_array(x, label) for x in values]
    partners = [x.dtype for x in kept if weak and type(x) not in PYTHON_NUMBERS]
    return [x if hasattr(x, "dtype") else np.asarray(x, partner_dtype(x, partners)) for x in kept]


def normalize_axes(axis: int | Shape | None, ndim: int) -> Shape:
    """The axes as a tuple of non-negative integers; None means all of them.

    >>> normalize_axes(-1, 3)
    (2,)
    >>> normalize_axes(None, 2)
    (0, 1)

    Raises AxisError, a ValueError, for an axis that is not there.
    """
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:  # quick
        return (axis % ndim,)
    axes = axis if isinstance(axis, tuple) else (axis,)
    for a in axes:
        if not -ndim <= a < ndim:  # NumPy lets axis 0 of a scalar pass
            raise np.exceptions.AxisError(a, ndim)
    return tuple(a % ndim for a in axes)


def unbroadcast(xp: Any, x: Any, shape: Shape) -> Any:
    """Sum `x` over the axes that broadcasting added to `shape` or stretched from 1.

    >>> unbroadcast(np, np.ones((4, 2, 3)), (2, 1)).tolist()
    [[12.0], [12.0]]
    """
    if x.shape == shape:
        return x
    added = x.ndim - len(shape)
    stretched = [i + added for i, n in enumerate(shape) if n == 1 != x.shape[i + added]]
    summed = xp.sum(x, axis=(*range(added), *stretched), keepdims=True)
    return xp.reshape(summed, shape)
