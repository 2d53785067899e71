"""The rules: SGD, momentum, Nesterov, Adam, AdamW; each says how one parameter changes."""

from collections.abc import Callable, Iterable
from typing import Any

from autograd_lite import Node
from autograd_lite.nn.checks import fraction, positive_number, refuse_unless
from autograd_lite.nn.optimizer import Optimizer


class SGD(Optimizer):
    """Stochastic gradient descent: w ← w - lr · dw.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0, 2.0])
    >>> ag.sum(w * w).backward()
    >>> SGD([w], lr=0.25).step()
    >>> w.value.tolist()
    [0.5, 1.0]

    Raises ConfigError unless `lr` is finite and above 0 and there is a parameter.
    """

    def update(self, xp: Any, w: Any, dw: Any, /, *, lr: Any) -> tuple[Any]:  # noqa: ARG002
        """W - lr · dw."""
        return (w - lr * dw,)


class Momentum(Optimizer):
    """Gradient descent with momentum γ: v ← γ v + dw, w ← w - lr · v.

    Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.

    >>> import autograd_lite as ag
    >>> w = ag.parameter([1.0], name="w")
    >>> optimizer = Momentum([w], lr=0.25, momentum=0.5)
    >>> for _ in range(2):
    ...     ag.sum(w * w).backward()
    ...     optimizer.step()
    >>> w.value.tolist(), optimizer.leaves["w.velocity"].value.tolist()
    ([0.0], [2.0])
    """

    state_names = ("velocity",)

    def __init__(
        self, parameters: Iterable[Node], lr: float, momentum: float = 0.9, **options: Any
    ) -> None:
        super().__init__(parameters, lr, **options)
        self.momentum = fraction("momentum", momentum)

    def update(self, xp: Any, w: Any, dw: Any, velocity: Any, /, *, lr: Any) -> tuple[Any, Any]:  # noqa: ARG002
        """W - lr · v with v = γ v + dw; and v."""
        velocity = self.momentum * velocity + dw
        return w - lr * velocity, velocity


class Nesterov(Momentum):
    """Momentum that looks ahead: v ← γ v + dw, w ← w - lr (dw + γ v).

    Nesterov, 1983, in the form of Sutskever et al., "On the importance of initialization and
    momentum in deep learning", 2013, with the parameters where the gradient is taken.
    """

    def update(self, xp: Any, w: Any, dw: Any, velocity: Any, /, *, lr: Any) -> tuple[Any, Any]:  # noqa: ARG002
        """W - lr (dw + γ v) with v = γ v + dw; and v."""
        velocity = self.momentum * velocity + dw
        return w - lr * (dw + self.momentum * velocity), velocity


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

    def update(
        self, xp: Any, w: Any, dw: Any, mean: Any, square: Any, /, *, lr: Any, steps: Any
    ) -> tuple[Any, Any, Any]:
        """W - lr · m̂ / (√ŝ + ε); and m, s."""
        first, second = self.betas
        mean = first * mean + (1 - first) * dw
        square = second * square + (1 - second) * (dw * dw)
        size = xp.sqrt(square / (1 - xp.pow(second, steps))) + self.epsilon
        return w - lr * (mean / (1 - xp.pow(first, steps))) / size, mean, square


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


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adam": Adam,
    "adamw": AdamW,
}
