"""Images and labels on their way to a graph: scaled, checked, and cut into steps."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_lite.errors import DTypeError, LabelError, ShapeError
from autograd_lite.nn.arrays import Array, as_array, describe
from autograd_lite.nn.losses import Head, softmax_cross_entropy
from autograd_lite.nn.module import Module
from autograd_lite.nn.training.classifier import Recording, record

Pick: TypeAlias = int | slice | Array  # what selects the samples of one step


def as_features(images: Array, dtype: DTypeLike = "float32") -> Array:
    """Images (N, rows, columns) as rows of features (N, rows · columns).

    Integers are divided by the largest value of their dtype, so that uint8 pixels end up between 0
    and 1; other images keep their values.

    >>> as_features(np.array([[[0, 255], [51, 0]]], "uint8")).tolist()
    [[0.0, 1.0, 0.20000000298023224, 0.0]]
    """
    rows = images.reshape(len(images), prod(images.shape[1:]))
    if images.dtype.kind not in "iu":
        return rows.astype(dtype)
    return np.divide(rows, np.iinfo(images.dtype).max, dtype=dtype)


def prepare(
    model: Module,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    batch_size: int,
    subject: str,
    head: Head = softmax_cross_entropy,
) -> tuple[Recording, Array, Array]:
    """The graph of a model for these samples, and the samples in the dtypes of its inputs.

    Raises ShapeError, DTypeError or LabelError, which name `subject`, for samples that do not fit
    each other or the model.
    """
    images, labels = as_array(images), as_array(labels)
    check_images(images, f"{subject} images")
    _check_labels(labels, f"{subject} labels", len(images))
    recording = record(model, images.shape[1:], batch_size=batch_size, head=head)
    _check_range(labels, f"{subject} labels", recording.classes)
    return recording, images.astype(recording.x.dtype, copy=False), labels.astype("int64")


def picks(count: int, batch_size: int, order: Array | None = None) -> Sequence[Pick]:
    """What selects the samples of each step of a pass; the last batch may be smaller.

    >>> picks(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    >>> picks(3, 1, np.array([2, 0, 1]))
    [2, 0, 1]
    """
    if batch_size == 1:
        return range(count) if order is None else order.tolist()
    batches = [slice(start, start + batch_size) for start in range(0, count, batch_size)]
    return batches if order is None else [order[batch] for batch in batches]


def split(
    images: Array, labels: Array, fraction: float, random: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The samples without a fraction of them, and that fraction, drawn at random, at least one.

    >>> images, labels = np.zeros((10, 4)), np.arange(10)
    >>> kept, held = split(images, labels, 0.2, np.random.default_rng(0))
    >>> len(kept[1]), len(held[1]), sorted([*kept[1], *held[1]]) == list(range(10))
    (8, 2, True)
    """
    order = random.permutation(len(labels))
    count = min(max(round(fraction * len(labels)), 1), len(labels) - 1)
    kept, held = np.sort(order[count:]), np.sort(order[:count])
    return (images[kept], labels[kept]), (images[held], labels[held])


def check_images(images: Array, subject: str) -> None:
    """Refuse what is no batch of floating-point samples, by a ShapeError or DTypeError."""
    if images.ndim < 2 or len(images) == 0:
        raise ShapeError(
            subject,
            expected="at least one sample, as rows of features (samples, features)",
            came=describe(images),
            suggestion="flatten images with images.reshape(len(images), -1)",
        )
    if images.dtype.kind != "f":
        raise DTypeError(
            subject,
            expected="floating-point features",
            came=describe(images),
            suggestion="scale pixels with nn.as_features(images)",
        )


def _check_labels(labels: Array, subject: str, count: int) -> None:
    if labels.shape != (count,):
        raise ShapeError(
            subject,
            expected=f"one label for each of {count} images, shaped ({count},)",
            came=describe(labels),
            suggestion="check that images and labels belong together",
        )
    if labels.dtype.kind not in "iu":
        raise DTypeError(
            subject,
            expected="integer labels",
            came=describe(labels),
            suggestion="convert the labels, for example with labels.astype('int64')",
        )


def _check_range(labels: Array, subject: str, classes: int) -> None:
    if not 0 <= labels.min() <= labels.max() < classes:
        raise LabelError(
            subject,
            expected=f"labels from 0 to {classes - 1}, one for each score of the model",
            came=f"labels from {labels.min()} to {labels.max()}",
            suggestion="check the labels, or give the last layer one unit for each class",
        )
