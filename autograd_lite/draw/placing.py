"""A picture with a place for each box and edge, in pixels."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from autograd_lite.draw.layers import Layering, arrange
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.svg_card import SMALL, card_size
from autograd_lite.draw.text import text_width

MARGIN, GAP = 18.0, 50.0  # around the picture, and between layers
LABEL_GAP = 84.0  # between layers from left to right, where edges have labels
HEADROOM = 16.0  # above the first layer, where scopes have their names
LABEL_ROOM, LABEL_HEIGHT = 76.0, 26.0  # for the label of an edge, at the side of a box
LINE = 16.0  # the height of a note
Point = tuple[float, float]


@dataclass(frozen=True)
class Placed:
    """A picture whose boxes and bends have their places.

    Layers follow each other along one direction, down or to the right, and boxes stand across it.
    """

    picture: Picture
    layering: Layering
    sizes: list[tuple[float, float]]  # of each box, across and along
    x: list[float]  # the middle of each box, then of each bend, across
    tops: list[float]  # where each layer begins and ends, along
    bottoms: list[float]
    gap: float  # between layers

    @cached_property
    def number(self) -> dict[str, int]:
        """The number of each box by its key."""
        return {box.key: i for i, box in enumerate(self.picture.boxes)}

    @property
    def is_right(self) -> bool:
        """Whether layers follow each other from left to right."""
        return self.picture.is_right

    @property
    def width(self) -> float:
        """The width of the picture."""
        notes = [MARGIN + text_width(note, SMALL) for note in self.picture.notes]
        return max([self.point(self._across, self._along)[0], *notes]) + MARGIN

    @property
    def height(self) -> float:
        """The height of the picture."""
        bottom = self.point(self._across, self._along)[1]
        return bottom + MARGIN + LINE * len(self.picture.notes)

    @cached_property
    def _across(self) -> float:
        widths = self.layering.widths
        return max((x + width / 2 for x, width in zip(self.x, widths, strict=True)), default=0.0)

    @property
    def _along(self) -> float:
        return self.bottoms[-1] if self.bottoms else 0.0

    def point(self, across: float, along: float) -> Point:
        """X and y of a place."""
        return (along, across) if self.is_right else (across, along)

    def rectangle(self, box: int) -> tuple[float, float, float, float]:
        """X, y, width and height of a box."""
        across, along = self.sizes[box]
        x, y = self.point(self.x[box] - across / 2, self.top(box))
        return (x, y, *self.point(across, along))

    def top(self, box: int) -> float:
        """Where a box begins; it stands in the middle of its layer."""
        row = self.layering.layer[box]
        return (self.tops[row] + self.bottoms[row] - self.sizes[box][1]) / 2

    def bottom(self, box: int) -> float:
        """Where a box ends."""
        return self.top(box) + self.sizes[box][1]


def place(picture: Picture) -> Placed:
    """Give every box and every bend of an edge its place."""
    number = {box.key: i for i, box in enumerate(picture.boxes)}
    edges = [(number[arrow.input], number[arrow.user]) for arrow in picture.arrows]
    sizes = _sizes(picture)
    layering, x = arrange([across for across, _ in sizes], edges)
    heights: defaultdict[int, float] = defaultdict(float)
    for (_, height), row in zip(sizes, layering.layer, strict=False):
        heights[row] = max(heights[row], height)
    has_labels = picture.is_right and any(arrow.label for arrow in picture.arrows)
    gap = LABEL_GAP if has_labels else GAP
    headroom = HEADROOM if any(box.scope for box in picture.boxes) else 0.0
    tops, bottoms = [], []
    y = MARGIN + (0.0 if picture.is_right else headroom)
    for row in range(len(layering.rows)):
        tops.append(y)
        bottoms.append(y + heights[row])
        y += heights[row] + gap
    left = MARGIN + (headroom if picture.is_right else 0.0)
    return Placed(picture, layering, sizes, [left + middle for middle in x], tops, bottoms, gap)


def _sizes(picture: Picture) -> list[tuple[float, float]]:
    """The sizes of the cards, with room for the labels of the edges that end there."""
    labels = Counter(arrow.user for arrow in picture.arrows if arrow.label)
    sizes = []
    for box in picture.boxes:
        width, height = card_size(box.card)
        if picture.is_right:
            sizes.append((max(height, labels[box.key] * LABEL_HEIGHT), width))
        else:
            sizes.append((max(width, labels[box.key] * LABEL_ROOM), height))
    return sizes
