"""The page inside of a notebook's cell: to drag, zoom, open and step through right there."""

from html import escape
from typing import Any, NamedTuple, Unpack

from autograd_lite.draw.page import page_text
from autograd_lite.draw.subject import Subject
from autograd_lite.draw.view import Options
from autograd_lite.frontend.suggestions import checks_call


class Explorer(NamedTuple):
    """A page that a notebook shows in a frame; it has to be run, or trusted, to be seen."""

    page: str
    height: int

    def _repr_html_(self) -> str:
        look = f'width="100%" height="{self.height}" style="border:0"'
        return f'<iframe title="Computation graph" {look} srcdoc="{escape(self.page)}"></iframe>'

    def __repr__(self) -> str:
        return f"<page of {len(self.page):,} characters, for a notebook>"


@checks_call
def explore(
    thing: Subject, *examples: Any, height: int = 520, **options: Unpack[Options]
) -> Explorer:
    """What `render("graph.html")` writes, for the cell of a notebook, `height` pixels high.

    >>> explore(lambda x: x * 2.0, 3.0)._repr_html_()[:7]
    '<iframe'
    """
    return Explorer(page_text(thing, *examples, **options), height)
