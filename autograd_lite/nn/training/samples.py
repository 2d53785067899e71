"""Images and labels on their way to a graph: scaled, checked, and cut into steps."""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_lite.errors import DTypeError, LabelError, ShapeError
from autograd_lite.nn.checks import Array, as_array, fraction, refuse_unless
from autograd_lite.nn.training.classifier import Recording

Pick: TypeAlias = int | slice | Array  # what selects the samples of one step


def as_features(images: ArrayLike, dtype: DTypeLike = "float32") -> Array:
    """Images (N, rows, columns) as rows of features (N, rows · columns).

    Integers are divided by the largest value of their dtype, so that uint8 pixels end up between 0
    and 1; other images keep their values.

    >>> as_features(np.array([[[0, 255], [51, 0]]], "uint8")).tolist()
    [[0.0, 1.0, 0.20000000298023224, 0.0]]
    """
    pixels = as_array(images)
    right = pixels.ndim > 0 and pixels.dtype.kind in "iufb"
    expected = "images: numbers in an array (N, rows, columns)"
    refuse_unless(right, "as_features", pixels, expected, error=DTypeError)
    rows = pixels.reshape(len(pixels), prod(pixels.shape[1:]))
    if pixels.dtype.kind not in "iu":
        return rows.astype(dtype)
    return np.divide(rows, np.iinfo(pixels.dtype).max, dtype=dtype)


def check_images(images: ArrayLike, subject: str) -> Array:
    """The images as an array; ShapeError or DTypeError for no batch of floating-point samples."""
    array = as_array(images)
    right = array.ndim > 1 and len(array) > 0
    expected = "at least one sample, as rows of features (samples, features)"
    hint = "flatten images with images.reshape(len(images), -1)"
    refuse_unless(right, subject, array, expected, hint, error=ShapeError)
    right, hint = array.dtype.kind == "f", "scale pixels with nn.as_features(images)"
    refuse_unless(right, subject, array, "floating-point features", hint, error=DTypeError)
    return array


def fitted(
    recording: Recording, images: ArrayLike, labels: ArrayLike, subject: str
) -> tuple[Array, Array]:
    """Samples in the dtypes of a recording's inputs.

    Raises ShapeError, DTypeError or LabelError, which name `subject`, for samples that do not fit
    each other or the model.
    """
    x, y = check_images(images, f"{subject} images"), as_array(labels)
    right = x.shape[1:] == recording.sample_shape
    expected = f"samples shaped {list(recording.sample_shape)}, as those before"
    refuse_unless(right, f"{subject} images", x, expected, "prepare them alike", error=ShapeError)
    _check_labels(y, f"{subject} labels", len(x), recording.classes)
    return x.astype(recording.x.dtype, copy=False), y.astype("int64")


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
    images: Array, labels: Array, share: float, random: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The samples without a share of them, and that share, drawn at random, at least one.

    >>> images, labels = np.zeros((10, 4)), np.arange(10)
    >>> kept, held = split(images, labels, 0.2, np.random.default_rng(0))
    >>> len(kept[1]), len(held[1]), sorted([*kept[1], *held[1]]) == list(range(10))
    (8, 2, True)
    """
    refuse_unless(fraction("validation", share) > 0, "validation", share, "a share above 0")
    refuse_unless(len(labels) > 1, "validation", share, "two samples at least, to be shared")
    order = random.permutation(len(labels))
    count = min(max(round(share * len(labels)), 1), len(labels) - 1)
    kept, held = np.sort(order[count:]), np.sort(order[:count])
    return (images[kept], labels[kept]), (images[held], labels[held])


def _check_labels(labels: Array, subject: str, count: int, classes: int) -> None:
    right, hint = labels.shape == (count,), "check that images and labels belong together"
    expected = f"one label for each of {count} images, shaped ({count},)"
    refuse_unless(right, subject, labels, expected, hint, error=ShapeError)
    right, hint = labels.dtype.kind in "iu", "convert the labels with labels.astype('int64')"
    refuse_unless(right, subject, labels, "integer labels", hint, error=DTypeError)
    if not 0 <= labels.min() <= labels.max() < classes:
        raise LabelError(
            subject,
            expected=f"labels from 0 to {classes - 1}, one for each score of the model",
            came=f"labels from {labels.min()} to {labels.max()}",
            suggestion="check the labels, or give the last layer one unit for each class",
        )
