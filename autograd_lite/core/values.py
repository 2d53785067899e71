"""The values that nodes hold: copied when they come in, protected from then on."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.core.shapes import FLOWS, as_array, spec_of
from autograd_lite.errors import DTypeError, ShapeError

Array = np.ndarray[Any, Any]  # the numbers themselves, where a rule's `Array` may be a node


def own_copy(value: Any) -> Any:
    """A value of our own: Python floats as they are, anything else as a read-only array copy."""
    if type(value) is float:
        return value
    array = np.array(value if type(value) is np.ndarray else as_array(value))
    if array.dtype.kind not in FLOWS:
        came = f"{array.dtype} ({type(value).__name__})"
        advice = "convert the data to a real array first"
        raise DTypeError("Node", expected="real numbers", came=came, suggestion=advice)
    return frozen(array)


def frozen(value: Any) -> Any:
    """The value, protected from being written to: a gradient may need it as it is now."""
    if type(value) is np.ndarray:
        value.setflags(False)  # type: ignore[call-arg] # by name it takes twice as long
    elif isinstance(value, tuple):  # several outputs
        for part in value:
            frozen(part)
    return value


def fitting(value: Any, like: Any, label: Callable[[], str], *, copy: bool) -> Any:
    """The value in the shape and dtype of a spec or array, or an error: what does not fit."""
    if type(value) is np.ndarray and value.shape == like.shape and value.dtype == like.dtype:
        return frozen(np.array(value) if copy else value)
    if like.shape == () and type(value) in (int, float) and like.dtype == np.float64:
        return float(value)
    subject, spec = label(), spec_of(like)
    array = as_array(value, subject)
    is_shaped = array.shape == spec.shape
    if not is_shaped or not np.can_cast(array.dtype, spec.dtype, "same_kind"):
        advice = "give a value of the same shape, or make a new leaf"
        advice = f"convert it with astype('{spec.dtype}')" if is_shaped else advice
        error = DTypeError if is_shaped else ShapeError
        raise error(subject, expected=str(spec), came=str(spec_of(array)), suggestion=advice)
    return frozen(np.array(array, spec.dtype) if copy else np.asarray(array, spec.dtype))


def to_its_end(change: Callable[[], None]) -> None:
    """Make a change that may be made twice; where a signal raises in the middle, all of it."""
    try:
        change()
    except BaseException:
        change()
        raise
