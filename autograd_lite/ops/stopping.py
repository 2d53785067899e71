"""The op that a gradient does not pass."""

from __future__ import annotations

from autograd_lite.core.op import Array, Op, Xp

__all__ = [
    "StopGradient",
]


class StopGradient(Op):
    """X itself, taken for a constant: no gradient flows, and where it would have, it counts as 0.

    Unlike behind a comparison, say, that is no mistake but what was asked for.
    """

    formula = "x"
    derivative = "none"
    aliases = True

    def forward(xp: Xp, x: Array) -> Array:
        return x

    vjp_x = None
