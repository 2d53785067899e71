"""Boxes in the order of nested clusters, for the text forms that open and close them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import commonprefix

from autograd_lite.draw.picture import Box
from autograd_lite.draw.scopes import Scope


def nested(boxes: Sequence[Box]) -> Iterator[Box | Scope | None]:
    """Yield a scope where it opens, the boxes inside of it, and None where it closes.

    Scopes come in the order of their first box, nested to any depth; a scope that only holds
    other scopes is left out.
    """
    homes = {box.scope for box in boxes if box.scope}
    ranks: dict[Scope, int] = {}
    paths = {}
    for box in boxes:
        outer = (box.scope[:length] for length in range(1, len(box.scope) + 1))
        paths[box.key] = [scope for scope in outer if scope in homes]
        for scope in paths[box.key]:
            ranks.setdefault(scope, len(ranks))
    open_scopes: list[Scope] = []
    for box in sorted(boxes, key=lambda box: [ranks[scope] for scope in paths[box.key]]):
        path = paths[box.key]
        kept = len(commonprefix([open_scopes, path]))  # noqa: RUF071 - of lists
        yield from [None] * (len(open_scopes) - kept)
        yield from path[kept:]
        yield box
        open_scopes = path
    yield from [None] * len(open_scopes)
