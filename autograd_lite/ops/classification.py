"""Ops that classifiers end in, written so that large scores do not overflow."""

from collections.abc import Sequence
from math import inf

from autograd_lite.core.op import Array, Op, Xp
from autograd_lite.core.shapes import Axes, normalize_axes, spec_of
from autograd_lite.errors import ShapeError
from autograd_lite.ops.half import widened
from autograd_lite.ops.indexing import refuse_labels
from autograd_lite.ops.reduction import BroadcastLike, Reduction
from autograd_lite.ops.shortcuts import (
    centred_on,
    loss_at_labels,
    pulled_from_labels,
    shortened,
    weights_of_vector,
)

__all__ = [
    "Accuracy", "CrossEntropyWithLabels", "CrossEntropyWithLogits", "LogSoftMax", "LogSumExp",
    "OneHot", "OneHotLike", "SoftMax",
]  # fmt: skip


class AlongAxis(Op, abstract=True):
    """An op of the numbers x along an axis, or along several as if they were one."""

    expects = "an axis that x has, not empty"
    hint = "count axes from 0, or from -1 backwards"

    def refuse(x: Array, *, axis: Axes) -> None:
        normalize_axes(axis, x.ndim)


class SoftMax(AlongAxis):
    """Probabilities eˣⁱ / Σⱼ eˣʲ along an axis; dx = p ⊙ (grad - Σ grad ⊙ p).

    What is left of grad is centred twice: where one p is nearly 1, the first mean is nearly the
    grad there, and their difference all rounding. The element -∞ has p = 0, in any company.
    """

    formula = "pᵢ = eˣⁱ / Σⱼ eˣʲ"
    derivative = "dpⱼ/dxᵢ = pⱼ (δᵢⱼ - pᵢ)"
    analytic = True

    @shortened(weights_of_vector)
    @widened
    def forward(xp: Xp, x: Array, *, axis: Axes = -1) -> Array:
        weight = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
        return weight / xp.sum(weight, axis=axis, keepdims=True)

    @shortened(centred_on)
    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes) -> Array:
        p = xp.where(x == -inf, 0.0, out)
        rest = grad - xp.sum(grad * p, axis=axis, keepdims=True)
        return p * (rest - xp.sum(rest * p, axis=axis, keepdims=True))


class LogSoftMax(AlongAxis):
    """Logarithms of the probabilities that SoftMax gives; dx = grad - p Σ grad.

    Written as grad (1 - p) - p Σ (the other grads), because p may be nearly 1.
    """

    formula = "xᵢ - ln Σⱼ eˣʲ"
    derivative = "δᵢⱼ - pᵢ, with p = softmax(x)"
    analytic = True

    @widened
    def forward(xp: Xp, x: Array, *, axis: Axes = -1) -> Array:
        below = x - xp.max(x, axis=axis, keepdims=True)
        return below - _log_total(xp, below, axis)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *, axis: Axes) -> Array:
        log_p = xp.where(x == -inf, -inf, out)
        others = xp.sum(grad, axis=axis, keepdims=True) - grad
        return -grad * xp.expm1(log_p) - xp.exp(log_p) * others


def _log_total(xp: Xp, below: Array, axis: Axes) -> Array:
    """ln Σ eᵇ of numbers up to 0, one of them 0: ln(1 + the others), which may be tiny."""
    weight = xp.exp(below)
    largest = xp.where(below == 0, weight, 0.0)
    others = xp.sum(weight - largest, axis=axis, keepdims=True)
    return xp.log1p(others + (xp.sum(largest, axis=axis, keepdims=True) - 1))


class LogSumExp(Reduction):
    """ln Σ eˣ along axes (None: all); the derivative is the softmax of x, and 0 where all is -∞."""

    formula = "ln Σ eˣ"
    derivative = "softmax(x)"
    analytic = True
    expects = "axes that x has, none of them empty"
    hint = "count axes from 0, or from -1 backwards"

    @widened
    def forward(
        xp: Xp, x: Array, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
    ) -> Array:
        top = xp.max(x, axis=axis, keepdims=True)
        top = xp.where(xp.abs(top) < inf, top, 0.0)  # inf - inf would be NaN
        total = _log_total(xp, x - top, axis) + top
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
        total = BroadcastLike.within(xp, out, x, **spread)
        shown = xp.where(x == total, 0.0, x - total)  # of infinities, those that count
        p = SoftMax.within(xp, xp.where(xp.abs(total) < inf, x, shown), axis=axis)
        return BroadcastLike.within(xp, grad, x, **spread) * xp.where(total == -inf, 0.0, p)


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
        is_float = "float" in str(targets.dtype)  # int64 · float32 would be float64
        weights = targets if is_float else xp.astype(targets, scores.dtype)
        return -xp.sum(weights * xp.where(targets == 0, 0.0, scores), axis=axis)

    def vjp_logits(
        xp: Xp, grad: Array, out: Array, logits: Array, targets: Array, *, axis: int
    ) -> Array:
        weight = xp.expand_dims(-grad, axis=axis) * targets
        scores = LogSoftMax.within(xp, logits, axis=axis)
        return LogSoftMax.vjp_x(xp, weight, scores, logits, axis=axis)

    def vjp_targets(
        xp: Xp, grad: Array, out: Array, logits: Array, targets: Array, *, axis: int
    ) -> Array:
        return -xp.expand_dims(grad, axis=axis) * LogSoftMax.within(xp, logits, axis=axis)

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

    @shortened(loss_at_labels)
    def forward(xp: Xp, logits: Array, labels: Array, *, axis: int = -1) -> Array:
        scores = LogSoftMax.forward(xp, logits, axis=axis)
        picked = xp.take_along_axis(scores, xp.expand_dims(labels, axis=axis), axis=axis)
        return -xp.squeeze(picked, axis=axis)

    @shortened(pulled_from_labels)
    def vjp_logits(
        xp: Xp, grad: Array, out: Array, logits: Array, labels: Array, *, axis: int
    ) -> Array:
        weight = xp.expand_dims(-grad, axis=axis) * OneHotLike.within(xp, labels, logits, axis=axis)
        scores = LogSoftMax.within(xp, logits, axis=axis)
        return LogSoftMax.vjp_x(xp, weight, scores, logits, axis=axis)

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
        hits = xp.expand_dims(index, axis=-1) == xp.arange(depth)
        return xp.astype(hits, getattr(xp, dtype))

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
        return xp.astype(xp.expand_dims(index, axis=place) == places, like.dtype)

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

    @widened
    def forward(xp: Xp, scores: Array, labels: Array) -> Array:
        hits = xp.argmax(scores, axis=-1) == labels
        return xp.sum(xp.astype(hits, scores.dtype)) / max(hits.size, 1)

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
