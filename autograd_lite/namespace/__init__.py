"""The functions: on arrays they compute, on nodes they append. One file a family, as in `ops`.

This is the library's public vocabulary under array-API names, and the meaning of `xp` that turns
a gradient into graph: a backward rule that is handed this package writes down what it does.
"""

from autograd_lite.namespace import (
    activation,
    classification,
    comparison,
    contraction,
    convolution,
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
from autograd_lite.namespace.activation import *  # noqa: F403
from autograd_lite.namespace.classification import *  # noqa: F403
from autograd_lite.namespace.comparison import *  # noqa: F403
from autograd_lite.namespace.contraction import *  # noqa: F403
from autograd_lite.namespace.convolution import *  # noqa: F403
from autograd_lite.namespace.diagonals import *  # noqa: F403
from autograd_lite.namespace.elementwise import *  # noqa: F403
from autograd_lite.namespace.exponential import *  # noqa: F403
from autograd_lite.namespace.indexing import *  # noqa: F403
from autograd_lite.namespace.joining import *  # noqa: F403
from autograd_lite.namespace.logic import *  # noqa: F403
from autograd_lite.namespace.network import *  # noqa: F403
from autograd_lite.namespace.pooling import *  # noqa: F403
from autograd_lite.namespace.reduction import *  # noqa: F403
from autograd_lite.namespace.rounding import *  # noqa: F403
from autograd_lite.namespace.scan import *  # noqa: F403
from autograd_lite.namespace.searching import *  # noqa: F403
from autograd_lite.namespace.selection import *  # noqa: F403
from autograd_lite.namespace.shaping import *  # noqa: F403
from autograd_lite.namespace.sorting import *  # noqa: F403
from autograd_lite.namespace.special import *  # noqa: F403
from autograd_lite.namespace.stopping import *  # noqa: F403
from autograd_lite.namespace.trigonometry import *  # noqa: F403

__all__: list[str] = ["linalg"]
__all__ += activation.__all__
__all__ += classification.__all__
__all__ += comparison.__all__
__all__ += contraction.__all__
__all__ += convolution.__all__
__all__ += diagonals.__all__
__all__ += elementwise.__all__
__all__ += exponential.__all__
__all__ += indexing.__all__
__all__ += joining.__all__
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
