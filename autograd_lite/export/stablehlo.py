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
from autograd_lite.export.names import names_of
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
    names = names_of(request)
    fed = {node: name for name, node in request.inputs.items()}
    fed |= {leaf: names.leaves[leaf] for leaf in request.updates}

    def function(**given: Any) -> Any:
        values: dict[Node, Any] = {node: given[name] for node, name in fed.items()}
        for node in request.nodes:
            if node not in values:
                values[node] = _value(node, values)
        results = dict(zip(names.outputs, (values[x] for x in request.outputs), strict=True))
        return results | {names.new[leaf]: values[new] for leaf, new in request.updates.items()}

    return function


def _value(node: Node, values: Mapping[Node, Any]) -> Any:
    if isinstance(node.op, Leaf):
        return jnp.asarray(node._value)
    op = op_of(node)
    inputs = [values[x] for x in node.inputs]
    rule = RULES.get(op)
    found = rule(*inputs, **node.params) if rule else op.forward(jnp, *inputs, **node.params)
    return found if isinstance(found, tuple) else jnp.asarray(found, node.dtype)


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
    names = names_of(request)
    for leaf in request.updates:
        found[names.leaves[leaf]] = jax.ShapeDtypeStruct(leaf.shape, np.dtype(leaf.dtype))
    return found
