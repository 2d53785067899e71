"""A program's graph as an ONNX model: its outputs, and the new values of leaves with updates."""

import sys
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from autograd_lite.compiler.draft import Draft, Rebuild, op_of, rewritten
from autograd_lite.compiler.passes import specialise
from autograd_lite.compiler.passes.common import common
from autograd_lite.compiler.passes.dead import dead
from autograd_lite.compiler.passes.decompose import DEPTH, decomposed
from autograd_lite.compiler.request import Request
from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import Shape
from autograd_lite.errors import ConfigError
from autograd_lite.export.names import FileNames, names_of
from autograd_lite.export.onnx import (  # noqa: F401 - rows
    elements,
    places,
    products,
    reductions,
    shapes,
)
from autograd_lite.export.onnx.emitter import DTYPES, ROWS, Emitter, has_row
from autograd_lite.export.onnx.formulas import FORMULAS
from autograd_lite.frontend.node import Node
from autograd_lite.serialize.files import as_path, write

OPSET = 21
IR_VERSION = 10  # of the file's own form: the oldest that the opset allows
MORE = 3  # rows that are added to a batch, to see that nothing depends on how many there are
BATCH = "batch"  # the name of its length in the file


def export(request: Request, path: str | PathLike[str], batch: str | None = None) -> Path:
    """Write the model of a request; `Program.to_onnx` says what is in it."""
    target = as_path(path, "to_onnx")
    data = model_of(request, batch).SerializeToString()
    return write(target, data)


def model_of(request: Request, batch: str | None = None) -> Any:
    """The `onnx.ModelProto` of a request, checked.

    Raises ConfigError for a graph that ONNX cannot have, which names the node and its line.
    """
    declared = {name: x._spec.shape for name, x in request.inputs.items()}
    length = None if batch is None else _length_of(batch, declared)
    model = _written(request, declared, length)
    if length is not None:
        _refuse_other(request, model, _longer(declared, length), length + MORE)
    onnx.checker.check_model(model)
    return model


def _length_of(batch: str, declared: Mapping[str, Shape]) -> int:
    if not declared.get(batch):
        raise _refusal(
            f"batch to be one of the inputs with axes: {', '.join(declared)}",
            repr(batch),
            "its first axis, and that of all inputs as long, may then have any length",
        )
    return declared[batch][0]


def _longer(declared: Mapping[str, Shape], length: int) -> dict[str, Shape]:
    """The shapes of a longer batch."""
    return {
        name: (length + MORE, *shape[1:]) if shape[:1] == (length,) else shape
        for name, shape in declared.items()
    }


def _refuse_other(request: Request, model: Any, feeds: Mapping[str, Shape], length: int) -> None:
    """Raise ConfigError if the model for a longer batch is another one."""
    other = _written(request, feeds, length).graph
    pairs = zip(model.graph.node, other.node, strict=False)
    for node, twin in pairs:
        if node != twin:
            raise _fixed(node.doc_string)
    for one, two in zip(model.graph.initializer, other.initializer, strict=False):
        if one != two:
            users = [x.doc_string for x in model.graph.node if one.name in x.input]
            raise _fixed(users[0])
    if len(model.graph.node) != len(other.node):
        raise _fixed(model.graph.node[-1].doc_string)


def _fixed(line: str) -> ConfigError:
    return _refusal(
        "operations that a batch of any length goes through",
        f"{line}, which is written for the length of the declared batch",
        "leave batch out: the file then takes batches of the declared length",
    )


def _written(request: Request, feeds: Mapping[str, Shape], length: int | None) -> Any:
    draft = specialise(request.outputs, request.updates, feeds)
    draft = dead(common(_with_rows(draft)))
    names = names_of(request)
    e = Emitter(length, taken=names.all | set(draft.inputs))
    inputs = [_declared(e, name, x) for name, x in draft.inputs.items()]
    e.names.update({x: name for name, x in draft.inputs.items()})
    e.names.update({leaf: names.leaves[user] for leaf, user in draft.leaves.items()})
    for node in draft.graph:
        _write(e, draft, node)
    outputs = _results(e, draft, names)
    constants = [*e.constants.values()]
    if draft.updates:  # a step: the leaves go in, and come out
        inputs += [_declared(e, e.names[leaf], leaf) for leaf in draft.leaves]
    else:
        constants = [*_weights(e, draft), *constants]
    graph = helper.make_graph(e.nodes, "autograd_lite", inputs, outputs, constants)
    return helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="autograd_lite",
        producer_version=sys.modules["autograd_lite"].__version__,
        doc_string=_told(request),
    )


def _told(request: Request) -> str:
    what = f"{len(request.outputs)} outputs of a recorded graph of {len(request.nodes)} nodes"
    if not request.updates:
        return what
    return f"A training step: {what}; each leaf goes in, and its new value comes out as NAME_new"


def _with_rows(draft: Draft) -> Draft:
    """Ops without a row become what their own rules append, until all have one."""
    for _ in range(DEPTH):
        if all(isinstance(x.op, Leaf) or has_row(x) for x in draft.graph):
            break
        draft = rewritten(draft, _taken_apart)
    return draft


def _taken_apart(build: Rebuild, node: Node) -> Node | None:
    if has_row(node):
        return None
    rule = FORMULAS.get(op_of(node).name)
    found = decomposed(build, node) if rule is None else _by(rule, build, node)
    if found is None or found.op is node.op:
        user = build.old.origin[node]
        raise ConfigError(
            user.label(),
            expected="ops that ONNX has, or that are made of such",
            came=f"{op_of(node).name} of {node.dtype}",
            place=user.place,
            suggestion="export outputs that do not need it, or export StableHLO",
        )
    return found


def _by(rule: Callable[..., Any], build: Rebuild, node: Node) -> Node:
    inputs, origin = build.inputs(node), build.old.origin[node]
    return build.expression(lambda: rule(*inputs, **node.params), origin)


def _declared(e: Emitter, name: str, x: Node) -> Any:
    dims = [BATCH if i == 0 and n == e.batch else n for i, n in enumerate(x.shape)]
    return helper.make_tensor_value_info(name, DTYPES[x.dtype], dims)


def _weights(e: Emitter, draft: Draft) -> list[Any]:
    """The values of variables and parameters."""
    values = []
    for leaf, user in draft.leaves.items():
        array = np.array(user.value, leaf.dtype, order="C").reshape(leaf.shape)
        values.append(numpy_helper.from_array(array, e.names[leaf]))
    return values


def _write(e: Emitter, draft: Draft, node: Node) -> None:
    if node.op is Leaf.Constant:
        e.names[node] = e.constant(node._value)
    elif not isinstance(node.op, Leaf):
        user = draft.origin[node]
        e.doing = f"{user.label()}, {user.place}"
        e.names[node] = ROWS[op_of(node).name](e, node)


def _results(e: Emitter, draft: Draft, names: FileNames) -> list[Any]:
    """The outputs under the user's names, then the new values of leaves."""
    new = (names.new[draft.leaves[leaf]] for leaf in draft.updates)
    found = [*zip(names.outputs, draft.outputs, strict=True)]
    found += zip(new, draft.updates.values(), strict=True)
    e.nodes += [helper.make_node("Identity", [e.names[node]], [name]) for name, node in found]
    return [_declared(e, name, node) for name, node in found]


def _refusal(expected: str, came: str, suggestion: str) -> ConfigError:
    return ConfigError("to_onnx", expected=expected, came=came, suggestion=suggestion)
