"""One recorded call, or a whole recorded graph, done again in float64."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from autograd_lite.core import arrays
from autograd_lite.core.append import append
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Op, Params
from autograd_lite.core.outputs import OutputTuple
from autograd_lite.frontend.leaves import constant
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.ops.packed import packed
from autograd_lite.testing.finite_difference import Array


def in_double(value: Any) -> Array:
    """The value as an array, in float64 if it is floating at all."""
    if isinstance(value, OutputTuple):
        return OutputTuple(map(in_double, value))  # type: ignore[return-value]
    array = np.asarray(value)
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def params_in_double(params: Params) -> Params:
    """The parameters, with a conversion to a shorter float made one to float64.

    >>> params_in_double({"dtype": "float32"}), params_in_double({"dtype": "int64"})
    ({'dtype': 'float64'}, {'dtype': 'int64'})
    """
    is_float = "dtype" in params and np.dtype(params["dtype"]).kind == "f"
    return {**params, "dtype": "float64"} if is_float else params


class Call(NamedTuple):
    """An op with the float64 values of its inputs: a function of any one of them."""

    op: type[Op]
    values: tuple[Array, ...]
    params: Params

    @classmethod
    def of(cls, node: Node) -> Self:
        """The call that made a node, at its recorded inputs."""
        values = tuple(in_double(x._need_value()) for x in node.inputs)
        return cls(packed(node.op), values, params_in_double(node.params))  # type: ignore[arg-type]

    def output(self) -> Array:
        """The value, of complex numbers too, which `compute` refuses."""
        with np.errstate(all="ignore"):
            if any(map(np.iscomplexobj, self.values)):
                return np.asarray(self.op.forward(arrays, *self.values, **self.params))
            return np.asarray(self.op.compute(self.values, self.params))

    def outputs(self) -> list[Array]:
        """The value; of an op with several outputs each of them, in its own dtype."""
        found = getattr(self.op, "unpacked", self.op).compute(self.values, self.params)
        return [*found] if isinstance(found, tuple) else [np.asarray(found)]

    def moved(self, position: int, step: Array) -> Self:
        """The call with a step added to one of its inputs."""
        values = list(self.values)
        values[position] = np.asarray(values[position] + step)
        return self._replace(values=tuple(values))

    def pull(self, position: int, cotangent: Array, unselected: Array | None = None) -> Array:
        """The gradient of one input, as its rule gives it, summed to the input's shape.

        It is 0 where an element was `unselected`, whatever the rule gives.
        Whatever the rule raises is raised; ValueError if its result cannot be summed.
        """
        rule = self.op.rules_for(len(self.values))[position]
        with np.errstate(all="ignore"):
            found = rule(arrays, cotangent, self.output(), *self.values, **self.params)  # type: ignore[misc]
            part = np.asarray(found)
            if part.size > max(cotangent.size, 1) * max(1, *(x.size for x in self.values)):
                shape = self.values[position].shape
                raise MisfitError(f"a gradient of shape {part.shape} does not sum to {shape}")
            if unselected is not None:
                part = np.where(unselected, 0.0, part)
            return sum_to(part, self.values[position].shape)


class MisfitError(ValueError):
    """A gradient of a shape that cannot be that of its input."""


def sum_to(part: Array, shape: tuple[int, ...]) -> Array:
    """A gradient summed to the shape of what was broadcast; written apart from the engine's own.

    >>> sum_to(np.ones((4, 2, 3)), (2, 1)).tolist()
    [[12.0], [12.0]]
    """
    lead = part.ndim - len(shape)
    stretched = [lead + i for i, n in enumerate(shape) if lead >= 0 and n == 1]
    summed = part.sum(axis=(*range(lead), *stretched), keepdims=True)
    if summed.shape != (1,) * lead + shape:
        raise MisfitError(f"a gradient of shape {part.shape} does not sum to {shape}")
    return np.asarray(summed.reshape(shape))


def differentiable_leaves(nodes: Sequence[Node]) -> list[Node]:
    """The leaves among nodes that get a gradient."""
    return [node for node in nodes if isinstance(node.op, Leaf) and node.requires_grad]


def values_at(nodes: Sequence[Node], leaves: Mapping[Node, Array]) -> dict[Node, Array]:
    """The float64 value of each node, given those of some leaves; nothing is written."""
    found: dict[Node, Array] = dict(leaves)
    with np.errstate(all="ignore"):
        for node in nodes:
            if node in found:
                continue
            if isinstance(node.op, Leaf):
                found[node] = in_double(node._need_value())
            else:
                inputs = [found[x] for x in node.inputs]
                result = node.op.compute(inputs, params_in_double(node.params))
                found[node] = in_double(result)
    return found


def copied(nodes: Sequence[Node], leaves: Mapping[Node, Array]) -> dict[Node, Node]:
    """The nodes appended again, in float64, to a graph of their own, with new values of leaves."""
    copies: dict[Node, Node] = {}
    with NodeGraph(), np.errstate(all="ignore"):
        for node in nodes:
            if isinstance(node.op, Leaf):
                copies[node] = _copied_leaf(node, leaves.get(node))
            else:
                inputs = tuple(copies[x] for x in node.inputs)
                params = node.op.bind(inputs, params_in_double(node.params))
                copies[node] = append(node.op, inputs, params)
    return copies


def _copied_leaf(node: Node, value: Array | None) -> Node:
    value = in_double(node._need_value()) if value is None else value
    plain = float(value) if type(node._value) is float else value
    return Node(plain, name=node.name) if node.requires_grad else constant(plain, name=node.name)
