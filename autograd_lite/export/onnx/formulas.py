"""Ops in other ops' words, where ONNX or onnxruntime lacks one and its own rule says no more."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite import functions as xp
from autograd_lite import ops
from autograd_lite.frontend.node import Node
from autograd_lite.ops.scan import scanned

FORMULAS: dict[str, Callable[..., Any]] = {}
"""For the name of an op, a function of its inputs and parameters that appends other ops."""

LARGE = 20.0  # where e⁻ˣ no longer counts beside eˣ in float64


def formula(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the function for the op of that name."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        FORMULAS[name] = function
        return function

    return register


@formula("Tan")
def tan(x: Node) -> Any:
    """sin x / cos x."""
    return xp.sin(x) / xp.cos(x)


@formula("Cosh")
def cosh(x: Node) -> Any:
    """(eˣ + e⁻ˣ) / 2, in two factors where eˣ overflows too early."""
    size = xp.abs(x)
    half = xp.exp(size / 2)
    return xp.where(size < LARGE, (xp.exp(size) + xp.exp(-size)) / 2, half / 2 * half)


@formula("Sinh")
def sinh(x: Node) -> Any:
    """(e + e / (e + 1)) / 2 with e = eˣ - 1, which keeps the digits near 0."""
    size = xp.abs(x)
    step, half = xp.expm1(xp.minimum(size, LARGE)), xp.exp(size / 2)
    return xp.sign(x) * xp.where(size < LARGE, (step + step / (step + 1)) / 2, half / 2 * half)


@formula("Asinh")
def asinh(x: Node) -> Any:
    """log1p(|x| + x² / (1 + √(1 + x²))) with the sign of x; ln 2|x| where x² would overflow."""
    size = xp.abs(x)
    small = xp.minimum(size, 1e9)
    square = small * small
    near = xp.log1p(small + square / (1 + xp.sqrt(1 + square)))
    return xp.sign(x) * xp.where(size < 1e9, near, xp.log(size) + np.log(2))


@formula("Acosh")
def acosh(x: Node) -> Any:
    """log1p(t + √t · √(t + 2)) with t = x - 1; ln 2x where t is large."""
    t = x - 1
    near = xp.log1p(t + xp.sqrt(t) * xp.sqrt(t + 2))
    return xp.where(x < 1e9, near, xp.log(x) + np.log(2))


@formula("Atanh")
def atanh(x: Node) -> Any:
    """log1p(2x / (1 - x)) / 2 for |x|, with the sign of x."""
    size = xp.abs(x)
    return xp.sign(x) * xp.log1p(2 * size / (1 - size)) / 2


@formula("Diag")
def diag(x: Node, *, offset: int) -> Any:
    """On the diagonal of zeros."""
    side = x.shape[-1] + abs(offset)
    return ops.DiagonalLike(x, np.zeros((*x.shape[:-1], side, side), x.dtype), offset=offset)


@formula("CumulativeProd")
def cumulative_prod(x: Node, *, axis: int | None, include_initial: bool, reverse: bool) -> Any:
    """For each element the product of a line, with 1 in the place of what does not count yet."""
    axis = scanned(axis, x.ndim)
    count = x.shape[axis]
    counts = np.tri(count + include_initial, count, -1 if include_initial else 0, dtype=bool)
    lines = xp.expand_dims(xp.moveaxis(x, axis, -1), axis=-2)
    products = xp.prod(xp.where(counts[::-1, ::-1] if reverse else counts, lines, 1.0), axis=-1)
    return xp.moveaxis(products, -1, axis)
