"""Which calls are linear in all inputs that a gradient flows to, whatever the values are."""

from functools import lru_cache

from autograd_lite.core.op import OPS, Op, Params
from autograd_lite.ops.copying import Pad
from autograd_lite.ops.indexing import Aref, GetItem
from autograd_lite.ops.network import Embedding
from autograd_lite.ops.scan import Diff
from autograd_lite.ops.sorting import TakeAlongAxis

__all__: list[str] = []

PLACED = (GetItem, Aref, TakeAlongAxis, Embedding, Diff)
"""Ops that take elements by their place. Those that add or move all of them are `linear`."""


def is_linear(op: type[Op], params: Params) -> bool:
    """Whether each output element is a sum of input elements, by factors that never change."""
    is_affine = op is Pad and params["value"] != 0
    return (op.linear or op in PLACED) and not is_affine


@lru_cache(maxsize=512)
def is_known(op: type[Op]) -> bool:
    """Whether an op is the library's, with rules in the vocabulary of `xp` alone."""
    return OPS.get(op.name) is op and op.__module__.startswith("autograd_lite.ops.")
