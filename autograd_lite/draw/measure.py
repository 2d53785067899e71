"""How much room text takes: a wide estimate, because nobody knows the reader's fonts."""

from __future__ import annotations

from unicodedata import east_asian_width

NARROW, WIDE = frozenset("iIjlt.,:;'|!()[]{}f/` "), frozenset("mwMW@%—…⟨⟩")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line in a sans-serif font of that size, in pixels.

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
