"""autograd_lite: a small reverse-mode automatic-differentiation engine on NumPy.

One graph, written once: see it, trust it, run it fast. Ops say what, the graph says where, the
gradient adds more graph, compile makes it fast, nn is a user.

>>> import autograd_lite as ag
>>> a, b = ag.Node(2.0, name="a"), ag.Node(-3.0, name="b")
>>> c = (a * b + a.exp()).log1p()
>>> c.backward()
>>> round(a.grad, 4), round(b.grad, 4)
(1.8372, 0.8372)
"""

from autograd_lite import ops
from autograd_lite.errors import AutogradError
from autograd_lite.gradient import gradients
from autograd_lite.graph import Graph
from autograd_lite.leaves import constant, input, parameter  # noqa: A004
from autograd_lite.namespace import (
    abs,  # noqa: A004
    accuracy,
    add,
    aref,
    astype,
    broadcast_to,
    divide,
    exp,
    expand_dims,
    log,
    log1p,
    logsumexp,
    matmul,
    matrix_transpose,
    max,  # noqa: A004
    maximum,
    mean,
    minimum,
    multiply,
    negative,
    permute_dims,
    pow,  # noqa: A004
    relu,
    reshape,
    sigmoid,
    softmax,
    sqrt,
    squeeze,
    stack,
    subtract,
    sum,  # noqa: A004
    tanh,
    vdot,
    where,
)
from autograd_lite.node import Node
from autograd_lite.ops.op import Elementwise, Op
from autograd_lite.recording import scope
from autograd_lite.transforms import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

__version__ = "0.1.0"

__all__ = [
    "AutogradError",
    "Elementwise",
    "Graph",
    "Node",
    "Op",
    "abs",
    "accuracy",
    "add",
    "aref",
    "astype",
    "broadcast_to",
    "constant",
    "divide",
    "exp",
    "expand_dims",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "input",
    "jacobian",
    "jvp",
    "log",
    "log1p",
    "logsumexp",
    "matmul",
    "matrix_transpose",
    "max",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "ops",
    "parameter",
    "permute_dims",
    "pow",
    "relu",
    "reshape",
    "scope",
    "sigmoid",
    "softmax",
    "sqrt",
    "squeeze",
    "stack",
    "subtract",
    "sum",
    "tanh",
    "value_and_grad",
    "vdot",
    "vjp",
    "where",
]
