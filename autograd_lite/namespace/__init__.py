"""The functions: on arrays they compute, on nodes they append. One file a family, as in `ops`.

This is the library's public vocabulary under array-API names, and the meaning of `xp` that turns
a gradient into graph: a backward rule that is handed this package writes down what it does.
"""

from autograd_lite.namespace import (
    contraction,
    elementwise,
    indexing,
    network,
    reduction,
    shaping,
)
from autograd_lite.namespace.contraction import *  # noqa: F403
from autograd_lite.namespace.elementwise import *  # noqa: F403
from autograd_lite.namespace.indexing import *  # noqa: F403
from autograd_lite.namespace.network import *  # noqa: F403
from autograd_lite.namespace.reduction import *  # noqa: F403
from autograd_lite.namespace.shaping import *  # noqa: F403

__all__: list[str] = []
__all__ += contraction.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += network.__all__
__all__ += reduction.__all__
__all__ += shaping.__all__
