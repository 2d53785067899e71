"""Formulas as MathML, which browsers draw by themselves: no script, no font, no network."""

from docutils.nodes import SkipNode
from latex2mathml.converter import convert


def inline(writer, node):
    """Write a formula within a line."""
    writer.body.append(convert(node.astext()))
    raise SkipNode


def display(writer, node):
    """Write a formula on a line of its own, in a box that scrolls where the screen is narrow."""
    writer.body.append(f'<div class="math">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def setup(app):
    """Register the renderer that `html_math_renderer` names."""
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
