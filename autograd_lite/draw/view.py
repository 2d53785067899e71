"""What of a graph is to be shown: the options that all forms of picture share."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node

Edges = Literal["forward", "backward", "both"]
Direction = Literal["down", "right"]
Highlight = Mapping[Node, str] | Iterable[Node]

MOST_RIGHT = 40  # more boxes side by side are a hairline on a page
COLOURS = ("red", "green", "amber", "blue")  # what a node can be highlighted with


class DrawError(AutogradError, ValueError):
    """A picture that was asked for in a way that makes no sense."""


class Options(TypedDict, total=False):
    """The keywords of every drawing function; see View."""

    values: bool
    grads: bool
    edges: Edges
    collapse: bool | Iterable[str] | None
    depth: int | None
    highlight: Highlight
    direction: Direction | None


@dataclass(frozen=True, kw_only=True)
class View:
    """What is shown of a graph.

    `values` and `grads`: the numbers on the nodes, as far as they have been computed.
    `edges`: "forward" from inputs to users, "backward" with the norm of the gradient that flows
    back, or "both".
    `collapse`: True draws every module scope as one box, a list of names only those, False none;
    None draws all of a small graph; of more than 300 nodes it folds scopes, then the middle.
    `depth`: how many levels of scopes stay open; the ones inside become boxes.
    `highlight`: nodes to frame in blue, or a mapping from nodes to one of COLOURS.
    `direction`: "down" or "right"; None draws up to 40 numbers to the right, and all else down.

    >>> View(depth=1).edges
    'forward'

    Raises DrawError for options that make no sense.
    """

    values: bool = True
    grads: bool = True
    edges: Edges = "forward"
    collapse: bool | Iterable[str] | None = None
    depth: int | None = None
    highlight: Highlight = ()
    direction: Direction | None = None

    def __post_init__(self) -> None:
        self._refuse_other("edges", "forward", "backward", "both")
        self._refuse_other("direction", "down", "right", None)
        if self.depth is not None and (type(self.depth) is not int or self.depth < 0):
            raise DrawError(
                "depth",
                expected="a number of levels, 0 or more",
                came=repr(self.depth),
                suggestion="use depth=0 to draw each top-level scope as one box",
            )

    def _refuse_other(self, option: str, *known: str | None) -> None:
        if getattr(self, option) not in known:
            raise DrawError(
                option,
                expected=", ".join(f'"{word}"' for word in known if word),
                came=repr(getattr(self, option)),
                suggestion="leave it out to draw as usual",
            )

    def is_right(self, nodes: Collection[Node]) -> bool:
        """Whether these nodes are drawn from left to right, as people know it of a few numbers."""
        if self.direction is not None:
            return self.direction == "right"
        return len(nodes) <= MOST_RIGHT and all(node.spec.shape == () for node in nodes)

    def marks(self) -> dict[Node, str]:
        """The colour of every highlighted node; DrawError for one that is not in COLOURS."""
        chosen = self.highlight
        marks = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(chosen, "blue")
        for node, colour in marks.items():
            if colour not in COLOURS:
                raise DrawError(
                    f"highlight of {node.label()}",
                    expected=f"one of {', '.join(COLOURS)}",
                    came=repr(colour),
                    suggestion="give a list of nodes to frame them in blue",
                )
        return marks
