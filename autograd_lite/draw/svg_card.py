"""One box of the own SVG writer: how large it is, and its elements."""

from collections.abc import Iterator
from html import escape

from autograd_lite.draw.card import Card
from autograd_lite.draw.palette import ALARM, MUTED, PAINTS, TEXT
from autograd_lite.draw.picture import Box
from autograd_lite.draw.text import TextRow, text_width

LARGE, SMALL = 13.0, 11.0  # font sizes, in pixels
HEADING, LINE = 18.0, 15.0  # heights of lines
PADDING, GUTTER = 11.0, 12.0  # around the text, and between columns
HEADINGS = TextRow("", ("min", "mean", "max"))


def card_size(card: Card) -> tuple[float, float]:
    """The width and height of a card, in pixels."""
    heading = text_width(card.heading, LARGE, bold=True) + text_width(card.operands, LARGE)
    heading += text_width(card.name, LARGE) + 8 if card.name else 0.0
    widths = [heading, text_width(card.spec, SMALL), 60.0]
    widths += [_row_width(card, row) for row in card.rows]
    lines = bool(card.spec) + card.has_extents + len(card.rows)
    return max(widths) + 2 * PADDING, HEADING + LINE * lines + PADDING


def card_svg(box: Box, left: float, top: float, width: float, height: float) -> str:
    """A card as SVG, its hover text included."""
    card, paint = box.card, PAINTS[box.card.frame]
    stroke = 3 if card.is_thick else 2 if card.kind == "group" else 1.2
    lines = "".join(_lines(card, left + width / 2, top, width))
    return (
        f'<g data-key="{box.key}"><title>{escape(card.hover)}</title>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="8" fill="{paint.fill}" stroke="{paint.frame}" '
        f'stroke-width="{stroke}"/>\n{lines}</g>\n'
    )


def _lines(card: Card, middle: float, top: float, width: float) -> Iterator[str]:
    colour = MUTED if card.is_grey else TEXT
    y = top + HEADING
    operands = f'<tspan fill="{MUTED}">{escape(card.operands)}</tspan>' if card.operands else ""
    name = f'<tspan dx="8" font-style="italic">{escape(card.name)}</tspan>' if card.name else ""
    yield (
        f'<text x="{middle:.1f}" y="{y:.1f}" font-size="{LARGE:.0f}" text-anchor="middle" '
        f'fill="{colour}"><tspan font-weight="bold">{escape(card.heading)}</tspan>'
        f"{operands}{name}</text>\n"
    )
    if card.spec:
        y += LINE
        yield text_tag(middle, y, card.spec, MUTED, "middle")
    sides = middle - width / 2 + PADDING, middle + width / 2 - PADDING
    part = "value"
    for row in [HEADINGS, *card.rows] if card.has_extents else card.rows:
        y += LINE
        told = ALARM if row.is_bad else MUTED if row is HEADINGS else colour
        part = row.label or part  # a line without a label belongs to the one before
        yield f'<g class="{part}">{_cells(card, row, sides, y, told)}</g>'


def _cells(card: Card, row: TextRow, sides: tuple[float, float], y: float, colour: str) -> str:
    """The label at the left, the numbers in columns that end at the right."""
    left, right = sides
    texts = [text_tag(left, y, row.label)] if row.label else []
    columns = _columns(card) if len(row.cells) == 3 else [0.0]
    for i, cell in enumerate(row.cells):
        texts.append(text_tag(right - sum(columns[i + 1 :]), y, cell, colour, "end"))
    return "".join(texts)


def _columns(card: Card) -> list[float]:
    """The widths of the three columns, with the space before them."""
    rows = [row for row in card.rows if len(row.cells) == 3]
    return [
        max(text_width(row.cells[i], SMALL) for row in [HEADINGS, *rows]) + GUTTER for i in range(3)
    ]


def _row_width(card: Card, row: TextRow) -> float:
    label = max(text_width(other.label, SMALL) for other in card.rows)
    if len(row.cells) == 3:
        return label + sum(_columns(card))
    return label + GUTTER + text_width(row.cells[0], SMALL)


def text_tag(x: float, y: float, text: str, colour: str = MUTED, anchor: str = "start") -> str:
    """A line of small text."""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{SMALL:.0f}"{where} '
        f'fill="{colour}">{escape(text)}</text>\n'
    )
