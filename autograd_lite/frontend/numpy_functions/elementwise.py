"""Functions of single elements, broadcast."""

from math import factorial, log, pi
from operator import index
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite import ops
from autograd_lite.core.shapes import is_node, spec_of

# Made like a node: they follow its shape when a recorded graph runs with other sizes


def full_like(a: Any, fill_value: Any, dtype: Any = None, *, device: None = None) -> Any:
    """The value at each element of an array like this one."""
    dtype = dtype or spec_of(a).dtype
    fill = xp.astype(fill_value, dtype) if is_node(fill_value) else np.asarray(fill_value, dtype)
    return ops.BroadcastLike(fill, a, axis=())


def zeros_like(a: Any, dtype: Any = None, *, device: None = None) -> Any:
    """Zeros in an array like this one."""
    return full_like(a, 0, dtype)


def ones_like(a: Any, dtype: Any = None, *, device: None = None) -> Any:
    """Ones in an array like this one."""
    return full_like(a, 1, dtype)


def copy(a: Any) -> Any:
    """The node itself: nobody can write into its value."""
    return a


# Selection


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """One of two values; or, with the condition alone, the places where it holds."""
    if x is None and y is None:
        return np.nonzero(condition)
    return xp.where(condition, x, y)


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """The element of the first array whose condition holds there, else the default."""
    chosen = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        chosen = xp.where(condition, choice, chosen)
    return chosen


def fmax(x: Any, y: Any, /) -> Any:
    """The larger of two elements, the number of a number and NaN."""
    return xp.where(xp.isnan(x), y, xp.where(xp.isnan(y), x, xp.maximum(x, y)))


def fmin(x: Any, y: Any, /) -> Any:
    """The smaller of two elements, the number of a number and NaN."""
    return xp.where(xp.isnan(x), y, xp.where(xp.isnan(y), x, xp.minimum(x, y)))


def nan_to_num(
    x: Any,
    copy: bool = True,
    nan: Any = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Any:
    """Numbers in the place of NaN and infinities: by default 0 and the largest there are."""
    if spec_of(x).dtype.kind != "f":
        return x
    limits = np.finfo(spec_of(x).dtype)
    high = float(limits.max) if posinf is None else posinf
    low = float(limits.min) if neginf is None else neginf
    finite = xp.where(xp.equal(x, np.inf), high, xp.where(xp.equal(x, -np.inf), low, x))
    return xp.where(xp.isnan(x), nan, finite)


# Powers, logarithms, angles


def fabs(x: Any, /) -> Any:
    """`|x|`, as a float."""
    return xp.abs(as_float(x))


def rint(x: Any, /) -> Any:
    """The nearest whole number, the even one of two, as a float."""
    return xp.round(as_float(x))


def round(a: Any, decimals: int = 0) -> Any:  # noqa: A001 - NumPy's name
    """The nearest number with so many digits behind the point."""
    if decimals == 0:
        return xp.round(a)
    if spec_of(a).dtype.kind != "f":
        raise ValueError("digits of integers")
    unit = 10.0 ** abs(index(decimals))
    if decimals > 0:
        return xp.divide(xp.round(xp.multiply(a, unit)), unit)
    return xp.multiply(xp.round(xp.divide(a, unit)), unit)


def float_power(x: Any, y: Any, /) -> Any:
    """`xʸ` in float64."""
    return xp.pow(*(xp.astype(z, "float64") if is_node(z) else np.float64(z) for z in (x, y)))


def as_float(x: Any) -> Any:
    """x itself if it is of floats, else in float64."""
    return x if spec_of(x).dtype.kind == "f" else xp.astype(x, "float64")


def reciprocal(x: Any, /) -> Any:
    """`1/x` of floats; of integers NumPy's has no fractions."""
    if spec_of(x).dtype.kind != "f":
        raise ValueError("integers, whose reciprocals NumPy rounds")
    return xp.reciprocal(x)


def exp2(x: Any, /) -> Any:
    """`2ˣ`."""
    return xp.pow(2.0, x)


def cbrt(x: Any, /) -> Any:
    """The cube root."""
    x = as_float(x)
    is_negative = xp.signbit(x)  # abs has a kink where the cube root is just steep
    root = xp.pow(xp.where(is_negative, -x, x), 1 / 3)
    return xp.where(is_negative, -root, root)


def logaddexp2(x: Any, y: Any, /) -> Any:
    """`log₂(2ˣ + 2ʸ)` without overflow."""
    return xp.logaddexp(x * log(2), y * log(2)) / log(2)


def divmod(x: Any, y: Any, /) -> tuple[Any, Any]:  # noqa: A001 - NumPy's name
    """The floor of the quotient, and what is left over."""
    return xp.floor_divide(x, y), xp.remainder(x, y)


def deg2rad(x: Any, /) -> Any:
    """Degrees as radians."""
    return xp.multiply(x, pi / 180)


def rad2deg(x: Any, /) -> Any:
    """Radians as degrees."""
    return xp.multiply(x, 180 / pi)


def angle(z: Any, deg: bool = False) -> Any:
    """0 for positive numbers, π for negative ones: the direction in the complex plane."""
    radians = xp.atan2(0.0, z)
    return rad2deg(radians) if deg else radians


def sinc(x: Any) -> Any:
    """`sin(πx) / (πx)`, 1 at 0; near 0 by its series, whose derivatives are right there, too."""
    angle = xp.multiply(x, pi)
    small = xp.less(xp.abs(angle), 0.5)
    square = xp.square(xp.where(small, angle, 0.0))
    series: Any = 0.0
    for k in range(8, -1, -1):
        series = xp.add(xp.multiply(series, square), (-1) ** k / factorial(2 * k + 1))
    far = xp.where(small, 1.0, angle)
    return xp.where(small, series, xp.divide(xp.sin(far), far))
