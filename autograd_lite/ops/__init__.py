"""WHAT is computed: every op with its forward and backward rules, one file a family.

Ops are leaves of the library: they know arrays, never graphs. See `op` for the contract.
"""

from autograd_lite.ops import (
    activation,
    classification,
    comparison,
    contraction,
    convolution,
    decomposition,
    diagonals,
    elementwise,
    exponential,
    indexing,
    joining,
    linalg,
    logic,
    network,
    pooling,
    reduction,
    rounding,
    scan,
    searching,
    selection,
    shaping,
    sorting,
    special,
    stopping,
    trigonometry,
)
from autograd_lite.ops.activation import *  # noqa: F403
from autograd_lite.ops.classification import *  # noqa: F403
from autograd_lite.ops.comparison import *  # noqa: F403
from autograd_lite.ops.contraction import *  # noqa: F403
from autograd_lite.ops.convolution import *  # noqa: F403
from autograd_lite.ops.decomposition import *  # noqa: F403
from autograd_lite.ops.diagonals import *  # noqa: F403
from autograd_lite.ops.elementwise import *  # noqa: F403
from autograd_lite.ops.exponential import *  # noqa: F403
from autograd_lite.ops.indexing import *  # noqa: F403
from autograd_lite.ops.joining import *  # noqa: F403
from autograd_lite.ops.linalg import *  # noqa: F403
from autograd_lite.ops.logic import *  # noqa: F403
from autograd_lite.ops.network import *  # noqa: F403
from autograd_lite.ops.op import OPS, Elementwise, Op
from autograd_lite.ops.pooling import *  # noqa: F403
from autograd_lite.ops.reduction import *  # noqa: F403
from autograd_lite.ops.rounding import *  # noqa: F403
from autograd_lite.ops.scan import *  # noqa: F403
from autograd_lite.ops.searching import *  # noqa: F403
from autograd_lite.ops.selection import *  # noqa: F403
from autograd_lite.ops.shapes import Spec
from autograd_lite.ops.shaping import *  # noqa: F403
from autograd_lite.ops.sorting import *  # noqa: F403
from autograd_lite.ops.special import *  # noqa: F403
from autograd_lite.ops.stopping import *  # noqa: F403
from autograd_lite.ops.trigonometry import *  # noqa: F403

__all__ = [
    "OPS",
    "Elementwise",
    "Op",
    "Spec",
]
__all__ += activation.__all__
__all__ += classification.__all__
__all__ += comparison.__all__
__all__ += contraction.__all__
__all__ += convolution.__all__
__all__ += decomposition.__all__
__all__ += diagonals.__all__
__all__ += elementwise.__all__
__all__ += exponential.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
__all__ += linalg.__all__
__all__ += logic.__all__
__all__ += network.__all__
__all__ += pooling.__all__
__all__ += reduction.__all__
__all__ += rounding.__all__
__all__ += scan.__all__
__all__ += searching.__all__
__all__ += selection.__all__
__all__ += shaping.__all__
__all__ += sorting.__all__
__all__ += special.__all__
__all__ += stopping.__all__
__all__ += trigonometry.__all__
