"""The bends between the layers of a network, element by element."""

from typing import Any

from autograd_lite import ops
from autograd_lite.functions.signatures import of_first, of_one

__all__ = [
    "elu", "gelu", "leaky_relu", "relu", "sigmoid", "silu", "softplus",
]  # fmt: skip


@of_one
def sigmoid(x: Any, /) -> Any:
    """`1/(1 + e⁻ˣ)`, without overflow for any x.

    >>> sigmoid([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]
    """
    return ops.Sigmoid(x)


@of_one
def relu(x: Any, /) -> Any:
    """`max(x, 0)`; the derivative at 0 is taken as 0.

    >>> relu([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    return ops.ReLU(x)


@of_first
def leaky_relu(x: Any, /, slope: float = 0.01) -> Any:
    """x where it is positive, else `slope · x`; the derivative at 0 is the slope.

    >>> leaky_relu([-1.0, 2.0], slope=0.25).tolist()
    [-0.25, 2.0]
    """
    return ops.LeakyReLU(x, slope=slope)


@of_first
def elu(x: Any, /, alpha: float = 1.0) -> Any:
    """x where it is positive, else `α(eˣ - 1)`; the derivative at 0 is α.

    >>> elu([-800.0, 2.0]).tolist()
    [-1.0, 2.0]
    """
    return ops.ELU(x, alpha=alpha)


@of_one
def softplus(x: Any, /) -> Any:
    """`ln(1 + eˣ)`, a smooth `relu`, without overflow for any x.

    >>> softplus([-800.0, 800.0]).tolist()
    [0.0, 800.0]
    """
    return ops.Softplus(x)


@of_one
def silu(x: Any, /) -> Any:
    """`x · sigmoid(x)`, also called swish.

    >>> silu([-800.0, 0.0, 800.0]).tolist()
    [-0.0, 0.0, 800.0]
    """
    return ops.SiLU(x)


@of_first
def gelu(x: Any, /, *, approximate: str = "none") -> Any:
    """`x · Φ(x)`, Φ being the standard normal distribution's; `approximate="tanh"` is quicker.

    >>> gelu([0.0, 1.0]).round(4).tolist(), gelu([0.0, 1.0], approximate="tanh").round(4).tolist()
    ([0.0, 0.8413], [0.0, 0.8412])

    Raises ConfigError for another `approximate`.
    """
    return ops.GELU(x, approximate=approximate)
