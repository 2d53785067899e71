"""`Node`, what users hold: the engine's node with operators, NumPy's protocols and `backward`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, Self

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.core.backward import backward
from autograd_lite.core.context import checked_name
from autograd_lite.core.graph import BaseGraph
from autograd_lite.core.node import Leaf, fill_leaf
from autograd_lite.core.op import Op
from autograd_lite.core.shapes import as_python_number
from autograd_lite.core.values import frozen, own_copy
from autograd_lite.errors import GraphError
from autograd_lite.frontend.array_methods import ArrayMethods
from autograd_lite.frontend.assignment import put
from autograd_lite.frontend.copies import copied, deep_copied, remade, staying
from autograd_lite.frontend.drawable import Drawable
from autograd_lite.frontend.evaluate import evaluate, is_finite, refuse_first_nonfinite
from autograd_lite.frontend.feeds import fed_value, refuse_other_names
from autograd_lite.frontend.operators import Operators
from autograd_lite.frontend.other_libraries import NODE
from autograd_lite.frontend.protocols import about_to_change
from autograd_lite.frontend.suggestions import checks_call, lacking


@lacking(NODE)
class Node(Operators, ArrayMethods, Drawable):
    """A differentiable value: a scalar or an array that remembers how it was computed.

    `value` is there at once, or after `Graph.forward` if it depends on an input. A Python number
    stays a Python float; an array is copied, so changing yours later changes nothing here.
    `grad` has the shape and dtype of `value` and is filled by `backward`.

    >>> a = Node(2.0, name="a")
    >>> b = Node(-3.0, name="b")
    >>> c = a * b + a.exp()
    >>> c.backward()
    >>> a.grad == b.value + c.value - a.value * b.value
    True

    Raises DTypeError for values that are not real numbers, or not floating where a gradient is
    required.
    """

    __slots__ = ()

    op: type[Op] | Leaf

    @checks_call
    def __init__(
        self, value: ArrayLike, name: str | None = None, *, requires_grad: bool = True
    ) -> None:
        if type(value) is not float:
            value = as_python_number(value)
            value = float(value) if type(value) is int else own_copy(value)
        fill_leaf(self, Leaf.Variable, value, name, requires_grad=requires_grad)

    def __copy__(self) -> Node:
        return copied(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return deep_copied(self, memo)

    def named(self, name: str) -> Self:
        """The same node, with a name to find it by: `h = sigmoid(z).named("h")`.

        >>> import autograd_lite as ag
        >>> ag.Node(1.0).named("one").name
        'one'
        """
        self.name = checked_name(name)
        return self

    @checks_call
    def backward(self, cotangent: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Fill `grad` of every node on the way from here to the leaves, newest first.

        `cotangent` is the gradient of what you really want with respect to this node: 1 for a
        scalar, to be given for an array. `accumulate=True` adds to the gradients that are there.
        Raises GradientError or StaleError, and then no gradient has changed.
        """
        backward(self, cotangent, accumulate=accumulate)

    def __repr__(self) -> str:
        name = "" if self.name is None else f", name={self.name!r}"
        if self._value is None or self.size > 16:
            return f"Node({self.op.name}: {self.spec}{name})"
        return f"Node({self._value!r}{name})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Leaves go to other processes with value and name; what was computed stays in its own."""
        if not isinstance(self.op, Leaf) or self._value is None:
            raise staying(self.label())
        return remade, (type(self), self.op, self._value, self.name, self.requires_grad)


class NodeGraph(BaseGraph[Node], Drawable):
    """A graph of these nodes, whoever it is drawn, compiled or checked for."""

    @checks_call
    def __init__(self, *, verbose: bool = False) -> None:
        super().__init__(verbose=verbose)

    # Running it

    def forward(self, finite: Node | None = None, /, **feeds: ArrayLike) -> None:
        """Compute all nodes in append order, from a feed for each input.

        A feed may have other lengths than declared (another batch size), never another rank or
        kind of dtype. With `finite`, a NaN or infinity in that node is an error naming the first
        node that has one. Whatever is refused, the graph keeps its values.

        Raises FeedError, ShapeError, DTypeError, LabelError, NonFiniteError.
        """
        about_to_change(self)
        if finite is not None:
            self.index(finite)
        fresh = evaluate(self._nodes, self._accept(feeds))
        if finite is not None and not is_finite(fresh.get(finite, finite._value)):
            refuse_first_nonfinite(self._nodes, fresh)
        put(fresh)

    def _accept(self, feeds: dict[str, ArrayLike]) -> dict[Node, Any]:
        inputs = {str(node.name): node for node in self._inputs.values()}
        refuse_other_names("Graph.forward", inputs, feeds)
        return {node: frozen(fed_value(node, feeds[name])) for name, node in inputs.items()}

    @checks_call
    def backward(
        self, loss: Node, cotangent: ArrayLike | None = None, *, accumulate: bool = False
    ) -> None:
        """Fill `grad` of every node on the way from `loss` to the leaves; see Node.backward."""
        self.index(loss)
        backward(loss, cotangent, accumulate=accumulate, among=self._nodes)

    # Looking at it

    @property
    def parameters(self) -> list[Node]:
        """The leaves that training changes."""
        return [node for node in self._nodes if node.op is Leaf.Parameter]

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

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __str__(self) -> str:
        return "\n".join(map(self._line, self._nodes))

    def __repr__(self) -> str:
        return f"<Graph of {len(self)} nodes, {len(self.parameters)} parameters>"

    def _line(self, node: Node) -> str:
        name = f" {node.name!r}" if node.name else ""
        head = f"%{self._members[node]}: {node.spec} = {node.op.name}"
        if isinstance(node.op, Leaf):
            small = node.op is Leaf.Constant and node.size == 1
            return f"{head} {np.asarray(node._value).item()}" if small else f"{head}{name}"
        inputs = [f"%{self._members[x]}" for x in node.inputs]
        changed = {k: v for k, v in node.params.items() if v != node.op.defaults[k]}
        params = [f"{key}={value!r}" for key, value in changed.items()]
        return f"{head}({', '.join(inputs + params)}){name}"

    def adopt(self, nodes: Iterable[Node]) -> Self:
        """List nodes that were made for this graph elsewhere, in this order."""
        for node in nodes:
            self._list(node)
        return self

    def __reduce__(self) -> NoReturn:
        raise staying("Graph")

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
