"""What on a picture is ink: uneven light, ruled lines, grain and specks are not."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_lite.nn.checks import Array

COARSE = 128  # cells along the longer side, where paper and parts are looked for
WIDEST = 0.25  # of the longer side: a stroke is narrower, a shadow is wider
TILTS = np.linspace(-0.06, 0.06, 25)  # of ruled lines: rise over run
BROKEN = 0.15  # the share of a ruled line that may be hidden; a digit's own bars are shorter
FAINTEST, ALMOST, PARTS = 0.1, 0.2, 30


def ink_of(grey: Array, image: Any) -> Array:
    """Where the ink is (rows, columns), from 0 to 1, on a picture in shades of grey.

    It is 0 all over where nothing differs from the paper. `image` is the module PIL.Image.
    """
    ink = _darkness(1 - grey if _is_on_dark(grey, image) else grey, image)
    if ink.max(initial=0.0) < FAINTEST:
        return np.zeros_like(ink)
    ink = without_lines(without_lines(ink).T).T
    paper = float(np.median(ink))
    grain = 1.5 * float(np.median(np.abs(ink - paper)))
    ink = np.clip(ink - paper - 2 * grain, 0, None)
    full = max(float(np.quantile(ink[ink >= ink.max() / 2], 0.9)), FAINTEST / 2)
    ink = np.clip(ink / full, 0, 1)
    ink[ink < grain / full] = 0
    return main_part(ink, image)


def _is_on_dark(grey: Array, image: Any) -> bool:
    """Whether the ink is lighter than its paper: it is the smaller part, and differs by more."""
    differences = grey - resized(resized(grey, (4, 4), image), grey.shape, image)
    return bool((differences**3).sum() > 0)


def _darkness(grey: Array, image: Any) -> Array:
    """The share of the light of its surroundings that is missing at a pixel.

    The surroundings are what is there when all that is dark and narrow is filled: at each place the
    largest value nearby, and then the smallest of these.
    """
    small = resized(grey, coarse_shape(grey), image)
    reach = max(round(max(small.shape) * WIDEST) // 2, 1)
    filled = largest_nearby(small, reach)
    paper = -largest_nearby(-filled, reach + 1)  # at the edge of a shadow, its darker side
    paper = resized(paper, grey.shape, image)
    return np.clip(1 - grey / np.maximum(paper, 0.05), 0, 1)


def largest_nearby(values: Array, reach: int) -> Array:
    """The largest value of a square around each place.

    >>> largest_nearby(np.eye(4), 1)[0].tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    for axis in (0, 1):
        margins = [(reach, reach) if i == axis else (0, 0) for i in (0, 1)]
        padded = np.pad(values, margins, mode="edge")
        values = sliding_window_view(padded, 2 * reach + 1, axis=axis).max(axis=-1)
    return values


def without_lines(ink: Array) -> Array:
    """The ink without lines that go across the whole picture, more or less along the rows.

    What is above and below of a line is joined where the line was.

    >>> ink = np.zeros((20, 20))
    >>> ink[5:15, 9] = ink[10] = 1.0  # a stroke, and a line across it
    >>> without_lines(ink).sum(axis=1).tolist() == [0.0] * 5 + [1.0] * 10 + [0.0] * 5
    True
    """
    some = ink[:, :: max(ink.shape[1] // 100, 1)]
    tilt = max(TILTS, key=lambda tilt: float(np.var(_levels(_sheared(some, tilt * ink.shape[1])))))
    straight = _sheared(ink, tilt * ink.shape[1])
    levels = _levels(straight)
    lines = levels > FAINTEST * ink.max(initial=0.0) + np.median(levels)
    lines = np.convolve(lines, [1, 1, 1], "same") > 0  # and where they fade out
    if not 0 < lines.mean() < 0.5:
        return ink
    return _sheared(_joined(straight, np.flatnonzero(~lines)), -tilt * ink.shape[1])


def _levels(ink: Array) -> Array:
    """How dark each row is from one side to the other, but for a few gaps."""
    return np.quantile(ink, BROKEN, axis=1)


def _sheared(ink: Array, rise: float) -> Array:
    """The columns moved up and down, so that lines which rise by so many rows become level."""
    rows, columns = np.arange(ink.shape[0])[:, None], np.arange(ink.shape[1])
    moves = np.round((columns / len(columns) - 0.5) * rise).astype(int)
    return ink[np.clip(rows + moves, 0, ink.shape[0] - 1), columns]


def _joined(ink: Array, good: Array) -> Array:
    """The rows between good ones, made of these by straight lines from row to row."""
    rows = np.arange(len(ink))
    place = np.interp(rows, good, np.arange(len(good)))
    above = np.floor(place).astype(int)
    share = (place - above)[:, None]
    below = good[np.minimum(above + 1, len(good) - 1)]
    return ink[good[above]] * (1 - share) + ink[below] * share


def main_part(ink: Array, image: Any) -> Array:
    """The ink without specks and other things that lie apart from the digit and are lighter."""
    cells = resized(ink, coarse_shape(ink), image)
    near = largest_nearby(cells >= ALMOST, 2)  # parts with a narrow gap between are one
    parts = list(_parts(cells, near))
    weights = [float((cells * part).sum()) for part in parts]
    kept = [part for part, w in zip(parts, weights, strict=True) if w >= ALMOST * max(weights)]
    shown = np.any(kept, axis=0) if kept else near
    return ink * (resized(shown, ink.shape, image) > 0)


def _parts(cells: Array, near: Array) -> Iterator[Array]:
    """The largest of the connected parts, from the darkest on."""
    for _ in range(PARTS):
        if not near.any():
            return
        part = np.zeros_like(near)
        part.flat[np.argmax(cells * near)] = True
        yield (part := _spread(part, near))
        near = near & ~part


def _spread(part: Array, near: Array) -> Array:
    """All that is connected to a part."""
    while not np.array_equal(part, wider := largest_nearby(part, 1) & near):
        part = wider
    return part


def coarse_shape(values: Array) -> tuple[int, int]:
    """Rows and columns of the cells of a picture."""
    rows, columns = (max(round(n * min(COARSE / max(values.shape), 1)), 1) for n in values.shape)
    return rows, columns


def resized(values: Array, shape: tuple[int, ...], image: Any) -> Array:
    """The values on another number of rows and columns: means, or straight lines between them."""
    picture = image.fromarray(values.astype("float32"))
    kind = image.Resampling.BOX if values.size > shape[0] * shape[1] else image.Resampling.BILINEAR
    return np.asarray(picture.resize(shape[::-1], kind), "float64")
