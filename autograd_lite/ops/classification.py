"""Ops that classifiers end in, written so that large scores do not overflow."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import normalize_axes, spec_of
from autograd_lite.errors import ShapeError
from autograd_lite.ops.indexing import refuse_labels
from autograd_lite.ops.reduction import BroadcastLike, Reduction

__all__ = [
    "Accuracy",
    "CrossEntropyWithLabels",
    "CrossEntropyWithLogits",
    "LogSoftMax",
    "LogSumExp",
    "OneHot",
    "OneHotLike",
    "SoftMax",
]


class AlongAxis(Op, abstract=True):
    """An op of the numbers x along an axis."""

    expects = "an axis that x has, not empty"
    hint = "count axes from 0, or from -1 backwards"

    def refuse(x: Array, *, axis: int) -> None:
        normalize_axes(axis, x.ndim)


class SoftMax(AlongAxis):
    """Probabilities eˣⁱ / Σⱼ eˣʲ along an axis; dx = p ⊙ (grad - Σ grad ⊙ p)."""

    formula = "pᵢ = eˣⁱ / Σⱼ eˣʲ"
    derivative = "dpⱼ/dxᵢ = pⱼ (δᵢⱼ - pᵢ)"
    analytic = True

    def forward(xp: Xp, x: Array, *, axis: int = -1) -> Array:
        weight = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
        return weight / xp.sum(weight, axis=axis, keepdims=True)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int) -> Array:
        return out * (grad - xp.sum(grad * out, axis=axis, keepdims=True))


class LogSoftMax(AlongAxis):
    """Logarithms of the probabilities that SoftMax gives; dx = grad - p Σ grad."""

    formula = "xᵢ - ln Σⱼ eˣʲ"
    derivative = "δᵢⱼ - pᵢ, with p = softmax(x)"
    analytic = True

    def forward(xp: Xp, x: Array, *, axis: int = -1) -> Array:
        below = x - xp.max(x, axis=axis, keepdims=True)
        return below - xp.log(xp.sum(xp.exp(below), axis=axis, keepdims=True))

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: int) -> Array:
        return grad - xp.exp(out) * xp.sum(grad, axis=axis, keepdims=True)


class LogSumExp(Reduction):
    """ln Σ eˣ along axes (None: all); the derivative is the softmax of x."""

    formula = "ln Σ eˣ"
    derivative = "softmax(x)"
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


class CrossEntropyWithLogits(Op):
    """-Σ t ln softmax(z) along an axis, one loss a sample; dz = p Σ t - t and dt = -ln p.

    A target of 0 counts nothing, even where its probability is 0.
    """

    formula = "-Σ t ln softmax(z)"
    derivative = "logits: softmax(z) Σ t - t; targets: -ln softmax(z)"
    expects = "logits and targets of one shape, and an axis that they have"
    hint = "give a probability for each score, or integer labels"

    def forward(xp: Xp, logits: Array, targets: Array, *, axis: int = -1) -> Array:
        scores = LogSoftMax.forward(xp, logits, axis=axis)
        counts = targets.dtype.kind != "f"  # int64 · float32 would be float64
        weights = xp.asarray(targets, dtype=scores.dtype) if counts else targets
        return -xp.sum(weights * xp.where(targets == 0, 0.0, scores), axis=axis)

    def vjp_logits(
        xp: Xp, grad: Array, out: Array, logits: Array, targets: Array, *, axis: int
    ) -> Array:
        total = xp.sum(targets, axis=axis, keepdims=True)
        slope = SoftMax(logits, axis=axis) * total - targets
        return xp.expand_dims(grad, axis=axis) * slope

    def vjp_targets(
        xp: Xp, grad: Array, out: Array, logits: Array, targets: Array, *, axis: int
    ) -> Array:
        return -xp.expand_dims(grad, axis=axis) * LogSoftMax(logits, axis=axis)

    def refuse(logits: Array, targets: Array, *, axis: int) -> None:
        normalize_axes(axis, logits.ndim)
        if logits.shape != targets.shape:
            raise ShapeError(
                CrossEntropyWithLogits.name,
                expected=CrossEntropyWithLogits.expects,
                came=f"logits {spec_of(logits)}, targets {spec_of(targets)}",
                suggestion=CrossEntropyWithLogits.hint,
            )


class CrossEntropyWithLabels(Op):
    """-ln softmax(z) at the label, one loss a sample, along an axis; dz = p - y, y one-hot.

    z (N, n) goes with labels (N,); along axis 0, z (n, N) does.
    """

    formula = "-ln softmax(z)[label]"
    derivative = "softmax(z) - onehot(label)"
    expects = "one integer label for each sample, and an axis that the logits have"
    hint = "pass labels shaped like the logits without that axis"

    def forward(xp: Xp, logits: Array, labels: Array, *, axis: int = -1) -> Array:
        scores = LogSoftMax.forward(xp, logits, axis=axis)
        picked = xp.take_along_axis(scores, xp.expand_dims(labels, axis=axis), axis=axis)
        return -xp.squeeze(picked, axis=axis)

    def vjp_logits(
        xp: Xp, grad: Array, out: Array, logits: Array, labels: Array, *, axis: int
    ) -> Array:
        slope = SoftMax(logits, axis=axis) - OneHotLike(labels, logits, axis=axis)
        return xp.expand_dims(grad, axis=axis) * slope

    vjp_labels = None

    def refuse(logits: Array, labels: Array, *, axis: int) -> None:
        refuse_labels_along(CrossEntropyWithLabels.name, labels, logits.shape, axis)


class OneHot(Op):
    """1 at the place of each label along a new last axis of length `depth`, 0 elsewhere."""

    formula = "yᵢ = 1 if i = label else 0"
    derivative = "none"
    expects = "integer labels from 0 to depth - 1"
    hint = "check the labels, or give a larger depth"

    def forward(xp: Xp, index: Array, *, depth: int, dtype: str = "float64") -> Array:
        return xp.asarray(xp.expand_dims(index, axis=-1) == xp.arange(depth), dtype=dtype)

    vjp_index = None

    def refuse(index: Array, *, depth: int, dtype: str) -> None:
        refuse_labels(OneHot.name, index, (*index.shape, depth))


class OneHotLike(Op):
    """1 at the place of each label along an axis of `like`, 0 elsewhere, in like's dtype."""

    formula = "yᵢ = 1 if i = label else 0"
    derivative = "none"
    expects = "one integer label for each element of `like` without the axis"
    hint = "pass labels shaped like the scores without that axis"

    def forward(xp: Xp, index: Array, like: Array, *, axis: int = -1) -> Array:
        place = normalize_axes(axis, like.ndim)[0]
        behind = (1,) * (like.ndim - 1 - place)
        places = xp.reshape(xp.arange(like.shape[place]), (-1, *behind))
        return xp.asarray(xp.expand_dims(index, axis=place) == places, dtype=like.dtype)

    vjp_index = None
    vjp_like = None

    def refuse(index: Array, like: Array, *, axis: int) -> None:
        refuse_labels_along(OneHotLike.name, index, like.shape, axis)


class Accuracy(Op):
    """The share of rows whose largest score is at the label; no gradient flows."""

    formula = "share of argmax(scores) = label"
    derivative = "none"
    expects = "one integer label for each row of scores"
    hint = "pass labels as integers shaped (N,) for scores shaped (N, n)"

    def forward(xp: Xp, scores: Array, labels: Array) -> Array:
        hits = xp.argmax(scores, axis=-1) == labels
        return xp.sum(hits, dtype=scores.dtype) / max(hits.size, 1)

    vjp_scores = None
    vjp_labels = None

    def refuse(scores: Array, labels: Array) -> None:
        refuse_labels("Accuracy", labels, scores.shape)


def refuse_labels_along(subject: str, index: Array, shape: Sequence[int], axis: int) -> None:
    """Raise unless there is one label for each element of `shape` without the axis, and in it."""
    (place,) = normalize_axes(axis, len(shape))
    rows = (*shape[:place], *shape[place + 1 :])
    if index.dtype.kind in "iu" and index.shape != rows:
        raise ShapeError(
            subject,
            expected=f"one label for each sample, shaped {list(rows)}",
            came=f"labels {spec_of(index)} for scores shaped {list(shape)} along axis {axis}",
            suggestion="pass labels shaped like the scores without that axis",
        )
    refuse_labels(subject, index, (*rows, shape[place]))
