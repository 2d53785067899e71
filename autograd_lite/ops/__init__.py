"""What is computed: every op with its forward and backward rules, one file a family.

Ops know arrays, never graphs. The contract is in `core.op`.
"""

from typing import TYPE_CHECKING

from autograd_lite.core.op import OPS as OPS
from autograd_lite.core.op import Elementwise as Elementwise
from autograd_lite.core.op import Op as Op
from autograd_lite.core.shapes import Spec as Spec
from autograd_lite.ops.activation import *
from autograd_lite.ops.classification import *
from autograd_lite.ops.comparison import *
from autograd_lite.ops.contraction import *
from autograd_lite.ops.convolution import *
from autograd_lite.ops.copying import *
from autograd_lite.ops.decomposition import *
from autograd_lite.ops.diagonals import *
from autograd_lite.ops.elementwise import *
from autograd_lite.ops.exponential import *
from autograd_lite.ops.indexing import *
from autograd_lite.ops.joining import *
from autograd_lite.ops.linalg import *
from autograd_lite.ops.logic import *
from autograd_lite.ops.network import *
from autograd_lite.ops.pooling import *
from autograd_lite.ops.reduction import *
from autograd_lite.ops.rounding import *
from autograd_lite.ops.scan import *
from autograd_lite.ops.searching import *
from autograd_lite.ops.selection import *
from autograd_lite.ops.shaping import *
from autograd_lite.ops.sorting import *
from autograd_lite.ops.special import *
from autograd_lite.ops.trigonometry import *

if not TYPE_CHECKING:  # a type checker reads the imports
    __all__ = ["OPS", *(name for name, thing in vars().items() if isinstance(thing, type))]
