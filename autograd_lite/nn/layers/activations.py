"""The bends between the layers, as layers and by name."""

from collections.abc import Callable
from inspect import signature
from typing import Any, ClassVar

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.nn.checks import refuse_unless
from autograd_lite.nn.module import Module


def identity(x: Any, /) -> Any:
    """X itself: the activation of a linear layer.

    >>> identity(2.0)
    2.0
    """
    return x


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": ag.sigmoid,
    "relu": ag.relu,
    "tanh": ag.tanh,
    "leaky_relu": ag.leaky_relu,
    "elu": ag.elu,
    "softplus": ag.softplus,
    "silu": ag.silu,
    "gelu": ag.gelu,
    "linear": identity,
    "identity": identity,
}


class Activation(Module):
    """A function of an array as a layer, with its options.

    >>> from autograd_lite import nn
    >>> nn.LeakyReLU(slope=0.25)([-1.0, 2.0]).tolist()
    [-0.25, 2.0]
    """

    function: ClassVar[Callable[..., Any]]

    def __init__(self, **options: Any) -> None:
        known = list(signature(type(self).function).parameters)[1:]
        strange = [name for name in options if name not in known]
        expected = f"options among {', '.join(known)}" if known else "no options"
        refuse_unless(not strange, type(self).__name__, strange, expected, "leave them out")
        self.options = options

    def __call__(self, x: Any, /) -> Node:
        """The function of x."""
        return type(self).function(x, **self.options)

    def __repr__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.options.items())
        return f"{type(self).__name__}({told})"


class Sigmoid(Activation):
    """`1/(1 + e⁻ˣ)`."""

    function = staticmethod(ag.sigmoid)


class Tanh(Activation):
    """`tanh x`."""

    function = staticmethod(ag.tanh)


class ReLU(Activation):
    """`max(x, 0)`."""

    function = staticmethod(ag.relu)


class LeakyReLU(Activation):
    """x where it is positive, else `slope · x`."""

    function = staticmethod(ag.leaky_relu)


class ELU(Activation):
    """x where it is positive, else `alpha · (eˣ - 1)`."""

    function = staticmethod(ag.elu)


class Softplus(Activation):
    """`ln(1 + eˣ)`."""

    function = staticmethod(ag.softplus)


class SiLU(Activation):
    """`x · sigmoid(x)`."""

    function = staticmethod(ag.silu)


class GELU(Activation):
    """`x · Φ(x)`; `approximate="tanh"` is quicker."""

    function = staticmethod(ag.gelu)


class Softmax(Activation):
    """Probabilities along an `axis`, by default the last; the losses want scores, without it."""

    function = staticmethod(ag.softmax)
