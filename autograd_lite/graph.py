"""A graph: nodes in the order in which they were appended, to be printed, run again and checked."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.errors import GraphError
from autograd_lite.evaluate import evaluate, is_finite, refuse_first_nonfinite
from autograd_lite.feeding import fed_value, refuse_other_names
from autograd_lite.node import Node
from autograd_lite.recording import Leaf, active_graph, clock
from autograd_lite.sweep import ancestors, backward
from autograd_lite.values import frozen

if TYPE_CHECKING:
    from autograd_lite.compile.program import Program
    from autograd_lite.compile.request import Outputs


class Graph:
    """Operations recorded as they are called, inside `with Graph() as g:`.

    `verbose=True` prints a line for each operation appended. A graph is run again with new feeds
    by `forward`, and filled with gradients by `backward`; leaves may be shared with other graphs.

    >>> import autograd_lite as ag
    >>> with Graph() as g:
    ...     x = ag.input(name="x", shape=(2,), dtype="float64")
    ...     y = (x * 3.0).named("y")
    >>> g.forward(x=[1.0, 2.0])
    >>> y.value.tolist()
    [3.0, 6.0]
    >>> print(g)
    %0: float64[2] = Input 'x'
    %1: float64[] = Constant 3.0
    %2: float64[2] = Mul(%0, %1) 'y'
    """

    def __init__(self, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self._nodes: list[Node] = []
        self._members: dict[Node, int] = {}
        self._reference = weakref.ref(self)
        self._tokens: list[Any] = []

    def __enter__(self) -> Self:
        self._tokens.append(active_graph.set(self))
        return self

    def __exit__(self, *_: object) -> None:
        active_graph.reset(self._tokens.pop())

    # Looking at it

    @property
    def nodes(self) -> list[Node]:
        """All nodes in append order, leaves included."""
        return list(self._nodes)

    @property
    def inputs(self) -> list[Node]:
        """The leaves that `forward` feeds."""
        return [node for node in self._nodes if node.op is Leaf.Input]

    @property
    def parameters(self) -> list[Node]:
        """The leaves that training changes."""
        return [node for node in self._nodes if node.op is Leaf.Parameter]

    def index(self, node: Node) -> int:
        """The number of a node, as printed: 7 for %7. Raises GraphError if it is not in here."""
        if not isinstance(node, Node) or node not in self._members:
            raise GraphError(
                "Graph.index",
                expected="a node of this graph",
                came=repr(node),
                suggestion="append it inside `with graph:`; feeds go by name: forward(x=…)",
            )
        return self._members[node]

    def __getitem__(self, key: str | int) -> Node:
        """A node by its name or its number; GraphError if the name is unknown or ambiguous."""
        if isinstance(key, int) and -len(self) <= key < len(self):
            return self._nodes[key]
        found = [node for node in self._nodes if node.name == key]
        if len(found) != 1:
            names = sorted({node.name for node in self._nodes if node.name})
            raise GraphError(
                f"graph[{key!r}]",
                expected=f"one node; there are {len(self)}, named {', '.join(names) or 'nothing'}",
                came=f"{len(found)} nodes",
                suggestion="name nodes with node.named('h'), each differently",
            )
        return found[0]

    def __contains__(self, node: object) -> bool:
        return node in self._members

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __str__(self) -> str:
        return "\n".join(map(self._line, self._nodes))

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} nodes, {len(self.parameters)} parameters>"

    def _line(self, node: Node) -> str:
        name = f" {node.name!r}" if node.name else ""
        head = f"%{self._members[node]}: {node.spec} = {node.op.name}"
        if isinstance(node.op, Leaf):
            small = node.op is Leaf.Constant and node.size == 1
            return f"{head} {node.item()}" if small else f"{head}{name}"
        inputs = [f"%{self._members[x]}" for x in node.inputs]
        changed = {k: v for k, v in node.params.items() if v != node.op.defaults[k]}
        params = [f"{key}={value!r}" for key, value in changed.items()]
        return f"{head}({', '.join(inputs + params)}){name}"

    # Growing it: called by `append`, not by users

    def record(self, node: Node) -> None:
        """List a new node, after those of its inputs that are not listed yet."""
        for x in node.inputs:
            if x not in self._members:
                for outsider in ancestors(x, known=self._members):
                    self._list(outsider)
        node._graph = self._reference
        self._list(node)
        if self.verbose:
            print(f"Append <{node.op.name}> to the computational graph")  # noqa: T201

    def record_leaf(self, node: Node) -> None:
        """List a leaf made in here; an input of the same name as another one is refused."""
        if node.op is Leaf.Input:
            if any(x.name == node.name for x in self.inputs):
                raise GraphError(
                    f"Input '{node.name}'",
                    expected="a name that no other input of the graph has",
                    came=f"'{node.name}' again",
                    suggestion="feeds go by name: choose another one",
                )
            node._graph = self._reference
        self._list(node)

    def _list(self, node: Node) -> None:
        self._members[node] = len(self._nodes)
        self._nodes.append(node)

    # Running it

    def forward(self, finite: Node | None = None, /, **feeds: ArrayLike) -> None:
        """Compute all nodes in append order, from a feed for each input.

        A feed may have other lengths than declared (another batch size), never another rank or
        kind of dtype. With `finite`, a NaN or infinity in that node is an error naming the first
        node that has one. Whatever is refused, the graph keeps its values.

        Raises FeedError, ShapeError, DTypeError, LabelError, NonFiniteError.
        """
        if finite is not None:
            self.index(finite)
        fed = self._accept(feeds)
        with np.errstate(all="ignore"):
            fresh = evaluate(self._nodes, fed)
        if finite is not None and not is_finite(fresh[finite]):
            refuse_first_nonfinite(self._nodes, fresh)
        for node, value in fresh.items():
            node._value, node._stamp = frozen(value), next(clock)

    def backward(
        self, loss: Node, cotangent: ArrayLike | None = None, *, accumulate: bool = False
    ) -> None:
        """Fill `grad` of every node on the way from `loss` to the leaves; see Node.backward."""
        self.index(loss)
        backward(loss, cotangent, accumulate=accumulate, among=self._nodes)

    def _accept(self, feeds: dict[str, ArrayLike]) -> dict[Node, Any]:
        inputs = {str(node.name): node for node in self.inputs}
        refuse_other_names("Graph.forward", inputs, feeds)
        return {node: fed_value(node, feeds[name]) for name, node in inputs.items()}

    # Showing it: the room `draw` is opened when it is asked for

    def render(self, path: str | PathLike[str], **options: Any) -> Path:
        """Write a picture; the end of `path` says which: svg, png, pdf, dot, mmd, json or html.

        An svg needs nothing but NumPy, an html is a page to step through. The options are those
        of `autograd_lite.draw.render`. Raises EngineError where nothing here writes the form.
        """
        from autograd_lite.draw import render  # noqa: PLC0415

        return render(self, path, **options)

    def to_dot(self, **options: Any) -> str:
        """The graph in DOT, the language of Graphviz."""
        from autograd_lite.draw import to_dot  # noqa: PLC0415

        return to_dot(self, **options)

    def to_mermaid(self, **options: Any) -> str:
        """The graph as a Mermaid flowchart, for Markdown."""
        from autograd_lite.draw import to_mermaid  # noqa: PLC0415

        return to_mermaid(self, **options)

    def to_graphviz(self, **options: Any) -> Any:
        """The graph as an object of the graphviz package; EngineError if that is not installed."""
        from autograd_lite.draw import to_graphviz  # noqa: PLC0415

        return to_graphviz(self, **options)

    def to_json(self, **options: Any) -> str:
        """The graph as JSON, values included, that `Graph.from_json` builds again."""
        from autograd_lite.draw import to_json  # noqa: PLC0415

        return to_json(self, **options)

    @staticmethod
    def from_json(text: str) -> Graph:
        """A graph that runs, from what `to_json` wrote; GraphError for a damaged text."""
        from autograd_lite.draw import from_json  # noqa: PLC0415

        return from_json(text)

    def compile(
        self,
        outputs: Outputs = None,
        updates: Mapping[Node, Node] | None = None,
        **options: Any,
    ) -> Program:
        """A program planned once for many runs, with the options of `autograd_lite.compile`.

        >>> import autograd_lite as ag
        >>> with ag.Graph() as graph:
        ...     y = ag.exp(ag.input(name="x", shape=(), dtype="float64"))
        >>> float(graph.compile(y)(x=0.0))
        1.0
        """
        from autograd_lite.compile import compile  # noqa: A004, PLC0415

        return compile(self, outputs, updates, **options)

    def _repr_html_(self) -> str:
        from autograd_lite.draw import notebook_html  # noqa: PLC0415

        return notebook_html(self)

    def check(self) -> None:
        """Verify the graph's own invariants; GraphError names the first that is broken.

        Inputs come before their users, specs match values, numbers match places, and names of
        inputs are unique.
        """
        seen: set[Node] = set()
        for number, node in enumerate(self._nodes):
            broken = self._broken_invariant(number, node, seen)
            if broken:
                raise GraphError(
                    f"%{number} {node.op.name}",
                    expected="a sound graph",
                    came=broken,
                    place=node.place,
                    suggestion="report this: it is a bug of the library or of a graph pass",
                )
            seen.add(node)

    def _broken_invariant(self, number: int, node: Node, seen: set[Node]) -> str | None:
        if self._members.get(node) != number:
            return "a node that is not numbered by its place"
        if any(x not in seen for x in node.inputs):
            return "an input that comes after its user"
        if any(x.serial >= node.serial for x in node.inputs):
            return "serial numbers against the append order"
        if bool(node.inputs) == isinstance(node.op, Leaf):
            return "a leaf with inputs, or an operation without"
        if node._value is None and node._spec is None:
            return "neither a value nor a declared spec"
        return None
