"""Optimizers: how gradients change parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from autograd_lite import Node
from autograd_lite.errors import ConfigError, GradientError, NonFiniteError
from autograd_lite.nn.settings import positive_number


class Optimizer(Protocol):
    """Anything that can take a step along the gradients that `backward` left."""

    def step(self) -> None:
        """Change the parameters once."""


class SGD:
    """Stochastic gradient descent: w ← w - lr · dw.

    >>> import autograd_lite as ag
    >>> w = ag.parameter(np.array([1.0, 2.0]))
    >>> ag.sum(w * w).backward()
    >>> SGD([w], lr=0.25).step()
    >>> w.value.tolist()
    [0.5, 1.0]

    Raises ConfigError unless `lr` is finite and above 0 and there is a parameter.
    """

    def __init__(self, parameters: Iterable[Node], lr: float) -> None:
        self.parameters = list(parameters)
        self.lr = positive_number("lr", lr)
        if not self.parameters:
            raise ConfigError(
                "SGD",
                expected="at least one parameter",
                came="none",
                suggestion="keep parameters as attributes of the module: self.W = ag.parameter(…)",
            )

    def step(self) -> None:
        """Change every parameter once.

        Raises GradientError for a parameter without gradient and NonFiniteError for a value that
        would be NaN or infinite; then no parameter has changed.
        """
        with np.errstate(all="ignore"):
            fresh = [self._stepped(node) for node in self.parameters]
        for node, value in zip(self.parameters, fresh, strict=True):
            node.assign(value, copy=False)

    def _stepped(self, node: Node) -> Any:
        if node.grad is None:
            raise GradientError(
                node.label(),
                expected="a gradient to step along",
                came="none: no backward has reached this parameter",
                suggestion="run backward from a loss that depends on it, or leave it out",
            )
        value = node.grad * -self.lr
        value += node.value  # in place, where it is an array: one temporary less
        if not np.isfinite(value).all():
            raise _nonfinite(node)
        return value


def _nonfinite(node: Node) -> NonFiniteError:
    ranges = [f"{x.min():.6g} to {x.max():.6g}" for x in map(np.asarray, (node.value, node.grad))]
    return NonFiniteError(
        node.label(),
        expected="finite values after the step",
        came=f"NaN or infinity, from values {ranges[0]} and gradients {ranges[1]}",
        suggestion="lower the learning rate, or look at the gradients of the nodes before it",
    )
