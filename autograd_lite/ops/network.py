"""Ops that classifiers are made of, written so that large scores do not overflow."""

from __future__ import annotations

from math import inf

from autograd_lite.ops.indexing import refuse_labels
from autograd_lite.ops.op import Array, Op, Xp
from autograd_lite.ops.reduction import BroadcastLike, Reduction
from autograd_lite.ops.shapes import normalize_axes

__all__ = [
    "Accuracy",
    "LogSumExp",
    "SoftMax",
]


class SoftMax(Op):
    """Probabilities eˣⁱ / Σⱼ eˣʲ along an axis; dx = p ⊙ (grad - Σ grad ⊙ p)."""

    analytic = True
    expects = "an axis that x has"
    hint = "count axes from 0, or from -1 backwards"

    def refuse(x: Array, *, axis: int) -> None:
        normalize_axes(axis, x.ndim)

    def forward(xp: Xp, x: Array, *, axis: int = -1) -> Array:
        weight = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
        return weight / xp.sum(weight, axis=axis, keepdims=True)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int) -> Array:
        return out * (grad - xp.sum(grad * out, axis=axis, keepdims=True))


class LogSumExp(Reduction):
    """ln Σ eˣ along axes (None: all); the derivative is the softmax of x."""

    analytic = True
    expects = "axes that x has, none of them empty"
    hint = "count axes from 0, or from -1 backwards"

    def forward(
        xp: Xp, x: Array, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
    ) -> Array:
        top = xp.max(x, axis=axis, keepdims=True)
        top = xp.where(xp.abs(top) < inf, top, 0.0)  # inf - inf would be NaN
        total = xp.log(xp.sum(xp.exp(x - top), axis=axis, keepdims=True)) + top
        return total if keepdims else xp.sum(total, axis=axis)

    def vjp_x(
        xp: Xp,
        grad: Array,
        out: Array,
        x: Array,
        *,
        axis: int | tuple[int, ...] | None,
        keepdims: bool,
    ) -> Array:
        spread = {"axis": axis, "keepdims": keepdims}
        top = xp.where(out == -inf, 0.0, out)  # -inf - -inf would be NaN
        return BroadcastLike(grad, x, **spread) * xp.exp(x - BroadcastLike(top, x, **spread))


class Accuracy(Op):
    """The share of rows whose largest score is at the label; no gradient flows."""

    expects = "one integer label for each row of scores"
    hint = "pass labels as integers shaped (N,) for scores shaped (N, n)"

    def forward(xp: Xp, scores: Array, labels: Array) -> Array:
        hits = xp.argmax(scores, axis=-1) == labels
        return xp.sum(hits, dtype=scores.dtype) / max(hits.size, 1)

    vjp_scores = None
    vjp_labels = None

    def refuse(scores: Array, labels: Array) -> None:
        refuse_labels("Accuracy", labels, scores.shape)
