"""How a node, a graph, a program or a plan is drawn: by the part that is about pictures.

That part stands above this one, and is opened when the first picture is asked for.
"""

from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from autograd_lite.frontend.suggestions import checks_call


def _draw() -> Any:
    return import_module("autograd_lite.draw")


class Shown:
    """What a notebook shows with a picture."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(_draw().notebook_html(self))


class Drawable(Shown):
    """The methods of all that can be drawn."""

    __slots__ = ()

    @checks_call
    def render(self, path: str | PathLike[str], **options: Any) -> Path:
        """Write a picture; the end of `path` says which: svg, png, pdf, dot, mmd, json or html.

        Of a node it shows all that it was computed from. An svg needs nothing but NumPy, an html
        is a page to step through. The options are those of `autograd_lite.draw.render`. Raises
        EngineError where nothing here writes the form.
        """
        return _draw().render(self, path, **options)

    def to_dot(self, **options: Any) -> str:
        """The graph in DOT, the language of Graphviz."""
        return str(_draw().to_dot(self, **options))

    def to_mermaid(self, **options: Any) -> str:
        """The graph as a Mermaid flowchart, for Markdown."""
        return str(_draw().to_mermaid(self, **options))

    def to_graphviz(self, **options: Any) -> Any:
        """The graph as an object of the graphviz package; EngineError if that is not installed."""
        return _draw().to_graphviz(self, **options)
