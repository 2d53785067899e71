"""Which op has which batching rule; and which ones are called once for each, and why."""

from functools import lru_cache

import numpy as np

from autograd_lite import ops
from autograd_lite.core.op import OPS, Array, Elementwise, Op, Params
from autograd_lite.core.outputs import TupleSpec
from autograd_lite.core.shapes import Spec
from autograd_lite.ops.batching import families, images, picking, shapes
from autograd_lite.ops.batching.contract import Batching, OneCall, Operands
from autograd_lite.ops.classification import AlongAxis
from autograd_lite.ops.diagonals import MatrixShaping
from autograd_lite.ops.matrices import OfMatrices
from autograd_lite.ops.reduction import Reduction
from autograd_lite.ops.scan import Scan
from autograd_lite.ops.shaping import of_lengths

RULES: dict[type[Op], Batching] = {
    Elementwise: families.elementwise,
    # These take leading axes as they are, and an axis is counted behind them.
    **dict.fromkeys((AlongAxis, MatrixShaping, OfMatrices, Reduction), families.stacked),
    **dict.fromkeys((ops.Alias, ops.Cast, ops.StopGradient, ops.ReshapeLike), families.stacked),
    **dict.fromkeys((ops.MatrixTranspose, ops.ExpandDims, ops.Squeeze), families.stacked),
    **dict.fromkeys((ops.Diag, ops.DiagonalLike, ops.OneHot, ops.OneHotLike), families.stacked),
    **dict.fromkeys((ops.Concat, ops.JoinLike, ops.SplitLike, ops.Stack), families.stacked),
    **dict.fromkeys((ops.Repeat, ops.SumRepeats, ops.Recurrence, ops.Diff), families.stacked),
    **dict.fromkeys((ops.ArgSort, ops.TakeAlongAxis, ops.AddAlongAxis), families.stacked),
    ops.CrossEntropyWithLabels: families.stacked,
    ops.CrossEntropyWithLogits: families.stacked,
    # These have a rule of their own.
    Scan: families.walked,
    **dict.fromkeys((ops.ArgMax, ops.ArgMin), families.placed),
    **dict.fromkeys((ops.BroadcastLike, ops.SpreadLike), families.spread),
    ops.CountLike: families.counted,
    ops.SumLike: families.summed_like,
    ops.MatMul: families.multiplied,
    ops.Einsum: families.contracted,
    ops.Solve: families.solved,
    ops.Reshape: shapes.under_shape,
    ops.BroadcastTo: shapes.repeated,
    ops.BroadcastWith: shapes.broadcast,
    ops.PermuteDims: shapes.permuted,
    ops.Roll: shapes.rolled,
    ops.OfLengths: shapes.of_checked_lengths,
    **dict.fromkeys((ops.Tile, ops.SumTiles), shapes.tiled),
    **dict.fromkeys((ops.Pad, ops.MirrorPad, ops.SumMirrored), shapes.framed),
    **dict.fromkeys((ops.GetItem, ops.IndexAdd), picking.picked),
    **dict.fromkeys((ops.Aref, ops.ScatterAdd), picking.labelled),
    ops.Embedding: picking.looked_up,
    ops.SearchSorted: picking.searched,
    ops.Dropout: images.dropped,
    **dict.fromkeys((ops.Windows2d, ops.WindowsAdd2d), images.as_more_images),
    **dict.fromkeys((ops.MaxPool2d, ops.AvgPool2d), images.as_more_images),
    **dict.fromkeys((ops.Conv2d, ops.Conv2dAdjoint, ops.Conv2dKernel), images.convolved),
}

LOOPED: dict[type[Op], str] = {
    ops.Accuracy: "it takes the mean over all leading axes",
    ops.Dropout: "where the seed is mapped: each call draws numbers of its own",
    ops.SearchSorted: "where x is mapped: one vector is searched at a time",
    ops.Aref: "where labels are mapped that several rows of one call share",
    ops.ScatterAdd: "where labels are mapped that several rows of one call share",
    ops.GetItem: "where mapped places stand beside other subscripts, or places far apart",
    ops.IndexAdd: "where mapped places stand beside other subscripts, or places far apart",
}


def batched(op: type[Op], operands: Operands, params: Params) -> OneCall | None:
    """The one call for a stack of calls, at least one operand being mapped; None: there is none."""
    rule = rule_of(op)  # type: ignore[arg-type] # a class is hashable
    return rule and rule(op, operands, params)


@lru_cache(maxsize=512)
def rule_of(op: type[Op]) -> Batching | None:
    """The rule that an op states, or that it has in the table, by itself or by its family."""
    stated: Batching | None = getattr(op, "batching", None)
    return stated or next((RULES[kind] for kind in op.__mro__ if kind in RULES), None)


def looped(op: type[Op], operands: Operands, params: Params, spec: Spec) -> Array:
    """One call after the other, and their results stacked; `spec` is that of one result."""
    stacks = [of_lengths(x.value, 0) if x.is_mapped else x.value for x in operands]
    count = next(len(x) for x, own in zip(stacks, operands, strict=True) if own.is_mapped)
    if not count:
        return _none_of(spec)
    calls = [
        op(
            *(x[i] if own.is_mapped else x for x, own in zip(stacks, operands, strict=True)),
            **params,
        )
        for i in range(count)
    ]
    if not op.outputs:
        return ops.Stack(*calls, axis=0)
    return tuple(ops.Stack(*outputs, axis=0) for outputs in zip(*calls, strict=True))


def _none_of(spec: Spec) -> Array:
    """The stack of no results."""
    if isinstance(spec, TupleSpec):
        return tuple(map(_none_of, spec.parts))
    return np.zeros((0, *spec.shape), spec.dtype)


def looping() -> dict[str, str]:
    """The ops that `vmap` calls once for each, and where; all others take a stack at once.

    >>> looping()["Accuracy"]
    'it takes the mean over all leading axes'
    """
    rules = {op.name: rule_of(op) for op in OPS.values()}  # type: ignore[arg-type]
    silent = {name: "it states no batching rule" for name, rule in rules.items() if rule is None}
    return silent | {op.name: reason for op, reason in LOOPED.items()}
