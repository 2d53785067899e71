"""A picture with a place for each box and edge, in pixels."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from autograd_lite.draw.layers import Layering, arrange
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.svg_card import SMALL, card_size
from autograd_lite.draw.text import text_width

MARGIN, GAP = 18.0, 50.0  # around the picture, and between layers
HEADROOM = 16.0  # above the first layer, where scopes have their names
LABEL_ROOM = 76.0  # for the label of an edge, at the upper side of a box


@dataclass(frozen=True)
class Placed:
    """A picture whose boxes and bends have their places."""

    picture: Picture
    layering: Layering
    sizes: list[tuple[float, float]]  # width and height of each box
    x: list[float]  # the middle of each box, then of each bend
    tops: list[float]  # of each layer
    bottoms: list[float]

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each box by its key."""
        return {box.key: i for i, box in enumerate(self.picture.boxes)}

    @property
    def width(self) -> float:
        """The width of the picture."""
        widths = self.layering.widths
        right = max((x + width / 2 for x, width in zip(self.x, widths, strict=True)), default=0.0)
        return max(right, MARGIN + text_width(self.picture.note, SMALL)) + MARGIN

    @property
    def height(self) -> float:
        """The height of the picture."""
        bottom = self.bottoms[-1] if self.bottoms else 0.0
        return bottom + MARGIN + (20.0 if self.picture.note else 0.0)

    def top(self, box: int) -> float:
        """The upper side of a box, which stands in the middle of its layer."""
        row = self.layering.layer[box]
        return (self.tops[row] + self.bottoms[row] - self.sizes[box][1]) / 2

    def bottom(self, box: int) -> float:
        """The lower side of a box."""
        return self.top(box) + self.sizes[box][1]


def place(picture: Picture) -> Placed:
    """Give every box and every bend of an edge its place."""
    number = {box.key: i for i, box in enumerate(picture.boxes)}
    edges = [(number[arrow.input], number[arrow.user]) for arrow in picture.arrows]
    sizes = _sizes(picture)
    layering, x = arrange([width for width, _ in sizes], edges)
    heights: defaultdict[int, float] = defaultdict(float)
    for (_, height), row in zip(sizes, layering.layer, strict=False):
        heights[row] = max(heights[row], height)
    tops, bottoms = [], []
    y = MARGIN + (HEADROOM if any(box.scope for box in picture.boxes) else 0.0)
    for row in range(len(layering.rows)):
        tops.append(y)
        bottoms.append(y + heights[row])
        y += heights[row] + GAP
    return Placed(picture, layering, sizes, [MARGIN + middle for middle in x], tops, bottoms)


def _sizes(picture: Picture) -> list[tuple[float, float]]:
    """The sizes of the cards, wide enough for the labels of the edges that end there."""
    labels = Counter(arrow.user for arrow in picture.arrows if arrow.label)
    sizes = []
    for box in picture.boxes:
        width, height = card_size(box.card)
        sizes.append((max(width, labels[box.key] * LABEL_ROOM), height))
    return sizes
