"""The rules: SGD, also with momentum, Nesterov, Adam, AdamW: how one parameter changes."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_lite import Node
from autograd_lite.nn.checks import choice, fraction, of_type, positive_number, refuse_unless
from autograd_lite.nn.optimizer import Optimizer, minus


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w - lr · dw.

    With momentum γ it is v ← γ v + dw, w ← w - lr · v: Polyak, "Some methods of speeding up the
    convergence of iteration methods", 1964.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0, 2.0])
    >>> ag.sum(w * w).backward()
    >>> SGD([w], lr=0.25).step()
    >>> w.value.tolist()
    [0.5, 1.0]

    Raises ConfigError unless `lr` is finite and above 0 and there is a parameter.
    """

    def __init__(
        self, parameters: Iterable[Node], lr: float = 0.01, momentum: float = 0.0, **options: Any
    ) -> None:
        share = fraction("momentum", momentum)
        self.state_names = ("velocity",) if share else ()
        super().__init__(parameters, lr, **options)
        self.momentum = share

    def update(self, xp: Any, w: Any, dw: Any, /, *velocity: Any, lr: Any) -> tuple[Any, ...]:  # noqa: ARG002
        """W - lr · dw, or w - lr · v with v = γ v + dw; and v."""
        if not velocity:
            return (minus(w, lr * dw),)
        moved = self.momentum * velocity[0] + dw
        return minus(w, lr * moved), moved


class Momentum(SGD):
    """SGD with momentum, 0.9 unless told otherwise.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0], name="w")
    >>> optimizer = Momentum([w], lr=0.25, momentum=0.5)
    >>> for _ in range(2):
    ...     ag.sum(w * w).backward()
    ...     optimizer.step()
    >>> w.value.tolist(), optimizer.leaves["w.velocity"].value.tolist()
    ([0.0], [2.0])
    """

    def __init__(
        self, parameters: Iterable[Node], lr: float = 0.01, momentum: float = 0.9, **options: Any
    ) -> None:
        super().__init__(parameters, lr, momentum, **options)


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← γ v + dw, w ← w - lr (dw + γ v).

    Nesterov, 1983, in the form of Sutskever et al., "On the importance of initialization and
    momentum in deep learning", 2013, with the parameters where the gradient is taken.
    """

    def update(self, xp: Any, w: Any, dw: Any, /, *velocity: Any, lr: Any) -> tuple[Any, ...]:
        """W - lr (dw + γ v) with v = γ v + dw; and v."""
        _, *moved = super().update(xp, w, dw, *velocity, lr=lr)
        step = dw + self.momentum * moved[0] if moved else dw
        return minus(w, lr * step), *moved


class Adam(Optimizer):
    """Steps of similar size for all elements: the mean gradient over the root of its mean square.

    m ← β₁ m + (1 - β₁) dw, s ← β₂ s + (1 - β₂) dw², and w ← w - lr · m̂ / (√ŝ + ε), where the hats
    divide by 1 - β₁ᵗ and 1 - β₂ᵗ because both start at 0: Kingma & Ba, "Adam", 2015, algorithm 1.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0, -100.0])
    >>> ag.sum(w * w).backward()
    >>> Adam([w], lr=0.5).step()
    >>> w.value.round(6).tolist()
    [0.5, -99.5]
    """

    state_names = ("mean", "square")
    counts_steps = True

    def __init__(
        self,
        parameters: Iterable[Node],
        lr: float = 0.001,
        *,
        betas: tuple[float, float] = (0.9, 0.999),
        epsilon: float = 1e-8,
        **options: Any,
    ) -> None:
        super().__init__(parameters, lr, **options)
        are_two = isinstance(betas, tuple | list) and len(betas) == 2
        refuse_unless(are_two, "betas", betas, "two numbers", "betas=(0.9, 0.999)")
        self.betas = fraction("betas", betas[0]), fraction("betas", betas[1])
        self.epsilon = positive_number("epsilon", epsilon)
        least = max(float(np.finfo(node.dtype).smallest_subnormal) for node in self.parameters)
        expected = f"at least {least:.3g}, the smallest number of the parameters' dtype"
        refuse_unless(self.epsilon >= least, "epsilon", epsilon, expected, "write epsilon=1e-4")

    def update(
        self, xp: Any, w: Any, dw: Any, mean: Any, square: Any, /, *, lr: Any, steps: Any
    ) -> tuple[Any, Any, Any]:
        """W - lr · m̂ / (√ŝ + ε); and m, s."""
        first, second = self.betas
        mean = first * mean + (1 - first) * dw
        square = second * square + (1 - second) * (dw * dw)
        size = xp.sqrt(square / (1 - xp.pow(second, steps))) + self.epsilon
        return minus(w, lr * (mean / (1 - xp.pow(first, steps))) / size), mean, square


class AdamW(Adam):
    """Adam with decoupled weight decay, 0.01 unless told otherwise.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0])
    >>> ag.sum(w * 0.0).backward()
    >>> AdamW([w], lr=0.5, weight_decay=0.5).step()
    >>> w.value.tolist()
    [0.75]
    """

    def __init__(
        self,
        parameters: Iterable[Node],
        lr: float = 0.001,
        *,
        weight_decay: float = 0.01,
        **options: Any,
    ) -> None:
        super().__init__(parameters, lr, weight_decay=weight_decay, **options)


def make_optimizer(
    given: str | Optimizer | None, parameters: Iterable[Node], lr: float | None = None
) -> Optimizer:
    """The optimizer that was given, or one of that name, by default SGD; `lr` is for a new one.

    A new one leaves out parameters that are told to need no gradient: `w.requires_grad = False`.

    >>> import autograd_lite as ag
    >>> make_optimizer("momentum", [ag.parameter(1.0)], lr=0.1).describe()
    'Momentum(initial_lr=0.1, momentum=0.9)'
    """
    if given is None or isinstance(given, str):
        kind = choice("optimizer", given or "sgd", OPTIMIZERS)
        trained = [x for x in parameters if x.requires_grad]
        return kind(trained) if lr is None else kind(trained, lr)
    refuse_unless(lr is None, "lr", lr, "lr or an optimizer, not both", "give it to the optimizer")
    return of_type("optimizer", given, Optimizer, "nn.Adam(model.parameters())")


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
}
