"""WHAT is computed: every op with its forward and backward rules, one file a family.

Ops are leaves of the library: they know arrays, never graphs. See `op` for the contract.
"""

from autograd_lite.ops import (
    comparison,
    contraction,
    elementwise,
    indexing,
    network,
    reduction,
    shaping,
)
from autograd_lite.ops.comparison import *  # noqa: F403
from autograd_lite.ops.contraction import *  # noqa: F403
from autograd_lite.ops.elementwise import *  # noqa: F403
from autograd_lite.ops.indexing import *  # noqa: F403
from autograd_lite.ops.network import *  # noqa: F403
from autograd_lite.ops.op import OPS, Elementwise, Op
from autograd_lite.ops.reduction import *  # noqa: F403
from autograd_lite.ops.shapes import Spec
from autograd_lite.ops.shaping import *  # noqa: F403

__all__ = [
    "OPS",
    "Elementwise",
    "Op",
    "Spec",
]
__all__ += comparison.__all__
__all__ += contraction.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += network.__all__
__all__ += reduction.__all__
__all__ += shaping.__all__
