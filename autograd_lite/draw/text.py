"""Numbers and names as text: short enough for a box, safe wherever they are put, and how wide."""

from math import isfinite
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import numpy as np

NARROW, WIDE = frozenset("iIjlt.,:;'|!()[]{}f/` "), frozenset("mwMW@%—…⟨⟩")  # letters


FEW = 6  # numbers, that a box shows in full


class TextRow(NamedTuple):
    """One line of numbers in a box: a few in one cell, or an array's least, mean and largest."""

    label: str
    cells: tuple[str, ...]
    is_bad: bool = False

    def __str__(self) -> str:
        if len(self.cells) == 1:
            return f"{self.label} {self.cells[0]}".strip()
        low, mean, high = self.cells
        return f"{self.label} min {low}, mean {mean}, max {high}".strip()


def shortened(text: str, length: int = 28) -> str:
    """The text, or its beginning and an ellipsis.

    >>> shortened("a long name", 7)
    'a long…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def number(x: float) -> str:
    """A number to four digits; a whole one of a few more in full.

    >>> number(-0.000123456), number(7), number(60000.0), number(2e9)
    ('-0.0001235', '7', '60000', '2e+09')
    """
    is_whole = abs(x) < 1e6 and x == int(x)
    return str(int(x)) if is_whole else f"{x:.4g}"


def numbers(value: Any) -> str:
    """All numbers of an array, to four digits, in nested brackets.

    >>> numbers(2.0), numbers(np.array([[0.5, -1.0], [np.nan, 3.0]]))
    ('2', '[[0.5, -1], [nan, 3]]')
    """
    if np.ndim(value) == 0:
        return _element(np.asarray(value)[()])
    return f"[{', '.join(map(numbers, value))}]"


def _element(x: Any) -> str:
    return number(float(x)) if isinstance(x, float | np.floating) else str(x)


def scalar(value: Any) -> str:
    """A single number in full: as many digits as its dtype tells apart.

    >>> scalar(0.1), scalar(np.float32(0.1)), scalar(np.array(3))
    ('0.1', '0.1', '3')
    """
    return str(np.asarray(value)[()])


def rows_of(label: str, value: Any) -> list[TextRow]:
    """The lines that tell an array: its numbers, or their spread and how many are not finite.

    >>> [str(row) for row in rows_of("value", np.array([1.0, np.nan, 3.0]))]
    ['value [1, nan, 3]']
    >>> [str(row) for row in rows_of("value", np.array([1.0, 2.0, np.nan, 3.0] * 2))]
    ['value min 1, mean 2, max 3', '2 NaN']
    """
    if type(value) is float:
        return [TextRow(label, (number(value),), not isfinite(value))]
    array = np.asarray(value)
    if array.size == 0:
        return [TextRow(label, ("empty",))]
    finite = np.isfinite(array)
    if array.size <= FEW:
        lines = _lines(array)
        return [
            TextRow("" if i else label, (line,), not finite.all()) for i, line in enumerate(lines)
        ]
    if finite.all():
        return [TextRow(label, _extent(array))]
    told = [TextRow(label, _extent(array[finite]))] if finite.any() else []
    return [*told, TextRow("" if told else label, (_not_finite(array),), is_bad=True)]


def _lines(array: np.ndarray[Any, Any]) -> list[str]:
    """A number or a vector in one line, a matrix in a line for each row."""
    if array.size == 1:
        return [numbers(array.reshape(()))]
    return [numbers(row) for row in array] if array.ndim == 2 else [numbers(array)]


def _extent(array: np.ndarray[Any, Any]) -> tuple[str, str, str]:
    mean = array.mean(dtype=np.float64)
    return number(array.min()), number(mean), number(array.max())


def _not_finite(array: np.ndarray[Any, Any]) -> str:
    """How many elements are NaN or infinite.

    >>> _not_finite(np.array([np.nan, np.inf, -np.inf]))
    '1 NaN, 2 Inf'
    """
    counts = {"NaN": np.isnan(array).sum(), "Inf": np.isinf(array).sum()}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line in a sans-serif font of that size, in pixels: a wide estimate, because
    nobody knows the reader's fonts.

    >>> text_width("value", 10) < text_width("VALUE", 10) < text_width("VALUE", 10, bold=True)
    True
    """
    return sum(map(_share, text)) * size * (1.06 if bold else 1.0)


def _share(c: str) -> float:
    """The width of a character as a share of the font's size."""
    if c in NARROW:
        return 0.36
    if c in WIDE or c.isupper():
        return 0.93 if c in WIDE else 0.72
    return 0.61 if ord(c) < 0x2500 and east_asian_width(c) not in "WF" else 1.2
