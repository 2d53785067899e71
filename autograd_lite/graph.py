"""The graph that users hold: recorded operations, to be run, differentiated, drawn and compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from autograd_lite.core.context import Context, checked_name, context
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.copies import copied
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.other_libraries import GRAPH
from autograd_lite.frontend.suggestions import checks_call, lacking

if TYPE_CHECKING:
    from autograd_lite.compiler.jit.jitted import Jitted
    from autograd_lite.compiler.program import Program
    from autograd_lite.compiler.request import Outputs


@lacking(GRAPH)
class Graph(NodeGraph):
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

    def __copy__(self) -> Self:
        return type(self)(verbose=self.verbose).adopt(self._nodes)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """A graph of copies; nodes that were appended to this one belong to the new one."""
        twin = type(self)(verbose=self.verbose)
        for node in self._nodes:
            if id(node) not in memo:
                memo[id(node)] = copied(node, lambda x: memo[id(x)])
            own = memo[id(node)]
            own._graph = twin._reference if node._graph is self._reference else node._graph
            twin._list(own)
        return twin

    @checks_call
    def to_json(self, **options: Any) -> str:
        """The graph as JSON, values included, that `Graph.from_json` builds again."""
        from autograd_lite.serialize.write import to_json  # noqa: PLC0415

        return to_json(self, **options)

    @staticmethod
    @checks_call
    def from_json(text: str) -> Graph:
        """A graph that runs, from what `to_json` wrote; GraphError for a damaged text."""
        from autograd_lite.serialize.read import from_json  # noqa: PLC0415

        return from_json(text, Graph())

    @checks_call
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
        from autograd_lite.compiler import compile  # noqa: A004, PLC0415

        return compile(self, outputs, updates, **options)


def jit(
    f: Callable[..., Any],
    *,
    static_argnums: int | Sequence[int] = (),
    static_argnames: str | Sequence[str] = (),
    executor: str = "auto",
    mesh: Any = None,
    shard: Mapping[int | str, Any] | None = None,
    explain: bool = False,
) -> Jitted:
    """The function, recorded once for the shapes and dtypes of its arguments and run as a program.

    Arguments are arrays, numbers, and nested tuples, lists and dicts of them, and so is the
    result; static ones, by position or name, can be anything hashable, and each value of them is
    recorded anew. The function may be one that `grad`, `hessian` and other transforms return, and
    it may be called inside of them. On nodes the call is one node, whose gradient is computed by a
    program as well; inside of a graph or a transform, its operations are recorded one by one.

    Parameters and other nodes that it uses from around it are read at each call. Everything else
    from there, such as arrays, attributes of objects and random numbers, is a constant of the
    record. Results are the same as without `jit`, up to rounding. Python integers have 64 bits, and
    dividing numbers by 0 gives what NumPy gives, not ZeroDivisionError.

    `executor` is that of `compile`; "auto" takes native code at once if it compiles in about two
    seconds, and else when it pays. With "jax", arguments may be cut over a `mesh` of devices:
    `shard={0: ("data",), "w": (None, "model")}` says for each axis of an array None or an axis of
    the mesh; a container has one such cut for all its arrays, or a container of cuts. All other
    arguments lie on every device. With `explain`, a call that has to record says so, and why. The
    last 32 records are kept; `plans`, `source` and `graph` show them.

    >>> import autograd_lite as ag
    >>> f = ag.jit(ag.value_and_grad(lambda x: x * x), executor="numpy")
    >>> f(3.0), f(4.0), len(f.plans)
    ((9.0, 6.0), (16.0, 8.0), 1)

    Raises GraphError, with the line, where the function needs the value of an argument, as in
    `if x > 0`, or changes something outside; OverflowError where an array beside a Python integer
    cannot hold it, as in NumPy; DTypeError for an argument that is no array; ConfigError for an
    executor, an argument or a cut that there is not.
    """
    from autograd_lite.compiler.jit.jitted import Jitted  # noqa: PLC0415

    return Jitted(
        f,
        graph=Graph,
        static_argnums=static_argnums,
        static_argnames=static_argnames,
        executor=executor,
        mesh=mesh,
        shard=shard,
        explain=explain,
    )


def scope(name: str) -> Within[Context]:
    """Nodes appended inside belong to the part of that name; parts can be inside of parts.

    Pictures draw a frame around a part, and can fold it.

    >>> import autograd_lite as ag
    >>> with ag.scope("block"), ag.scope("attention"):
    ...     y = ag.Node(2.0).exp()
    >>> y.scope
    'block.attention'
    """
    checked_name(name)
    return Within(context, lambda c: c._replace(scope=f"{c.scope}.{name}" if c.scope else name))
