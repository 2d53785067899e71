"""The functions: on arrays they compute, on nodes they append. One file a family, as in `ops`.

This is the library's public vocabulary under array-API names, and the meaning of `xp` that turns
a gradient into graph: a backward rule that is handed this package writes down what it does.
"""

from typing import TYPE_CHECKING

from autograd_lite.functions import linalg as linalg
from autograd_lite.functions.activation import *
from autograd_lite.functions.classification import *
from autograd_lite.functions.comparison import *
from autograd_lite.functions.contraction import *
from autograd_lite.functions.convolution import *
from autograd_lite.functions.creation import *
from autograd_lite.functions.diagonals import *
from autograd_lite.functions.dtypes import *
from autograd_lite.functions.elementwise import *
from autograd_lite.functions.exponential import *
from autograd_lite.functions.indexing import *
from autograd_lite.functions.joining import *
from autograd_lite.functions.logic import *
from autograd_lite.functions.network import *
from autograd_lite.functions.pooling import *
from autograd_lite.functions.reduction import *
from autograd_lite.functions.rounding import *
from autograd_lite.functions.scan import *
from autograd_lite.functions.searching import *
from autograd_lite.functions.selection import *
from autograd_lite.functions.shaping import *
from autograd_lite.functions.sorting import *
from autograd_lite.functions.special import *
from autograd_lite.functions.trigonometry import *

if not TYPE_CHECKING:  # a type checker reads the imports
    _CONSTANTS = ("e", "inf", "linalg", "nan", "newaxis", "pi")
    __all__ = [*_CONSTANTS, *(name for name, thing in vars().items() if callable(thing))]
