"""The first draft: what the user's graph computes, for feeds of known shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_lite.compiler.draft import Builder, Draft, op_of
from autograd_lite.compiler.request import refuse_unfit
from autograd_lite.core.node import ASSIGNABLE, Leaf
from autograd_lite.core.op import Output
from autograd_lite.core.shapes import Shape, Spec
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import AutogradError
from autograd_lite.frontend.node import Node
from autograd_lite.ops import Cast, GetItem, Reshape, SumLike
from autograd_lite.ops.indexing import split_key
from autograd_lite.ops.packed import packed, place


def specialise(
    outputs: Sequence[Node], updates: Mapping[Node, Node], shapes: Mapping[str, Shape]
) -> Draft:
    """A draft of the outputs and updates, for feeds of these shapes (by input name).

    Raises what the interpreted graph would: ShapeError and the like, naming the user's node.
    """
    build, new = Builder(), dict[Node, Node]()
    for node in ancestors(*updates, *outputs, *updates.values()):
        new[node] = (
            _leaf(build, node, shapes) if isinstance(node.op, Leaf) else _again(build, node, new)
        )
        new[node].name = node.name
    for leaf, value in updates.items():
        refuse_unfit(leaf, value, new[value].spec)
    return Draft(
        graph=build.graph,
        inputs={str(node.name): x for node, x in new.items() if node.op is Leaf.Input},
        leaves={x: node for node, x in new.items() if node.op in ASSIGNABLE},
        outputs=tuple(new[node] for node in outputs),
        updates={new[leaf]: new[node] for leaf, node in updates.items()},
        origin=build.origin,
    )


def _leaf(build: Builder, node: Node, shapes: Mapping[str, Shape]) -> Node:
    if node.op is Leaf.Constant:
        return build.constant(node._value, node)
    if node.op is Leaf.Input:
        return build.leaf(node.op, Spec(shapes[str(node.name)], node.dtype), node)
    return build.leaf(Leaf(node.op), node.spec, node)


def _again(build: Builder, node: Node, new: Mapping[Node, Node]) -> Node:
    inputs = [new[x] for x in node.inputs]
    try:
        with np.errstate(all="ignore"):
            if node.op is Output:
                return _output(build, node, new)
            if node.op is SumLike and inputs[0].shape == inputs[1].shape:
                return inputs[0]  # nothing was broadcast here, for these lengths
            return build.append(packed(op_of(node)), inputs, node.params, node)  # type: ignore[arg-type]
    except AutogradError as problem:
        problem.subject, problem.place = node.label(), node.place
        raise


def _output(build: Builder, node: Node, new: Mapping[Node, Node]) -> Node:
    """One of several outputs: the draft has them in one array, each in its place."""
    (source,), whole = node.inputs, new[node.inputs[0]]
    spec: Any = op_of(source).infer([x.spec for x in whole.inputs], source.params)
    key, _ = split_key(place(spec, node.params["index"]))
    piece = build.append(GetItem, [whole], {"key": key}, node)
    shape, dtype = spec.parts[node.params["index"]]
    shaped = build.append(Reshape, [piece], {"shape": shape}, node)
    if shaped.dtype == dtype:
        return shaped
    return build.append(Cast, [shaped], {"dtype": dtype.name}, node)
