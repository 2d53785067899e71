"""The picture in Mermaid, which GitHub, GitLab and many notebooks draw by themselves."""

import re

from autograd_lite.draw.card import Card
from autograd_lite.draw.palette import BACKWARD, PAINTS, TEXT
from autograd_lite.draw.picture import Arrow, Box, Picture, nested
from autograd_lite.errors import printable

UNSAFE = re.compile(r"[\"#&;<>\\`$*_~{}|%@]")  # quotes, markup, links, Markdown


def mermaid_text(picture: Picture) -> str:
    """The picture as a Mermaid flowchart."""
    lines = [f"flowchart {'LR' if picture.is_right else 'TD'}"]
    count = 0
    for item in nested(picture.boxes):
        if isinstance(item, Box):
            lines.append(f'  {item.key}["{_label(item.card)}"]:::{item.card.frame}')
        elif item is None:
            lines.append("  end")
        else:
            lines.append(f'  subgraph s{count}["{safe(".".join(item))}"]')
            count += 1
    lines += [_arrow(arrow) for arrow in picture.arrows]
    lines += _styles(picture)
    return "\n".join(lines) + "\n"


def safe(text: str) -> str:
    """The text with all that Mermaid or a browser might interpret as character codes.

    >>> safe('<b>"x"')
    '#60;b#62;#34;x#34;'
    """
    return UNSAFE.sub(lambda found: f"#{ord(found[0])};", printable(text))


def _label(card: Card) -> str:
    head = f"<b>{safe(card.heading)}</b>{safe(card.operands)}"
    head += f" <i>{safe(card.name)}</i>" if card.name else ""
    lines = [safe(card.spec)] if card.spec else []
    lines += [("⚠ " if row.is_bad else "") + safe(str(row)) for row in card.rows]
    return "<br/>".join([head, *lines])


def _arrow(arrow: Arrow) -> str:
    label = f'|"{safe(arrow.label)}"|' if arrow.label else ""
    if arrow.is_backward:
        return f"  {arrow.user} -.->{label} {arrow.input}"
    return f"  {arrow.input} -->{label} {arrow.user}"


def _styles(picture: Picture) -> list[str]:
    """The classes that are used, the colour of backward arrows, and the note as a comment box."""
    used = sorted({box.card.frame for box in picture.boxes})
    lines = [
        f"  classDef {name} fill:{PAINTS[name].fill},stroke:{PAINTS[name].frame},color:{TEXT}"
        for name in used
    ]
    backward = [str(i) for i, arrow in enumerate(picture.arrows) if arrow.is_backward]
    lines += [f"  linkStyle {','.join(backward)} stroke:{BACKWARD}"] if backward else []
    return lines + [f'  note{i or ""}["{safe(note)}"]' for i, note in enumerate(picture.notes)]
