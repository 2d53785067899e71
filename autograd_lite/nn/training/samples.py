"""Images and labels as they have to be: scaled, checked, shared out, and cut into batches."""

from collections.abc import Sequence
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.nn.checks import Array, as_array, fraction, refuse_unless

NO_NUMBERS = "give an array of numbers, made by np.asarray(rows, 'float32') for example"
ONE_AXIS = "write x[None] for one sample, x[:, None] for samples of one feature"
Pick: TypeAlias = int | slice  # what selects the samples of one step


@checks_call
def as_features(images: ArrayLike, dtype: DTypeLike = "float32") -> Array:
    """Images (N, rows, columns) as rows of features (N, rows · columns).

    Integers of 8 or 16 bits are divided by the largest value of their dtype, so that uint8 pixels
    end up between 0 and 1; floating images keep their values.

    >>> as_features(np.array([[[0, 255], [51, 0]]], "uint8")).tolist()
    [[0.0, 1.0, 0.20000000298023224, 0.0]]

    Raises DTypeError for larger integers, which do not say what white is.
    """
    pixels = as_array(images)
    right = pixels.ndim > 0 and pixels.dtype.kind in "iufb"
    expected = "images: numbers in an array (N, rows, columns)"
    refuse_unless(right, "as_features", pixels, expected, error=DTypeError)
    rows = pixels.reshape(len(pixels), prod(pixels.shape[1:]))
    if pixels.dtype.kind not in "iu":
        return rows.astype(dtype)
    expected, hint = "integers of 8 or 16 bits", "write images.astype('uint8') for pixels up to 255"
    refuse_unless(rows.itemsize <= 2, "as_features", pixels, expected, hint, error=DTypeError)
    return np.divide(rows, np.iinfo(pixels.dtype).max, dtype=dtype)


def check_images(images: ArrayLike, subject: str) -> Array:
    """The images as an array; ShapeError or DTypeError for no batch of samples in numbers."""
    array = as_array(images)
    is_numeric, right = array.dtype.kind in "iuf", array.ndim > 1 and len(array) > 0
    expected, hint = "at least one sample, as rows of features (samples, features)", NO_NUMBERS
    if is_numeric:
        hint = ONE_AXIS if array.ndim == 1 else "look at what was read: nothing is there"
    refuse_unless(right, subject, array, expected, hint, error=ShapeError)
    expected = "floating-point features, or integers to be looked up"
    refuse_unless(is_numeric, subject, array, expected, NO_NUMBERS, error=DTypeError)
    return array


def picks(count: int, batch_size: int, *, batched: bool = True) -> Sequence[Pick]:
    """What selects the samples of each step of a pass; the last batch may be smaller.

    Inputs without an axis for batches are given one sample a step.

    >>> picks(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    >>> picks(3, 1, batched=False)
    range(0, 3)
    """
    if not batched:
        return range(count)
    return [slice(start, start + batch_size) for start in range(0, count, batch_size)]


def split(
    images: Array, labels: Array, share: float, random: np.random.Generator
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The samples without a share of them, and that share, drawn at random, at least one.

    >>> images, labels = np.zeros((10, 4)), np.arange(10)
    >>> kept, held = split(images, labels, 0.2, np.random.default_rng(0))
    >>> len(kept[1]), len(held[1]), sorted([*kept[1], *held[1]]) == list(range(10))
    (8, 2, True)
    """
    kept, held = split_rows(len(labels), share, random)
    return (images[kept], labels[kept]), (images[held], labels[held])


def split_rows(count: int, share: float, random: np.random.Generator) -> tuple[Array, Array]:
    """The numbers of the rows that `split` keeps, and of those that it holds back, ascending."""
    refuse_unless(fraction("validation", share) > 0, "validation", share, "a share above 0")
    refuse_unless(count > 1, "validation", share, "two samples at least, to be shared")
    order = random.permutation(count)
    held = min(max(round(share * count), 1), count - 1)
    return np.sort(order[held:]), np.sort(order[:held])
