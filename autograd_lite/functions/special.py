"""The error function and its complement."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_one

__all__ = [
    "erf",
    "erfc",
]


@of_one
def erf(x: Any, /) -> Any:
    """The error function `2/√π ∫₀ˣ e⁻ᵗ² dt`, to 15 digits.

    >>> erf([0.0, 1.0, 10.0]).round(12).tolist()
    [0.0, 0.84270079295, 1.0]
    """
    return ops.Erf(x)


@of_one
def erfc(x: Any, /) -> Any:
    """`1 - erf(x)`, to 15 digits also where that is nearly 0.

    >>> print(f"{float(erfc(10.0)):.12g}")
    2.08848758376e-45
    """
    return ops.Erfc(x)
