"""Where a gradient shall not go."""

from __future__ import annotations

from typing import Any

from autograd_lite import ops

__all__ = [
    "stop_gradient",
]


def stop_gradient(x: Any, /) -> Any:
    """X, taken for a constant by every gradient.

    In a recorded graph it still follows x from run to run. See `no_grad` for whole blocks.

    >>> from autograd_lite import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return ops.StopGradient(x)
