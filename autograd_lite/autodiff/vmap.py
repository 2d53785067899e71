"""`vmap`: a function of one example becomes one of many, without a loop.

The function is run once, on nodes that stand for all examples (`trace`). What it did is then done
again on the stacks of examples, each operation once for all of them, by its batching rule
(`ops.batching`). What comes out is made of ordinary operations, so it can be recorded, compiled,
differentiated and mapped again.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd_lite import functions
from autograd_lite.autodiff.given import refuse_other_than_function
from autograd_lite.autodiff.mapped_axes import Axes, axes_of_leaves, refuse_lengths, refuse_outside
from autograd_lite.autodiff.trace import Trace
from autograd_lite.autodiff.trees import leaves_of, rebuild
from autograd_lite.core.node import Leaf
from autograd_lite.core.op import Output
from autograd_lite.core.shapes import Spec, as_array, is_node, spec_of
from autograd_lite.core.sweep import ancestors
from autograd_lite.errors import AutogradError, OpCallError
from autograd_lite.frontend.node import Node
from autograd_lite.ops.batching import Operand, batched, looped
from autograd_lite.ops.batching.contract import as_stack
from autograd_lite.ops.shaping import real_dtype


def vmap(f: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """The function that does for many examples at once what `f` does for one.

    `in_axes` says along which axis of each argument the examples lie, None for an argument that is
    the same for all: one for all arguments, or one for each, or for an argument that is a tuple,
    list or dict one for each part. `out_axes` says the same of the results. Keyword arguments are
    the same for all. `f` is run once and must do the same for every example: write `where` for
    `if`. A few operations are called once for each example, `ops.batching.looping()` lists them.
    Random operations follow their seed: `dropout` drops the same elements of every example, unless
    the seed is mapped, too.

    >>> vmap(lambda x, y: x @ y)(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [1.0, 4.0]
    >>> vmap(lambda x, w: x * w, in_axes=(0, None), out_axes=1)(np.ones(2), np.ones(3)).shape
    (3, 2)

    Raises ShapeError for lengths that differ or an axis that is not there, OpCallError if nothing
    is mapped or `in_axes` has another form than the arguments, GraphError for a branch on a mapped
    value or a value taken out.
    """
    refuse_other_than_function("vmap", f)
    subject = f"vmap of {getattr(f, '__name__', repr(f))}"

    @wraps(f)
    def mapped(*args: Any, **options: Any) -> Any:
        axes = axes_of_leaves(subject, args, in_axes)
        leaves = list(zip(leaves_of(args), axes, strict=True))
        stacks = _stacks_of(subject, [(x, axis) for x, axis in leaves if axis is not None])
        trace = Trace([Spec(x.shape, x.value.dtype) for x in stacks])
        single = iter(trace.inputs)
        given = [x if axis is None else next(single) for x, axis in leaves]
        with trace.recording():
            try:
                output = f(*rebuild(args, given), **options)
            finally:  # a function that catches a refusal goes on as no call alone would
                if trace.refused is not None:
                    raise trace.refused
        places = axes_of_leaves(subject, output, out_axes)
        results = _Stacks(trace, stacks).of(leaves_of(output))
        pairs = zip(results, places, strict=True)
        return rebuild(output, [_along(subject, x, axis, stacks) for x, axis in pairs])

    return mapped


def _stacks_of(subject: str, leaves: Sequence[tuple[Any, int]]) -> list[Operand]:
    """The mapped arguments with their examples along axis 0."""
    arrays = [(x if isinstance(x, Node) else as_array(x), axis) for x, axis in leaves]
    refuse_lengths(subject, [(Spec(x.shape, real_dtype(x.dtype, subject)), a) for x, a in arrays])
    return [Operand(_moved(x, axis, 0), is_mapped=True) for x, axis in arrays]


def _moved(x: Any, source: int, destination: int) -> Any:
    return x if source == destination else functions.moveaxis(x, source, destination)


def _along(subject: str, x: Operand, axis: int | None, stacks: Sequence[Operand]) -> Any:
    """A result with its examples along an axis, or the one result of all."""
    if axis is None:
        if x.is_mapped:
            raise OpCallError(
                subject,
                expected="out_axes=None for results that are the same for all examples alone",
                came=f"a result {spec_of(x.value)} that depends on a mapped argument",
                suggestion="give the axis along which the results are to lie",
            )
        return x.value
    refuse_outside(subject, "out_axes", axis, x.ndim + 1, f"results {list(x.shape)} and theirs")
    found = _moved(as_stack(x, stacks), 0, axis)
    return found if isinstance(found, Node) else np.array(found)


class _Stacks:
    """The operations of a trace, done again on the stacks of all examples."""

    def __init__(self, trace: Trace, stacks: Sequence[Operand]) -> None:
        self.before = trace.before
        self.known: dict[Any, Operand] = dict(zip(trace.inputs, stacks, strict=True))

    def of(self, outputs: Sequence[Any]) -> list[Operand]:
        """What stands for each output of the function."""
        for node in ancestors(*(x for x in outputs if isinstance(x, Node)), known=self.before):
            if node.inputs and node not in self.before and node not in self.known:
                self.known[node] = self._again(node)
        return [self._of(x) if isinstance(x, Node) else Operand(np.asarray(x)) for x in outputs]

    def _of(self, x: Any) -> Operand:
        """What stands for a node; what was there before stands for itself, constants are arrays."""
        if x in self.known:
            return self.known[x]
        is_own = x.op is Leaf.Constant or x not in self.before
        return Operand(np.asarray(x._value) if is_own and x._value is not None else x)

    def _again(self, node: Any) -> Operand:
        operands = [self._of(x) for x in node.inputs]
        if node.op is Output:
            (outputs,) = operands
            index, value = node.params["index"], outputs.value
            part = Output(value, index=index) if is_node(value) else value[index]
            return Operand(part, outputs.is_mapped)
        try:
            found = _done(node, operands)
        except AutogradError as problem:
            problem.place = node.place
            raise
        for made in found.value if isinstance(found.value, tuple) else (found.value,):
            if isinstance(made, Node):  # it is called as it was in the function, and stands there
                made.name, made.scope = node.name, node.scope
                made._code, made._offset = node._code, node._offset
        return found


def _done(node: Any, operands: Sequence[Operand]) -> Operand:
    """The operation of a node, for all examples at once."""
    values = [x.value for x in operands]
    if not any(x.is_mapped for x in operands):
        is_known = node._value is not None and not any(map(is_node, values))
        return _same_for_all(node._value if is_known else node.op(*values, **node.params))
    call = batched(node.op, operands, node.params)
    if call is None:
        return Operand(looped(node.op, operands, node.params, node.spec), is_mapped=True)
    found = call.result()
    return Operand(found, is_mapped=True) if call.is_mapped else _same_for_all(found)


def _same_for_all(value: Any) -> Operand:
    return Operand(value if is_node(value) or isinstance(value, tuple) else np.asarray(value))
