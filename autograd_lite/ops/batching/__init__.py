"""How a stack of calls is one call: the batching rules, one a family; see `contract`."""

from autograd_lite.ops.batching.contract import OneCall as OneCall
from autograd_lite.ops.batching.contract import Operand as Operand
from autograd_lite.ops.batching.families import stacked as stacked
from autograd_lite.ops.batching.table import batched as batched
from autograd_lite.ops.batching.table import looped as looped
from autograd_lite.ops.batching.table import looping as looping
