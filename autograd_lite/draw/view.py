"""What of a graph is to be shown: the options that all forms of picture share."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypedDict

from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.suggestions import checks_init

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


@checks_init
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
        self._refuse_other_than_bool("values")
        self._refuse_other_than_bool("grads")
        self._refuse_other("edges", "forward", "backward", "both")
        self._refuse_other("direction", "down", "right", None)
        is_level = type(self.depth) is int and self.depth >= 0
        expected = "a number of levels, 0 or more"
        hint = "use depth=0 to draw each top-level scope as one box"
        self._refuse_unless(self.depth is None or is_level, "depth", expected, hint)
        is_plain = self.collapse is None or isinstance(self.collapse, bool)
        expected = "True, False, None, or names of scopes"
        hint = 'write collapse=["block", "block.W"], for example'
        self._refuse_unless(is_plain or _are_several(self.collapse), "collapse", expected, hint)
        expected = "a list of nodes, or a mapping from nodes to colours"
        hint = 'write highlight=[x], or highlight={x: "red"}'
        self._refuse_unless(_are_several(self.highlight), "highlight", expected, hint)

    def _refuse_other_than_bool(self, option: str) -> None:
        is_bool = isinstance(getattr(self, option), bool)
        self._refuse_unless(is_bool, option, "True or False", "leave it out to draw as usual")

    def _refuse_other(self, option: str, *known: str | None) -> None:
        came = getattr(self, option)
        is_known = (came is None or isinstance(came, str)) and came in known
        expected = ", ".join(f'"{word}"' for word in known if word)
        self._refuse_unless(is_known, option, expected, "leave it out to draw as usual")

    def _refuse_unless(self, right: bool, option: str, expected: str, hint: str) -> None:
        if not right:
            came = repr(getattr(self, option))
            raise DrawError(option, expected=expected, came=came, suggestion=hint)

    def is_right(self, nodes: Collection[Node]) -> bool:
        """Whether these nodes are drawn from left to right, as people know it of a few numbers."""
        if self.direction is not None:
            return self.direction == "right"
        return len(nodes) <= MOST_RIGHT and all(node.spec.shape == () for node in nodes)

    def marks(self) -> dict[Node, str]:
        """The colour of every highlighted node; DrawError for one that is not in COLOURS."""
        chosen = self.highlight
        nodes = list(chosen)
        if not all(isinstance(node, Node) for node in nodes):
            raise DrawError(
                "highlight",
                expected="nodes of the graph",
                came=repr(nodes),
                suggestion='write highlight=[x], or highlight={x: "red"}',
            )
        marks = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(nodes, "blue")
        for node, colour in marks.items():
            if colour not in COLOURS:
                raise DrawError(
                    f"highlight of {node.label()}",
                    expected=f"one of {', '.join(COLOURS)}",
                    came=repr(colour),
                    suggestion="give a list of nodes to frame them in blue",
                )
        return marks


def _are_several(thing: object) -> bool:
    """Whether these may be several names or nodes; a single node can be iterated, too."""
    return isinstance(thing, Iterable) and not isinstance(thing, Node)
