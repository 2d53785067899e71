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

from autograd_lite import functions, ops
from autograd_lite.autodiff.checkpoint import checkpoint
from autograd_lite.autodiff.gradients import gradients
from autograd_lite.autodiff.no_grad import no_grad
from autograd_lite.autodiff.transforms import (
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    value_and_grad,
    vjp,
)
from autograd_lite.autodiff.vmap import vmap
from autograd_lite.compiler import compile  # noqa: A004
from autograd_lite.core.op import Elementwise, Op
from autograd_lite.errors import AutogradError
from autograd_lite.errors import unknown_name as _unknown_name
from autograd_lite.frontend.leaves import constant, input, parameter  # noqa: A004
from autograd_lite.frontend.node import Node
from autograd_lite.frontend.other_libraries import PACKAGE as _ELSEWHERE
from autograd_lite.frontend.suggestions import with_call_checks as _with_call_checks
from autograd_lite.functions import *
from autograd_lite.graph import Graph, jit, scope

if TYPE_CHECKING:
    from autograd_lite import datasets, draw, numpy, testing  # noqa: F401
else:

    def __getattr__(name):  # noqa: ANN001, ANN202
        """A package that is imported when it is asked for: `ag.nn`, `ag.testing`, …"""
        if name in ("datasets", "draw", "nn", "numpy", "testing"):
            return _import_module(f"{__name__}.{name}")
        raise _unknown_name("autograd_lite", name, __all__, _ELSEWHERE)

    globals().update(_with_call_checks(globals(), __name__))
    _public = {name: getattr(linalg, name) for name in linalg.__all__}
    vars(linalg).update(_with_call_checks(_public, linalg.__name__))


__version__ = "0.1.0"

__all__ = [
    "AutogradError", "Elementwise", "Graph", "Node", "Op", "checkpoint", "compile", "constant",
    "grad", "gradients", "hessian", "hvp", "input", "jacobian", "jit", "jvp", "no_grad",
    "ops", "parameter", "scope", "value_and_grad", "vjp", "vmap",
]  # fmt: skip
if not TYPE_CHECKING:
    __all__ += functions.__all__
