"""autograd_lite: a small reverse-mode automatic-differentiation engine on NumPy.

One graph, written once: see it, trust it, run it fast. Ops say what, the graph says where, the
gradient adds more graph, compile makes it fast, nn is a user.

>>> import autograd_lite as ag
>>> a, b = ag.Node(2.0, name="a"), ag.Node(-3.0, name="b")
>>> c = (a * b + a.exp()).log1p()
>>> c.backward()
>>> print(f"{a.grad:.4f}, {b.grad:.4f}")
1.8372, 0.8372
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from autograd_lite import linalg, namespace, ops
from autograd_lite.checkpointing import checkpoint
from autograd_lite.compile import compile  # noqa: A004
from autograd_lite.errors import AutogradError
from autograd_lite.gradient import gradients
from autograd_lite.graph import Graph
from autograd_lite.leaves import constant, input, parameter  # noqa: A004
from autograd_lite.modes import no_grad
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
from autograd_lite.node import Node
from autograd_lite.ops.op import Elementwise, Op
from autograd_lite.recording import scope
from autograd_lite.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

if TYPE_CHECKING:
    from autograd_lite import datasets, draw, nn, numpy, testing  # noqa: F401
else:

    def __getattr__(name):  # noqa: ANN001, ANN202
        """A room that is opened when it is asked for: `ag.nn`, `ag.testing`, …"""
        if name in ("datasets", "draw", "nn", "numpy", "testing"):
            return _import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__version__ = "0.1.0"

__all__ = [
    "AutogradError",
    "Elementwise",
    "Graph",
    "Node",
    "Op",
    "checkpoint",
    "compile",
    "constant",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "input",
    "jacobian",
    "jvp",
    "linalg",
    "no_grad",
    "ops",
    "parameter",
    "scope",
    "value_and_grad",
    "vjp",
]
__all__ += namespace.__all__
