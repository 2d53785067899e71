"""A program's graph as StableHLO, which JAX and XLA read back where autograd_lite is not."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd_lite.compiler.draft import op_of
from autograd_lite.compiler.executors.jax.rules import RULES
from autograd_lite.compiler.request import Request
from autograd_lite.core.node import Leaf
from autograd_lite.errors import ConfigError
from autograd_lite.frontend.node import Node
from autograd_lite.serialize.files import as_path, write

PLATFORMS = ("cpu", "cuda", "tpu")


def export(request: Request, path: str | PathLike[str], batch: str | None = None) -> Path:
    """Write what `jax.export` reads; `Program.to_stablehlo` says what is in it."""
    target = as_path(path, "to_stablehlo")
    with jax.enable_x64(True), jax.default_matmul_precision("highest"):
        function, arguments = _function(request), _arguments(request, batch)
        exported = jax.export.export(jax.jit(function), platforms=PLATFORMS)(**arguments)
        return write(target, bytes(exported.serialize()))


def _function(request: Request) -> Any:
    """The nodes as they were recorded, so that nothing depends on the lengths of the feeds."""

    def function(**given: Any) -> Any:
        values: dict[Node, Any] = {}
        for node in request.nodes:
            values[node] = _value(node, values, given)
        results = dict(_named(request, values))
        for leaf, new in request.updates.items():
            results[f"{_name(request, leaf)}_new"] = values[new]
        return results

    return function


def _value(node: Node, values: Mapping[Node, Any], given: Mapping[str, Any]) -> Any:
    if node.op is Leaf.Input:
        return given[str(node.name)]
    if isinstance(node.op, Leaf):
        return given.get(str(node.name), jnp.asarray(node._value))
    op = op_of(node)
    inputs = [values[x] for x in node.inputs]
    rule = RULES.get(op)
    found = rule(*inputs, **node.params) if rule else op.forward(jnp, *inputs, **node.params)
    return found if isinstance(found, tuple) else jnp.asarray(found, node.dtype)


def _named(request: Request, values: Mapping[Node, Any]) -> Any:
    names = request.form if isinstance(request.form, Mapping) else None
    for i, node in enumerate(request.outputs):
        yield (list(names)[i] if names else node.name or f"output{i}"), values[node]


def _name(request: Request, leaf: Node) -> str:
    return str(leaf.name or f"leaf{request.leaves.index(leaf)}")


def _arguments(request: Request, batch: str | None) -> dict[str, Any]:
    """What the function is told: the feeds, and the leaves where they are updated."""
    symbol, length = None, None
    if batch is not None:
        if batch not in request.inputs or not request.inputs[batch]._spec.shape:
            raise ConfigError(
                "to_stablehlo",
                expected=f"batch to be one of the inputs with axes: {', '.join(request.inputs)}",
                came=repr(batch),
                suggestion="its first axis, and that of all inputs as long, may have any length",
            )
        (symbol,), length = jax.export.symbolic_shape("batch"), request.inputs[batch]._spec.shape[0]
    found = {}
    for name, node in request.inputs.items():
        shape, dtype = node._spec
        lead = (symbol,) if length is not None and shape[:1] == (length,) else shape[:1]
        found[name] = jax.ShapeDtypeStruct((*lead, *shape[1:]), dtype)
    for leaf in request.updates:
        found[_name(request, leaf)] = jax.ShapeDtypeStruct(leaf.shape, np.dtype(leaf.dtype))
    return found
