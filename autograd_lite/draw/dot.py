"""The picture in DOT, Graphviz's language, and as the graphviz package's object."""

from html import escape
from importlib import import_module
from typing import Any

from autograd_lite.draw.card import Card
from autograd_lite.draw.engines import EngineError
from autograd_lite.draw.palette import (
    ALARM,
    BACKWARD,
    CLUSTER_FRAME,
    CLUSTERS,
    FORWARD,
    MUTED,
    PAINTS,
    TEXT,
)
from autograd_lite.draw.picture import Arrow, Box, Picture, nested
from autograd_lite.draw.scopes import Scope
from autograd_lite.errors import clipped, printable

FONT = 'fontname="Arial"'  # the one name whose widths every Graphviz knows
LONGEST = 1_000  # characters of a line; Graphviz reads no string of more than 16,384 bytes
GAP = "&#160;&#160;"  # between columns
HEADER = (
    'bgcolor="transparent" ranksep=0.35 nodesep=0.3 pad=0.2',
    f'{FONT} fontsize=11 fontcolor="{MUTED}" labelloc=b',
)


def dot_text(picture: Picture) -> str:
    """The picture as a DOT file."""
    return "".join(["digraph autograd_lite {\n", *dot_body(picture), "}\n"])


def graphviz_object(picture: Picture) -> Any:
    """The picture as a `graphviz.Digraph`, to be added to or rendered by that package.

    Raises EngineError if the package is not installed.
    """
    try:
        graphviz = import_module("graphviz")  # optional
    except ImportError:
        raise EngineError(
            "to_graphviz",
            expected="the Python package graphviz",
            came="it is not installed",
            suggestion="pip install 'autograd-lite[draw]', or use to_dot(), which needs nothing",
        ) from None
    return graphviz.Digraph("autograd_lite", body=dot_body(picture))


def dot_body(picture: Picture) -> list[str]:
    """The lines between the braces of the DOT file."""
    lines = [f"  graph [{line}]\n" for line in HEADER]
    lines.append(f"  graph [rankdir={'LR' if picture.is_right else 'TB'}]\n")
    notes = "\n".join(picture.notes)
    lines += [f"  graph [label={quoted(notes)}]\n"] if notes else []
    lines.append(
        f'  node [shape=box style="rounded,filled" margin="0.1,0.06" {FONT} fontsize=11]\n'
    )
    lines.append(f"  edge [arrowsize=0.6 {FONT} fontsize=10]\n")
    for item in nested(picture.boxes):
        lines += _box(item) if isinstance(item, Box) else _cluster_edge(item)
    return lines + [_arrow(arrow) for arrow in picture.arrows]


def quoted(text: str) -> str:
    r"""A DOT string that shows exactly this text.

    Graphviz reads backslash escapes and HTML entities in its strings; both are escaped.

    >>> print(quoted('"a\\N" & b'))
    "&quot;a\\N&quot; &amp; b"
    """
    shown = "\n".join(clipped(printable(line), LONGEST) for line in text.split("\n"))
    return '"' + escape(shown).replace("\\", "\\\\").replace("\n", "\\n") + '"'


def _cluster_edge(scope: Scope | None) -> list[str]:
    if scope is None:
        return ["  }\n"]
    look = (
        f'style="rounded,filled" color="{CLUSTER_FRAME}" fillcolor="{CLUSTERS[1 - len(scope) % 2]}"'
    )
    return [
        f"  subgraph {quoted('cluster_' + '.'.join(scope))} {{\n",
        f"    graph [label={quoted('.'.join(scope))} labelloc=t labeljust=l {look}]\n",
    ]


def _box(box: Box) -> list[str]:
    card, paint = box.card, PAINTS[box.card.frame]
    width = "penwidth=3 " if card.is_thick else ""
    return [
        f"  {box.key} [label=<{_table(card)}>\n",
        f'    color="{paint.frame}" fillcolor="{paint.fill}" {width}',
        f'id="{box.key}" class="{card.kind}" tooltip={quoted(card.hover)}]\n',
    ]


def _table(card: Card) -> str:
    """The card as Graphviz' HTML-like label: one table of four columns."""
    operands = f'<font color="{MUTED}">{escape(card.operands)}</font>' if card.operands else ""
    name = f"  <i>{escape(card.name)}</i>" if card.name else ""
    colour = MUTED if card.is_grey else TEXT
    lines = [
        _wide(f'<font color="{colour}"><b>{escape(card.heading)}</b>{operands}{name}</font>'),
        _wide(f'<font color="{MUTED}">{escape(card.spec)}</font>') if card.spec else "",
        _cells("", ("min", "mean", "max"), MUTED) if card.has_extents else "",
        *(_cells(row.label, row.cells, ALARM if row.is_bad else colour) for row in card.rows),
    ]
    rows = "\n    ".join(line for line in lines if line)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">\n    {rows}</table>'


def _wide(content: str) -> str:
    return f'<tr><td colspan="4">{content}</td></tr>'


def _cells(label: str, cells: tuple[str, ...], colour: str) -> str:
    span = "" if len(cells) == 3 else ' colspan="3"'
    first = f'<td align="left"><font color="{MUTED}">{label}</font></td>' if label else "<td></td>"
    rest = "".join(
        f'<td align="right"{span}><font color="{colour}">{GAP}{escape(cell)}</font></td>'
        for cell in cells
    )
    return f"<tr>{first}{rest}</tr>"


def _arrow(arrow: Arrow) -> str:
    colour = BACKWARD if arrow.is_backward else FORWARD
    look = f'color="{colour}"'
    look += " dir=back style=dashed" if arrow.is_backward else ""
    look += f' label={quoted("  " + arrow.label)} fontcolor="{colour}"' if arrow.label else ""
    return f"  {arrow.input} -> {arrow.user} [{look}]\n"
