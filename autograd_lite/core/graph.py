"""A graph: nodes in the order in which they were appended."""

import weakref
from typing import Any, Generic, Self, TypeVar

from autograd_lite.core.context import context, replace
from autograd_lite.core.node import BaseNode, Leaf
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import GraphError

N = TypeVar("N", bound=BaseNode)


class BaseGraph(Generic[N]):
    """The nodes of one graph in append order; `autograd_lite.Graph` adds what users do with it."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self._nodes: list[N] = []
        self._members: dict[N, int] = {}
        self._inputs: dict[Any, N] = {}  # by the name they had when they were listed
        self._reference = weakref.ref(self)

    def __enter__(self) -> Self:
        replace(context, context.get().entering(self))
        return self

    def __exit__(self, *_: object) -> None:
        around = None
        try:
            around = context.get()
            context.set(around.leaving(self))
        except BaseException:  # by a signal: the block ends all the same
            context.set((around or context.get()).leaving(self))
            raise
        if self not in around.entered:
            raise GraphError(
                "with graph",
                expected="the block to end in the thread or task that began it",
                came="the end of a block in another one",
                suggestion="write a `with graph:` block of its own in each thread or task",
            )

    # Looking at it

    @property
    def nodes(self) -> list[N]:
        """All nodes in append order, leaves included."""
        return list(self._nodes)

    @property
    def inputs(self) -> list[N]:
        """The leaves that `forward` feeds."""
        return list(self._inputs.values())

    def index(self, node: N) -> int:
        """The number of a node, as printed: 7 for %7. Raises GraphError if it is not in here."""
        if not isinstance(node, BaseNode) or node not in self._members:
            advice = "append it inside `with graph:`; feeds go by name: forward(x=…)"
            raise GraphError(
                "Graph.index",
                expected="a node of this graph",
                came=repr(node),
                suggestion=f"write graph[{node!r}]" if isinstance(node, str) else advice,
            )
        return self._members[node]

    def __contains__(self, node: object) -> bool:
        return node in self._members

    def __len__(self) -> int:
        return len(self._nodes)

    # Growing it: called by `append`, not by users

    def record(self, node: N) -> None:
        """List a new node, after those of its inputs that are not listed yet."""
        for x in node.inputs:
            if x not in self._members:
                for outsider in ancestors(x, known=self._members):
                    self._list(outsider)
        node._graph = self._reference
        self._list(node)
        if self.verbose:
            print(f"Append <{node.op.name}> to the computational graph")  # noqa: T201

    def record_leaf(self, node: N) -> None:
        """List a leaf made in here; an input of the same name as another one is refused."""
        if node.op is Leaf.Input:
            known = self._inputs.get(node.name)
            if known is not None and known.name == node.name:
                raise GraphError(
                    f"Input '{node.name}'",
                    expected="a name that no other input of the graph has",
                    came=f"'{node.name}' again",
                    suggestion="feeds go by name: choose another one",
                )
            node._graph = self._reference
        self._list(node)

    def _list(self, node: N) -> None:
        self._members[node] = len(self._nodes)
        if node.op is Leaf.Input:
            self._inputs[node if node.name in self._inputs else node.name] = node
        self._nodes.append(node)
