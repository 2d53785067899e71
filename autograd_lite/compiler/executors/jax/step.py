"""A step as one pure function of leaves and feeds, written in jax.numpy by the rules of the ops."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.draft import Draft, op_of
from autograd_lite.compiler.executors.jax.rules import RULES
from autograd_lite.compiler.planning.planner import PICKS
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node

Array = Any

SMALL = 1024  # elements up to which a constant is written into the program

# What a rule raises that needs NumPy's arrays: it looks at a value, or writes, or asks jax.numpy
# for a name that is not there.
NOT_TRACED = (jax.errors.JAXTypeError, jax.errors.JAXIndexError, TypeError, AttributeError)


class TracedStep:
    """The new values of leaves and the outputs, from leaves and feeds; nothing else is read.

    `through_numpy` lists the nodes whose rules only NumPy can run: they are called back on the
    host. XLA picks something in silence where a label is outside of its axis, so the third result
    counts them; without `fed_labels` only those that are computed, as others were looked at.
    """

    def __init__(self, draft: Draft, *, fed_labels: bool = True) -> None:
        self.draft = draft
        seen = set() if fed_labels else set(draft.inputs.values())
        picks = [node for node in draft.graph if node.op in PICKS]
        self._picks = [node for node in picks if root(node.inputs[PICKS[node.op][1]]) not in seen]
        self.nodes = [node for node in draft.graph if not isinstance(node.op, Leaf)]
        constants = [node for node in draft.graph if node.op is Leaf.Constant]
        self.large = [node for node in constants if node.size > SMALL]
        self._small = [node for node in constants if node.size <= SMALL]
        self.through_numpy: list[Node] = []

    def __call__(
        self, leaves: Sequence[Array], constants: Sequence[Array], feeds: Sequence[Array]
    ) -> tuple[list[Array], list[Array], Array]:
        """(all leaves after the step, outputs, how many labels were outside)."""
        draft = self.draft
        values: dict[Node, Any] = {x: jnp.asarray(x._value) for x in self._small}
        values |= dict(zip(draft.leaves, leaves, strict=True))
        values |= dict(zip(self.large, constants, strict=True))
        for node, feed in zip(draft.inputs.values(), feeds, strict=True):
            values[node] = feed.astype(node.dtype)
        for node in self.nodes:
            values[node] = self._computed(node, [values[x] for x in node.inputs])
        new = [values[draft.updates.get(leaf, leaf)] for leaf in draft.leaves]
        return new, [values[x] for x in draft.outputs], self._outside(values)

    def none_outside(self) -> Array:
        """The count before the first label."""
        dtypes = [leaf.dtype for leaf in self.draft.leaves if leaf.dtype.kind == "f"]
        return jnp.zeros((), dtypes[0] if dtypes else np.float32)

    def _computed(self, node: Node, inputs: Sequence[Array]) -> Array:
        """The value of an operation, of the dtype that the graph says."""
        op = op_of(node)
        try:
            if op in RULES:
                value = RULES[op](*inputs, **node.params)
            else:
                value = op.forward(jnp, *inputs, **node.params)
            return jnp.asarray(value, node.dtype)
        except NOT_TRACED:
            return self._by_numpy(node, inputs)

    def _by_numpy(self, node: Node, inputs: Sequence[Array]) -> Array:
        op = op_of(node)
        if node not in self.through_numpy:
            self.through_numpy.append(node)

        def call(*arrays: Array) -> Any:
            with np.errstate(all="ignore"):
                value = op.compute([np.asarray(x) for x in arrays], node.params)
            return np.asarray(value, node.dtype)

        return jax.pure_callback(call, jax.ShapeDtypeStruct(node.shape, node.dtype), *inputs)

    def _outside(self, values: dict[Node, Any]) -> Array:
        """How many labels are outside of what they pick from.

        In the dtype of the weights: so devices can add it up together with the gradients.
        """
        outside = self.none_outside()
        for node in self._picks:
            rows, labels = (values[node.inputs[i]] for i in PICKS[node.op])
            axis = 0 if node.op is ops.Embedding else node.params.get("axis", -1)
            count = node.params.get("depth") or rows.shape[axis]
            outside += jnp.sum((labels < 0) | (labels >= count), dtype=outside.dtype)
        return outside
