"""Several outputs of an op in one array, one output after another.

So a draft of the compiler has one array a node, and a check judges any op by one output. Where the
dtypes of the outputs differ, a common one holds them all, as `numpy.result_type` has it.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from types import new_class
from typing import Any

import numpy as np

from autograd_lite.core.op import Array, Op, Params, Rule, Xp
from autograd_lite.core.outputs import TupleSpec
from autograd_lite.core.shapes import Spec


@lru_cache(maxsize=256)
def packed(op: type[Op]) -> type[Op]:
    """The op with all outputs of another in one array; an op with one output is that itself."""
    if not op.outputs:
        return op

    def forward(xp: Xp, *inputs: Array, **params: Any) -> Array:
        outputs = op.forward(xp, *inputs, **params)
        dtype = np.result_type(*(x.dtype for x in outputs))
        alike = [x if x.dtype == dtype else xp.asarray(x, dtype=dtype.name) for x in outputs]
        return xp.concat([xp.reshape(x, (-1,)) for x in alike])

    def infer(_: type[Op], specs: Sequence[Spec], params: Params) -> Spec:
        return Spec(*op.infer(specs, params))

    own = {"outputs": (), "forward": forward, "infer": classmethod(infer), "__doc__": op.__doc__}
    made: type[Op] = new_class(op.name, (op,), {"abstract": True}, lambda body: body.update(own))
    made.vjps = tuple(rule and _on_parts(op, rule) for rule in op.vjps)
    made.__module__, made.unpacked = op.__module__, op  # type: ignore[attr-defined]
    return made


def _on_parts(op: type[Op], rule: Rule) -> Rule:
    """A rule of the op, told cotangent and outputs in one array each."""

    def told(xp: Xp, grad: Array, out: Array, *inputs: Array, **params: Any) -> Array:
        own = {key: value for key, value in params.items() if key not in ("position", "positions")}
        spec = op.infer([Spec(x.shape, x.dtype) for x in inputs], own)
        return rule(xp, cut(xp, grad, spec), cut(xp, out, spec), *inputs, **params)

    return told


def cut(xp: Xp, elements: Array, spec: Any) -> tuple[Array, ...]:
    """The outputs that one array has."""
    parts = enumerate(spec.parts)
    return tuple(xp.reshape(elements[place(spec, i)], part.shape) for i, part in parts)


def place(spec: TupleSpec, index: int) -> slice:
    """Where one output is among all elements.

    >>> place(TupleSpec.of([Spec((2, 2), np.dtype("float64")), Spec((), np.dtype("int8"))]), 1)
    slice(4, 5, None)
    """
    start = sum(prod(part.shape) for part in spec.parts[:index])
    return slice(start, start + prod(spec.parts[index].shape))
