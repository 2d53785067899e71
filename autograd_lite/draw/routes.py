"""The ways of edges between boxes that have their places.

An edge moves sideways only in the gap between two layers, and passes a layer straight on a
way kept free for it, so it never crosses a box.
"""

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from autograd_lite.draw.layers import Edge
from autograd_lite.draw.palette import BACKWARD, FORWARD
from autograd_lite.draw.picture import Arrow
from autograd_lite.draw.placing import Placed, Point

PORT = 66.0  # the distance between edges at one side of a box, where it is wide enough
RIGHT_PORT = 26.0  # the same from left to right, where labels stand above each other
TIP = 7.0  # the length of an arrow's head
Ports = dict[tuple[Edge, int], float]  # (edge, its box) → how far from the box's middle


def edges_svg(placed: Placed) -> Iterator[str]:
    """All arrows; where gradients flow beside values, the two lines run side by side."""
    ports = _ports(placed)
    is_both = len({arrow.is_backward for arrow in placed.picture.arrows}) == 2
    for arrow in placed.picture.arrows:
        beside = (5.0 if arrow.is_backward else -5.0) if is_both else 0.0
        yield _arrow(placed, arrow, ports, beside)


def _ports(placed: Placed) -> Ports:
    """Where edges meet a box, as distances from its middle.

    An edge leaves towards the other box as far as it arrives from there, so that it is upright if
    the two sides allow it; edges keep their order and some distance.
    """
    upper: dict[int, list[Edge]] = {}
    lower: dict[int, list[Edge]] = {}
    for edge in placed.layering.chains:
        lower.setdefault(edge[0], []).append(edge)
        upper.setdefault(edge[1], []).append(edge)
    ports: Ports = {}
    port = RIGHT_PORT if placed.is_right else PORT
    for sides, step in ((lower, 1), (upper, -2)):
        for box, edges in sides.items():
            aims = sorted((_aim(placed, edge, box, step), edge) for edge in edges)
            limit = placed.sizes[box][0] / 2 - (9 if placed.is_right else 14)
            places = _spread([aim for aim, _ in aims], limit, port)
            ports.update({(edge, box): at for at, (_, edge) in zip(places, aims, strict=True)})
    return ports


def _aim(placed: Placed, edge: Edge, box: int, step: int) -> float:
    """How far to the side an edge would like to meet a box: half the way to what comes next."""
    following = placed.layering.chains[edge][step]
    share = 0.5 if following < len(placed.sizes) else 1.0  # a bend cannot come to meet us
    return (placed.x[following] - placed.x[box]) * share


def _spread(aims: list[float], limit: float, port: float) -> list[float]:
    """The aims, within the limit to both sides, and not closer together than needed."""
    distance = min(port, 2 * limit / max(len(aims) - 1, 1))
    places: list[float] = []
    for i, aim in enumerate(aims):
        first = places[-1] + distance if places else -limit
        last = limit - (len(aims) - 1 - i) * distance
        places.append(min(max(aim, first), last))
    return places


def _arrow(placed: Placed, arrow: Arrow, ports: Ports, beside: float) -> str:
    a, b = placed.number[arrow.input], placed.number[arrow.user]
    edge = min(a, b), max(a, b)
    upper, lower = edge
    start, end = placed.x[upper] + ports[edge, upper], placed.x[lower] + ports[edge, lower]
    points_on = arrow.is_backward == (a > b)  # the way the layers follow each other
    colour = BACKWARD if arrow.is_backward else FORWARD
    dashes = ' stroke-dasharray="5 3"' if arrow.is_backward else ""
    ends = start + beside, end + beside
    tip = (ends[1], placed.top(lower)) if points_on else (ends[0], placed.bottom(upper))
    way = "".join(_way(placed, edge, ends, beside, points_on=points_on))
    return (
        f'<g data-edge="{arrow.input} {arrow.user}"><path d="{way}" fill="none" '
        f'stroke="{colour}" stroke-width="1.3"{dashes}/>'
        f"{_head(placed, tip, colour, points_on=points_on)}"
        f"{_label(placed, arrow.label, edge, ends, colour)}</g>\n"
    )


def _way(
    placed: Placed, edge: Edge, ends: tuple[float, float], beside: float, *, points_on: bool
) -> Iterator[str]:
    """Curves through the gaps and straight lines through the layers."""
    upper, lower = edge
    chain, layer = placed.layering.chains[edge], placed.layering.layer
    x = [ends[0], *(placed.x[bend] + beside for bend in chain[1:-1]), ends[1]]

    def at(across: float, along: float) -> str:
        return "{:.1f} {:.1f}".format(*placed.point(across, along))

    yield f"M{at(x[0], placed.bottom(upper) + (0 if points_on else TIP - 1))}"
    for (i, item), (j, following) in pairwise(enumerate(chain)):
        above, below = placed.bottoms[layer[item]], placed.tops[layer[following]]
        half = (above + below) / 2
        yield f"L{at(x[i], above)}" if above > placed.bottom(upper) + TIP else ""
        yield f"C{at(x[i], half)} {at(x[j], half)} {at(x[j], below)}"
    yield f"L{at(x[-1], placed.top(lower) - (TIP - 1 if points_on else 0))}"


def _head(placed: Placed, tip: Point, colour: str, *, points_on: bool) -> str:
    across, along = tip
    back = along - TIP if points_on else along + TIP
    corners = [placed.point(*tip), placed.point(across - 3, back), placed.point(across + 3, back)]
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
    return f'<path d="M{way}Z" fill="{colour}"/>'


def _label(placed: Placed, text: str, edge: Edge, ends: tuple[float, float], colour: str) -> str:
    """The text beside the edge where it meets the later box, or where the edge leans over that
    place, at the earlier box: to the right of a line that goes down, below one that goes right.
    """
    if not text:
        return ""
    layer, (start, end) = placed.layering.layer, ends
    leans = start > end + 8
    before = placed.tops[layer[edge[1]]] - 11
    after = placed.bottoms[layer[edge[0]]] + (11 if placed.is_right else 17)
    if placed.is_right:
        x, y = (after, start + 12) if leans else (before, end + 12)
        where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{"start" if leans else "end"}"'
    else:
        x, y = (start, after) if leans else (end, before)
        where = f'x="{x + 6:.1f}" y="{y:.1f}"'
    return f'<text {where} font-size="10" fill="{colour}">{escape(text)}</text>'
