"""A graph as JSON: the records as they are, for other programs and for `from_json`."""

import json
from math import isfinite
from types import EllipsisType
from typing import Any

import numpy as np

from autograd_lite import ops as library
from autograd_lite.core.node import Leaf
from autograd_lite.errors import GraphError, OpCallError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.ops.indexing import ArrayIndex, Slice

FORMAT, VERSION = "autograd_lite graph", 1
DTYPES = frozenset(
    {"bool", "float16", "float32", "float64", "int8", "int16", "int32", "int64"}
    | {"uint8", "uint16", "uint32", "uint64"}
)


@checks_call
def to_json(graph: NodeGraph, *, values: bool = True, grads: bool = True) -> str:
    """The graph as JSON text, one node a line; the same graph always gives the same text.

    Leaves always have their values, so that `from_json` can build the graph again; `values` and
    `grads` add what was computed. Numbers keep every digit; NaN and infinities are strings.

    >>> from autograd_lite import Graph
    >>> with Graph() as graph:
    ...     y = Node(2.0, name="x").exp()
    >>> print(to_json(graph, values=False))
    {"format": "autograd_lite graph", "version": 1, "nodes": [
    {"op": "Variable", "name": "x", "dtype": "float", "shape": [], "requires_grad": true, "value": 2.0},
    {"op": "Exp", "inputs": [0], "dtype": "float", "shape": []}
    ]}
    <BLANKLINE>

    Raises GraphError for a parameter or dtype that JSON cannot carry: the function of a checkpoint
    is one.
    """  # noqa: E501 - a line of the file is as long as it is
    if not isinstance(graph, NodeGraph):
        raise OpCallError(
            "to_json",
            expected="a graph",
            came=repr(graph),
            suggestion="record one: `with ag.Graph() as g: …`",
        )
    lines = [json.dumps(_record(graph, node, values, grads), allow_nan=False) for node in graph]
    head = json.dumps({"format": FORMAT, "version": VERSION})[:-1]
    return f'{head}, "nodes": [\n' + ",\n".join(lines) + "\n]}\n"


def _record(graph: NodeGraph, node: Node, values: bool, grads: bool) -> dict[str, Any]:
    is_leaf = isinstance(node.op, Leaf)
    record: dict[str, Any] = {"op": node.op.name if is_leaf else _op_name(node)}
    if node.name is not None:
        record["name"] = node.name
    if node.scope:
        record["scope"] = node.scope
    if not is_leaf:
        record["inputs"] = [graph.index(x) for x in node.inputs]
    if node.params:
        record["params"] = {key: _param(node, value) for key, value in node.params.items()}
    spec = node._spec if node.op is Leaf.Input else node.spec
    record["dtype"] = _dtype(node, str(spec.dtype))
    record["shape"] = list(spec.shape)
    if node.op in (Leaf.Input, Leaf.Variable):
        record["requires_grad"] = node.requires_grad
    if node.value is not None and (values or is_leaf):
        record["value"] = _array(node.value)
    if node.grad is not None and grads:
        record["grad"] = _array(node.grad)
    return record


def _op_name(node: Node) -> str:
    """The name of a node's op; one of the library's names stands for the library's op."""
    own = getattr(library, node.op.name, node.op)
    if own is not node.op:
        raise GraphError(
            node.label(),
            expected="an op whose name none of the library's ops has",
            came=f"{node.op.name} of {node.op.__module__}",
            place=node.place,
            suggestion="give the class another name, so that from_json can find it",
        )
    return node.op.name


def _dtype(node: Node, name: str) -> str:
    """The dtype's name; "float" is Python's own number."""
    if name not in DTYPES:
        raise GraphError(
            node.label(),
            expected="a dtype that JSON can carry exactly, up to 64 bits",
            came=name,
            place=node.place,
            suggestion="convert the leaves with astype('float64') before building the graph",
        )
    return "float" if type(node.value) is float else name


def _array(value: Any) -> Any:
    """A number, or an array as its shape and its elements in row-major order."""
    array = np.asarray(value)
    flat: Any = array.reshape(-1)
    if array.dtype.kind == "f" and not np.isfinite(flat).all():
        flat = np.array([x if isfinite(x) else str(x) for x in flat.tolist()], object)
    return {"shape": list(array.shape), "data": flat.tolist()} if array.shape else flat.tolist()[0]


def _param(node: Node, value: Any) -> Any:
    """A static parameter; what JSON has no word for becomes an object with one key."""
    value = value.item() if isinstance(value, np.generic) else value
    match value:
        case Slice():
            return {"slice": list(value)}
        case ArrayIndex():
            return {"index_array": True}
        case EllipsisType():
            return {"ellipsis": True}
        case tuple():
            return [_param(node, part) for part in value]
        case float() if not isfinite(value):
            return {"float": str(value)}
        case None | bool() | int() | float() | str():
            return value
    raise GraphError(
        node.label(),
        expected="parameters made of numbers, texts, None, tuples and slices",
        came=repr(value),
        place=node.place,
        suggestion="give the op plain parameters; for what checkpoint() holds, a function, "
        "record the graph without checkpoint() and save that one",
    )
