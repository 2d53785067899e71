"""A graph from JSON. The file is data only: ops are looked up by name, nothing is executed."""

import json
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, TypeVar

import numpy as np

from autograd_lite import ops as library
from autograd_lite.core.append import append
from autograd_lite.core.node import Leaf, make_leaf
from autograd_lite.core.shapes import Spec, spec_of
from autograd_lite.core.values import own_copy
from autograd_lite.errors import AutogradError, GraphError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops import OPS, Op
from autograd_lite.ops.indexing import ArrayIndex, Slice
from autograd_lite.serialize.write import DTYPES, FORMAT, VERSION

AnyGraph = TypeVar("AnyGraph", bound=NodeGraph)
Record = dict[str, Any]

# What a damaged file can set off in json, NumPy or a rule, besides the library's own errors.
DAMAGE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    MemoryError,
    RuntimeError,
)
PARAMS: dict[str, Callable[[Any], Any]] = {
    "slice": lambda ends: Slice(*(None if n is None else _integer(n) for n in ends)),
    "index_array": lambda _: ArrayIndex(),
    "ellipsis": lambda _: ...,
    "float": float,
}
NOT_FINITE = ("nan", "inf", "-inf")
BUDGET = 2**30  # bytes of all values together that a file may ask for
GROWING = ("depth", "padding", "repeats", "repetitions", "shape", "width")  # make arrays longer


def from_json(text: str, graph: AnyGraph) -> AnyGraph:
    """The empty graph, filled with what `to_json` wrote; if its inputs had values, it has been run.

    Ops are looked up by name, so a module that defines ops of your own must be imported first.
    Gradients are not restored: call `backward`.

    >>> from autograd_lite import Graph
    >>> from autograd_lite.serialize.write import to_json
    >>> with Graph() as graph:
    ...     y = (Node(2.0, name="x") ** 3.0).named("y")
    >>> from_json(to_json(graph), Graph())["y"].value
    8.0

    Raises GraphError if the text is not such a file, or is damaged.
    """
    records = _read(text)
    _refuse_hopeless(records)
    for number, record in enumerate(records):
        try:
            with np.errstate(all="ignore"):  # as in Graph.forward
                _append(graph, record)
        except DAMAGE as problem:
            raise _damaged(f"node {number}", problem) from problem
    try:
        _feed(graph, records)
    except DAMAGE as problem:
        raise _damaged("the values of its inputs", problem) from problem
    for number, (node, record) in enumerate(zip(graph, records, strict=True)):
        _compare(node, record, number)
    return graph


def _read(text: str) -> list[Any]:
    try:
        file = json.loads(text)
    except DAMAGE as problem:
        raise _damaged("the text", problem) from problem
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise GraphError(
            "from_json",
            expected=f'a file that says "format": "{FORMAT}"',
            came="JSON of another kind",
            suggestion="give the text that to_json() returned",
        )
    if file.get("version") != VERSION or not isinstance(file.get("nodes"), list):
        raise GraphError(
            "from_json",
            expected=f"version {VERSION} and a list of nodes",
            came=f"version {file.get('version')!r} with {type(file.get('nodes')).__name__} nodes",
            suggestion="write the file again with this version of autograd_lite",
        )
    return file["nodes"]


def _damaged(where: str, problem: BaseException) -> GraphError:
    came = _told(problem)
    return GraphError(
        f"from_json, {where}",
        expected="records as to_json() writes them",
        came=came,
        suggestion="give the text, not its path; a damaged file is written again with to_json()",
    )


def _told(problem: BaseException) -> str:
    if isinstance(problem, AutogradError):
        return f"{problem.subject}: expected {problem.expected}, came {problem.came}"
    missing = isinstance(problem, KeyError)
    return f"no field {problem}" if missing else f"{type(problem).__name__}: {problem}"


def _append(graph: NodeGraph, record: Record) -> None:
    """Append one node, by the same way that recorded it."""
    name, op, scope = record.get("name"), record["op"], record.get("scope", "")
    if not isinstance(name, str | None) or not isinstance(scope, str):
        raise TypeError(f"the name {name!r} or the scope {scope!r} is not a text")
    if op in Leaf.__members__:
        _append_leaf(graph, Leaf[op], name, record)
    else:
        _append_op(graph, _found_op(op), name, record)
    graph[len(graph) - 1].scope = scope


def _append_op(graph: NodeGraph, op: type[Op], name: str | None, record: Record) -> None:
    inputs = tuple(graph[_earlier(i, len(graph))] for i in record["inputs"])
    params = {key: _param(value) for key, value in record.get("params", {}).items()}
    bound, specs = op.bind(inputs, params), [x.spec for x in inputs]
    _refuse_growth(bound, [*specs, _spec(record)])
    if all(x.value is not None for x in inputs):
        _need_spec(op.infer(specs, bound), record, op.name)
    with graph:
        append(op, inputs, bound).name = name


def _found_op(name: Any) -> type[Op]:
    """The library's op of that name, else a user's: whoever defines a second Exp does not count."""
    own = getattr(library, name, None) if isinstance(name, str) else None
    found = own if isinstance(own, type) and issubclass(own, Op) else OPS.get(str(name))
    if found is None or not hasattr(found, "vjps"):
        raise _unknown_op(name)
    return found


def _refuse_hopeless(records: Sequence[Any]) -> None:
    """Refuse a file with ops that nobody defines, or whose values take more than a budget."""
    total = 0
    for number, record in enumerate(records):
        try:
            spec, op = _spec(record), record["op"]
            hash(op)
            total += prod(spec.shape) * spec.dtype.itemsize
        except DAMAGE as problem:
            raise _damaged(f"node {number}", problem) from problem
        if op not in Leaf.__members__:
            _found_op(op)
    if total > BUDGET:
        raise GraphError(
            "from_json",
            expected=f"a graph whose values take at most {BUDGET:,} bytes",
            came=f"records of {total:,} bytes",
            suggestion="build a graph of this size with the program that made it",
        )


def _refuse_growth(params: Mapping[str, Any], specs: Sequence[Spec]) -> None:
    """Refuse parameters that make arrays longer than the record says, before they do."""
    most = max(prod(spec.shape) for spec in specs)
    for key in GROWING:
        for number in _integers(params.get(key)):
            if number > max(most, 1):
                raise ValueError(f"{key} {params[key]} for {most:,} elements")


def _integers(value: Any) -> list[int]:
    if isinstance(value, tuple):
        return [number for part in value for number in _integers(part)]
    return [value] if isinstance(value, int) else []


def _need_spec(found: Spec, record: Record, label: str) -> None:
    """ValueError for what comes out with another shape or dtype than was recorded."""
    if _spec(record) != found:
        raise ValueError(f"{label} is {_spec(record)} in the file and {found} when computed")


def _append_leaf(graph: NodeGraph, kind: Leaf, name: str | None, record: Record) -> None:
    wants_grad = kind is Leaf.Parameter or bool(record.get("requires_grad", False))
    spec, value = None, None
    if kind is Leaf.Input:
        spec = _spec(record)
        if name is None:
            raise ValueError("an input without a name")
    else:
        value = _value(record["value"], record["dtype"])
    with graph:
        leaf = make_leaf(Node, kind, value, name, requires_grad=wants_grad, spec=spec)
        if leaf not in graph:  # a constant waits for its first user; here its place is known
            graph.adopt([leaf])


def _unknown_op(name: object) -> GraphError:
    return GraphError(
        f"from_json, op {name!r}",
        expected="an op that is defined",
        came="a name that no Op class has",
        suggestion="import the module that defines it before calling from_json",
    )


def _earlier(number: Any, count: int) -> int:
    if not 0 <= _integer(number) < count:
        raise ValueError(f"input {number} is not one of the {count} nodes before")
    return int(number)


def _integer(number: Any) -> int:
    if type(number) is not int:
        raise TypeError(f"{number!r} is not an integer")
    return number


def _float(number: Any) -> float:
    if type(number) not in (int, float) and number not in NOT_FINITE:
        raise TypeError(f"{number!r} is not a number")
    return float(number)


def _dtype(name: Any) -> np.dtype[Any]:
    if name not in DTYPES:
        raise ValueError(f"{name!r} is not a dtype")
    return np.dtype(str(name))


def _spec(record: Record) -> Spec:
    shape = tuple(map(_integer, record["shape"]))
    if any(length < 0 for length in shape):
        raise ValueError(f"shape {list(shape)} has a negative length")
    name = record["dtype"]
    return Spec(shape, np.dtype(np.float64) if name == "float" else _dtype(name))


def _value(value: Any, name: str) -> Any:
    """A leaf's value: Python's float, or an array."""
    if name == "float":
        return _float(value)
    dtype = _dtype(name)
    shape, data = (value["shape"], value["data"]) if isinstance(value, dict) else ([], [value])
    elements = [_element(x, dtype) for x in data]
    return own_copy(np.array(elements, dtype).reshape(tuple(map(_integer, shape))))


def _element(x: Any, dtype: np.dtype[Any]) -> float:
    if dtype.kind == "f":
        return _float(x)
    if dtype.kind == "b" and isinstance(x, bool):
        return x
    return _integer(x)


def _param(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_param, value))
    if isinstance(value, dict):
        ((kind, content),) = value.items()
        return PARAMS[kind](content)
    return value


def _feed(graph: NodeGraph, records: list[Record]) -> None:
    """Run the graph on the values that the inputs had, if it had been run."""
    feeds = {
        str(node.name): _value(record["value"], record["dtype"])
        for node, record in zip(graph, records, strict=True)
        if node.op is Leaf.Input and "value" in record
    }
    if feeds:
        _refuse_other_shapes(graph, records, feeds)
        graph.forward(**feeds)


def _refuse_other_shapes(graph: NodeGraph, records: list[Record], feeds: Record) -> None:
    """ValueError if the values that inputs had do not give the recorded shapes, found without."""
    specs: dict[Node, Spec] = {}
    for node, record in zip(graph, records, strict=True):
        is_fed = node.op is Leaf.Input and node.name in feeds
        specs[node] = spec_of(feeds[str(node.name)]) if is_fed else node.spec
        if not isinstance(node.op, Leaf):
            specs[node] = node.op.infer([specs[x] for x in node.inputs], node.params)
            _need_spec(specs[node], record, node.label())


def _compare(node: Node, record: Record, number: int) -> None:
    """Refuse a node that came out with another shape or dtype than was recorded."""
    try:
        if node.op is not Leaf.Input:
            _need_spec(node.spec, record, node.label())
    except DAMAGE as problem:
        raise _damaged(f"node {number}", problem) from problem
