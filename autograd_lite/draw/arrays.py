"""Arrays for the page: few enough numbers to draw bars, heat maps and images from."""

from base64 import b64encode
from collections.abc import Iterable
from math import isqrt
from typing import Any

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import spec_of
from autograd_lite.core.values import Array
from autograd_lite.draw.text import rows_of, scalar
from autograd_lite.frontend.node import Node

LEVELS = 253  # of a pixel, from the lowest number to the highest
NOT_FINITE, GAP = 254, 255  # pixels that are no numbers: NaN or infinity, and between tiles
MOST_TILES = 64
LONG = 256  # a vector of data with so many numbers may be an image
SMALLEST = 3  # pixels of an image in each direction


def picture_sizes(nodes: Iterable[Node]) -> frozenset[int]:
    """The square numbers that are the length of a row of data: pixels of images, as 784 is."""
    data = [x for x in nodes if x.op is Leaf.Input and x.ndim and x.dtype.kind in "fu"]
    lengths = {x.shape[-1] for x in data if x.ndim > 1 or x.size >= LONG}
    return frozenset(n for n in lengths if isqrt(n) ** 2 == n and isqrt(n) >= SMALLEST)


def array_record(value: Any, most: int, sizes: frozenset[int] = frozenset()) -> dict[str, Any]:
    """What the page needs of an array, in at most about `most` numbers.

    `sizes` are the numbers of pixels that make an image.

    >>> array_record(np.array([1.0, 2.5]), 100)["numbers"]
    [1.0, 2.5]
    """
    array = np.asarray(value)
    spec = str(spec_of(value))
    if array.size == 1:
        return {"spec": spec, "text": [scalar(array.reshape(()))]}
    record: dict[str, Any] = {"spec": spec, "text": [str(row) for row in rows_of("", value)]}
    if array.size == 0:
        return record
    images = images_of(array, sizes)
    with np.errstate(all="ignore"):
        if array.ndim == 1:
            record["numbers"] = _numbers(array, most)
        elif array.ndim == 2 or images is None:
            matrix = array.reshape(-1, array.shape[-1]).astype(np.float64)
            side = max(isqrt(most), 1)
            record["matrix"] = _pixels(_block_means(matrix, side, side))
        if images is not None:
            record |= _tiles(images, most)
    return record


def images_of(array: Array, sizes: frozenset[int]) -> Array | None:
    """The images (count, height, width) that an array holds, None if it holds none.

    (…, H, W), rows (N, H·W), weights (H·W, units) as an image for each unit, or one image (H·W).

    >>> images_of(np.zeros((2, 3, 8, 5)), frozenset()).shape
    (6, 8, 5)
    >>> images_of(np.zeros((784, 10)), frozenset({784})).shape
    (10, 28, 28)
    """
    if array.ndim >= 3:
        return array.reshape(-1, *array.shape[-2:]) if min(array.shape[-2:]) >= SMALLEST else None
    if array.shape[-1] in sizes:
        side = isqrt(array.shape[-1])
        return array.reshape(-1, side, side)
    if array.shape[0] in sizes:
        side = isqrt(array.shape[0])
        return array.T.reshape(-1, side, side)
    return None


def _tiles(images: Array, most: int) -> dict[str, Any]:
    """The first images beside and below each other, in a form about as wide as high."""
    shown = images[: max(min(len(images), MOST_TILES, most // 16), 1)].astype(np.float64)
    count = len(shown)
    side = max(isqrt(most // count), SMALLEST)
    shown = np.stack([_block_means(image, side, side) for image in shown])
    columns = isqrt(count - 1) + 1
    rows = -(-count // columns)
    height, width = shown.shape[1] + 1, shown.shape[2] + 1
    low, high = _range(shown)
    mosaic = np.full((rows * height - 1, columns * width - 1), GAP, np.uint8)
    for i, image in enumerate(shown):
        y, x = i // columns * height, i % columns * width
        mosaic[y : y + height - 1, x : x + width - 1] = _levels(image, low, high)
    told = "1 image" if count == 1 else f"{count} images"
    told = f"{count} of {len(images):,} images" if count < len(images) else told
    size = f"{images.shape[1]} × {images.shape[2]}"  # noqa: RUF001 - "times" is meant
    return {"tiles": _encoded(mosaic, low, high), "told": f"{told} of {size}"}


def _numbers(array: Array, most: int) -> list[float | str]:
    """The elements to six digits, or the means of neighbours if there are too many."""
    numbers = _block_means(array.astype(np.float64)[None], 1, most)[0]
    return [float(f"{x:.6g}") if np.isfinite(x) else str(x) for x in numbers.tolist()]


def _pixels(matrix: Array) -> dict[str, Any]:
    low, high = _range(matrix)
    return _encoded(_levels(matrix, low, high), low, high)


def _range(array: Array) -> tuple[float, float]:
    """The lowest and the highest finite number."""
    finite = array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _levels(array: Array, low: float, high: float) -> Array:
    scaled = np.round((array - low) / ((high - low) or 1.0) * LEVELS)
    return np.where(np.isfinite(array), scaled, NOT_FINITE).astype(np.uint8)


def _encoded(levels: Array, low: float, high: float) -> dict[str, Any]:
    rows, columns = levels.shape
    data = b64encode(levels.tobytes()).decode()
    return {"rows": rows, "columns": columns, "levels": data, "low": low, "high": high}


def _block_means(matrix: Array, rows: int, columns: int) -> Array:
    """The matrix, made coarser until it has at most so many rows and columns."""
    for axis, most in ((0, rows), (1, columns)):
        length = matrix.shape[axis]
        if length > most:
            starts = np.linspace(0, length, most, endpoint=False).astype(np.intp)
            counts = np.diff([*starts.tolist(), length])
            shape = (-1, 1) if axis == 0 else (1, -1)
            matrix = np.add.reduceat(matrix, starts, axis=axis) / counts.reshape(shape)
    return matrix
