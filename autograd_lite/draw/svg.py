"""The own SVG writer: there when no drawing program is, and it draws every graph."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from autograd_lite.draw.palette import CLUSTERS, PAGE, ROOT_CLASS, system_style
from autograd_lite.draw.picture import Picture
from autograd_lite.draw.placing import HEADROOM, LINE, MARGIN, Placed, place
from autograd_lite.draw.routes import edges_svg
from autograd_lite.draw.scopes import Scope
from autograd_lite.draw.svg_card import card_svg, text_tag
from autograd_lite.draw.text import shortened
from autograd_lite.errors import printable

DEEPEST = 8  # levels of scopes that are tinted


def svg_text(picture: Picture) -> str:
    """The picture as an SVG file, light or dark as the reader's system is."""
    placed = place(picture)
    width, height = round(placed.width), round(placed.height)
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "".join([
        root_tag(picture.summary, size),
        background(),
        *drawing(placed),
        "</svg>\n",
    ])  # fmt: skip


def root_tag(summary: str, size: str) -> str:
    """The opening tag: as wide as there is room, and told to people who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{ROOT_CLASS}" role="img" {size} '
        f'style="max-width:100%;height:auto" font-family="Helvetica,Arial,sans-serif" '
        f'aria-label="{escape(summary)}">'
    )


def background() -> str:
    """What stands behind a picture: light or dark, wherever it is put."""
    return (
        f"\n<style>\n{system_style()}</style>\n"
        f'<rect width="100%" height="100%" rx="6" fill="{PAGE}"/>\n'
    )


def drawing(placed: Placed) -> Iterator[str]:
    """The elements of the picture: scopes at the back, then edges, boxes and the note."""
    yield from _tints(placed)
    yield from edges_svg(placed)
    for i, box in enumerate(placed.picture.boxes):
        yield card_svg(box, *placed.rectangle(i))
    for i, note in enumerate(reversed(placed.picture.notes)):
        yield text_tag(MARGIN, placed.height - MARGIN / 2 - LINE * i, note)


def _tints(placed: Placed) -> Iterator[str]:
    """A tint behind the boxes of a scope, layer by layer; boxes of other scopes stay outside."""
    scopes = [box.scope for box in placed.picture.boxes]
    occupied = set(scopes)  # a scope that only holds other scopes is not tinted
    for depth in range(1, min(max(map(len, scopes), default=0), DEEPEST) + 1):
        labels: dict[Scope, str] = {}
        for row, scope, run in reversed(list(_runs(placed, scopes, depth))):
            if scope not in occupied:
                continue
            joined = _is_joined(placed, scopes, row, scope)
            x, y, rectangle = _tint(placed, row, run, depth, joined=joined)
            yield rectangle
            labels[scope] = text_tag(x + 6, y + 12, shortened(printable(".".join(scope))))
        yield from labels.values()


def _runs(
    placed: Placed, scopes: Sequence[Scope], depth: int
) -> Iterator[tuple[int, Scope, list[int]]]:
    """The boxes of one scope that stand side by side, with their layer."""
    for row, items in enumerate(placed.layering.rows):
        boxes = [i for i in items if i < len(scopes)]
        for scope, run in groupby(boxes, key=lambda i: scopes[i][:depth]):
            if len(scope) == depth:
                yield row, scope, list(run)


def _is_joined(placed: Placed, scopes: Sequence[Scope], row: int, scope: Scope) -> bool:
    """Whether the scope goes on in the next layer."""
    following = placed.layering.rows[row + 1 : row + 2]
    return any(
        i < len(scopes) and scopes[i][: len(scope)] == scope for items in following for i in items
    )


def _tint(
    placed: Placed, row: int, run: Sequence[int], depth: int, *, joined: bool
) -> tuple[float, float, str]:
    pad = max(14 - 3 * depth, 2)
    first, last = run[0], run[-1]
    across = (
        placed.x[first] - placed.sizes[first][0] / 2,
        placed.x[last] + placed.sizes[last][0] / 2,
    )
    over = (HEADROOM, pad) if placed.is_right else (pad, HEADROOM)
    left, top = placed.point(across[0] - over[0], placed.tops[row] - over[1])
    end = placed.bottoms[row] + (placed.gap if joined else pad)
    right, bottom = placed.point(across[1] + pad, end)
    return left, top, (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" rx="8" fill="{CLUSTERS[(depth - 1) % 2]}"/>\n'
    )  # fmt: skip
