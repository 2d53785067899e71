"""Arrays of a rule's own with something written into them, in the way of each namespace.

The array API adds nothing at places that are named twice, and JAX's arrays cannot be written to.
"""

from math import prod
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Xp


def written(out: Array, key: Any, x: Array) -> Array:
    """`out` with x at a subscript."""
    if hasattr(out, "at"):  # as in JAX
        return out.at[key].set(x)
    out[key] = x
    return out


def increased(out: Array, key: Any, x: Array) -> Array:
    """`out` with x added at a subscript that names each element once."""
    if hasattr(out, "at"):
        return out.at[key].add(x)
    out[key] += x
    return out


def added(xp: Xp, out: Array, key: Any, x: Array) -> Array:
    """`out` with x added at a subscript; an element that is named twice gets both."""
    if hasattr(out, "at"):
        return out.at[key].add(x)
    if isinstance(out, np.ndarray):
        np.add.at(out, key, x)
        return out
    every = xp.arange(prod(out.shape))
    places = xp.reshape(every, out.shape)[key]
    parts = xp.reshape(xp.broadcast_to(x, places.shape), (-1, 1))
    total = xp.sum(xp.where(xp.reshape(places, (-1, 1)) == every, parts, 0.0), axis=0)
    return out + xp.reshape(total, out.shape)
