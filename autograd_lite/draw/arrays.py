"""Arrays for the page: few enough numbers to draw bars and heat maps from."""

from base64 import b64encode
from typing import Any

import numpy as np

from autograd_lite.core.shapes import spec_of
from autograd_lite.draw.text import rows_of, scalar

Array = np.ndarray[Any, Any]

LEVELS = 254  # of a heat map's cell; 255 stands for NaN and infinity


def array_record(value: Any, most: int) -> dict[str, Any]:
    """What the page needs of an array, in at most about `most` numbers.

    >>> array_record(np.array([1.0, 2.5]), 100)["numbers"]
    [1.0, 2.5]
    """
    array = np.asarray(value)
    spec = str(spec_of(value))
    if array.size == 1:
        return {"spec": spec, "text": [scalar(array.reshape(()))]}
    told = [str(row) for row in rows_of("", value)]
    if array.size == 0:
        return {"spec": spec, "text": told}
    with np.errstate(all="ignore"):
        if array.ndim == 1:
            return {"spec": spec, "text": told, "numbers": _numbers(array, most)}
        return {"spec": spec, "text": told, **_heat_map(array, most)}


def _numbers(array: Array, most: int) -> list[float | str]:
    """The elements to six digits, or the means of neighbours if there are too many."""
    numbers = _block_means(array.astype(np.float64)[None], 1, most)[0]
    return [float(f"{x:.6g}") if np.isfinite(x) else str(x) for x in numbers.tolist()]


def _heat_map(array: Array, most: int) -> dict[str, Any]:
    matrix = array.reshape(-1, array.shape[-1]).astype(np.float64)
    side = max(int(most**0.5), 1)
    matrix = _block_means(matrix, side, side)
    finite = np.isfinite(matrix)
    shown = matrix[finite] if finite.any() else np.zeros(1)
    low, high = float(shown.min()), float(shown.max())
    scaled = np.where(finite, (matrix - low) / ((high - low) or 1.0) * LEVELS, LEVELS + 1)
    levels = b64encode(np.round(scaled).astype(np.uint8).tobytes()).decode()
    rows, columns = matrix.shape
    return {"rows": rows, "columns": columns, "levels": levels, "low": low, "high": high}


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
