"""Gradients as numbers: `backward`, which puts them on the nodes, and where they start from."""

from collections.abc import Iterable
from functools import partial
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.core import arrays
from autograd_lite.core.contract import strong
from autograd_lite.core.floats import of_floats
from autograd_lite.core.masks import Mask, behind
from autograd_lite.core.outputs import Arrived, OutputTuple, TupleSpec
from autograd_lite.core.sweep import (
    Cotangents,
    Pairs,
    ancestors,
    fit_gradient,
    of_numbers,
    owned,
    sweep,
)
from autograd_lite.core.values import fitting, to_its_end
from autograd_lite.errors import GradientError


def backward(
    output: Any,
    cotangent: ArrayLike | None = None,
    *,
    accumulate: bool = False,
    among: Iterable[Any] | None = None,
) -> None:
    """Fill `grad` of all that `output` depends on; `among` are nodes whose old gradient goes."""
    found = cotangents(output, seed_of(output, cotangent), keep=True)
    grads: Iterable[Any] = found.values()
    if accumulate:
        grads = [grad if x.grad is None else x.grad + grad for x, grad in found.items()]
        among = ()
    elif among is None:
        among = output.graph._nodes if output.graph is not None else ()

    def change() -> None:
        for node in among:
            node.grad = None
        for node, grad in zip(found, grads, strict=True):
            node.grad = grad

    to_its_end(change)


@np.errstate(all="ignore")
def cotangents(output: Any, seed: Any, *, keep: bool = False) -> Cotangents:
    """All that `output` depends on, with its cotangents as numbers, from that of the output.

    Those of leaves are in memory of their own; to keep the others as well has to be asked for.
    """
    floats = of_floats(output, seed) if type(seed) is float else None
    if floats is not None and not isnan(sum(floats.values())):
        return floats
    found = of_numbers(output, seed, keep=keep)
    return _with_masks(output, seed) if found is None else found


def seed_of(output: Any, cotangent: ArrayLike | None) -> Any:
    """The cotangent to start from: one for a scalar output, or what the user gave."""
    value = output._need_value()
    if type(value) is OutputTuple:
        refuse_tuple(output)
    if not output.requires_grad:
        raise GradientError(
            output.label(),
            expected="an output that depends on a differentiable leaf",
            came=f"{output.spec}, through which no gradient flows{barriers(output)}",
            suggestion="start from a floating-point node computed from a parameter or variable",
        )
    if cotangent is None:
        if type(value) is not float and value.size != 1:
            raise GradientError(
                output.label(),
                expected="a scalar, or a cotangent for an array",
                came=f"{output.spec} and no cotangent",
                suggestion="reduce it with sum() or mean(), or pass backward(cotangent)",
            )
        return 1.0 if type(value) is float else np.array(1, value.dtype, ndmin=value.ndim)
    seed = fitting(cotangent, output.spec, lambda: f"cotangent of {output.label()}", copy=True)
    return seed if type(value) is float else np.asarray(seed)


def refuse_tuple(output: Any) -> None:
    """Raise GradientError for the node of an op with several outputs."""
    if isinstance(output.spec, TupleSpec):
        raise GradientError(
            output.label(),
            expected="one array to differentiate",
            came=f"the {len(output.op.outputs)} outputs of {output.op.name} in one",
            suggestion="start from one of the nodes that the call gave",
        )


def barriers(output: Any) -> str:
    """Which operations behind an output let no gradient through, as the end of a sentence."""
    names = {
        node.op.name
        for node in ancestors(output)
        if not node.requires_grad and any(x.requires_grad for x in node.inputs)
    }
    told = f": {', '.join(sorted(names))} {'has' if len(names) == 1 else 'have'} none"
    return told if names else ""


class _Masked(NamedTuple):
    """A cotangent with its mask."""

    grad: Any
    mask: Mask | None = None

    def __add__(self, other: "_Masked") -> "_Masked":  # type: ignore[override]
        masks = self.mask, other.mask
        total = None if None in masks else masks[0] + masks[1]  # type: ignore[operator]
        return _Masked(self.grad + other.grad, total)


def _with_masks(output: Any, seed: Any) -> Cotangents:
    """The sweep again, where what an op did not select stays 0: slower, and seldom needed."""
    found = {}
    for node, (grad, _) in sweep(output, _Masked(seed), _pull_masked, filled=_filled_masked):
        is_array, is_leaf = type(grad) is np.ndarray, node._first is None
        found[node] = owned(grad, is_leaf=is_leaf) if is_array else grad
    return found


def _filled_masked(node: Any, grad: Arrived) -> _Masked:
    parts = grad.filled(node._value, lambda value: _Masked(np.zeros_like(value)))
    return _Masked(OutputTuple(part.grad for part in parts))


def _pull_masked(node: Any, found: _Masked) -> Pairs:
    op, values = node.op, strong([x._value for x in node.inputs])
    grad, out = strong([found.grad, node._value])
    rules = op.rules_for(len(values))
    for x, value, rule in zip(node.inputs, values, rules, strict=True):
        if rule is None or not x.requires_grad:
            continue
        part = rule(arrays, grad, out, *values, **node.params)
        if type(part) is Arrived:
            yield x, Arrived({i: (own, _Masked(grad)) for i, (own, _) in part.items()})
            continue
        mask = behind(arrays, node, rule, found.mask, (out, value, values))
        if found.mask and mask and op.steep:
            part = np.where(mask.get() == 0, 0.0, part)
        fit = partial(fit_gradient, node, x)
        yield x, _Masked(fit(part), mask and Mask(lambda m, fit=fit: np.asarray(fit(m)), mask))
