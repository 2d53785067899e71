"""Ops are called like functions: on arrays they compute, on nodes they append."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_lite.core import arrays, scalars
from autograd_lite.core.append import append
from autograd_lite.core.contract import NO_PARAMS, Array, BaseOp, Params, Rule, Xp
from autograd_lite.core.definition import free_rules, read_definition
from autograd_lite.core.eager import ARRAYS, binary, general, unary
from autograd_lite.core.outputs import Arrived, OutputTuple
from autograd_lite.core.shapes import Spec, as_arrays, broadcast_shapes, example, is_node, spec_of

__all__ = ["NO_PARAMS", "OPS", "Array", "Elementwise", "Op", "Output", "Params", "Rule", "Xp"]

OPS: dict[str, "type[Op]"] = {}
"""Every concrete op by name; a class defined again takes the place of the earlier one."""


class Op(BaseOp):
    """One operation: a forward rule, and for every input `vjp_<input>`, a rule or None.

    >>> class Cube(Op):
    ...     "x³."
    ...     def forward(xp, x):
    ...         return x * x * x
    ...     def vjp_x(xp, grad, out, x):
    ...         return grad * 3 * x * x
    >>> float(Cube(2.0))
    8.0
    """

    def __init_subclass__(cls, *, abstract: bool = False) -> None:
        free_rules(cls)
        if not abstract:
            read_definition(cls)
            OPS[cls.name] = cls
        if hasattr(cls, "vjps"):  # its own, or those of an op that it is made from
            cls.eager, cls.direct = staticmethod(_eager(cls)), _direct(cls)

    def __new__(cls, *inputs: Any, **params: Any) -> Any:
        """Calling the class applies it: compute on arrays, append on nodes."""
        bound = cls.bind(inputs, params)
        for x in inputs:
            if is_node(x):
                node = cls.eager(*inputs, params=bound) if bound else cls.eager(*inputs)
                if not cls.outputs:
                    return node
                numbers = range(len(cls.outputs))
                return tuple([Output.eager(node, params={"index": i}) for i in numbers])
        value = cls.compute(as_arrays(inputs, cls.name, weak=cls.elementwise), bound)
        return tuple(value) if cls.outputs else value

    @classmethod
    def within(cls, xp: Xp, *inputs: Any, **params: Any) -> Any:
        """The op as a part of another one's rule: computed with its `xp`, appended on nodes."""
        if xp is scalars:
            return cls.forward(xp, *inputs, **params)
        if xp is arrays:
            try:  # what it would refuse, the outer op has refused
                if ARRAYS.issuperset(map(type, inputs)):
                    return cls.forward(xp, *inputs, **params)
            except Exception:  # noqa: BLE001, S110 - it is met again, and has words there
                pass
            return cls.compute(inputs, {**cls.defaults, **params})
        if any(map(is_node, inputs)):
            return cls(*inputs, **params)
        if type(xp) is not type(arrays) and hasattr(xp, "call_op"):  # it has a way of its own
            return xp.call_op(cls, *inputs, **params)
        return cls.forward(xp, *inputs, **params)


def _eager(op: type[Op]) -> Callable[..., Any]:
    """How a call on nodes is appended: the shortest way that there is for ops of its sort."""
    is_product = op.is_product and op.arity == 2 and not (op.variadic or op.defaults)
    if (op.simple or is_product) and op.refuse is None:
        return unary(op) if len(op.vjps) == 1 else binary(op)
    if op.outputs or op.compute.__func__ is not BaseOp.compute.__func__:  # type: ignore[attr-defined]
        return lambda *inputs, params=NO_PARAMS: append(op, inputs, params)
    return general(op)


def _direct(op: type[Op]) -> dict[type, Xp]:
    """With which `xp` the forward rule takes one or two values that are of one type."""
    few = op.arity <= 2 and not (op.variadic or op.outputs)
    is_scalar = few and op.elementwise and op.refuse is None
    found: dict[type, Xp] = dict.fromkeys(ARRAYS, arrays) if few else {}
    return {**found, float: scalars} if is_scalar else found


class Output(Op):
    """One of the several outputs of an op, by its number."""

    formula = "outputs[index]"
    derivative = "grad at that place"
    expects = "the node of an op with several outputs, and the number of one of them"
    hint = "call the op, which gives a tuple of its outputs"

    def forward(xp: Xp, outputs: Array, *, index: int) -> Array:
        return outputs[index]

    def vjp_outputs(xp: Xp, grad: Array, out: Array, outputs: Array, *, index: int) -> Array:
        return Arrived({index: (out, grad)})

    def refuse(outputs: Array, *, index: int) -> None:
        if not isinstance(outputs, OutputTuple) or index not in range(len(outputs)):
            raise ValueError("there is none")

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """That of this output; nothing is computed."""
        parts = getattr(specs[0], "parts", ())
        if params["index"] not in range(len(parts)):
            raise cls.misfit(specs, params, ValueError("there is none"))
        return parts[params["index"]]


class Elementwise(Op, abstract=True):
    """An op whose output element depends on one element of each input, after broadcasting."""

    elementwise = True
    expects = "shapes that broadcast together"
    hint = "make each axis equal or 1, for example with reshape or expand_dims"

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """Broadcast the shapes; find the dtype on single elements."""
        try:
            shape = broadcast_shapes(*(spec.shape for spec in specs))
        except ValueError as problem:
            raise cls.misfit(specs, params, problem) from problem
        dtypes = tuple(spec.dtype for spec in specs)
        return Spec(shape, _element_dtype(cls, dtypes, tuple(params.items())))  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def _element_dtype(
    op: type[Op], dtypes: tuple[np.dtype[Any], ...], params: tuple[tuple[str, Any], ...]
) -> np.dtype[Any]:
    """The output dtype of an elementwise op, from a trial on single elements."""
    with np.errstate(all="ignore"):
        return spec_of(op.compute([example(Spec((), d)) for d in dtypes], dict(params))).dtype
